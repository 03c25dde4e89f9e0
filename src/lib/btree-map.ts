/**
 * An ordered map that lives in a memory: a B-tree whose bytes are those of the Rust crate's
 * `BTreeMap`, so that either side opens what the other wrote. Nothing is loaded when it is opened,
 * and there is nothing to save before an upgrade: after each call the memory *is* the map.
 *
 *     const users = BTreeMap.init(memory.get(0), principal, record({ name: text, joined: u64 }));
 *     users.insert(msgCaller(), { name: 'Ada', joined: 1815n });
 *     users.get(msgCaller())?.name;
 *
 * The parts, from the outside in:
 *
 *     btree-map.ts                  what changes the map
 *     btree-map/map-queries.ts      what reads it
 *     btree-map/insert.ts, ...      the algorithms, on a tree of nodes
 *     btree-map/node.ts, ...        nodes, and how they lie in pages and chunks
 *     btree-map/header.ts           the map's header
 *
 * Layouts V1 and V2 are read, V2 is written; a map that was made as V1 keeps its header, and new
 * nodes in it are V2, as the crate does it.
 *
 * Promise: an operation that throws has changed nothing, also where the memory refuses to grow.
 * After a failed *write* outside a canister the map latches, see `btree-map/tree.ts`.
 *
 * Source: `specs/ic-stable-structures.md` section 3; crate module `btreemap`.
 */
import { appendSorted } from './btree-map/append.js';
import { EntryTable } from './btree-map/entry-table.js';
import { newHeader, newHeaderV1 } from './btree-map/header.js';
import { insertEntry } from './btree-map/insert.js';
import { insertAll } from './btree-map/insert-many.js';
import { FALL_BACK } from './btree-map/kernel-tree.js';
import { MapQueries } from './btree-map/map-queries.js';
import type { NodeCacheMetrics } from './btree-map/node-cache.js';
import type { Entry } from './btree-map/node-view.js';
import { openTree, writeEmptyMap } from './btree-map/open-tree.js';
import { removeFirst, removeKey, removeKeys, removeLast } from './btree-map/remove.js';
import { encodeChecked, type Codec, type KeyCodec } from './codec.js';
import { assertSize } from './guards.js';
import { Lease } from './lease.js';
import type { Memory } from './memory.js';

/** More would be no cache any more but the map itself. */
const NODE_CACHE_SLOTS_MAX = 65_536;

export type { LazyEntry } from './btree-map/lazy-entry.js';
export type { Range } from './btree-map/map-queries.js';
export type { NodeCacheMetrics } from './btree-map/node-cache.js';
export type { MapIterator } from './btree-map/map-iterator.js';
export type { Page, ScanRequest } from './btree-map/scan.js';

/**
 * An ordered map from `K` to `V` in a memory.
 *
 * @example
 * const scores = BTreeMap.init(new VectorMemory(), text, u32);
 * scores.insert('ada', 36);
 * for (const [name, score] of scores.entries({ gte: 'a', lt: 'b' })) console.log(name, score);
 */
export class BTreeMap<K, V> extends MapQueries<K, V> {
  /**
   * Opens the map in `memory`, or creates one where the memory is empty (0 pages). O(1).
   *
   * The codecs must be the ones that the map was made with: the layout records no types.
   *
   * Throws `BAD_MAGIC` for a memory that holds anything else, and leaves it as it is (the crate
   * would overwrite it); `UNSUPPORTED_VERSION`, `CORRUPTED`; `MEMORY_IN_USE` for a memory that an
   * open structure holds; `GROW_FAILED` without room.
   */
  static init<K, V>(memory: Memory, keys: KeyCodec<K>, values: Codec<V>): BTreeMap<K, V> {
    return memory.size() === 0
      ? BTreeMap.create(memory, keys, values)
      : BTreeMap.load(memory, keys, values);
  }

  /** Creates a map in an empty memory. Throws `NOT_EMPTY` for any other; `GROW_FAILED`. O(1). */
  static create<K, V>(memory: Memory, keys: KeyCodec<K>, values: Codec<V>): BTreeMap<K, V> {
    writeEmptyMap(memory, newHeader(keys.bound, values.bound));
    return BTreeMap.load(memory, keys, values);
  }

  /**
   * Creates a map in layout V1, for programs with a release of the crate before 0.6.4: they cannot
   * read V2. It stays all V1 for as long as this object is in use; once opened again, new nodes
   * are V2, as the crate does it. Throws `INCOMPATIBLE_TYPE` for unbounded types, and as `create`.
   */
  static createV1<K, V>(memory: Memory, keys: KeyCodec<K>, values: Codec<V>): BTreeMap<K, V> {
    writeEmptyMap(memory, newHeaderV1(keys.bound, values.bound));
    return BTreeMap.#open(memory, keys, values, true);
  }

  /**
   * Opens an existing map. Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED` or
   * `MEMORY_IN_USE`, and `INCOMPATIBLE_TYPE` where its keys cannot be of this type. O(1).
   */
  static load<K, V>(memory: Memory, keys: KeyCodec<K>, values: Codec<V>): BTreeMap<K, V> {
    return BTreeMap.#open(memory, keys, values, false);
  }

  /**
   * Inserts an entry or overwrites its value. Returns the old value, or `undefined` if the key is
   * new. O(log n).
   *
   * Throws `VALUE_TOO_LARGE` for a key or value above its bound, `INVALID_VALUE` for one that the
   * codec cannot encode, `GROW_FAILED` without room; the map is then as it was.
   */
  insert(key: K, value: V): V | undefined {
    const found = this.kernelTree === undefined ? FALL_BACK : this.kernelTree.insert(key, value);
    if (found !== FALL_BACK) return found;
    const entry = this.#encode(key, value);
    const old = this.tree.change(() => insertEntry(this.tree, entry.key, () => entry.value));
    return old === undefined ? undefined : this.valueCodec.decode(old);
  }

  /**
   * Inserts or overwrites many entries, all or none, and returns how many keys were new. The map
   * ends up with the bytes of inserting them one by one, but each node is read and written once,
   * so that sorted batches cost least; in a canister the kernel inserts them. O(m log n).
   *
   * Throws as {@link BTreeMap.insert} does; the map then has the entries that it had. (In a
   * canister whose memory is full it may throw an `Error` in place of `GROW_FAILED`: let that
   * trap.)
   */
  insertMany(entries: Iterable<readonly [K, V]>): number {
    const kernel = this.kernelTree?.kernel;
    const table = EntryTable.of(this.keyCodec, this.valueCodec, entries, kernel);
    if (this.kernelTree !== undefined) {
      const newCount = this.kernelTree.insertMany(table);
      if (newCount !== FALL_BACK) return newCount;
    }
    const oldLength = this.length;
    insertAll(this.tree, this.kernelTree, table.entries());
    return this.length - oldLength;
  }

  /**
   * Puts entries behind all others, all or none: they come in ascending order, and the first of
   * them behind the last one that is there. It fills every node, so that the map takes about half
   * the memory of one that grew by insertion, and costs O(m), not O(m log n).
   *
   * Throws `INVALID_VALUE` for a key out of order, and as {@link BTreeMap.insert} does; the map is
   * then as it was.
   *
   * @example
   * const map = BTreeMap.create(memory.get(0), u32, text);
   * map.loadSorted([[1, 'one'], [2, 'two'], [3, 'three']]);
   */
  loadSorted(entries: Iterable<readonly [K, V]>): void {
    this.tree.change(() => {
      appendSorted(this.tree, this.#encodeAll(entries));
    });
  }

  /**
   * Gives a key a value that depends on the one it has, in one descent, and returns it. The bytes
   * are those of inserting it. Where `next` throws, the map is as it was. `next` must not use the
   * map: that throws `CHANGED_WHILE_ITERATING`. O(log n). Otherwise as {@link BTreeMap.insert}.
   *
   * @example
   * visits.update('ada', (count = 0) => count + 1);
   */
  update(key: K, next: (old: V | undefined) => V): V {
    const old = this.kernelTree === undefined ? FALL_BACK : this.kernelTree.get(key);
    if (old === FALL_BACK) return this.#updateInOneDescent(key, next);
    // A key that is there is of a right size; another one is refused before `next` is called.
    if (old === undefined) encodeChecked(this.keyCodec, key);
    const value = this.#whileInUse(() => next(old));
    if (this.kernelTree!.insert(key, value, false) === FALL_BACK) this.insert(key, value);
    return value;
  }

  #updateInOneDescent(key: K, next: (old: V | undefined) => V): V {
    const encodedKey = encodeChecked(this.keyCodec, key);
    let value!: V;
    const encodeNext = (old: Uint8Array | undefined): Uint8Array => {
      value = next(old === undefined ? undefined : this.valueCodec.decode(old));
      return encodeChecked(this.valueCodec, value);
    };
    this.tree.change(() => insertEntry(this.tree, encodedKey, encodeNext));
    return value;
  }

  /** Runs a function of the user's for the kernel's engine; it must not use the map either. */
  #whileInUse<T>(run: () => T): T {
    const { kernelTree } = this;
    this.kernelTree = undefined;
    try {
      return this.tree.store.whileInUse(run);
    } finally {
      this.kernelTree = kernelTree;
    }
  }

  /** The value of a key; where it has none, the one that `make` returns, which it then has. */
  getOrInsert(key: K, make: () => V): V {
    if (this.kernelTree !== undefined) {
      if (this.containsKey(key)) return this.get(key) as V;
    } else {
      const slot = this.tree.find(this.keyCodec.encode(key));
      if (slot !== undefined) return slot.node.decodeValue(this.valueCodec, slot.index);
    }
    const value = make();
    this.insert(key, value);
    return value;
  }

  /** Removes an entry and returns its value, or `undefined` if there is none. O(log n). */
  remove(key: K): V | undefined {
    const found = this.kernelTree === undefined ? FALL_BACK : this.kernelTree.remove(key);
    if (found !== FALL_BACK) return found;
    const encoded = this.keyCodec.encode(key);
    const old = this.tree.change(() => removeKey(this.tree, encoded));
    return old === undefined ? undefined : this.valueCodec.decode(old);
  }

  /**
   * Removes many entries, all or none, and returns how many there were. In a canister the kernel
   * removes them, unless they are too much for one plan of its own. O(m log n).
   */
  removeMany(keys: Iterable<K>): number {
    const encoded = Array.from(keys, (key) => this.keyCodec.encode(key));
    const removedCount = this.kernelTree?.removeMany(encoded) ?? FALL_BACK;
    return removedCount === FALL_BACK ? removeKeys(this.tree, encoded) : removedCount;
  }

  /** Removes the entry with the smallest key and returns it, or `undefined`. O(log n). */
  popFirst(): [K, V] | undefined {
    const found = this.kernelTree === undefined ? FALL_BACK : this.kernelTree.popFirst();
    if (found !== FALL_BACK) return found;
    return this.#decode(this.tree.change(() => removeFirst(this.tree)));
  }

  /** Removes the entry with the largest key and returns it, or `undefined`. O(log n). */
  popLast(): [K, V] | undefined {
    const found = this.kernelTree === undefined ? FALL_BACK : this.kernelTree.popLast();
    if (found !== FALL_BACK) return found;
    return this.#decode(this.tree.change(() => removeLast(this.tree)));
  }

  /**
   * Removes the entries that `keep` says no to, all or none, and returns how many. `keep` sees
   * each entry once, by ascending key. O(n + removed * log n).
   */
  retain(keep: (key: K, value: V) => boolean): number {
    const unwanted: K[] = [];
    for (const [key, value] of this) {
      if (!keep(key, value)) unwanted.push(key);
    }
    return this.removeMany(unwanted);
  }

  /** Removes every entry. The memory keeps its size. O(1). */
  clear(): void {
    this.tree.change(() => {
      this.tree.root = 0;
      this.tree.length = 0;
      this.tree.store.clear();
    });
  }

  /**
   * Slots of the node cache, see `btree-map/node-cache.ts`; 16 unless told. It is the TypeScript
   * engine's: in a canister the kernel serves single keys, and reads a node faster than it could
   * look it up. O(1).
   */
  get nodeCacheSlots(): number {
    return this.tree.store.cache.slotCount;
  }

  /** About how much RAM the node cache takes when it is full. O(1). */
  get nodeCacheSizeInBytes(): number {
    return this.nodeCacheSlots * this.tree.store.pageSize;
  }

  /** How often the node cache had what was asked for, since it was made or counted anew. O(1). */
  get nodeCacheMetrics(): NodeCacheMetrics {
    return this.tree.store.cache.metrics;
  }

  /**
   * Gives the node cache another number of slots, 0 to switch it off. It is empty afterwards. The
   * bytes of the map do not depend on it. Throws `RangeError` for what is no size.
   */
  resizeNodeCache(slots: number): void {
    this.tree.store.cache.resize(assertSize('slots', slots, NODE_CACHE_SLOTS_MAX));
  }

  /** Forgets all cached nodes. */
  clearNodeCache(): void {
    this.tree.store.cache.clear();
  }

  /** Counts hits and misses from zero again. */
  resetNodeCacheMetrics(): void {
    this.tree.store.cache.resetMetrics();
  }

  /** Gives the memory back, to be opened again. This object then refuses every call. O(1). */
  intoMemory(): Memory {
    this.tree.lease.end();
    this.kernelTree?.close();
    return this.tree.store.memory;
  }

  static #open<K, V>(
    memory: Memory,
    keys: KeyCodec<K>,
    values: Codec<V>,
    isPureV1: boolean,
  ): BTreeMap<K, V> {
    return Lease.open('BTreeMap', [memory], (lease) => {
      return new BTreeMap(openTree(memory, lease, keys, isPureV1), keys, values);
    });
  }

  /** Both are checked before anything changes. */
  #encode(key: K, value: V): Entry {
    return { key: encodeChecked(this.keyCodec, key), value: encodeChecked(this.valueCodec, value) };
  }

  *#encodeAll(entries: Iterable<readonly [K, V]>): Generator<Entry, void> {
    for (const [key, value] of entries) yield this.#encode(key, value);
  }

  #decode(entry: Entry | undefined): [K, V] | undefined {
    if (entry === undefined) return undefined;
    return [this.keyCodec.decode(entry.key), this.valueCodec.decode(entry.value)];
  }
}
