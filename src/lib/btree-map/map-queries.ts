/**
 * Everything that reads a map and changes nothing: lookups, neighbours, ranges, pages. `BTreeMap`
 * adds to it what changes the map.
 *
 * Source: `specs/ic-stable-structures.md` section 3.11.
 */
import type { Codec, EncodedRange, KeyCodec, Prefix } from '../codec.js';
import { checkTree } from './check-invariants.js';
import { BatchPool, BatchWalk, takeEntries } from './batch-walk.js';
import { byteRangeOf, cursorRangeOf } from './byte-range.js';
import { Cursor } from './cursor.js';
import { encodeEntries, type ElementsRequest, type EncodedEntries } from './encoded-entries.js';
import { keyRangeOf } from './key-range.js';
import { FALL_BACK, KernelTree } from './kernel-tree.js';
import type { LazyEntry } from './lazy-entry.js';
import { MapIterator } from './map-iterator.js';
import { Readings, type Reading } from './readings.js';
import { scanPage, type Page, type ScanRequest } from './scan.js';
import type { Tree } from './tree.js';

/**
 * Which keys to visit, and in which direction. A bound that is absent leaves its side open; all
 * that are given hold.
 */
export interface Range<K> {
  /** From this key on, inclusive. */
  readonly gte?: K | undefined;
  /** From behind this key on. */
  readonly gt?: K | undefined;
  /** Up to this key, inclusive. */
  readonly lte?: K | undefined;
  /** Up to before this key. */
  readonly lt?: K | undefined;
  /**
   * Only keys that begin with this: a text with some first letters, bytes with some first bytes, a
   * tuple with some first elements. Throws `TypeError` where keys of the type have no beginnings.
   */
  readonly prefix?: Prefix<K> | undefined;
  /** Largest key first. */
  readonly reverse?: boolean | undefined;
}

/** Fewer keys cost less one by one than in one request. */
const MANY_MIN = 6;

const EVERYTHING: Range<never> = {};

export abstract class MapQueries<K, V> implements Iterable<[K, V]> {
  /** Not for users: the tree behind the map. */
  protected readonly tree: Tree;
  protected readonly keyCodec: KeyCodec<K>;
  protected readonly valueCodec: Codec<V>;
  /** Not for users: the line to the kernel, where it can serve this map. */
  protected kernelTree: KernelTree<K, V> | undefined;
  readonly #readings: Readings<K, V>;
  /** Where the kernel can serve this map. */
  readonly #batches: BatchPool<K, V> | undefined;

  constructor(tree: Tree, keyCodec: KeyCodec<K>, valueCodec: Codec<V>) {
    this.tree = tree;
    this.keyCodec = keyCodec;
    this.valueCodec = valueCodec;
    this.kernelTree = KernelTree.open(tree, keyCodec, valueCodec);
    this.#readings = new Readings(keyCodec, valueCodec);
    if (this.kernelTree !== undefined) {
      this.#batches = new BatchPool(this.kernelTree.batches(), keyCodec, valueCodec);
    }
  }

  /** Number of entries. O(1). */
  get length(): number {
    this.tree.tenure.assertUsable();
    return this.tree.length;
  }

  /** Whether there is no entry. O(1). */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** The value of a key, or `undefined`. O(log n). */
  get(key: K): V | undefined {
    const found = this.kernelTree === undefined ? FALL_BACK : this.kernelTree.get(key);
    if (found !== FALL_BACK) return found;
    return this.#getInTypeScript(key);
  }

  #getInTypeScript(key: K): V | undefined {
    const slot = this.tree.find(this.keyCodec.encode(key));
    return slot === undefined ? undefined : slot.node.decodeValue(this.valueCodec, slot.index);
  }

  /** The values of many keys, in their order, `undefined` for each that is absent. O(m log n). */
  getMany(keys: Iterable<K>): (V | undefined)[] {
    const list: readonly K[] = Array.isArray(keys) ? keys : Array.from(keys);
    if (this.kernelTree === undefined || list.length < MANY_MIN) {
      return list.map((key) => this.get(key));
    }
    return this.kernelTree.getMany(list, (key) => this.#getInTypeScript(key));
  }

  /** Whether there is an entry with this key. Reads no value. O(log n). */
  containsKey(key: K): boolean {
    const isThere = this.kernelTree === undefined ? FALL_BACK : this.kernelTree.containsKey(key);
    if (isThere !== FALL_BACK) return isThere;
    return this.tree.find(this.keyCodec.encode(key)) !== undefined;
  }

  /** The entry with the smallest key, or `undefined`. O(log n). */
  first(): [K, V] | undefined {
    return this.#firstOf(EVERYTHING);
  }

  /** The entry with the largest key, or `undefined`. O(log n). */
  last(): [K, V] | undefined {
    return this.#firstOf({ reverse: true });
  }

  /** The entry with the largest key that is at most `key`, or `undefined`. O(log n). */
  floor(key: K): [K, V] | undefined {
    return this.#firstOf({ lte: key, reverse: true });
  }

  /** The entry with the smallest key that is at least `key`, or `undefined`. O(log n). */
  ceiling(key: K): [K, V] | undefined {
    return this.#firstOf({ gte: key });
  }

  /** The entry with the largest key below `key`, or `undefined`. O(log n). */
  lower(key: K): [K, V] | undefined {
    return this.#firstOf({ lt: key, reverse: true });
  }

  /** The entry with the smallest key above `key`, or `undefined`. O(log n). */
  higher(key: K): [K, V] | undefined {
    return this.#firstOf({ gt: key });
  }

  /** How many entries a range has. Decodes nothing. O(log n + entries in the range). */
  count(range: Range<K> = EVERYTHING): number {
    const counted = this.#countInKernel(range);
    if (counted >= 0) return counted;
    const cursor = new Cursor(this.tree, keyRangeOf(this.keyCodec, range), false);
    let count = 0;
    while (cursor.advance()) {
      const first = cursor.index;
      count += cursor.advanceToEndOfRun() - first + 1;
    }
    return count;
  }

  /**
   * The entries of a range, lazily, by ascending key (descending with `reverse`). A range whose
   * lower end lies above its upper one is empty. O(log n) to start, amortised O(1) an entry.
   *
   * The iterator throws `CHANGED_WHILE_ITERATING` if the map is changed under it.
   */
  entries(range: Range<K> = EVERYTHING): MapIterator<[K, V]> {
    return this.#iterate(range, this.#readings.entries);
  }

  /** The keys of a range. Decodes no value. See {@link MapQueries.entries}. */
  keys(range: Range<K> = EVERYTHING): MapIterator<K> {
    return this.#iterate(range, this.#readings.keys);
  }

  /** The values of a range, in the order of their keys. See {@link MapQueries.entries}. */
  values(range: Range<K> = EVERYTHING): MapIterator<V> {
    return this.#iterate(range, this.#readings.values);
  }

  /**
   * The entries of a range, of which keys and values are decoded each time they are asked for: for
   * large values that only some readers want. See {@link MapQueries.entries}.
   */
  lazyEntries(range: Range<K> = EVERYTHING): MapIterator<LazyEntry<K, V>> {
    return this.#iterate(range, this.#readings.lazyEntries(this.tree.tenure));
  }

  /**
   * The entries from the largest key *below* `key` on, upwards; none where there is no such key.
   * O(log n) to start. Source: Rust's `iter_from_prev_key`.
   */
  entriesFromBefore(key: K): MapIterator<[K, V]> {
    const start = this.keys({ lt: key, reverse: true }).next();
    return this.entries(start.done === true ? { lt: key } : { gte: start.value });
  }

  /**
   * A page of a range, and where the next one begins. The position is bytes, so that it survives an
   * upgrade or a journey to a client; it stays right when entries come and go in between.
   *
   * Throws `RangeError` for a limit below 1, `INVALID_VALUE` for a position that no scan has made.
   * O(log n + limit).
   *
   * @example
   * const page = scores.scan({ reverse: true, limit: 50 });
   * const nextPage = scores.scan({ reverse: true, limit: 50, after: page.next });
   */
  scan(request: ScanRequest<K>): Page<K, V> {
    return scanPage((range, count) => this.#take(range, count), this.keyCodec, request);
  }

  /**
   * Not for users: in a canister the first entries of a range, as they are in a reply, of which
   * JavaScript has seen none. `undefined` where that is not possible; then {@link entries} has
   * them, or says what is wrong. O(log n + limit).
   */
  encodeEntries(range: Range<K>, request: ElementsRequest): EncodedEntries | undefined {
    this.tree.tenure.assertUsable();
    const isOfBytes = (this.keyCodec.numberSize ?? this.valueCodec.numberSize) === undefined;
    const bytes = isOfBytes ? this.#byteRangeOf(range) : undefined;
    if (bytes === undefined) return undefined;
    return encodeEntries(this.#batches!, bytes, range.reverse === true, request);
  }

  /** All entries by ascending key. */
  [Symbol.iterator](): IterableIterator<[K, V], undefined> {
    return this.entries()[Symbol.iterator]();
  }

  /** The first rule of the layout that does not hold, in words, or `undefined`. O(n); for tests. */
  checkInvariants(): string | undefined {
    this.tree.tenure.assertUsable();
    return checkTree(this.tree);
  }

  #firstOf(range: Range<K>): [K, V] | undefined {
    return this.#take(range, 1)[0];
  }

  /** The first entries of a range, up to `count`. */
  #take(range: Range<K>, count: number): [K, V][] {
    this.tree.tenure.assertUsable();
    const bytes = this.#byteRangeOf(range);
    if (bytes !== undefined) {
      const taken = takeEntries(this.#batches!, bytes, range.reverse === true, count);
      if (taken !== undefined) return taken;
    }
    const entries: [K, V][] = [];
    const cursor = new Cursor(this.tree, keyRangeOf(this.keyCodec, range), range.reverse === true);
    while (entries.length < count && cursor.advance()) {
      entries.push(this.#readings.entries.fromNode(cursor.node, cursor.index));
    }
    return entries;
  }

  #iterate<T>(range: Range<K>, reading: Reading<K, V, T>): MapIterator<T> {
    const { fromNode, keepsPlace } = reading;
    const isReverse = range.reverse ?? false;
    const bytes = this.#byteRangeOf(range);
    if (bytes === undefined) {
      const edges = keyRangeOf(this.keyCodec, range);
      return new MapIterator(this.tree, {
        range: () => edges,
        isReverse,
        read: fromNode,
        keepsNodes: keepsPlace,
        batches: undefined,
      });
    }
    return new MapIterator(this.tree, {
      range: () => cursorRangeOf(bytes, this.tree.order),
      isReverse,
      read: fromNode,
      keepsNodes: keepsPlace,
      batches: new BatchWalk(this.#batches!, bytes, isReverse, reading),
    });
  }

  /** `undefined` where the kernel cannot serve the map, or does not know such a range. */
  #byteRangeOf(range: Range<K>): EncodedRange | undefined {
    return this.#batches === undefined ? undefined : byteRangeOf(this.keyCodec, range);
  }

  /** -1 where the kernel cannot count this range. */
  #countInKernel(range: Range<K>): number {
    this.tree.tenure.assertUsable();
    const bytes = this.#byteRangeOf(range);
    if (bytes === undefined) return -1;
    const pool = this.#batches!;
    const batch = pool.take(bytes);
    batch.open(bytes, false, false);
    const count = batch.countAll(pool.source);
    pool.giveBack(batch);
    return count;
  }
}
