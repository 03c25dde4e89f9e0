/**
 * An ordered map that keeps many values for a key: a {@link BTreeSet} of pairs `tuple(key, value)`.
 * Pairs are ordered by key, then by value, so the values of a key lie side by side.
 *
 *     const tags = MultiMap.init(memory.get(4), u64, text);
 *     tags.insert(7n, 'red');
 *     tags.insert(7n, 'green');
 *     [...tags.valuesOf(7n)]; // ['green', 'red']
 *
 * Layout: a set's, see `btree-set.ts`. Rust opens it as `BTreeSet<(K, V)>` or
 * `BTreeMap<(K, V), ()>`, provided that keys and values are bounded; with an unbounded part, such
 * as `text`, the layout of the pairs is ours (see `codecs/tuple-open.ts`), and the crate has none.
 *
 * Limits and promises are the set's.
 *
 * Source: `specs/ic-stable-structures.md` sections 4.1, 5.2 and 8.3 (maps of many values).
 */
import type { MapIterator } from './btree-map.js';
import { BTreeSet } from './btree-set.js';
import type { KeyCodec } from './codec.js';
import type { Memory } from './memory.js';
import { distinctKeys } from './multi-map/distinct-keys.js';
import {
  pairCodec,
  pairsOf,
  pairsWithin,
  type KeyRange,
  type Pair,
} from './multi-map/key-range.js';

/**
 * An ordered map from `K` to any number of `V`, each at most once, in a memory.
 *
 * @example
 * const followers = MultiMap.init(new VectorMemory(), principal, principal);
 * followers.insert(ada, grace); // true: new
 * for (const follower of followers.valuesOf(ada)) console.log(follower.toText());
 */
export class MultiMap<K, V> implements Iterable<Pair<K, V>> {
  readonly #pairs: BTreeSet<Pair<K, V>>;
  readonly #keys: KeyCodec<K>;

  private constructor(pairs: BTreeSet<Pair<K, V>>, keys: KeyCodec<K>) {
    this.#pairs = pairs;
    this.#keys = keys;
  }

  /**
   * Opens the map in `memory`, or creates one where the memory is empty (0 pages). O(1).
   *
   * The codecs must be the ones that the map was made with: the layout records no types. Values
   * need an order as keys do.
   *
   * Throws what {@link BTreeSet.init} throws, and `TypeError` for codecs without an order.
   */
  static init<K, V>(memory: Memory, keys: KeyCodec<K>, values: KeyCodec<V>): MultiMap<K, V> {
    return new MultiMap(BTreeSet.init(memory, pairCodec(keys, values)), keys);
  }

  /** Creates a map in an empty memory. Throws `NOT_EMPTY` for any other; `GROW_FAILED`. O(1). */
  static create<K, V>(memory: Memory, keys: KeyCodec<K>, values: KeyCodec<V>): MultiMap<K, V> {
    return new MultiMap(BTreeSet.create(memory, pairCodec(keys, values)), keys);
  }

  /** Opens an existing map. Throws what {@link BTreeSet.load} throws. O(1). */
  static load<K, V>(memory: Memory, keys: KeyCodec<K>, values: KeyCodec<V>): MultiMap<K, V> {
    return new MultiMap(BTreeSet.load(memory, pairCodec(keys, values)), keys);
  }

  /** Number of pairs of a key and a value. O(1). */
  get length(): number {
    return this.#pairs.length;
  }

  /** Whether there is no pair. O(1). */
  get isEmpty(): boolean {
    return this.#pairs.isEmpty;
  }

  /**
   * Gives a key one more value. Returns whether it is new; the same value is not kept twice.
   * O(log n).
   *
   * Throws `VALUE_TOO_LARGE` for a key or value above its bound, `INVALID_VALUE` for one that its
   * codec cannot encode, `GROW_FAILED` without room; the map is then as it was.
   */
  insert(key: K, value: V): boolean {
    return this.#pairs.insert([key, value]);
  }

  /** Whether the key has this value. O(log n). */
  has(key: K, value: V): boolean {
    return this.#pairs.has([key, value]);
  }

  /** Whether the key has a value at all. O(log n). */
  hasKey(key: K): boolean {
    return this.#pairs.keys(pairsOf(key)).next().done !== true;
  }

  /**
   * The values of a key, lazily, ascending (descending with `reverse`); none for a key that is not
   * there. O(log n) to start, amortised O(1) a value.
   *
   * The iterator throws `CHANGED_WHILE_ITERATING` if the map is changed under it.
   */
  valuesOf(key: K, { reverse = false }: { readonly reverse?: boolean } = {}): Generator<V, void> {
    return secondsOf(this.#pairs.keys(pairsOf(key, reverse)));
  }

  /** How many values a key has. Decodes none. O(log n + values of the key). */
  countOf(key: K): number {
    return this.#pairs.count(pairsOf(key));
  }

  /** Takes a value from a key. Returns whether the key had it. O(log n). */
  remove(key: K, value: V): boolean {
    return this.#pairs.remove([key, value]);
  }

  /**
   * Takes all values from a key, or none where it throws. Returns how many there were. Throws
   * `GROW_FAILED` where the memory finds no room. O(values of the key * log n).
   */
  removeKey(key: K): number {
    return this.#pairs.removeMany(this.#pairs.keys(pairsOf(key)));
  }

  /** Removes every pair. The memory keeps its size. O(1). */
  clear(): void {
    this.#pairs.clear();
  }

  /**
   * The keys of a range, each once, lazily, ascending (descending with `reverse`); all keys unless
   * told. Skips the values: O(log n) a key, however many it has.
   *
   * The iterator throws `CHANGED_WHILE_ITERATING` if the map is changed under it.
   */
  keys(range: KeyRange<K> = {}): Generator<K, void> {
    return distinctKeys(this.#pairs, this.#keys, range);
  }

  /**
   * The pairs of the keys in a range, lazily, by key and then by value (both descending with
   * `reverse`); all pairs unless told. O(log n) to start, amortised O(1) a pair.
   *
   * The iterator throws `CHANGED_WHILE_ITERATING` if the map is changed under it.
   */
  entries(range: KeyRange<K> = {}): MapIterator<Pair<K, V>> {
    return this.#pairs.keys(pairsWithin(range));
  }

  /** All pairs, by key and then by value. */
  [Symbol.iterator](): IterableIterator<Pair<K, V>, undefined> {
    return this.entries()[Symbol.iterator]();
  }

  /** Gives the memory back, to be opened again. This object then refuses every call. O(1). */
  intoMemory(): Memory {
    return this.#pairs.intoMemory();
  }

  /** The first rule of the layout that does not hold, in words, or `undefined`. O(n); for tests. */
  checkInvariants(): string | undefined {
    return this.#pairs.checkInvariants();
  }
}

function* secondsOf<K, V>(pairs: Iterable<Pair<K, V>>): Generator<V, void> {
  for (const [, value] of pairs) yield value;
}
