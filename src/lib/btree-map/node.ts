/**
 * The editing side of a node. The first edit copies the stream into the node's own buffer; from
 * then on an edit is a splice of that buffer, and no object is made for it.
 *
 * A node that was saved twice in one operation, and is shorter the second time, leaves the tail of
 * the first save in memory: the crate writes at once. So before an edit makes a saved node
 * shorter, what was saved is set aside for the node store.
 *
 * PRECONDITION: between two saves a node does not become first longer and then shorter.
 *
 * Source: `specs/ic-stable-structures.md` sections 3.6 and 3.9.
 */
import { writeU16, writeU32, writeU64 } from '../bytes.js';
import { writeMagic } from '../magic.js';
import { PREFIX_SIZE } from './element-starts.js';
import {
  ADDRESS_SIZE,
  DEGREE,
  ENTRY_COUNT_OFFSET,
  INTERNAL,
  KIND_OFFSET,
  LEAF,
  NODE_HEADER_SIZE,
  NODE_MAGIC,
  NODE_VERSION,
  OVERFLOW_OFFSET,
  PREFIXED,
} from './node-layout.js';
import { NO_BYTES, NodeView, type Entry } from './node-view.js';

/** A node that is not in use keeps no larger buffer than this, in bytes. */
const BUFFER_SIZE_KEPT = 65_536;

export class Node extends NodeView {
  /** The page as it lies in memory, for a node of layout V1; `undefined` for V2. */
  imageV1: Uint8Array | undefined;
  /** Whether the current operation has saved it, so that the memory does not show it yet. */
  isDirty = false;
  /** The first page of an earlier save, where the node has become shorter; until the next one. */
  earlierSave: Uint8Array | undefined;
  #savedSize = 0;
  #earlierBuffer = NO_BYTES;

  /** Becomes an empty node in a buffer of its own. */
  begin(address: number, isLeaf: boolean): void {
    this.reset(address, this.ownBuffer(NODE_HEADER_SIZE), 0, NODE_HEADER_SIZE);
    this.isLeaf = isLeaf;
    writeMagic(this.bytes, NODE_MAGIC, NODE_VERSION);
    this.bytes[KIND_OFFSET] = isLeaf ? LEAF : INTERNAL;
    this.#setEntryCount(0);
    this.linkOverflow(0);
    this.knownSize = NODE_HEADER_SIZE;
    this.placeLists(NODE_HEADER_SIZE, NODE_HEADER_SIZE);
  }

  /** Puts the address of the first overflow page into the stream; 0 = none. */
  linkOverflow(address: number): void {
    writeU64(this.bytes, OVERFLOW_OFFSET, address);
  }

  /** The operation has saved the node as it is now. */
  markSaved(pageSize: number): void {
    this.#savedSize = Math.min(this.size, pageSize);
    this.earlierSave = undefined;
  }

  /** What the last save wrote of the first page: a view, or the copy made before an edit. */
  get savedPage(): Uint8Array {
    return this.earlierSave ?? this.bytes.subarray(this.base, this.base + this.#savedSize);
  }

  /** Lets go of arrays that others may have replaced by now. */
  release(): void {
    this.bytes = this.buffer;
    this.isDirty = false;
    if (this.buffer.length > BUFFER_SIZE_KEPT) this.buffer = NO_BYTES;
  }

  insertEntry(index: number, { key, value }: Entry): void {
    const valueStart = this.rawValueStart(index);
    const keyStart = this.rawKeyStart(index);
    this.#splice(valueStart, 0, PREFIX_SIZE + value.length);
    this.#putPrefixed(valueStart, value);
    this.#spliceKeys(keyStart, 0, this.#keyPrefixSize + key.length);
    this.#putKey(keyStart, key);
    this.#setEntryCount(this.entryCount + 1);
  }

  removeEntry(index: number): void {
    this.#keepEarlierSave();
    const keyStart = this.rawKeyStart(index);
    const keySize = this.rawKeyStart(index + 1) - keyStart;
    const valueStart = this.rawValueStart(index);
    const valueSize = this.rawValueStart(index + 1) - valueStart;
    this.#splice(valueStart, valueSize, 0);
    this.#spliceKeys(keyStart, keySize, 0);
    this.#setEntryCount(this.entryCount - 1);
  }

  replaceEntry(index: number, { key, value }: Entry): void {
    this.#keepEarlierSave();
    this.replaceValue(index, value);
    const start = this.rawKeyStart(index);
    const oldSize = this.rawKeyStart(index + 1) - start;
    this.#spliceKeys(start, oldSize, this.#keyPrefixSize + key.length);
    this.#putKey(start, key);
  }

  replaceValue(index: number, value: Uint8Array): void {
    const start = this.rawValueStart(index);
    const oldSize = this.rawValueStart(index + 1) - start;
    const newSize = PREFIX_SIZE + value.length;
    if (newSize < oldSize) this.#keepEarlierSave();
    this.#splice(start, oldSize, newSize);
    this.placeLists(this.keysAt, this.valuesAt);
    this.#putPrefixed(start, value);
  }

  insertChild(index: number, address: number): void {
    const start = NODE_HEADER_SIZE + index * ADDRESS_SIZE;
    this.#splice(start, 0, ADDRESS_SIZE);
    writeU64(this.bytes, start, address);
    this.#moveLists(ADDRESS_SIZE);
  }

  removeChild(index: number): void {
    this.#keepEarlierSave();
    this.#splice(NODE_HEADER_SIZE + index * ADDRESS_SIZE, ADDRESS_SIZE, 0);
    this.#moveLists(-ADDRESS_SIZE);
  }

  /** Moves the upper half of a full node into `sibling`; returns the entry between the halves. */
  splitInto(sibling: Node): Entry {
    const median = this.entryAt(DEGREE - 1);
    sibling.#append(this, DEGREE);
    this.#keepEarlierSave();
    const valuesEnd = this.rawValueStart(DEGREE - 1);
    this.#splice(valuesEnd, this.size - valuesEnd, 0);
    const keysEnd = this.rawKeyStart(DEGREE - 1);
    this.#spliceKeys(keysEnd, this.valuesAt - keysEnd, 0);
    if (!this.isLeaf) {
      const childrenEnd = NODE_HEADER_SIZE + DEGREE * ADDRESS_SIZE;
      const surplus = this.keysAt - childrenEnd;
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
    this.#copyFrom(lower, 0, NODE_HEADER_SIZE, this.keysAt, this.valuesAt);
  }

  #append(source: Node, from: number): void {
    this.#copyFrom(source, from, this.keysAt, this.valuesAt, this.size);
  }

  /** Takes over the source's lists from index `from` on. The last comes first: it moves nobody. */
  #copyFrom(source: Node, from: number, childAt: number, keyAt: number, valueAt: number): void {
    const valuesStart = source.rawValueStart(from);
    const valuesSize = source.size - valuesStart;
    this.#splice(valueAt, 0, valuesSize);
    this.#put(valueAt, source, valuesStart, valuesSize);
    const keysStart = source.rawKeyStart(from);
    const keysSize = source.valuesAt - keysStart;
    this.#spliceKeys(keyAt, 0, keysSize);
    this.#put(keyAt, source, keysStart, keysSize);
    if (!source.isLeaf) {
      const childrenStart = NODE_HEADER_SIZE + from * ADDRESS_SIZE;
      const childrenSize = source.keysAt - childrenStart;
      this.#splice(childAt, 0, childrenSize);
      this.#put(childAt, source, childrenStart, childrenSize);
      this.#moveLists(childrenSize);
    }
    this.#setEntryCount(this.entryCount + source.entryCount - from);
  }

  protected override reset(address: number, bytes: Uint8Array, base: number, limit: number): void {
    super.reset(address, bytes, base, limit);
    this.imageV1 = undefined;
    this.isDirty = false;
    this.earlierSave = undefined;
    this.#savedSize = 0;
  }

  get #keyPrefixSize(): number {
    return this.keySize === PREFIXED ? PREFIX_SIZE : 0;
  }

  #setEntryCount(count: number): void {
    this.entryCount = count;
    writeU16(this.bytes, ENTRY_COUNT_OFFSET, count);
  }

  /** Makes room for `inserted` bytes in place of `removed` ones. Every edit is made of these. */
  #splice(position: number, removed: number, inserted: number): void {
    const { size } = this;
    const newSize = size - removed + inserted;
    this.#own(size, newSize);
    const tail = position + removed;
    if (removed !== inserted && tail < size) {
      this.bytes.copyWithin(position + inserted, tail, size);
    }
    this.knownSize = newSize;
    this.limit = newSize;
  }

  /** A splice within the keys: the values move with it. */
  #spliceKeys(position: number, removed: number, inserted: number): void {
    this.#splice(position, removed, inserted);
    this.placeLists(this.keysAt, this.valuesAt + inserted - removed);
  }

  /** The children have become longer by `distance` bytes: keys and values lie further on. */
  #moveLists(distance: number): void {
    this.placeLists(this.keysAt + distance, this.valuesAt + distance);
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

  /** From here on the stream lies in the node's own buffer, with room for `newSize` bytes. */
  #own(size: number, newSize: number): void {
    const isOwn = this.bytes === this.buffer;
    if (isOwn && newSize <= this.buffer.length) return;
    const { stream } = this;
    this.bytes = this.ownBuffer(Math.max(size, newSize));
    this.bytes.set(stream);
    this.base = 0;
  }

  /** What an earlier save wrote behind the node's new end stays in memory: see the node store. */
  #keepEarlierSave(): void {
    const size = this.#savedSize;
    if (size === 0) return;
    if (this.#earlierBuffer.length < size) this.#earlierBuffer = new Uint8Array(size);
    this.#earlierBuffer.set(this.savedPage);
    this.earlierSave = this.#earlierBuffer.subarray(0, size);
    this.#savedSize = 0;
  }
}
