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
 * A node in RAM is its three packed lists. Every change of the tree is a splice of them, so
 * nothing is decoded that nobody asked for.
 *
 * Source: `specs/ic-stable-structures.md` sections 3.4 and 3.6; crate `btreemap/node/v2.rs`.
 */
import { readU16, readU64, writeU16, writeU64 } from '../bytes.js';
import type { ByteOrder } from '../codec.js';
import { corrupted } from '../errors.js';
import { assertStoredMagic, MAGIC_SIZE, writeMagic } from '../magic.js';
import { PackedList, PREFIXED } from './packed-list.js';

/** Minimum degree of the tree. */
const DEGREE = 6;
/** A node is full with this many entries. */
export const CAPACITY = 2 * DEGREE - 1;

const MAGIC = 'BTN';
const LAYOUT_VERSION = 2;
const KIND_OFFSET = MAGIC_SIZE;
const ENTRY_COUNT_OFFSET = KIND_OFFSET + 1;
const OVERFLOW_OFFSET = ENTRY_COUNT_OFFSET + 2;
const ADDRESS_SIZE = 8;
const HEADER_SIZE = OVERFLOW_OFFSET + ADDRESS_SIZE;

const LEAF = 0;
const INTERNAL = 1;

/** Where each field lies, for the test that compares the table above with the code. */
export const NODE_LAYOUT = {
  magic: 0,
  kind: KIND_OFFSET,
  entryCount: ENTRY_COUNT_OFFSET,
  overflow: OVERFLOW_OFFSET,
  children: HEADER_SIZE,
} as const;

/** An encoded key and its encoded value. */
export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Where a key is, or where it would be inserted. */
export interface Found {
  readonly index: number;
  readonly found: boolean;
}

export class Node {
  #children: PackedList;
  #keys: PackedList;
  #values: PackedList;
  /** Addresses of the overflow pages that the node owns, first to last. */
  overflowPages: readonly number[] = [];

  private constructor(
    readonly address: number,
    readonly isLeaf: boolean,
    children: PackedList,
    keys: PackedList,
    values: PackedList,
  ) {
    this.#children = children;
    this.#keys = keys;
    this.#values = values;
  }

  /** An empty node. `keySize` is the size of every key, or `PREFIXED`. */
  static create(address: number, isLeaf: boolean, keySize: number): Node {
    const children = PackedList.empty(ADDRESS_SIZE);
    return new Node(
      address,
      isLeaf,
      children,
      PackedList.empty(keySize),
      PackedList.empty(PREFIXED),
    );
  }

  /** The node in these bytes. Throws `CORRUPTED`, also where its fields leave the stream. */
  static decode(address: number, stream: Uint8Array, keySize: number): Node {
    assertStoredMagic('node', address, stream, MAGIC, LAYOUT_VERSION);
    const isLeaf = decodeKind(stream[KIND_OFFSET]!);
    const count = readU16(stream, ENTRY_COUNT_OFFSET);
    if (count < 1 || count > CAPACITY) {
      throw corrupted('entries in a node', `1 to ${CAPACITY}`, count);
    }
    const childCount = isLeaf ? 0 : count + 1;
    const children = new PackedList(stream, HEADER_SIZE, childCount, ADDRESS_SIZE);
    const keys = new PackedList(stream, children.end, count, keySize);
    if (keys.end > stream.length)
      throw corrupted('size of keys', `at most ${stream.length}`, keys.end);
    const values = new PackedList(stream, keys.end, count, PREFIXED);
    return new Node(address, isLeaf, children, keys, values);
  }

  /** The address of the overflow page that continues this page of a node; 0 = none. */
  static overflowOf(page: Uint8Array): number {
    return readU64(page, OVERFLOW_OFFSET);
  }

  /** Puts the address of the first overflow page into an encoded node. */
  static linkOverflow(stream: Uint8Array, address: number): void {
    writeU64(stream, OVERFLOW_OFFSET, address);
  }

  /** The node's stream, with no overflow page linked yet. O(bytes). */
  encode(): Uint8Array {
    const lists = [this.#children.raw, this.#keys.raw, this.#values.raw];
    const stream = new Uint8Array(lists.reduce((sum, raw) => sum + raw.length, HEADER_SIZE));
    writeMagic(stream, MAGIC, LAYOUT_VERSION);
    stream[KIND_OFFSET] = this.isLeaf ? LEAF : INTERNAL;
    writeU16(stream, ENTRY_COUNT_OFFSET, this.entryCount);
    let offset = HEADER_SIZE;
    for (const raw of lists) {
      stream.set(raw, offset);
      offset += raw.length;
    }
    return stream;
  }

  get entryCount(): number {
    return this.#keys.count;
  }

  get isFull(): boolean {
    return this.entryCount >= CAPACITY;
  }

  /** Rich nodes can give an entry away and still have the minimum. */
  get isRich(): boolean {
    return this.entryCount >= DEGREE;
  }

  keyAt(index: number): Uint8Array {
    return this.#keys.at(index);
  }

  valueAt(index: number): Uint8Array {
    return this.#values.at(index);
  }

  entryAt(index: number): Entry {
    return { key: this.keyAt(index), value: this.valueAt(index) };
  }

  childAt(index: number): number {
    return readU64(this.#children.bytes, this.#children.startOf(index));
  }

  /** Binary search under the codec's order. O(log entries) comparisons. */
  search(key: Uint8Array, order: ByteOrder): Found {
    const keys = this.#keys;
    let low = 0;
    let high = keys.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const sign = order(keys.bytes, keys.startOf(middle), keys.endOf(middle), key, 0, key.length);
      if (sign === 0) return { index: middle, found: true };
      if (sign < 0) low = middle + 1;
      else high = middle;
    }
    return { index: low, found: false };
  }

  insertEntry(index: number, entry: Entry): void {
    this.#keys = this.#keys.splice(index, 0, [entry.key]);
    this.#values = this.#values.splice(index, 0, [entry.value]);
  }

  /** Takes the entry out and returns it. */
  removeEntry(index: number): Entry {
    const entry = this.entryAt(index);
    this.#keys = this.#keys.splice(index, 1, []);
    this.#values = this.#values.splice(index, 1, []);
    return entry;
  }

  /** Puts another entry in the place of one and returns the old one. */
  replaceEntry(index: number, entry: Entry): Entry {
    const old = this.entryAt(index);
    this.#keys = this.#keys.splice(index, 1, [entry.key]);
    this.#values = this.#values.splice(index, 1, [entry.value]);
    return old;
  }

  /** Overwrites a value and returns the old one. */
  replaceValue(index: number, value: Uint8Array): Uint8Array {
    const old = this.valueAt(index);
    this.#values = this.#values.splice(index, 1, [value]);
    return old;
  }

  insertChild(index: number, address: number): void {
    const child = new Uint8Array(ADDRESS_SIZE);
    writeU64(child, 0, address);
    this.#children = this.#children.splice(index, 0, [child]);
  }

  /** Takes the child out and returns its address. */
  removeChild(index: number): number {
    const address = this.childAt(index);
    this.#children = this.#children.splice(index, 1, []);
    return address;
  }

  /** Moves the upper half of a full node into `sibling`; returns the entry between the halves. */
  splitInto(sibling: Node): Entry {
    const median = this.entryAt(DEGREE - 1);
    sibling.#keys = this.#keys.slice(DEGREE, CAPACITY);
    sibling.#values = this.#values.slice(DEGREE, CAPACITY);
    this.#keys = this.#keys.slice(0, DEGREE - 1);
    this.#values = this.#values.slice(0, DEGREE - 1);
    if (!this.isLeaf) {
      sibling.#children = this.#children.slice(DEGREE, CAPACITY + 1);
      this.#children = this.#children.slice(0, DEGREE);
    }
    return median;
  }

  /** Makes this node the join of `lower`, `median` and `higher`, one of which it is itself. */
  join(lower: Node, median: Entry, higher: Node): void {
    const keys = lower.#keys.splice(lower.entryCount, 0, [median.key]).concat(higher.#keys);
    const values = lower.#values.splice(lower.entryCount, 0, [median.value]).concat(higher.#values);
    this.#children = lower.#children.concat(higher.#children);
    this.#keys = keys;
    this.#values = values;
  }
}

function decodeKind(kind: number): boolean {
  if (kind !== LEAF && kind !== INTERNAL) throw corrupted('kind of node', '0 or 1', kind);
  return kind === LEAF;
}
