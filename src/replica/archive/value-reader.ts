/**
 * Reads values of the core back from bytes; `value-format.ts` has the format. Every length and
 * number is held against what is there before it is believed.
 *
 * Source: own design.
 */
import { StateError } from './state-error.js';
import { DEPTH_MAX, NUMBER_SIZE, Tag, type Kind } from './value-format.js';

/** Lengths and numbers take no more bytes than 2^49 needs. */
const UNSIGNED_BYTES_MAX = 7;

/** A bigint takes no more bytes than a thousand bits need. */
const BIGINT_BYTES_MAX = 148;

/** Throws `StateError` where the bytes are not those of exactly one value. */
export function readValue(
  bytes: Uint8Array,
  kinds: readonly Kind[],
  blobs: readonly Uint8Array[] = [],
): unknown {
  const reader = new ValueReader(bytes, kinds, blobs);
  const value = reader.read(0);
  reader.end();
  return value;
}

class ValueReader {
  readonly #objects: unknown[] = [];
  #offset = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly kinds: readonly Kind[],
    readonly blobs: readonly Uint8Array[],
  ) {}

  read(depth: number): unknown {
    if (depth > DEPTH_MAX) throw this.#damaged('a value that is not too deep');
    const tag = this.#byte();
    switch (tag) {
      case Tag.undefined:
        return undefined;
      case Tag.null:
        return null;
      case Tag.false:
        return false;
      case Tag.true:
        return true;
      case Tag.number:
        return this.#number();
      case Tag.bigint:
        return this.#bigint();
      case Tag.text:
        return this.#text();
      case Tag.reference:
        return this.#numbered(this.#objects, 'an object that came before');
    }
    const value = this.#object(tag, depth + 1);
    this.#objects.push(value);
    return value;
  }

  end(): void {
    if (this.#offset !== this.bytes.length) throw this.#damaged('the end');
  }

  #object(tag: number, depth: number): unknown {
    switch (tag) {
      case Tag.bytes:
        return this.#sized().slice();
      case Tag.blob:
        return this.#numbered(this.blobs, 'a blob that is there');
      case Tag.array:
        return this.#times(() => this.read(depth));
      case Tag.set:
        return new Set(this.#times(() => this.read(depth)));
      case Tag.map:
        return new Map(this.#times(() => [this.read(depth), this.read(depth)] as const));
      case Tag.object:
        return Object.fromEntries(this.#times(() => [this.#text(), this.read(depth)] as const));
      case Tag.kind:
        return this.#kind(depth);
    }
    throw this.#damaged(`a tag that is known, found ${tag}`);
  }

  #kind(depth: number): object {
    const name = this.#text();
    const kind = this.kinds.find((one) => one.name === name);
    if (kind === undefined) throw this.#damaged(`a kind that is known, found '${name}'`);
    return kind.make(this.read(depth));
  }

  /** Every element takes a byte at least, which bounds the count. */
  #times<Element>(read: () => Element): Element[] {
    const count = this.#unsigned();
    if (count > this.bytes.length - this.#offset) throw this.#damaged(`${count} elements`);
    return Array.from({ length: count }, read);
  }

  #numbered<Element>(list: readonly Element[], expected: string): Element {
    const number = this.#unsigned();
    if (number >= list.length) throw this.#damaged(`${expected}, found number ${number}`);
    return list[number]!;
  }

  #number(): number {
    const { buffer, byteOffset } = this.#take(NUMBER_SIZE);
    return new DataView(buffer, byteOffset).getFloat64(0, true);
  }

  #bigint(): bigint {
    let folded = 0n;
    for (let index = 0; index < BIGINT_BYTES_MAX; index++) {
      const byte = this.#byte();
      folded |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return folded % 2n === 0n ? folded / 2n : -(folded + 1n) / 2n;
    }
    throw this.#damaged('the end of a bigint');
  }

  #text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#sized());
  }

  #sized(): Uint8Array {
    return this.#take(this.#unsigned());
  }

  #unsigned(): number {
    let value = 0;
    for (let index = 0; index < UNSIGNED_BYTES_MAX; index++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw this.#damaged('the end of a number');
  }

  #byte(): number {
    return this.#take(1)[0]!;
  }

  #take(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.bytes.length) throw this.#damaged(`${length} more bytes`);
    const taken = this.bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }

  #damaged(expected: string): StateError {
    const where = `at offset ${this.#offset} of ${this.bytes.length}`;
    return new StateError('DAMAGED', `the state is damaged: expected ${expected} ${where}`);
  }
}
