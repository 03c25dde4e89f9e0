/**
 * The Candid of the kernel, for types that it knows: messages and values by way of the tape. It
 * does what is certain, and answers `undefined` where it is not; then the codec in TypeScript does
 * the whole of it again, and decides. So both give the same values, the same bytes, and the same
 * errors.
 *
 * Source: `src/kernel/README.md`, "Candid".
 */
import { kernel, type Kernel } from '../kernel-client.js';
import { programOf } from './kernel-program.js';
import { generateReader, type ReadValues } from './kernel-reader.js';
import { Tape } from './kernel-tape.js';
import { generateWriter, type Writer } from './kernel-writer.js';
import type { TypeNode } from './type.js';

/** A value that stands by itself looks at its slots before it counts them. */
const SLOTS_OF_A_VALUE = 2;

let tapeOfKernel: Tape | undefined;

/**
 * The kernel's Candid for these types. `undefined` where there is no kernel, where one of the types
 * is not for it, and where JavaScript may not generate functions. O(size of the types).
 */
export function kernelCodec(types: readonly TypeNode[]): KernelCodec | undefined {
  const connected = kernelIfLinked();
  if (connected === undefined) return undefined;
  tapeOfKernel ??= new Tape(connected);
  return codecOn(tapeOfKernel, types);
}

/** Candid needs no kernel. Where it is missing, the first use of stable memory says so. */
function kernelIfLinked(): Kernel | undefined {
  try {
    return kernel();
  } catch {
    return undefined;
  }
}

/** What {@link kernelCodec} makes, on the tape that it is told. For tests. */
export function codecOn(tape: Tape, types: readonly TypeNode[]): KernelCodec | undefined {
  const program = programOf(types);
  if (program === undefined) return undefined;
  try {
    return new KernelCodec(tape, program, types);
  } catch {
    return undefined;
  }
}

/** Encodes and decodes the messages of one list of types. */
export class KernelCodec {
  readonly #tape: Tape;
  /** Kept alive for the kernel, which reads it where it lies. */
  readonly #bytes: Uint8Array;
  readonly #program: number;
  readonly #read: ReadValues;
  readonly #writer: Writer;

  constructor(tape: Tape, program: Uint8Array, types: readonly TypeNode[]) {
    this.#read = generateReader(types);
    this.#writer = generateWriter(types);
    this.#tape = tape;
    this.#bytes = program;
    this.#program = tape.use(this.#bytes);
  }

  /** The values of this call's argument. O(size). */
  decodeArgument(): unknown[] | undefined {
    const tape = this.#tape;
    if (tape.isBusy) return undefined;
    const texts = tape.decodeArgument(this.#program);
    if (texts === undefined) return undefined;
    return this.#read(tape, texts, () => tape.argument());
  }

  /** The values of a message. O(size). */
  decode(message: Uint8Array): unknown[] | undefined {
    const tape = this.#tape;
    if (tape.isBusy || message.constructor !== Uint8Array) return undefined;
    const texts = tape.decodeMessage(this.#program, message);
    return texts === undefined ? undefined : this.#read(tape, texts, () => message);
  }

  /** The message of these values. O(size). */
  encode(values: readonly unknown[]): Uint8Array | undefined {
    const texts = this.#write(values);
    if (texts === undefined) return undefined;
    return this.#tape.encode(this.#program, texts);
  }

  /** Replies to this call with these values. Returns false where nothing was done. O(size). */
  reply(values: readonly unknown[]): boolean {
    const texts = this.#write(values);
    if (texts === undefined) return false;
    return this.#tape.reply(this.#program, texts);
  }

  /** Puts the values on the tape, which becomes longer until they have room. */
  #write(values: readonly unknown[]): string | undefined {
    const tape = this.#tape;
    if (tape.isBusy) return undefined;
    for (;;) {
      const texts = this.#tryToWrite(values);
      const slotsNeeded = this.#writer.slotCount() + SLOTS_OF_A_VALUE;
      const isTooShort = slotsNeeded > tape.numbers.length;
      if (isTooShort || texts === undefined) tape.forgetBytes();
      if (!isTooShort) return texts;
      tape.lengthen(slotsNeeded);
    }
  }

  #tryToWrite(values: readonly unknown[]): string | undefined {
    const tape = this.#tape;
    tape.isBusy = true;
    try {
      return this.#writer.write(tape, values);
    } catch {
      return undefined;
    } finally {
      tape.isBusy = false;
    }
  }
}
