/**
 * An ordered map in a heap. It is the B-tree of `BTreeMap`, engine and nodes, with two things that
 * a map on a memory of its own cannot have: a node that goes gives its block back to everybody, and
 * a value may be a structure, that owns memory of its own, and maps again.
 *
 *     const posts = heap.root('posts', SBTreeMap.of(text, SVec.of(text)));
 *     posts.insert('ada', ['On the engine']);          // a plain value goes in
 *     posts.get('ada')?.push('Notes');                  // a handle of it, to work with
 *     posts.remove('ada');                              // the plain value, all of it freed
 *
 * The parts:
 *
 *     s-btree-map.ts                what users see
 *     s-btree-map/tree-handle.ts    a handle, and the engine behind it
 *     s-btree-map/plain-map.ts      the engine for values that own nothing
 *     s-btree-map/owning-map.ts     the engine for values that do
 *     s-btree-map/heap-chunks.ts    nodes in blocks
 *     s-btree-map/map-header.ts     the map's header
 *
 * Plain values of any size lie in the nodes; structures lie in them as pointers of 8 bytes, so that
 * moving one costs the same however large it is. Handles of a map always agree, see
 * `ownership/stable-structure.ts`. An empty map has a block of 56 bytes and nothing else.
 *
 * Promise: an operation that is refused, also for lack of memory, has changed nothing: not the
 * entries, not what is allocated, not a handle that was to be moved.
 *
 * Source: `specs/ic-stable-memory.md` section 5.4, defect 10; crate `ic-stable-memory`.
 */
import type { StableMemoryAllocator } from './allocator.js';
import type { StablePtr } from './allocator/free-block.js';
import type { LazyEntry, MapIterator, Page, Range, ScanRequest } from './btree-map.js';
import type { KeyCodec } from './codec.js';
import { kind } from './guards.js';
import { STRUCTURE_KIND, type StructureShape } from './ownership/stable-structure.js';
import { stableTypeOf, type Stable, type StableType } from './ownership/stable-type.js';
import { structureType } from './ownership/structure-type.js';
import { typeNameOf } from './ownership/type-name.js';
import { MAP_HEADER_SIZE } from './s-btree-map/map-header.js';
import { TreeHandle, type EntryTypes } from './s-btree-map/tree-handle.js';

/**
 * An ordered map from `K` in a heap. Plain values `P` go in and come out when they are removed;
 * reading gives `H`, which is the plain value too, or for a structure a borrowed handle of it.
 *
 * @example
 * const scores = heap.root('scores', SBTreeMap.of(text, u64));
 * scores.insert('ada', 36n);
 * for (const [name, score] of scores.entries({ gte: 'a', lt: 'b' })) console.log(name, score);
 */
export class SBTreeMap<K, P, H = P> extends TreeHandle<K, P, H> implements Iterable<[K, H]> {
  private constructor(
    allocator: StableMemoryAllocator,
    ptr: StablePtr,
    shape: StructureShape,
    types: EntryTypes<K, P, H>,
  ) {
    super(allocator, ptr, shape, types);
  }

  /**
   * The type of maps with these keys and values: for a root, or as the values of another structure.
   * Keys are plain values of any size; they are ordered as the codec orders them.
   *
   * @example
   * const byYear = heap.root('years', SBTreeMap.of(u16, SBTreeMap.of(text, u64)));
   * byYear.insert(1843, new Map([['notes', 7n]]));
   */
  static of<K, P, H = P>(
    keys: KeyCodec<K>,
    values: Stable<P, H>,
  ): StableType<ReadonlyMap<K, P>, SBTreeMap<K, P, H>> {
    const types = { keys, values };
    const name = `SBTreeMap(${typeNameOf(keys)}, ${stableTypeOf(values).name})`;
    const shape = { kind: STRUCTURE_KIND.SBTreeMap, name, headerSize: MAP_HEADER_SIZE };
    return structureType<ReadonlyMap<K, P>, SBTreeMap<K, P, H>>({
      shape,
      empty: () => new Map(),
      open: (allocator, ptr) => new SBTreeMap(allocator, ptr, shape, types),
      fill: (map, value) => map.#fill(value),
      toPlain: (map) => map.toPlain(),
    });
  }

  /** The value of a key, or `undefined`: of a structure a borrowed handle. O(log n). */
  get(key: K): H | undefined {
    return this.engine.get(key);
  }

  /** What {@link get} gives for many keys, in their order. O(m log n). */
  getMany(keys: Iterable<K>): (H | undefined)[] {
    return this.engine.getMany(keys);
  }

  /** Whether there is an entry with this key. Reads no value. O(log n). */
  containsKey(key: K): boolean {
    return this.engine.containsKey(key);
  }

  /**
   * Inserts an entry, or overwrites its value. Returns the old value as a plain value, whose memory
   * is then free; `undefined` if the key is new. O(log n), and what storing and reading cost.
   *
   * Throws `OUT_OF_MEMORY` with the value as `rejected`, `VALUE_TOO_LARGE`, `INVALID_VALUE`, and
   * what the codecs throw; the map is then as it was.
   */
  insert(key: K, value: P): P | undefined {
    return this.engine.insert(key, value);
  }

  /**
   * Inserts or overwrites many entries, all or none, and returns how many keys were new. Sorted
   * entries cost least. O(m log n). Throws as {@link insert}; the map is then as it was.
   */
  insertMany(entries: Iterable<readonly [K, P]>): number {
    return this.engine.insertMany(entries);
  }

  /**
   * Gives a key a value that depends on the one it has, both as plain values, and returns it. Where
   * `next` throws, the map is as it was; where it changes the map, `CHANGED_WHILE_ITERATING` is
   * thrown. To change a structure where it is, take its handle with {@link get}. O(log n).
   *
   * @example
   * visits.update('ada', (count = 0) => count + 1);
   */
  update(key: K, next: (old: P | undefined) => P): P {
    return this.engine.update(key, next);
  }

  /** What {@link get} gives; where there is nothing, what `make` returns is inserted first. */
  getOrInsert(key: K, make: () => P): H {
    return this.engine.getOrInsert(key, make);
  }

  /**
   * Removes an entry and returns its value as a plain value, whose memory is then free; `undefined`
   * if there is none. O(log n), and what reading costs.
   */
  remove(key: K): P | undefined {
    return this.engine.remove(key);
  }

  /** Removes an entry and frees its value, unread. Whether there was one. O(log n + freed). */
  delete(key: K): boolean {
    return this.engine.delete(key);
  }

  /** Removes many entries, all or none, and returns how many there were. O(m log n). */
  removeMany(keys: Iterable<K>): number {
    return this.engine.removeMany(keys);
  }

  /**
   * Removes the entries that `keep` says no to, all or none, and returns how many. `keep` sees each
   * entry once, by ascending key. O(n + removed * log n).
   */
  retain(keep: (key: K, value: H) => boolean): number {
    return this.engine.retain(keep);
  }

  /** Removes the entry with the smallest key and returns it, as {@link remove} does. O(log n). */
  popFirst(): [K, P] | undefined {
    return this.engine.popFirst();
  }

  /** Removes the entry with the largest key and returns it, as {@link remove} does. O(log n). */
  popLast(): [K, P] | undefined {
    return this.engine.popLast();
  }

  /**
   * Takes a structure out without copying it: an owned handle, to attach somewhere or dispose of. A
   * plain value is removed. `undefined` where there is none. O(log n).
   */
  detach(key: K): H | undefined {
    return this.engine.detach(key);
  }

  /**
   * Puts a structure in without copying it: the handle, which must own it, is consumed. What the
   * key had is freed. A plain value is inserted. O(log n).
   *
   * Throws `VALUE_CONSUMED` for a handle that owns nothing, `INCOMPATIBLE_TYPE` for one of another
   * type or heap, `OUT_OF_MEMORY`; map and handle are then as they were.
   *
   * @example
   * archive.attach('ada', posts.detach('ada')!);
   */
  attach(key: K, handle: H): void {
    this.engine.attach(key, handle);
  }

  /** The entry with the smallest key, or `undefined`. O(log n). */
  first(): [K, H] | undefined {
    return this.engine.first();
  }

  /** The entry with the largest key, or `undefined`. O(log n). */
  last(): [K, H] | undefined {
    return this.engine.last();
  }

  /** The entry with the largest key that is at most `key`, or `undefined`. O(log n). */
  floor(key: K): [K, H] | undefined {
    return this.engine.floor(key);
  }

  /** The entry with the smallest key that is at least `key`, or `undefined`. O(log n). */
  ceiling(key: K): [K, H] | undefined {
    return this.engine.ceiling(key);
  }

  /** The entry with the largest key below `key`, or `undefined`. O(log n). */
  lower(key: K): [K, H] | undefined {
    return this.engine.lower(key);
  }

  /** The entry with the smallest key above `key`, or `undefined`. O(log n). */
  higher(key: K): [K, H] | undefined {
    return this.engine.higher(key);
  }

  /** How many entries a range has. Decodes nothing. O(log n + entries in the range). */
  count(range?: Range<K>): number {
    return this.engine.count(range);
  }

  /**
   * The entries of a range, lazily, by ascending key (descending with `reverse`), from one end or
   * from both until they meet. O(log n) to start, amortised O(1) an entry.
   *
   * The iterator throws `CHANGED_WHILE_ITERATING` if the map is changed under it, by whatever
   * handle. Changing a structure that is a value does not change the map.
   */
  entries(range?: Range<K>): MapIterator<[K, H]> {
    return this.engine.entries(range);
  }

  /** The keys of a range. Reads no value. See {@link entries}. */
  keys(range?: Range<K>): MapIterator<K> {
    return this.engine.keys(range);
  }

  /** The values of a range, in the order of their keys. See {@link entries}. */
  values(range?: Range<K>): MapIterator<H> {
    return this.engine.values(range);
  }

  /** Entries that are decoded each time they are asked for. See {@link entries}. */
  lazyEntries(range?: Range<K>): MapIterator<LazyEntry<K, H>> {
    return this.engine.lazyEntries(range);
  }

  /**
   * A page of a range, and where the next one begins, as `BTreeMap.scan` gives it. Throws
   * `RangeError`, `INVALID_VALUE`. O(log n + limit).
   */
  scan(request: ScanRequest<K>): Page<K, H> {
    return this.engine.scan(request);
  }

  /** A copy of the map and all that it owns, as plain values. O(everything). */
  toPlain(): Map<K, P> {
    return this.engine.toPlain();
  }

  /** All entries by ascending key. */
  [Symbol.iterator](): IterableIterator<[K, H], undefined> {
    return this.entries()[Symbol.iterator]();
  }

  #fill(value: ReadonlyMap<K, P>): void {
    this.beginEmpty();
    if (!(value instanceof Map)) {
      throw new TypeError(`${this.shape.name}: expected a Map, got ${kind(value)}`);
    }
    if (value.size > 0) this.engine.insertMany(value as ReadonlyMap<K, P>);
  }
}
