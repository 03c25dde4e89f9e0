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
 *     btree-map.ts                  how it is opened and closed
 *     btree-map/map-changes.ts      what changes it
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
import { newHeader, newHeaderV1 } from './btree-map/header.js';
import { MapChanges } from './btree-map/map-changes.js';
import type { NodeCacheMetrics } from './btree-map/node-cache.js';
import { openTree, writeEmptyMap } from './btree-map/open-tree.js';
import type { Tree } from './btree-map/tree.js';
import type { Codec, KeyCodec } from './codec.js';
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
export class BTreeMap<K, V> extends MapChanges<K, V> {
  readonly #lease: Lease;

  private constructor(lease: Lease, tree: Tree, keys: KeyCodec<K>, values: Codec<V>) {
    super(tree, keys, values);
    this.#lease = lease;
  }

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
    this.#lease.end();
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
      return new BTreeMap(lease, openTree(memory, lease, keys, isPureV1), keys, values);
    });
  }
}
