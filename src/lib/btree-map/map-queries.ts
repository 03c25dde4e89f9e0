/**
 * Everything that reads a map and changes nothing: lookups, neighbours, ranges, pages. `BTreeMap`
 * adds to it what changes the map.
 *
 * Source: `specs/ic-stable-structures.md` section 3.11.
 */
import { type Prefix, type Codec, type KeyCodec } from '../codec.js';
import { checkTree } from './check-invariants.js';
import { Cursor, keyEdge, type Edge, type KeyRange } from './cursor.js';
import { FALL_BACK, KernelTree } from './kernel-tree.js';
import { LazyEntry } from './lazy-entry.js';
import { MapIterator, type ReadEntry } from './map-iterator.js';
import type { Node } from './node.js';
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

const EVERYTHING: Range<never> = {};

export abstract class MapQueries<K, V> implements Iterable<[K, V]> {
  /** Not for users: the tree behind the map. */
  protected readonly tree: Tree;
  protected readonly keyCodec: KeyCodec<K>;
  protected readonly valueCodec: Codec<V>;
  /** Not for users: the line to the kernel, where it can serve this map. */
  protected kernelTree: KernelTree<K, V> | undefined;

  protected constructor(tree: Tree, keyCodec: KeyCodec<K>, valueCodec: Codec<V>) {
    this.tree = tree;
    this.keyCodec = keyCodec;
    this.valueCodec = valueCodec;
    this.kernelTree = KernelTree.open(tree, keyCodec, valueCodec);
  }

  /** Number of entries. O(1). */
  get length(): number {
    this.tree.lease.assertUsable();
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
    const slot = this.tree.find(this.keyCodec.encode(key));
    return slot === undefined ? undefined : slot.node.decodeValue(this.valueCodec, slot.index);
  }

  /** The values of many keys, in their order, `undefined` for each that is absent. O(m log n). */
  getMany(keys: Iterable<K>): (V | undefined)[] {
    return Array.from(keys, (key) => this.get(key));
  }

  /** Whether there is an entry with this key. Reads no value. O(log n). */
  containsKey(key: K): boolean {
    const isThere = this.kernelTree === undefined ? FALL_BACK : this.kernelTree.containsKey(key);
    if (isThere !== FALL_BACK) return isThere;
    return this.tree.find(this.keyCodec.encode(key)) !== undefined;
  }

  /** The entry with the smallest key, or `undefined`. O(log n). */
  first(): [K, V] | undefined {
    return this.entries().next().value;
  }

  /** The entry with the largest key, or `undefined`. O(log n). */
  last(): [K, V] | undefined {
    return this.entries({ reverse: true }).next().value;
  }

  /** The entry with the largest key that is at most `key`, or `undefined`. O(log n). */
  floor(key: K): [K, V] | undefined {
    return this.entries({ lte: key, reverse: true }).next().value;
  }

  /** The entry with the smallest key that is at least `key`, or `undefined`. O(log n). */
  ceiling(key: K): [K, V] | undefined {
    return this.entries({ gte: key }).next().value;
  }

  /** The entry with the largest key below `key`, or `undefined`. O(log n). */
  lower(key: K): [K, V] | undefined {
    return this.entries({ lt: key, reverse: true }).next().value;
  }

  /** The entry with the smallest key above `key`, or `undefined`. O(log n). */
  higher(key: K): [K, V] | undefined {
    return this.entries({ gt: key }).next().value;
  }

  /** How many entries a range has. Decodes nothing. O(log n + entries in the range). */
  count(range: Range<K> = EVERYTHING): number {
    const cursor = new Cursor(this.tree, this.#keyRange(range), false);
    let count = 0;
    while (cursor.advance()) count += 1;
    return count;
  }

  /**
   * The entries of a range, lazily, by ascending key (descending with `reverse`). A range whose
   * lower end lies above its upper one is empty. O(log n) to start, amortised O(1) an entry.
   *
   * The iterator throws `CHANGED_WHILE_ITERATING` if the map is changed under it.
   */
  entries(range: Range<K> = EVERYTHING): MapIterator<[K, V]> {
    return this.#iterate(range, (node, index) => this.#decodeEntry(node, index));
  }

  /** The keys of a range. Decodes no value. See {@link MapQueries.entries}. */
  keys(range: Range<K> = EVERYTHING): MapIterator<K> {
    return this.#iterate(range, (node, index) => node.decodeKey(this.keyCodec, index));
  }

  /** The values of a range, in the order of their keys. See {@link MapQueries.entries}. */
  values(range: Range<K> = EVERYTHING): MapIterator<V> {
    return this.#iterate(range, (node, index) => node.decodeValue(this.valueCodec, index));
  }

  /**
   * The entries of a range, of which keys and values are decoded each time they are asked for: for
   * large values that only some readers want. See {@link MapQueries.entries}.
   */
  lazyEntries(range: Range<K> = EVERYTHING): MapIterator<LazyEntry<K, V>> {
    const { keyCodec, valueCodec } = this;
    const { lease } = this.tree;
    const source = { keyCodec, valueCodec, lease, revision: lease.revision };
    const read = (node: Node, index: number) => new LazyEntry(source, node, index);
    return this.#iterate(range, read, true);
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
    return scanPage(this, this.keyCodec, request);
  }

  /** All entries by ascending key. */
  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  /** The first rule of the layout that does not hold, in words, or `undefined`. O(n); for tests. */
  checkInvariants(): string | undefined {
    this.tree.lease.assertUsable();
    return checkTree(this.tree);
  }

  #decodeEntry(node: Node, index: number): [K, V] {
    return [node.decodeKey(this.keyCodec, index), node.decodeValue(this.valueCodec, index)];
  }

  #iterate<T>(range: Range<K>, read: ReadEntry<T>, keepsNodes = false): MapIterator<T> {
    const isReverse = range.reverse ?? false;
    return new MapIterator(this.tree, this.#keyRange(range), isReverse, read, keepsNodes);
  }

  #keyRange(range: Range<K>): KeyRange {
    const prefix = this.#prefixEdges(range.prefix);
    return {
      lower: [...prefix, ...this.#edges(range.gte, true), ...this.#edges(range.gt, false)],
      upper: [...prefix, ...this.#edges(range.lte, true), ...this.#edges(range.lt, false)],
    };
  }

  #edges(key: K | undefined, isInclusive: boolean): Edge[] {
    if (key === undefined) return [];
    return [keyEdge(this.tree.order, this.keyCodec.encode(key), isInclusive)];
  }

  #prefixEdges(prefix: Prefix<K> | undefined): Edge[] {
    if (prefix === undefined) return [];
    const { name, beginningWith } = this.keyCodec;
    if (beginningWith === undefined) {
      throw new TypeError(`prefix: expected keys that have a beginning, got keys of type ${name}`);
    }
    return [{ compare: beginningWith(prefix), isInclusive: true }];
  }
}
