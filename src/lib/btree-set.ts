/**
 * An ordered set that lives in a memory: a {@link BTreeMap} from its keys to `unit`. The crate's
 * `BTreeSet` is a map to `()` too, so either side opens what the other wrote.
 *
 *     const admins = BTreeSet.init(memory.get(2), principal);
 *     admins.insert(owner); // true: it is new
 *     admins.has(msgCaller());
 *
 * Layout, limits and promises are the map's, see `btree-map.ts`; a value is the four zero bytes of
 * its size. The algebra of sets walks two sets side by side, see `btree-set/merge.ts`: it copies
 * nothing, and it answers in the order of the keys.
 *
 * Source: `specs/ic-stable-structures.md` section 4.1; crate module `btreeset`.
 */
import { BTreeMap, type MapIterator, type Range } from './btree-map.js';
import { areDisjoint, isSubset, mergeSets, type KeySet } from './btree-set/algebra.js';
import { DIFFERENCE, INTERSECTION, SYMMETRIC_DIFFERENCE, UNION } from './btree-set/merge.js';
import type { KeyCodec } from './codec.js';
import { unit } from './codecs/unit.js';
import { kind } from './guards.js';
import type { Memory } from './memory.js';

/**
 * An ordered set of `K` in a memory.
 *
 * @example
 * const read = BTreeSet.init(new VectorMemory(), u64);
 * read.insert(7n);
 * for (const id of read.keys({ gte: 5n })) console.log(id);
 */
export class BTreeSet<K> implements Iterable<K> {
  readonly #map: BTreeMap<K, undefined>;
  readonly #codec: KeyCodec<K>;

  private constructor(map: BTreeMap<K, undefined>, codec: KeyCodec<K>) {
    this.#map = map;
    this.#codec = codec;
  }

  /**
   * Opens the set in `memory`, or creates one where the memory is empty (0 pages). O(1).
   *
   * The codec must be the one that the set was made with: the layout records no types.
   *
   * Throws what {@link BTreeMap.init} throws, and like it never overwrites what it does not know.
   */
  static init<K>(memory: Memory, keys: KeyCodec<K>): BTreeSet<K> {
    return new BTreeSet(BTreeMap.init(memory, keys, unit), keys);
  }

  /** Creates a set in an empty memory. Throws `NOT_EMPTY` for any other; `GROW_FAILED`. O(1). */
  static create<K>(memory: Memory, keys: KeyCodec<K>): BTreeSet<K> {
    return new BTreeSet(BTreeMap.create(memory, keys, unit), keys);
  }

  /** Opens an existing set. Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION` or `CORRUPTED`. O(1). */
  static load<K>(memory: Memory, keys: KeyCodec<K>): BTreeSet<K> {
    return new BTreeSet(BTreeMap.load(memory, keys, unit), keys);
  }

  /** Number of keys. O(1). */
  get length(): number {
    return this.#map.length;
  }

  /** Whether there is no key. O(1). */
  get isEmpty(): boolean {
    return this.#map.isEmpty;
  }

  /**
   * Inserts a key. Returns whether it is new. O(log n).
   *
   * NOTE: a key that is there already is written once more, as the crate does it.
   *
   * Throws `VALUE_TOO_LARGE` for a key above its bound, `INVALID_VALUE` for one that the codec
   * cannot encode, `GROW_FAILED` without room; the set is then as it was.
   */
  insert(key: K): boolean {
    const oldLength = this.length;
    this.#map.insert(key, undefined);
    return this.length > oldLength;
  }

  /**
   * Inserts many keys, all or none, and returns how many were new. Sorted keys cost least.
   * O(m log n). Throws as {@link BTreeSet.insert} does; the set is then as it was.
   */
  insertMany(keys: Iterable<K>): number {
    return this.#map.insertMany(Array.from(keys, (key) => [key, undefined]));
  }

  /** Whether the set has this key. O(log n). */
  has(key: K): boolean {
    return this.#map.containsKey(key);
  }

  /** Removes a key. Returns whether it was there. O(log n). */
  remove(key: K): boolean {
    const oldLength = this.length;
    this.#map.remove(key);
    return this.length < oldLength;
  }

  /** Removes many keys, all or none, and returns how many there were. O(m log n). */
  removeMany(keys: Iterable<K>): number {
    return this.#map.removeMany(keys);
  }

  /** Removes every key. The memory keeps its size. O(1). */
  clear(): void {
    this.#map.clear();
  }

  /** The smallest key, or `undefined`. O(log n). */
  first(): K | undefined {
    return this.#map.first()?.[0];
  }

  /** The largest key, or `undefined`. O(log n). */
  last(): K | undefined {
    return this.#map.last()?.[0];
  }

  /** Removes the smallest key and returns it, or `undefined`. O(log n). */
  popFirst(): K | undefined {
    return this.#map.popFirst()?.[0];
  }

  /** Removes the largest key and returns it, or `undefined`. O(log n). */
  popLast(): K | undefined {
    return this.#map.popLast()?.[0];
  }

  /**
   * The keys of a range, lazily, ascending (descending with `reverse`); all keys unless told.
   * Throws as {@link BTreeMap.keys} does. O(log n) to start, amortised O(1) a key.
   */
  keys(range: Range<K> = {}): MapIterator<K> {
    return this.#map.keys(range);
  }

  /** How many keys a range has. Decodes none. O(log n + keys in the range). */
  count(range: Range<K> = {}): number {
    return this.#map.count(range);
  }

  /** All keys, ascending. */
  [Symbol.iterator](): IterableIterator<K, undefined> {
    return this.keys()[Symbol.iterator]();
  }

  /**
   * The keys that are in this set or in the other, lazily, ascending, each once. O(n + m).
   *
   * This and the other three operations answer for the sets as they were at the call. They look one
   * key ahead, and throw `CHANGED_WHILE_ITERATING` as soon as they need another key of a set that
   * was changed since. Throws `INCOMPATIBLE_TYPE` for a set of other keys.
   */
  union(other: BTreeSet<K>): Generator<K, void> {
    return mergeSets(this.#keySet, BTreeSet.#keySetOf(other), UNION);
  }

  /** The keys that are in both sets, as {@link BTreeSet.union} gives them. O(n + m). */
  intersection(other: BTreeSet<K>): Generator<K, void> {
    return mergeSets(this.#keySet, BTreeSet.#keySetOf(other), INTERSECTION);
  }

  /**
   * The keys that are in this set and not in the other, as {@link BTreeSet.union} gives them.
   * The crate has no such method. O(n + m).
   */
  difference(other: BTreeSet<K>): Generator<K, void> {
    return mergeSets(this.#keySet, BTreeSet.#keySetOf(other), DIFFERENCE);
  }

  /** The keys that are in one set only, as {@link BTreeSet.union} gives them. O(n + m). */
  symmetricDifference(other: BTreeSet<K>): Generator<K, void> {
    return mergeSets(this.#keySet, BTreeSet.#keySetOf(other), SYMMETRIC_DIFFERENCE);
  }

  /**
   * Whether no key is in both sets; stops at the first that is. Where one set is far smaller, its
   * keys are looked up in the other: O(min(n + m, n log m)) with n the smaller. Throws
   * `INCOMPATIBLE_TYPE` for a set of other keys.
   */
  isDisjointFrom(other: BTreeSet<K>): boolean {
    return areDisjoint(this.#keySet, BTreeSet.#keySetOf(other));
  }

  /**
   * Whether every key of this set is in the other; stops at the first that is not. Where this set
   * is far smaller, its keys are looked up: O(min(n + m, n log m)). Throws `INCOMPATIBLE_TYPE` for
   * a set of other keys.
   */
  isSubsetOf(other: BTreeSet<K>): boolean {
    return isSubset(this.#keySet, BTreeSet.#keySetOf(other));
  }

  /** Whether every key of the other set is in this one: {@link BTreeSet.isSubsetOf} reversed. */
  isSupersetOf(other: BTreeSet<K>): boolean {
    return isSubset(BTreeSet.#keySetOf(other), this.#keySet);
  }

  /** Gives the memory back, to be opened again. This object then refuses every call. O(1). */
  intoMemory(): Memory {
    return this.#map.intoMemory();
  }

  /** The first rule of the layout that does not hold, in words, or `undefined`. O(n); for tests. */
  checkInvariants(): string | undefined {
    return this.#map.checkInvariants();
  }

  static #keySetOf<K>(other: BTreeSet<K>): KeySet<K> {
    if (other instanceof BTreeSet) return other.#keySet;
    throw new TypeError(`other: expected a BTreeSet, got ${kind(other)}`);
  }

  get #keySet(): KeySet<K> {
    return { codec: this.#codec, map: this.#map };
  }
}
