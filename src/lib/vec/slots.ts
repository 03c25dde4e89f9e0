/**
 * Elements in slots of one size, one slot behind the other: where element i lies is a
 * multiplication. A slot, with w = 0 where all elements have one size, else 1, 2 or 4 bytes, as
 * many as the largest size needs:
 *
 *     OFFSET  SIZE  FIELD
 *          0     w  size of the element in bytes, little-endian
 *          w  size  the element
 *
 * What a shorter element leaves of its slot is not written: there lies what lay there before. So a
 * memory may end behind the last byte of the last element, before its slot does.
 *
 * Source: `specs/ic-stable-structures.md` section 4.2; crate module `base_vec`.
 */
import { concatAll, readU16, readU32, writeU16, writeU32 } from '../bytes.js';
import { decodeRange, encodeChecked, type Codec } from '../codec.js';
import { widthOf, type LimitedBound } from '../codecs/tuple-layout.js';
import { corrupted } from '../errors.js';
import { sizeInBytes, type Memory } from '../memory.js';

/**
 * An element of unknown size is read with so many bytes at once, which takes most in one read; a
 * longer one costs a second read.
 */
const FIRST_READ_SIZE_MAX = 1024;

export class Slots<T> {
  /** In bytes. */
  readonly slotSize: number;
  readonly #sizeMax: number;
  /** 0 where all elements have one size. */
  readonly #prefixSize: number;
  /** INVARIANT: used within one call, so that sharing it cannot be noticed. */
  readonly #buffer: Uint8Array;

  constructor(
    readonly memory: Memory,
    /** Address of slot 0. */
    readonly address: number,
    readonly codec: Codec<T>,
    bound: LimitedBound,
  ) {
    this.#sizeMax = bound.maxSize;
    this.#prefixSize = bound.fixedSize ? 0 : widthOf(bound.maxSize);
    this.slotSize = this.#prefixSize + bound.maxSize;
    this.#buffer = new Uint8Array(Math.min(this.slotSize, FIRST_READ_SIZE_MAX));
  }

  addressOf(slot: number): number {
    return this.address + slot * this.slotSize;
  }

  /** Where an element of `size` bytes in this slot ends. */
  endOf(slot: number, size: number): number {
    return this.addressOf(slot) + this.#prefixSize + size;
  }

  /** Where the shortest element in this slot would end: no memory that holds one ends before. */
  leastEndOf(slot: number): number {
    return this.endOf(slot, this.#prefixSize === 0 ? this.#sizeMax : 0);
  }

  /** Where the stored element ends. Throws `CORRUPTED`. */
  storedEndOf(slot: number): number {
    return this.endOf(slot, this.#sizeIn(this.#load(slot)));
  }

  /** The stored element. Throws `CORRUPTED`. */
  read(slot: number): T {
    const bytes = this.#load(slot);
    const start = this.#prefixSize;
    return decodeRange(this.codec, bytes, start, start + this.#sizeIn(bytes));
  }

  /** The stored element, encoded, in an array of its own. Throws `CORRUPTED`. */
  readEncoded(slot: number): Uint8Array {
    const start = this.#prefixSize;
    if (start === 0) {
      const encoded = new Uint8Array(this.slotSize);
      this.memory.read(this.addressOf(slot), encoded);
      return encoded;
    }
    const bytes = this.#load(slot);
    return bytes.slice(start, start + this.#sizeIn(bytes));
  }

  /** Throws `VALUE_TOO_LARGE`, and what the codec throws. */
  encode(value: T): Uint8Array {
    return encodeChecked(this.codec, value);
  }

  /** Size and element in one write. PRECONDITION: the memory reaches to its end. */
  write(slot: number, encoded: Uint8Array): void {
    const address = this.addressOf(slot);
    if (this.#prefixSize === 0) this.memory.write(address, encoded);
    else this.memory.write(address, this.#withSize(encoded));
  }

  /** Elements in slots from `first` on; those of one size in one write. PRECONDITION: as above. */
  writeAll(first: number, elements: readonly Uint8Array[]): void {
    if (this.#prefixSize > 0) {
      elements.forEach((encoded, index) => this.write(first + index, encoded));
      return;
    }
    this.memory.write(this.addressOf(first), concatAll(elements));
  }

  /** An array that starts with what the slot starts with, and holds the whole element. */
  #load(slot: number): Uint8Array {
    const address = this.addressOf(slot);
    if (this.#prefixSize === 0) return this.#readUpTo(address, this.slotSize);
    const left = sizeInBytes(this.memory) - address;
    const start = this.#readUpTo(address, Math.min(this.#buffer.length, left));
    const size = this.#sizeIn(start);
    if (size > this.#sizeMax) {
      throw corrupted(`size of the element in slot ${slot}`, `at most ${this.#sizeMax}`, size);
    }
    const end = this.#prefixSize + size;
    if (end > left) throw corrupted(`end of slot ${slot}`, `at most ${left} bytes on`, end);
    return end <= start.length ? start : this.#readUpTo(address, end);
  }

  #readUpTo(address: number, size: number): Uint8Array {
    const bytes = this.#room(size);
    this.memory.read(address, bytes);
    return bytes;
  }

  #withSize(encoded: Uint8Array): Uint8Array {
    const bytes = this.#room(this.#prefixSize + encoded.length);
    if (this.#prefixSize === 1) bytes[0] = encoded.length;
    else if (this.#prefixSize === 2) writeU16(bytes, 0, encoded.length);
    else writeU32(bytes, 0, encoded.length);
    bytes.set(encoded, this.#prefixSize);
    return bytes;
  }

  #sizeIn(bytes: Uint8Array): number {
    if (this.#prefixSize === 0) return this.#sizeMax;
    if (this.#prefixSize === 1) return bytes[0]!;
    return this.#prefixSize === 2 ? readU16(bytes, 0) : readU32(bytes, 0);
  }

  /** So many bytes of the shared buffer, or an array of its own for more than it has. */
  #room(size: number): Uint8Array {
    const buffer = this.#buffer;
    if (size === buffer.length) return buffer;
    return size < buffer.length ? buffer.subarray(0, size) : new Uint8Array(size);
  }
}
