/**
 * A message that is being read: its bytes, how far they were read, and how much work they may still
 * make. All reading of numbers, texts and references is here, and so is every check of the end.
 *
 * Whoever sent the message may want it to be expensive. So its work is bounded by its length: what
 * takes bytes is paid by them, and what takes none, such as the elements of a `vec null`, is paid
 * from an allowance. Values may lie in one another only so deep.
 *
 * Source: the Candid specification, "Binary format", "Memory".
 */
import { readBigI64, readBigU64, readF32, readF64, readU16, readU32 } from '../bytes.js';
import { StorageError } from '../errors.js';
import { tryDecodeUtf8Range } from '../utf8.js';

/** How deep values may lie in one another where types are recursive, or made as deep. */
export const DEPTH_MAX = 500;

/** How many values without bytes a message may have, besides one for each of its bytes. */
export const ALLOWANCE = 100_000;

/** A count, and whatever else is no value, has at most the bytes that a number holds exactly. */
const COUNT_BYTES_MAX = 7;

const GROUP_MASK = 0x7f;
const MORE = 0x80;
const SIGN = 0x40;
const GROUP = 128;
const BITS_PER_GROUP = 7;

/** So many groups make a number that is exact, and three make seven bits less than 32. */
const SAFE_GROUPS_MAX = 7;
const GROUPS_PER_STEP = 4;
const DIGITS_PER_STEP = 7;

/** Bytes that are no message of the types that it was to have. `found` may end the sentence. */
function invalidMessage(expected: string, found: string, offset: number): StorageError {
  return new StorageError(
    'INVALID_MESSAGE',
    `byte ${offset} of a Candid message: expected ${expected}, found ${found}. Encode the ` +
      'arguments by the interface that this method has.',
    { expected, found, offset },
  );
}

/**
 * A value that its expected type cannot take; an `opt` around it then has none. It is thrown, and
 * yet no `Error`: there may be as many as values, and nobody sees where each came from.
 */
export class Mismatch {
  constructor(
    readonly expected: string,
    readonly found: string,
  ) {}
}

const NO_BYTES = new Uint8Array(0);

export class Message {
  /** Where the next byte is read. */
  offset = 0;
  /** How many values lie around the one that is read, as far as they are counted. */
  depth = 0;
  bytes: Uint8Array = NO_BYTES;
  #allowance = 0;

  constructor(bytes: Uint8Array = NO_BYTES) {
    this.open(bytes);
  }

  /** Begins to read. A message can be read again, which is cheaper than to make another one. */
  open(bytes: Uint8Array): this {
    this.bytes = bytes;
    this.offset = 0;
    this.depth = 0;
    this.#allowance = ALLOWANCE + bytes.length;
    return this;
  }

  /** Lets go of the bytes. */
  close(): void {
    this.bytes = NO_BYTES;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.bytes.length - this.offset;
  }

  /** Pays for work that no bytes pay for. */
  pay(work: number): void {
    this.#allowance -= work;
    if (this.#allowance >= 0) return;
    throw this.invalid('a message that is less work to read', 'too many values without bytes');
  }

  /** Goes into a value. Whoever comes out of it reduces `depth` again. */
  enter(): void {
    this.depth++;
    if (this.depth > DEPTH_MAX)
      throw this.invalid(`values at most ${DEPTH_MAX} deep`, 'deeper ones');
  }

  /** Passes over bytes; returns where they begin. */
  skip(count: number): number {
    const start = this.offset;
    if (count > this.bytes.length - start) throw this.invalid(`${count} more bytes`, 'the end');
    this.offset = start + count;
    return start;
  }

  byte(): number {
    const byte = this.bytes[this.offset];
    if (byte === undefined) throw this.invalid('another byte', 'the end');
    this.offset++;
    return byte;
  }

  bool(): boolean {
    const byte = this.byte();
    if (byte > 1) throw this.invalid('a bool of 0 or 1', String(byte));
    return byte === 1;
  }

  u16(): number {
    return readU16(this.bytes, this.skip(2));
  }

  u32(): number {
    return readU32(this.bytes, this.skip(4));
  }

  u64(): bigint {
    return readBigU64(this.bytes, this.skip(8));
  }

  i8(): number {
    return (this.byte() << 24) >> 24;
  }

  i16(): number {
    return (this.u16() << 16) >> 16;
  }

  i32(): number {
    return this.u32() | 0;
  }

  i64(): bigint {
    return readBigI64(this.bytes, this.skip(8));
  }

  f32(): number {
    return readF32(this.bytes, this.skip(4));
  }

  f64(): number {
    return readF64(this.bytes, this.skip(8));
  }

  /** A count, a length or an index: a whole number that is no value. */
  count(): number {
    const first = this.byte();
    if (first < MORE) return first;
    let value = first - MORE;
    let scale = GROUP;
    for (let size = 1; size < COUNT_BYTES_MAX; size++) {
      const byte = this.byte();
      value += (byte & GROUP_MASK) * scale;
      if (byte < MORE) return value;
      scale *= GROUP;
    }
    throw this.invalid(`a number of at most ${COUNT_BYTES_MAX} bytes`, 'a longer one');
  }

  /** A reference to a type: as {@link count}, with a sign. */
  reference(): number {
    let value = 0;
    let scale = 1;
    for (let size = 0; size < COUNT_BYTES_MAX; size++) {
      const byte = this.byte();
      value += (byte & GROUP_MASK) * scale;
      scale *= GROUP;
      if (byte < MORE) return byte < SIGN ? value : value - scale;
    }
    throw this.invalid(`a number of at most ${COUNT_BYTES_MAX} bytes`, 'a longer one');
  }

  /** The length of elements of which each takes at least so many bytes. */
  length(sizeMin: number): number {
    const length = this.count();
    if (length * sizeMin <= this.left) return length;
    throw this.invalid(`${length} elements`, `${this.left} bytes`);
  }

  nat(): bigint {
    const first = this.bytes[this.offset]!;
    if (first < MORE) {
      this.offset++;
      return BigInt(first);
    }
    const start = this.offset;
    const size = this.skipNumber();
    if (size <= SAFE_GROUPS_MAX) return BigInt(this.#groups(start, size));
    return this.#large(start, size, 0);
  }

  int(): bigint {
    const start = this.offset;
    const size = this.skipNumber();
    const isNegative = (this.bytes[start + size - 1]! & SIGN) !== 0;
    if (size <= SAFE_GROUPS_MAX) {
      const value = this.#groups(start, size);
      return BigInt(isNegative ? value - 2 ** (BITS_PER_GROUP * size) : value);
    }
    return isNegative ? ~this.#large(start, size, GROUP_MASK) : this.#large(start, size, 0);
  }

  /** Passes over a number of any size; returns how many bytes it has. */
  skipNumber(): number {
    const { bytes, offset } = this;
    let end = offset;
    while (bytes[end]! >= MORE) end++;
    if (end >= bytes.length) throw this.invalid('the end of a number', 'the end');
    this.offset = end + 1;
    return this.offset - offset;
  }

  text(): string {
    const start = this.skip(this.count());
    const text = tryDecodeUtf8Range(this.bytes, start, this.offset);
    if (text === undefined) throw this.invalid('a text in UTF-8', 'other bytes');
    return text;
  }

  /** Bytes with their count, in an array of their own. */
  sized(): Uint8Array {
    const size = this.count();
    const start = this.skip(size);
    return this.bytes.slice(start, start + size);
  }

  /** Passes the byte that says whether a reference can be read. */
  transparent(): void {
    const tag = this.byte();
    if (tag !== 1) throw this.invalid('a reference that can be read', `one with the tag ${tag}`);
  }

  invalid(expected: string, found: string): StorageError {
    return invalidMessage(expected, found, this.offset);
  }

  #groups(start: number, size: number): number {
    let value = 0;
    for (let index = start + size - 1; index >= start; index--) {
      value = value * GROUP + (this.bytes[index]! & GROUP_MASK);
    }
    return value;
  }

  /** Four groups are seven hexadecimal digits, so no bigint is made but the last one. O(size). */
  #large(start: number, size: number, flip: number): bigint {
    const digits: string[] = [];
    for (let step = start; step < start + size; step += GROUPS_PER_STEP) {
      const stop = Math.min(step + GROUPS_PER_STEP, start + size);
      let groups = 0;
      for (let index = stop - 1; index >= step; index--) {
        groups = (groups << BITS_PER_GROUP) | ((this.bytes[index]! & GROUP_MASK) ^ flip);
      }
      digits.push(groups.toString(16).padStart(DIGITS_PER_STEP, '0'));
    }
    try {
      return BigInt(`0x${digits.reverse().join('')}`);
    } catch {
      throw this.invalid('a number that JavaScript can hold', `one of ${size} bytes`);
    }
  }
}
