/**
 * A node of the tree: up to 11 entries in ascending order and, if it is internal, one child more
 * than it has entries. In memory it is a stream of bytes, cut into pages by the node store:
 *
 *     OFFSET  SIZE         FIELD
 *          0     3         magic "BTN"
 *          3     1         layout version = 2
 *          4     1         kind: 0 leaf, 1 internal
 *          5     2         number of entries n
 *          7     8         address of the first overflow page; 0 = none
 *         15     8 * (n+1) child addresses (internal nodes only)
 *                ...       n keys: length (u32, unless keys have a fixed size), bytes
 *                ...       n values: length (u32, always), bytes
 *
 * INVARIANT: a node other than the root has at least 5 entries; all leaves are equally deep.
 *
 * A `Node` is a window on such a stream. It reads fields where they lie, also in somebody else's
 * array; the first edit copies the stream into a buffer of its own, and from then on an edit is a
 * splice of that buffer, without an object made for it. Nodes of layout V1 are turned into this
 * stream when they are read, see `node-v1.ts`.
 *
 * Source: `specs/ic-stable-structures.md` sections 3.4 and 3.6; crate `btreemap/node/v2.rs`.
 */
import { readU16, readU64, writeU16, writeU32, writeU64 } from '../bytes.js';
import { decodeRange, type ByteOrder, type Codec } from '../codec.js';
import { corrupted } from '../errors.js';
import { assertStoredMagic, MAGIC_SIZE, writeMagic } from '../magic.js';
import { ElementStarts, PREFIX_SIZE } from './element-starts.js';

/** Minimum degree of the tree. */
const DEGREE = 6;
/** A node is full with this many entries. */
export const CAPACITY = 2 * DEGREE - 1;
/** A node other than the root never has fewer. */
export const ENTRY_COUNT_MIN = DEGREE - 1;

/** The letters that both layouts of a node start with. */
export const NODE_MAGIC = 'BTN';
const LAYOUT_VERSION = 2;
export const KIND_OFFSET = MAGIC_SIZE;
export const ENTRY_COUNT_OFFSET = KIND_OFFSET + 1;
const OVERFLOW_OFFSET = ENTRY_COUNT_OFFSET + 2;
const ADDRESS_SIZE = 8;
const HEADER_SIZE = OVERFLOW_OFFSET + ADDRESS_SIZE;

export const LEAF = 0;
export const INTERNAL = 1;

/** Where each field lies, for the test that compares the table above with the code. */
export const NODE_LAYOUT = {
  magic: 0,
  kind: KIND_OFFSET,
  entryCount: ENTRY_COUNT_OFFSET,
  overflow: OVERFLOW_OFFSET,
  children: HEADER_SIZE,
} as const;

/** A key size that says: keys differ in size, so each has its length in front. */
export const PREFIXED = -1;

/** Of a size: nobody has asked yet. */
const UNKNOWN = -1;

/** A node that is not in use keeps no larger buffer than this, in bytes. */
const BUFFER_SIZE_KEPT = 65_536;

const NO_BYTES: Uint8Array = new Uint8Array(0);
const NO_PAGES: readonly number[] = [];

/** Reads the overflow pages of a node and calls its `extend`. */
export type ReadRest = (node: Node) => void;

/** An encoded key and its encoded value. */
export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export class Node {
  address = 0;
  isLeaf = true;
  entryCount = 0;
  /** The array that the stream lies in, from {@link base} on. */
  bytes = NO_BYTES;
  base = 0;
  /** The page as it lies in memory, for a node of layout V1; `undefined` for V2. */
  imageV1: Uint8Array | undefined;

  /** Whether the current operation has saved it, so that the memory does not show it yet. */
  isDirty = false;
  /** What an earlier save of this operation wrote, where an edit has made the node smaller since. */
  earlierSave: Uint8Array | undefined;
  #savedSize = 0;

  #overflowPages: readonly number[] = NO_PAGES;
  #readRest: ReadRest | undefined;
  #buffer = NO_BYTES;
  #page = NO_BYTES;
  #limit = 0;
  #size = UNKNOWN;
  // All of these count from `base`.
  #keysAt = HEADER_SIZE;
  #valuesAt = HEADER_SIZE;
  readonly #keyStarts = new ElementStarts(CAPACITY);
  readonly #valueStarts = new ElementStarts(CAPACITY);

  /** `keySize` is the size of every key in bytes, or {@link PREFIXED}. */
  constructor(readonly keySize: number) {}

  /** Becomes an empty node in a buffer of its own. */
  begin(address: number, isLeaf: boolean): void {
    this.#reset(address, this.ownBuffer(HEADER_SIZE), 0, HEADER_SIZE);
    this.isLeaf = isLeaf;
    writeMagic(this.bytes, NODE_MAGIC, LAYOUT_VERSION);
    this.bytes[KIND_OFFSET] = isLeaf ? LEAF : INTERNAL;
    this.#setEntryCount(0);
    this.linkOverflow(0);
    this.#size = HEADER_SIZE;
    this.#placeLists(HEADER_SIZE, HEADER_SIZE);
  }

  /**
   * Becomes the node whose stream begins in `bytes` at `base`, and goes on to `limit` at most.
   * Where that is the first page only, `readRest` is called once somebody needs more of it: a
   * search in an internal node seldom does. Throws `CORRUPTED`, also where fields leave the stream.
   */
  open(address: number, bytes: Uint8Array, base: number, limit: number, readRest?: ReadRest): void {
    assertStoredMagic('node', address, bytes, NODE_MAGIC, LAYOUT_VERSION, base);
    this.#reset(address, bytes, base, limit);
    this.isLeaf = decodeKind(bytes[base + KIND_OFFSET]!);
    this.entryCount = decodeEntryCount(readU16(bytes, base + ENTRY_COUNT_OFFSET));
    this.#readRest = readRest;
    this.#layOut();
    const sizeMax = this.#limit - this.base;
    if (this.#valuesAt > sizeMax) {
      throw corrupted('size of keys', `at most ${sizeMax}`, this.#valuesAt);
    }
  }

  /** The whole stream is now in the node's own buffer, with these overflow pages. */
  extend(size: number, overflowPages: readonly number[]): void {
    this.bytes = this.#buffer;
    this.base = 0;
    this.#limit = size;
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
    if (size > this.#buffer.length) this.#buffer = new Uint8Array(roundUp(size));
    return this.#buffer;
  }

  /** The address of the overflow page that continues the page of a node at `base`; 0 = none. */
  static overflowOf(page: Uint8Array, base: number): number {
    return readU64(page, base + OVERFLOW_OFFSET);
  }

  /** Bytes of the whole stream. */
  get size(): number {
    if (this.#size === UNKNOWN) this.#size = this.#valueStart(this.entryCount);
    return this.#size;
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
    return this.base + this.#keyStart(index) + (this.keySize === PREFIXED ? PREFIX_SIZE : 0);
  }

  /** Where a key ends in {@link bytes}. */
  keyEnd(index: number): number {
    return this.base + this.#keyStart(index + 1);
  }

  /** Where a value begins in {@link bytes}. */
  valueStart(index: number): number {
    return this.#valueStart(index) + PREFIX_SIZE + this.base;
  }

  /** Where a value ends in {@link bytes}. */
  valueEnd(index: number): number {
    return this.#valueStart(index + 1) + this.base;
  }

  /** A copy of a key. */
  keyAt(index: number): Uint8Array {
    return this.bytes.slice(this.keyStart(index), this.keyEnd(index));
  }

  /** A copy of a value. */
  valueAt(index: number): Uint8Array {
    const [start, end] = [this.valueStart(index), this.valueEnd(index)];
    return this.bytes.slice(start, end);
  }

  /** A key as a value of its type. */
  decodeKey<T>(codec: Codec<T>, index: number): T {
    return decodeRange(codec, this.bytes, this.keyStart(index), this.keyEnd(index));
  }

  /** A value as one of its type. */
  decodeValue<T>(codec: Codec<T>, index: number): T {
    const [start, end] = [this.valueStart(index), this.valueEnd(index)];
    return decodeRange(codec, this.bytes, start, end);
  }

  /** Copies of a key and its value. */
  entryAt(index: number): Entry {
    return { key: this.keyAt(index), value: this.valueAt(index) };
  }

  childAt(index: number): number {
    return readU64(this.bytes, this.base + HEADER_SIZE + index * ADDRESS_SIZE);
  }

  /**
   * The index of a key, or where it is not there, `-1 - index` of the place where it would be
   * inserted. Binary search under the codec's order: O(log entries) comparisons.
   */
  search(key: Uint8Array, order: ByteOrder): number {
    const { bytes, keySize } = this;
    const firstKey = this.base + this.#keysAt;
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

  /** Puts the address of the first overflow page into the stream; 0 = none. */
  linkOverflow(address: number): void {
    writeU64(this.bytes, OVERFLOW_OFFSET, address);
  }

  /** The operation has saved the node as it is now. */
  markSaved(): void {
    this.#savedSize = this.size;
    this.earlierSave = undefined;
  }

  /** What the last save of this operation wrote: a view, or the copy made before an edit. */
  get savedBytes(): Uint8Array {
    return this.earlierSave ?? this.bytes.subarray(this.base, this.base + this.#savedSize);
  }

  /** Lets go of arrays that others may have replaced by now. */
  release(): void {
    this.bytes = this.#buffer;
    this.isDirty = false;
    if (this.#buffer.length > BUFFER_SIZE_KEPT) this.#buffer = NO_BYTES;
  }

  insertEntry(index: number, { key, value }: Entry): void {
    const valueStart = this.#valueStart(index);
    const keyStart = this.#keyStart(index);
    this.#splice(valueStart, 0, PREFIX_SIZE + value.length);
    this.#putPrefixed(valueStart, value);
    this.#spliceKeys(keyStart, 0, this.#keyPrefixSize + key.length);
    this.#putKey(keyStart, key);
    this.#setEntryCount(this.entryCount + 1);
  }

  removeEntry(index: number): void {
    this.#keepEarlierSave();
    const [keyStart, keyEnd] = [this.#keyStart(index), this.#keyStart(index + 1)];
    const [valueStart, valueEnd] = [this.#valueStart(index), this.#valueStart(index + 1)];
    this.#splice(valueStart, valueEnd - valueStart, 0);
    this.#spliceKeys(keyStart, keyEnd - keyStart, 0);
    this.#setEntryCount(this.entryCount - 1);
  }

  replaceEntry(index: number, entry: Entry): void {
    this.removeEntry(index);
    this.insertEntry(index, entry);
  }

  replaceValue(index: number, value: Uint8Array): void {
    const [start, end] = [this.#valueStart(index), this.#valueStart(index + 1)];
    const size = PREFIX_SIZE + value.length;
    if (size < end - start) this.#keepEarlierSave();
    this.#splice(start, end - start, size);
    this.#valueStarts.restart(this.#valuesAt);
    this.#putPrefixed(start, value);
  }

  insertChild(index: number, address: number): void {
    const start = HEADER_SIZE + index * ADDRESS_SIZE;
    this.#splice(start, 0, ADDRESS_SIZE);
    writeU64(this.bytes, start, address);
    this.#moveLists(ADDRESS_SIZE);
  }

  removeChild(index: number): void {
    this.#keepEarlierSave();
    this.#splice(HEADER_SIZE + index * ADDRESS_SIZE, ADDRESS_SIZE, 0);
    this.#moveLists(-ADDRESS_SIZE);
  }

  /** Moves the upper half of a full node into `sibling`; returns the entry between the halves. */
  splitInto(sibling: Node): Entry {
    const median = this.entryAt(DEGREE - 1);
    sibling.#append(this, DEGREE);
    this.#keepEarlierSave();
    const valuesEnd = this.#valueStart(DEGREE - 1);
    this.#splice(valuesEnd, this.size - valuesEnd, 0);
    const keysEnd = this.#keyStart(DEGREE - 1);
    this.#spliceKeys(keysEnd, this.#valuesAt - keysEnd, 0);
    if (!this.isLeaf) {
      const childrenEnd = HEADER_SIZE + DEGREE * ADDRESS_SIZE;
      const surplus = this.#keysAt - childrenEnd;
      this.#splice(childrenEnd, surplus, 0);
      this.#moveLists(-surplus);
    }
    this.#setEntryCount(DEGREE - 1);
    return median;
  }

  /** Puts `median` and all of `higher` behind what the node has. */
  appendNode(median: Entry, higher: Node): void {
    this.insertEntry(this.entryCount, median);
    this.#append(higher, 0);
  }

  /** Puts all of `lower` and `median` before what the node has. */
  prependNode(lower: Node, median: Entry): void {
    this.insertEntry(0, median);
    this.#copyFrom(lower, 0, HEADER_SIZE, this.#keysAt, this.#valuesAt);
  }

  #append(source: Node, from: number): void {
    this.#copyFrom(source, from, this.#keysAt, this.#valuesAt, this.size);
  }

  /** Takes over the source's lists from index `from` on. The last comes first: it moves nobody. */
  #copyFrom(source: Node, from: number, childAt: number, keyAt: number, valueAt: number): void {
    const valuesStart = source.#valueStart(from);
    const valuesSize = source.size - valuesStart;
    this.#splice(valueAt, 0, valuesSize);
    this.#put(valueAt, source, valuesStart, valuesSize);
    const keysStart = source.#keyStart(from);
    const keysSize = source.#valuesAt - keysStart;
    this.#spliceKeys(keyAt, 0, keysSize);
    this.#put(keyAt, source, keysStart, keysSize);
    if (!source.isLeaf) {
      const childrenStart = HEADER_SIZE + from * ADDRESS_SIZE;
      const childrenSize = source.#keysAt - childrenStart;
      this.#splice(childAt, 0, childrenSize);
      this.#put(childAt, source, childrenStart, childrenSize);
      this.#moveLists(childrenSize);
    }
    this.#setEntryCount(this.entryCount + source.entryCount - from);
  }

  #reset(address: number, bytes: Uint8Array, base: number, limit: number): void {
    this.address = address;
    this.bytes = bytes;
    this.base = base;
    this.#limit = limit;
    this.#size = UNKNOWN;
    this.#overflowPages = NO_PAGES;
    this.#readRest = undefined;
    this.imageV1 = undefined;
    this.isDirty = false;
    this.earlierSave = undefined;
    this.#savedSize = 0;
  }

  #layOut(): void {
    const keysAt = HEADER_SIZE + (this.isLeaf ? 0 : (this.entryCount + 1) * ADDRESS_SIZE);
    this.#placeLists(keysAt, keysAt);
    const areKeysHere = this.#endOfFixedKeys() <= this.#limit - this.base;
    if (this.#readRest !== undefined && !areKeysHere) this.#complete();
    this.#valuesAt = this.#keyStart(this.entryCount);
    this.#valueStarts.restart(this.#valuesAt);
  }

  /** Where the keys end, or beyond every limit where that takes a walk. */
  #endOfFixedKeys(): number {
    return this.keySize === PREFIXED ? Infinity : this.#keysAt + this.entryCount * this.keySize;
  }

  #complete(): void {
    const readRest = this.#readRest!;
    this.#readRest = undefined;
    readRest(this);
  }

  get #keyPrefixSize(): number {
    return this.keySize === PREFIXED ? PREFIX_SIZE : 0;
  }

  #keyStart(index: number): number {
    if (this.keySize !== PREFIXED) return this.#keysAt + index * this.keySize;
    return this.#keyStarts.at(index, this.bytes, this.base, this.#limit);
  }

  #valueStart(index: number): number {
    if (this.#readRest !== undefined) this.#complete();
    return this.#valueStarts.at(index, this.bytes, this.base, this.#limit);
  }

  #setEntryCount(count: number): void {
    this.entryCount = count;
    writeU16(this.bytes, ENTRY_COUNT_OFFSET, count);
  }

  /** Makes room for `inserted` bytes in the place of `removed` ones. Every edit is made of these. */
  #splice(position: number, removed: number, inserted: number): void {
    const { size } = this;
    const newSize = size - removed + inserted;
    this.#own(size, newSize);
    this.bytes.copyWithin(position + inserted, position + removed, size);
    this.#size = newSize;
    this.#limit = newSize;
  }

  /** A splice within the keys: the values move with it. */
  #spliceKeys(position: number, removed: number, inserted: number): void {
    this.#splice(position, removed, inserted);
    this.#placeLists(this.#keysAt, this.#valuesAt + inserted - removed);
  }

  /** The children have become longer by `distance` bytes: keys and values lie further on. */
  #moveLists(distance: number): void {
    this.#placeLists(this.#keysAt + distance, this.#valuesAt + distance);
  }

  /** The lists begin here from now on, and where their elements begin is not known yet. */
  #placeLists(keysAt: number, valuesAt: number): void {
    this.#keysAt = keysAt;
    this.#valuesAt = valuesAt;
    this.#keyStarts.restart(keysAt);
    this.#valueStarts.restart(valuesAt);
  }

  #putKey(position: number, key: Uint8Array): void {
    if (this.keySize === PREFIXED) this.#putPrefixed(position, key);
    else this.bytes.set(key, position);
  }

  #putPrefixed(position: number, element: Uint8Array): void {
    writeU32(this.bytes, position, element.length);
    this.bytes.set(element, position + PREFIX_SIZE);
  }

  #put(position: number, { bytes, base }: Node, start: number, size: number): void {
    this.bytes.set(bytes.subarray(base + start, base + start + size), position);
  }

  /** From here on the stream lies in the node's own buffer, which holds at least `newSize` bytes. */
  #own(size: number, newSize: number): void {
    const isOwn = this.bytes === this.#buffer;
    if (isOwn && newSize <= this.#buffer.length) return;
    const { stream } = this;
    this.bytes = this.ownBuffer(Math.max(size, newSize));
    this.bytes.set(stream);
    this.base = 0;
  }

  /** What an earlier save wrote behind the node's new end stays in memory: see the node store. */
  #keepEarlierSave(): void {
    if (this.#savedSize === 0) return;
    this.earlierSave = this.savedBytes.slice();
    this.#savedSize = 0;
  }
}

/** Buffers are a little larger than asked for, so that a growing node seldom needs another. */
function roundUp(size: number): number {
  return Math.max(64, size + (size >>> 1));
}

/** Whether it is a leaf. Throws `CORRUPTED` for a kind that does not exist. */
export function decodeKind(kind: number): boolean {
  if (kind !== LEAF && kind !== INTERNAL) throw corrupted('kind of node', '0 or 1', kind);
  return kind === LEAF;
}

/** Throws `CORRUPTED` for a count that no node has. */
export function decodeEntryCount(count: number): number {
  if (count < 1 || count > CAPACITY)
    throw corrupted('entries in a node', `1 to ${CAPACITY}`, count);
  return count;
}
