/**
 * An ordered map that lives in a memory: a B-tree whose bytes are those of the Rust crate's
 * `BTreeMap`, so that either side opens what the other wrote. Nothing is loaded when it is opened,
 * and there is nothing to save before an upgrade: after each call the memory *is* the map.
 *
 *     const users = BTreeMap.init(memory.get(0), principal, record({ name: text, joined: u64 }));
 *     users.insert(msgCaller(), { name: 'Ada', joined: 1815n });
 *     users.get(msgCaller())?.name;
 *
 * Header, layout V2 (all numbers little-endian):
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "BTR"
 *          3     1  layout version = 2
 *          4     4  node page size in bytes
 *          8     4  0xFFFFFFFF: the page size is a direct value
 *         12     8  address of the root node; 0 = the map is empty
 *         20     8  number of entries
 *         28    24  reserved, never written
 *         52    48  allocator header, see `btree-map/chunk-allocator.ts`
 *        100        first chunk
 *
 * Nodes are described in `btree-map/node.ts`, their pages in `btree-map/overflow.ts`.
 *
 * Limits: one live map per memory. Root, length and free list are kept in RAM, so a second handle
 * on the same memory would not see the first one's changes.
 *
 * Promise: an operation that throws has changed nothing, also where the memory refuses to grow.
 * After a failed *write* outside a canister the map latches, see `btree-map/tree.ts`.
 *
 * Source: `specs/ic-stable-structures.md` section 3; crate module `btreemap`.
 */
import { ChunkAllocator, ALLOCATOR_HEADER_SIZE } from './btree-map/chunk-allocator.js';
import { checkTree } from './btree-map/check-invariants.js';
import { walk, type Edge, type KeyRange } from './btree-map/cursor.js';
import { insertEntry } from './btree-map/insert.js';
import { CAPACITY, type Entry } from './btree-map/node.js';
import { NodeStore } from './btree-map/node-store.js';
import { PREFIXED } from './btree-map/packed-list.js';
import { removeFirst, removeKey, removeLast } from './btree-map/remove.js';
import { StagedWrites } from './btree-map/staged-writes.js';
import { Tree, type Slot } from './btree-map/tree.js';
import { readU32, readU64, writeU32, writeU64 } from './bytes.js';
import { encodeChecked, type Bound, type Codec, type KeyCodec } from './codec.js';
import { corrupted, StorageError } from './errors.js';
import { assertMagic, MAGIC_SIZE, writeMagic } from './magic.js';
import { assertEmpty, readStored, WASM_PAGE_SIZE, type Memory } from './memory.js';

const MAGIC = 'BTR';
const LAYOUT_VERSION = 2;

const PAGE_SIZE_OFFSET = MAGIC_SIZE;
const PAGE_SIZE_KIND_OFFSET = PAGE_SIZE_OFFSET + 4;
const ROOT_OFFSET = PAGE_SIZE_KIND_OFFSET + 4;
const LENGTH_OFFSET = ROOT_OFFSET + 8;
const RESERVED_OFFSET = LENGTH_OFFSET + 8;
const RESERVED_SIZE = 24;
const ALLOCATOR_OFFSET = RESERVED_OFFSET + RESERVED_SIZE;

/** Where each field lies, for the test that compares the table above with the code. */
export const BTREE_MAP_LAYOUT = {
  magic: 0,
  pageSize: PAGE_SIZE_OFFSET,
  pageSizeKind: PAGE_SIZE_KIND_OFFSET,
  root: ROOT_OFFSET,
  length: LENGTH_OFFSET,
  reserved: RESERVED_OFFSET,
  allocator: ALLOCATOR_OFFSET,
  firstChunk: ALLOCATOR_OFFSET + ALLOCATOR_HEADER_SIZE,
} as const;

/** The field at 8 says so where the page size is not derived from maximal key and value sizes. */
const DIRECT_PAGE_SIZE = 0xffff_ffff;
const UNBOUNDED_PAGE_SIZE = 1024;
const PAGE_SIZE_MIN = 128;

/** Which keys to visit, and in which direction. A bound that is absent leaves its side open. */
export interface Range<K> {
  /** From this key on, inclusive. */
  readonly gte?: K | undefined;
  /** From behind this key on. */
  readonly gt?: K | undefined;
  /** Up to this key, inclusive. */
  readonly lte?: K | undefined;
  /** Up to before this key. */
  readonly lt?: K | undefined;
  /** Largest key first. */
  readonly reverse?: boolean | undefined;
}

/**
 * An ordered map from `K` to `V` in a memory.
 *
 * @example
 * const scores = BTreeMap.init(new VectorMemory(), text, u32);
 * scores.insert('ada', 36);
 * for (const [name, score] of scores.entries({ gte: 'a', lt: 'b' })) console.log(name, score);
 */
export class BTreeMap<K, V> implements Iterable<[K, V]> {
  readonly #tree: Tree;
  readonly #keyCodec: KeyCodec<K>;
  readonly #valueCodec: Codec<V>;

  private constructor(tree: Tree, keyCodec: KeyCodec<K>, valueCodec: Codec<V>) {
    this.#tree = tree;
    this.#keyCodec = keyCodec;
    this.#valueCodec = valueCodec;
  }

  /**
   * Opens the map in `memory`, or creates one where the memory is empty (0 pages). O(1).
   *
   * The codecs must be the ones that the map was made with: the layout records no types.
   *
   * Throws `BAD_MAGIC` for a memory that holds anything else, and leaves it as it is (the crate
   * would overwrite it); `UNSUPPORTED_VERSION`, `CORRUPTED`; `GROW_FAILED` without room.
   */
  static init<K, V>(memory: Memory, keys: KeyCodec<K>, values: Codec<V>): BTreeMap<K, V> {
    return memory.size() === 0
      ? BTreeMap.create(memory, keys, values)
      : BTreeMap.load(memory, keys, values);
  }

  /** Creates a map in an empty memory. Throws `NOT_EMPTY` for any other; `GROW_FAILED`. O(1). */
  static create<K, V>(memory: Memory, keys: KeyCodec<K>, values: Codec<V>): BTreeMap<K, V> {
    assertEmpty(memory);
    const pageSize = nodePageSize(keys.bound, values.bound);
    const header = new Uint8Array(RESERVED_OFFSET);
    writeMagic(header, MAGIC, LAYOUT_VERSION);
    writeU32(header, PAGE_SIZE_OFFSET, pageSize);
    writeU32(header, PAGE_SIZE_KIND_OFFSET, DIRECT_PAGE_SIZE);
    const staged = new StagedWrites();
    const allocator = ChunkAllocator.create(memory, staged, ALLOCATOR_OFFSET, pageSize);
    allocator.stageHeader();
    staged.add(0, header);
    staged.reserve(memory);
    staged.flush(memory);
    return BTreeMap.load(memory, keys, values);
  }

  /** Opens an existing map. Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION` or `CORRUPTED`. O(1). */
  static load<K, V>(memory: Memory, keys: KeyCodec<K>, values: Codec<V>): BTreeMap<K, V> {
    const header = new Uint8Array(RESERVED_OFFSET);
    readStored(memory, 0, header);
    assertMagic(header, MAGIC, LAYOUT_VERSION);
    if (readU32(header, PAGE_SIZE_KIND_OFFSET) !== DIRECT_PAGE_SIZE) {
      throw new StorageError(
        'UNSUPPORTED_VERSION',
        'the map was made with layout version 1, which this release does not read.',
      );
    }
    const staged = new StagedWrites();
    const allocator = ChunkAllocator.load(memory, staged, ALLOCATOR_OFFSET);
    const pageSize = readU32(header, PAGE_SIZE_OFFSET);
    if (pageSize < PAGE_SIZE_MIN)
      throw corrupted('node page size', `at least ${PAGE_SIZE_MIN}`, pageSize);
    if (allocator.payloadSize !== pageSize) {
      throw corrupted('payload size of chunks', pageSize, allocator.payloadSize);
    }
    const keySize =
      keys.bound !== 'unbounded' && keys.bound.fixedSize ? keys.bound.maxSize : PREFIXED;
    const store = new NodeStore(memory, staged, allocator, keySize);
    const root = readU64(header, ROOT_OFFSET);
    const length = readU64(header, LENGTH_OFFSET);
    assertPlausible(memory, allocator, root, length);
    const tree = new Tree(store, keys.order, root, length, (newRoot, newLength) =>
      staged.add(ROOT_OFFSET, encodeRootAndLength(newRoot, newLength)),
    );
    return new BTreeMap(tree, keys, values);
  }

  /** Number of entries. O(1). */
  get length(): number {
    return this.#tree.length;
  }

  /** Whether there is no entry. O(1). */
  get isEmpty(): boolean {
    return this.#tree.length === 0;
  }

  /**
   * Inserts an entry or overwrites its value. Returns the old value, or `undefined` if the key is
   * new. O(log n).
   *
   * Throws `VALUE_TOO_LARGE` for a key or value above its bound, `INVALID_VALUE` for one that the
   * codec cannot encode, `GROW_FAILED` without room; the map is then as it was.
   */
  insert(key: K, value: V): V | undefined {
    const entry = this.#encode(key, value);
    const old = this.#tree.change(() => insertEntry(this.#tree, entry));
    return old === undefined ? undefined : this.#valueCodec.decode(old);
  }

  /**
   * Inserts or overwrites many entries, all or none, and returns how many keys were new. The map
   * ends up with the bytes of inserting them one by one, but each node is read and written once,
   * so that sorted batches cost least. O(m log n).
   *
   * Throws as {@link BTreeMap.insert} does; the map is then as it was.
   */
  insertMany(entries: Iterable<readonly [K, V]>): number {
    const encoded = Array.from(entries, ([key, value]) => this.#encode(key, value));
    const oldLength = this.#tree.length;
    this.#tree.change(() => {
      for (const entry of encoded) insertEntry(this.#tree, entry);
    });
    return this.#tree.length - oldLength;
  }

  /** The value of a key, or `undefined`. O(log n). */
  get(key: K): V | undefined {
    const slot = this.#tree.find(this.#keyCodec.encode(key));
    return slot === undefined ? undefined : this.#valueCodec.decode(slot.node.valueAt(slot.index));
  }

  /** Whether there is an entry with this key. Reads no value. O(log n). */
  containsKey(key: K): boolean {
    return this.#tree.find(this.#keyCodec.encode(key)) !== undefined;
  }

  /** Removes an entry and returns its value, or `undefined` if there is none. O(log n). */
  remove(key: K): V | undefined {
    const encoded = this.#keyCodec.encode(key);
    const old = this.#tree.change(() => removeKey(this.#tree, encoded));
    return old === undefined ? undefined : this.#valueCodec.decode(old);
  }

  /** The entry with the smallest key, or `undefined`. O(log n). */
  first(): [K, V] | undefined {
    return this.#one(false);
  }

  /** The entry with the largest key, or `undefined`. O(log n). */
  last(): [K, V] | undefined {
    return this.#one(true);
  }

  /** Removes the entry with the smallest key and returns it, or `undefined`. O(log n). */
  popFirst(): [K, V] | undefined {
    return this.#decode(this.#tree.change(() => removeFirst(this.#tree)));
  }

  /** Removes the entry with the largest key and returns it, or `undefined`. O(log n). */
  popLast(): [K, V] | undefined {
    return this.#decode(this.#tree.change(() => removeLast(this.#tree)));
  }

  /** Removes every entry. The memory keeps its size. O(1). */
  clear(): void {
    this.#tree.change(() => {
      this.#tree.root = 0;
      this.#tree.length = 0;
      this.#tree.store.allocator.clear();
    });
  }

  /**
   * The entries of a range, lazily, by ascending key (descending with `reverse`). A range whose
   * lower end lies above its upper one is empty. O(log n) to start, amortised O(1) an entry.
   *
   * The iterator throws `CHANGED_WHILE_ITERATING` if the map is changed under it.
   */
  *entries(range: Range<K> = {}): Generator<[K, V], void> {
    for (const { node, index } of this.#walk(range)) yield this.#decode(node.entryAt(index))!;
  }

  /** The keys of a range. Decodes no value. See {@link BTreeMap.entries}. */
  *keys(range: Range<K> = {}): Generator<K, void> {
    for (const { node, index } of this.#walk(range)) yield this.#keyCodec.decode(node.keyAt(index));
  }

  /** The values of a range, in the order of their keys. See {@link BTreeMap.entries}. */
  *values(range: Range<K> = {}): Generator<V, void> {
    for (const { node, index } of this.#walk(range)) {
      yield this.#valueCodec.decode(node.valueAt(index));
    }
  }

  /** All entries by ascending key. */
  [Symbol.iterator](): Generator<[K, V], void> {
    return this.entries();
  }

  /** The first rule of the layout that does not hold, in words, or `undefined`. O(n); for tests. */
  checkInvariants(): string | undefined {
    return checkTree(this.#tree);
  }

  /** Both are checked before anything changes. */
  #encode(key: K, value: V): Entry {
    return {
      key: encodeChecked(this.#keyCodec, key),
      value: encodeChecked(this.#valueCodec, value),
    };
  }

  #walk(range: Range<K>): Generator<Slot, void> {
    const keyRange: KeyRange = {
      lower: this.#edge(range.gte, range.gt),
      upper: this.#edge(range.lte, range.lt),
    };
    return walk(this.#tree, keyRange, range.reverse ?? false);
  }

  #edge(inclusive: K | undefined, exclusive: K | undefined): Edge | undefined {
    if (inclusive !== undefined) {
      return { key: this.#keyCodec.encode(inclusive), isInclusive: true };
    }
    if (exclusive === undefined) return undefined;
    return { key: this.#keyCodec.encode(exclusive), isInclusive: false };
  }

  #one(isReverse: boolean): [K, V] | undefined {
    const { value } = walk(this.#tree, { lower: undefined, upper: undefined }, isReverse).next();
    return value === undefined ? undefined : this.#decode(value.node.entryAt(value.index));
  }

  #decode(entry: Entry | undefined): [K, V] | undefined {
    if (entry === undefined) return undefined;
    return [this.#keyCodec.decode(entry.key), this.#valueCodec.decode(entry.value)];
  }
}

/**
 * The page size of a new map: three quarters of the largest node where keys and values are
 * bounded, so that most nodes take one page. Source: section 3.3 of the specification.
 */
export function nodePageSize(key: Bound, value: Bound): number {
  if (key === 'unbounded' || value === 'unbounded') return UNBOUNDED_PAGE_SIZE;
  const nodeHeaderSize = 7;
  const lengthsSize = 4 + 4;
  const childrenSize = 8 * (CAPACITY + 1);
  const entriesSize = CAPACITY * (lengthsSize + key.maxSize + value.maxSize);
  const pageSize = Math.floor(((nodeHeaderSize + entriesSize + childrenSize) * 3) / 4);
  if (pageSize <= 0xffff_ffff) return pageSize;
  throw new RangeError(
    'bounds: keys and values of this size do not fit a node; use unbounded ones',
  );
}

/**
 * What can be checked without a walk. The chunks must fit the memory, which also bounds the page
 * size before a buffer of it is made; the entries must fit the chunks.
 */
function assertPlausible(
  memory: Memory,
  allocator: ChunkAllocator,
  root: number,
  length: number,
): void {
  const { allocatedCount } = allocator.state;
  const end = allocator.firstChunk + allocatedCount * allocator.chunkSize;
  const sizeInBytes = memory.size() * WASM_PAGE_SIZE;
  if (end > sizeInBytes) throw corrupted('end of the chunks', `at most ${sizeInBytes}`, end);
  const lengthMax = root === 0 ? 0 : allocatedCount * CAPACITY;
  if (length > lengthMax) throw corrupted('number of entries', `at most ${lengthMax}`, length);
  if (root !== 0 && length === 0) throw corrupted('root of an empty map', 0, root);
}

function encodeRootAndLength(root: number, length: number): Uint8Array {
  const bytes = new Uint8Array(RESERVED_OFFSET - ROOT_OFFSET);
  writeU64(bytes, 0, root);
  writeU64(bytes, LENGTH_OFFSET - ROOT_OFFSET, length);
  return bytes;
}
