/**
 * The reading side of a node: a window on a stream of bytes, see `node-layout.ts`, that reads
 * fields where they lie, also in somebody else's array. One object is used for many nodes, one
 * after another, so that a walk through a tree makes none.
 *
 * Source: `specs/ic-stable-structures.md` section 3.6.
 */
import { readU16, readU64 } from '../bytes.js';
import { decodeRange, type ByteOrder, type Codec } from '../codec.js';
import { corrupted } from '../errors.js';
import { assertStoredMagic } from '../magic.js';
import { ElementStarts, PREFIX_SIZE } from './element-starts.js';
import {
  ADDRESS_SIZE,
  CAPACITY,
  decodeEntryCount,
  decodeKind,
  DEGREE,
  ENTRY_COUNT_OFFSET,
  KIND_OFFSET,
  NODE_HEADER_SIZE,
  NODE_MAGIC,
  NODE_VERSION,
  PREFIXED,
} from './node-layout.js';

/** Of a size: nobody has asked yet. */
const UNKNOWN = -1;

export const NO_BYTES: Uint8Array = new Uint8Array(0);
const NO_PAGES: readonly number[] = [];

/** Reads the overflow pages of a node and calls its `extend`. */
export type ReadRest = (node: NodeView) => void;

/** An encoded key and its encoded value. */
export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export class NodeView {
  address = 0;
  isLeaf = true;
  entryCount = 0;
  /** The array that the stream lies in, from {@link base} on. */
  bytes = NO_BYTES;
  base = 0;

  /** The node's own array, where the stream lies if it is in several pages or was edited. */
  protected buffer = NO_BYTES;
  /** Where the stream ends at the latest. */
  protected limit = 0;
  protected knownSize = UNKNOWN;
  // These count from `base`.
  protected keysAt = NODE_HEADER_SIZE;
  protected valuesAt = NODE_HEADER_SIZE;
  readonly #keyStarts = new ElementStarts();
  readonly #valueStarts = new ElementStarts();
  #overflowPages: readonly number[] = NO_PAGES;
  #readRest: ReadRest | undefined;
  #page = NO_BYTES;

  /** `keySize` is the size of every key in bytes, or {@link PREFIXED}. */
  constructor(readonly keySize: number) {}

  /**
   * Becomes the node whose stream begins in `bytes` at `base`, and goes on to `limit` at most.
   * Where that is the first page only, `readRest` is called once somebody needs more of it: a
   * search in an internal node seldom does. Throws `CORRUPTED`, also where fields leave the stream.
   */
  open(address: number, bytes: Uint8Array, base: number, limit: number, readRest?: ReadRest): void {
    assertStoredMagic('node', address, bytes, NODE_MAGIC, NODE_VERSION, base);
    this.reset(address, bytes, base, limit);
    this.isLeaf = decodeKind(bytes[base + KIND_OFFSET]!);
    this.entryCount = decodeEntryCount(readU16(bytes, base + ENTRY_COUNT_OFFSET));
    this.#readRest = readRest;
    this.#layOut();
    const sizeMax = this.limit - this.base;
    if (this.valuesAt > sizeMax) {
      throw corrupted('size of keys', `at most ${sizeMax}`, this.valuesAt);
    }
  }

  /** The whole stream is now in the node's own buffer, with these overflow pages. */
  extend(size: number, overflowPages: readonly number[]): void {
    this.bytes = this.buffer;
    this.base = 0;
    this.limit = size;
    this.#overflowPages = overflowPages;
  }

  /** Addresses of the overflow pages that the node owns, first to last. */
  get overflowPages(): readonly number[] {
    if (this.#readRest !== undefined) this.#complete();
    return this.#overflowPages;
  }

  set overflowPages(pages: readonly number[]) {
    this.#overflowPages = pages;
  }

  /** An array of just one page that the node keeps, to read its page into. */
  pageBuffer(pageSize: number): Uint8Array {
    if (this.#page.length !== pageSize) this.#page = new Uint8Array(pageSize);
    return this.#page;
  }

  /** The node's own buffer, for at least `size` bytes. What is put there can then be opened. */
  ownBuffer(size: number): Uint8Array {
    if (size > this.buffer.length) this.buffer = new Uint8Array(roundUp(size));
    return this.buffer;
  }

  /** Bytes of the whole stream. */
  get size(): number {
    if (this.knownSize === UNKNOWN) this.knownSize = this.rawValueStart(this.entryCount);
    return this.knownSize;
  }

  /** A view of the stream. It stays true until the node's next edit. */
  get stream(): Uint8Array {
    const { size } = this;
    return this.bytes.subarray(this.base, this.base + size);
  }

  get isFull(): boolean {
    return this.entryCount >= CAPACITY;
  }

  /** Rich nodes can give an entry away and still have the minimum. */
  get isRich(): boolean {
    return this.entryCount >= DEGREE;
  }

  /** Where a key begins in {@link bytes}. */
  keyStart(index: number): number {
    return this.base + this.rawKeyStart(index) + (this.keySize === PREFIXED ? PREFIX_SIZE : 0);
  }

  /** Where a key ends in {@link bytes}. */
  keyEnd(index: number): number {
    return this.base + this.rawKeyStart(index + 1);
  }

  /** Where a value begins in {@link bytes}. */
  valueStart(index: number): number {
    return this.rawValueStart(index) + PREFIX_SIZE + this.base;
  }

  /** Where a value ends in {@link bytes}. */
  valueEnd(index: number): number {
    return this.rawValueStart(index + 1) + this.base;
  }

  /** A copy of a key. */
  keyAt(index: number): Uint8Array {
    return copyOf(this.bytes, this.keyStart(index), this.keyEnd(index));
  }

  /** A copy of a value. */
  valueAt(index: number): Uint8Array {
    const start = this.valueStart(index);
    const end = this.valueEnd(index);
    return copyOf(this.bytes, start, end);
  }

  /** A key as a value of its type. */
  decodeKey<T>(codec: Codec<T>, index: number): T {
    const { keySize } = this;
    if (keySize === PREFIXED) {
      return decodeRange(codec, this.bytes, this.keyStart(index), this.keyEnd(index));
    }
    const start = this.base + this.keysAt + index * keySize;
    return decodeRange(codec, this.bytes, start, start + keySize);
  }

  /** A value as one of its type. */
  decodeValue<T>(codec: Codec<T>, index: number): T {
    const { list, known } = this.#valueStarts;
    if (index >= known) this.#findValuesUpTo(index);
    const start = this.base + list[index]! + PREFIX_SIZE;
    return decodeRange(codec, this.bytes, start, this.base + list[index + 1]!);
  }

  /** Copies of a key and its value. */
  entryAt(index: number): Entry {
    return { key: this.keyAt(index), value: this.valueAt(index) };
  }

  childAt(index: number): number {
    return readU64(this.bytes, this.base + NODE_HEADER_SIZE + index * ADDRESS_SIZE);
  }

  /**
   * The index of a key, or where it is not there, `-1 - index` of the place where it would be
   * inserted. Binary search under the codec's order: O(log entries) comparisons.
   */
  search(key: Uint8Array, order: ByteOrder): number {
    const { bytes, keySize } = this;
    const firstKey = this.base + this.keysAt;
    let low = 0;
    let high = this.entryCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const isFixed = keySize !== PREFIXED;
      const start = isFixed ? firstKey + middle * keySize : this.keyStart(middle);
      const end = isFixed ? start + keySize : this.keyEnd(middle);
      const sign = order(bytes, start, end, key, 0, key.length);
      if (sign === 0) return middle;
      if (sign < 0) low = middle + 1;
      else high = middle;
    }
    return -1 - low;
  }

  protected reset(address: number, bytes: Uint8Array, base: number, limit: number): void {
    this.address = address;
    this.bytes = bytes;
    this.base = base;
    this.limit = limit;
    this.knownSize = UNKNOWN;
    this.#overflowPages = NO_PAGES;
    this.#readRest = undefined;
  }

  /** The lists begin here, and where their elements begin is not known yet. */
  protected placeLists(keysAt: number, valuesAt: number): void {
    this.keysAt = keysAt;
    this.valuesAt = valuesAt;
    this.#keyStarts.restart(keysAt);
    this.#valueStarts.restart(valuesAt);
  }

  /** Where a key begins, its length included, from `base`. */
  protected rawKeyStart(index: number): number {
    if (this.keySize !== PREFIXED) return this.keysAt + index * this.keySize;
    return this.#keyStarts.at(index, this.bytes, this.base, this.limit);
  }

  /** Where a value begins, its length included, from `base`. */
  protected rawValueStart(index: number): number {
    if (this.#readRest !== undefined) this.#complete();
    return this.#valueStarts.at(index, this.bytes, this.base, this.limit);
  }

  /** Who asks for one value mostly goes on to the next: where it can be seen, all are found. */
  #findValuesUpTo(index: number): void {
    if (this.#readRest !== undefined) this.#complete();
    this.#valueStarts.reaches(this.entryCount, this.bytes, this.base, this.limit);
    this.rawValueStart(index + 1);
  }

  #layOut(): void {
    const keysAt = NODE_HEADER_SIZE + (this.isLeaf ? 0 : (this.entryCount + 1) * ADDRESS_SIZE);
    this.placeLists(keysAt, keysAt);
    if (this.#readRest !== undefined && !this.#areKeysHere()) this.#complete();
    this.valuesAt = this.rawKeyStart(this.entryCount);
    this.#valueStarts.restart(this.valuesAt);
  }

  /** Whether all keys lie in what has been read. */
  #areKeysHere(): boolean {
    const { keysAt, entryCount, keySize, bytes, base, limit } = this;
    if (keySize !== PREFIXED) return keysAt + entryCount * keySize <= limit - base;
    return this.#keyStarts.reaches(entryCount, bytes, base, limit);
  }

  /** Where a page is damaged the node stays incomplete: it may lie in the cache. */
  #complete(): void {
    this.#readRest!(this);
    this.#readRest = undefined;
  }
}

/** So few bytes are copied fastest one by one. */
const SHORT_SIZE = 32;

/** As `slice`, which for a few bytes takes several times as long. */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const size = end - start;
  if (size > SHORT_SIZE) return bytes.slice(start, end);
  const copy = new Uint8Array(size);
  for (let index = 0; index < size; index++) copy[index] = bytes[start + index]!;
  return copy;
}

/** Buffers are a little larger than asked for, so that a growing node seldom needs another. */
function roundUp(size: number): number {
  return Math.max(64, size + (size >>> 1));
}
