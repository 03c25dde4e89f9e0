/**
 * Candid messages of a list of types: the arguments of a method, or what it answers. The types are
 * looked at once, when their codec is made; after that, encoding and decoding call functions that
 * were made for them. The bytes are those of `IDL.encode`; what `IDL.decode` reads, is read.
 *
 *     "DIDL"  table of types  types of the values  values
 *
 * All messages of the same types from the same kind of sender begin with the same bytes, and those
 * say how the rest is to be read. So readers are kept by them: for our own beginning always, for a
 * few others as they come.
 *
 * In a canister the kernel does what is certain, which is messages that begin as our own do, and
 * values that their types have; see `kernel-codec.ts`. Here is the rest, and in Node all of it.
 *
 * Source: the Candid specification, "Parameters and Results".
 */
import { StorageError } from '../errors.js';
import { assertBytes } from '../guards.js';
import { kernelCodec, type KernelCodec } from './kernel-codec.js';
import { Message, Mismatch } from './message.js';
import { Readers, type Read } from './readers.js';
import { headOf } from './type-table.js';
import { describeTypes, type IdlType, type TypeNode } from './type.js';
import { readHead } from './wire-type.js';
import { WrongValue, Writers, type Write } from './writers.js';
import { wrongValueAt } from './wrong-value.js';

/** Encodes and decodes the values of a list of types. */
export interface CandidArguments {
  /**
   * The message with these values. O(length). Throws `INVALID_VALUE` for a value that its type does
   * not have, with the path to it, and for another number of values.
   */
  encode(values: readonly unknown[]): Uint8Array;

  /**
   * As {@link encode}, into `target` from `offset` on. Returns where the message ends, or -1 where
   * `target` has no room for it; what is behind `offset` is undefined then.
   */
  encodeInto(values: readonly unknown[], target: Uint8Array, offset: number): number;

  /**
   * The values of a message, whose types may be others as far as Candid can convert them.
   * O(length). Throws `INVALID_MESSAGE` for other bytes, and for more work than its length allows.
   */
  decode(bytes: Uint8Array): unknown[];

  /**
   * In a canister: the values of the argument of the call that is under way, of which no array is
   * made. `undefined` where that is not possible; then `decode(msgArgData())` reads it, or says
   * what is wrong. O(length).
   */
  decodeArgument(): unknown[] | undefined;

  /**
   * In a canister: replies to the call that is under way with these values, of which no array is
   * made. Returns false where that is not possible; then `msgReply(encode(values))` does it, or
   * says what is wrong. O(length).
   */
  reply(values: readonly unknown[]): boolean;
}

/** A few senders' beginnings are remembered, if they are not long. */
const HEADS_KEPT_MAX = 8;
const HEAD_KEPT_SIZE_MAX = 4096;

/** Most messages fit into this array, which all codecs share. */
const SHARED_SIZE = 4096;

/**
 * Makes the codec of messages with values of these types. O(size of the types). Throws `TypeError`
 * for what is no type of an `IDL`.
 *
 * @param types Types of your own `IDL`, be it Azle's or `@dfinity/candid`'s.
 *
 * @example
 * const args = compileArguments([IDL.Text, IDL.Record({ age: IDL.Nat8 })]);
 * args.decode(args.encode(['Ada', { age: 36 }])); // ['Ada', { age: 36 }]
 */
export function compileArguments(types: readonly IdlType[]): CandidArguments {
  const described = describeTypes(types);
  return argumentsBy(kernelCodec(described), described);
}

/** What {@link compileArguments} makes, by the kernel's codec that it is given. For tests. */
export function argumentsBy(
  codec: KernelCodec | undefined,
  types: readonly TypeNode[],
): CandidArguments {
  return new CompiledArguments(codec, types);
}

/** How messages that begin with `head` are read. */
interface Reader {
  readonly head: Uint8Array;
  readonly reads: readonly Read[];
}

/**
 * INVARIANT: only one encoding uses it at a time; values whose getters encode others meanwhile find
 * none here, and make another one.
 */
let shared: Uint8Array | undefined;

/** INVARIANT: as of {@link shared}, for decoding. */
let sharedMessage: Message | undefined;

class CompiledArguments implements CandidArguments {
  readonly #types: readonly TypeNode[];
  readonly #head: Uint8Array;
  readonly #writers = new Writers();
  readonly #writes: readonly Write[];
  readonly #own: Reader;
  readonly #kernel: KernelCodec | undefined;
  #others: readonly Reader[] = [];

  constructor(codec: KernelCodec | undefined, types: readonly TypeNode[]) {
    this.#kernel = codec;
    this.#types = types;
    this.#head = headOf(types);
    this.#writes = types.map((type) => this.#writers.of(type));
    this.#own = this.#learn(new Message(this.#head));
  }

  encode(values: readonly unknown[]): Uint8Array {
    return this.#kernel?.encode(values) ?? this.#encode(values);
  }

  encodeInto(values: readonly unknown[], target: Uint8Array, offset: number): number {
    const end = this.#write(values, target, offset);
    return end <= target.length ? end : -1;
  }

  decode(bytes: Uint8Array): unknown[] {
    return this.#kernel?.decode(assertBytes('candid', bytes)) ?? this.#decode(bytes);
  }

  decodeArgument(): unknown[] | undefined {
    return this.#kernel?.decodeArgument();
  }

  reply(values: readonly unknown[]): boolean {
    return this.#kernel?.reply(values) ?? false;
  }

  #encode(values: readonly unknown[]): Uint8Array {
    let target = shared ?? new Uint8Array(SHARED_SIZE);
    shared = undefined;
    let end = this.#write(values, target, 0);
    while (end > target.length) {
      target = new Uint8Array(end);
      end = this.#write(values, target, 0);
    }
    if (target.length > SHARED_SIZE) return end === target.length ? target : target.slice(0, end);
    shared = target;
    return target.slice(0, end);
  }

  #decode(bytes: Uint8Array): unknown[] {
    const message = sharedMessage ?? new Message();
    sharedMessage = undefined;
    try {
      return this.#read(message.open(assertBytes('candid', bytes)));
    } catch (error) {
      throw asRefusal(message, error);
    } finally {
      message.close();
      sharedMessage = message;
    }
  }

  #read(message: Message): unknown[] {
    const { head, reads } = this.#readerOf(message);
    message.offset = head.length;
    const values: unknown[] = [];
    for (let index = 0; index < reads.length; index++) values[index] = reads[index]!(message);
    if (message.left > 0) throw message.invalid('the end', `${message.left} more bytes`);
    values.length = this.#types.length;
    return values;
  }

  /** Returns where the message would end in an array that is long enough. */
  #write(values: readonly unknown[], target: Uint8Array, offset: number): number {
    if (values.length !== this.#writes.length) throw this.#wrongCount(values.length);
    let end = offset + this.#head.length;
    if (end <= target.length) target.set(this.#head, offset);
    try {
      for (let index = 0; index < values.length; index++) {
        end = this.#writes[index]!(values[index], target, end);
      }
    } catch (error) {
      throw error instanceof WrongValue ? this.#wrongValue(values) : error;
    }
    return end;
  }

  #readerOf(message: Message): Reader {
    if (beginsWith(message.bytes, this.#own.head)) return this.#own;
    const known = this.#others.find(({ head }) => beginsWith(message.bytes, head));
    if (known !== undefined) return known;
    const learned = this.#learn(message);
    if (learned.head.length <= HEAD_KEPT_SIZE_MAX) {
      this.#others = [learned, ...this.#others.slice(0, HEADS_KEPT_MAX - 1)];
    }
    return learned;
  }

  /** What the message has beyond the expected types is passed over. */
  #learn(message: Message): Reader {
    const types = readHead(message);
    if (types.length < this.#types.length) {
      throw message.invalid(`${this.#types.length} values`, String(types.length));
    }
    const readers = new Readers();
    const reads = types.map((type, index) => {
      const expected = this.#types[index];
      return expected === undefined ? readers.skipping(type) : readers.paid(type, expected, 1);
    });
    return { head: message.bytes.slice(0, message.offset), reads };
  }

  #wrongCount(found: number): StorageError {
    const expected = this.#types.length;
    return new StorageError(
      'INVALID_VALUE',
      `candid: expected ${expected} values, got ${found}. Give one for each type.`,
      { expected, found },
    );
  }

  #wrongValue(values: readonly unknown[]): StorageError {
    const parts = this.#types.map((type, index) => ({
      path: `argument ${index}`,
      type,
      value: values[index],
    }));
    return wrongValueAt(this.#writers, parts);
  }
}

/** What decoding throws: a `RangeError` is the engine's, whose stack has come to its end. */
function asRefusal(message: Message, error: unknown): unknown {
  if (error instanceof Mismatch) return message.invalid(error.expected, error.found);
  if (error instanceof RangeError) return message.invalid('values less deep', error.message);
  return error;
}

function beginsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  const { length } = head;
  if (bytes.length < length) return false;
  let index = 0;
  while (index < length && bytes[index] === head[index]) index++;
  return index === length;
}
