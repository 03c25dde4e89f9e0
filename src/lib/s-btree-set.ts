/**
 * An ordered set in a heap: the tree of {@link SBTreeMap} with keys alone, as `BTreeSet` is a
 * `BTreeMap` with keys alone.
 *
 *     const followers = heap.root('followers', SBTreeMap.of(principal, SBTreeSet.of(principal)));
 *     followers.getOrInsert(ada, () => new Set()).insert(grace); // true: it is new
 *
 * Layout, limits and promises are the map's, see `s-btree-map.ts`.
 *
 * Source: `specs/ic-stable-memory.md` section 5.4; crate `ic-stable-memory`, `SBTreeSet`.
 */
import type { StableMemoryAllocator } from './allocator.js';
import type { StablePtr } from './allocator/free-block.js';
import { rejecting } from './allocator/out-of-memory.js';
import type { MapIterator, Range } from './btree-map.js';
import { areDisjoint, isSubset, mergeSets, type KeySet } from './btree-set/algebra.js';
import { DIFFERENCE, INTERSECTION, SYMMETRIC_DIFFERENCE, UNION } from './btree-set/merge.js';
import type { KeyCodec } from './codec.js';
import { unit } from './codecs/unit.js';
import { kind } from './guards.js';
import { STRUCTURE_KIND, type StructureShape } from './ownership/stable-structure.js';
import type { StableType } from './ownership/stable-type.js';
import { structureType } from './ownership/structure-type.js';
import { typeNameOf } from './ownership/type-name.js';
import { MAP_HEADER_SIZE } from './s-btree-map/map-header.js';
import { TreeHandle } from './s-btree-map/tree-handle.js';

/**
 * An ordered set of `T` in a heap.
 *
 * @example
 * const admins = heap.root('admins', SBTreeSet.of(principal));
 * admins.insert(owner); // true: it is new
 * admins.has(msgCaller());
 */
export class SBTreeSet<T> extends TreeHandle<T, undefined, undefined> implements Iterable<T> {
  readonly #codec: KeyCodec<T>;

  private constructor(
    allocator: StableMemoryAllocator,
    ptr: StablePtr,
    shape: StructureShape,
    keys: KeyCodec<T>,
  ) {
    super(allocator, ptr, shape, { keys, values: unit });
    this.#codec = keys;
  }

  /** The type of sets of these elements: for a root, or as the values of another structure. */
  static of<T>(elements: KeyCodec<T>): StableType<ReadonlySet<T>, SBTreeSet<T>> {
    const name = `SBTreeSet(${typeNameOf(elements)})`;
    const shape = { kind: STRUCTURE_KIND.SBTreeSet, name, headerSize: MAP_HEADER_SIZE };
    return structureType<ReadonlySet<T>, SBTreeSet<T>>({
      shape,
      empty: () => new Set(),
      open: (allocator, ptr) => new SBTreeSet(allocator, ptr, shape, elements),
      fill: (set, value) => set.#fill(value),
      toPlain: (set) => set.toPlain(),
    });
  }

  /** Whether the set has this element. O(log n). */
  has(element: T): boolean {
    return this.engine.containsKey(element);
  }

  /**
   * Inserts an element. Returns whether it is new. O(log n).
   *
   * Throws `OUT_OF_MEMORY` with the element as `rejected`, `VALUE_TOO_LARGE` above its bound,
   * `INVALID_VALUE` for what the codec cannot encode; the set is then as it was.
   */
  insert(element: T): boolean {
    const oldLength = this.length;
    rejecting(element, () => this.engine.insert(element, undefined));
    return this.length > oldLength;
  }

  /** Inserts many elements, all or none, and returns how many were new. O(m log n). */
  insertMany(elements: Iterable<T>): number {
    const entries = Array.from(elements, (element): [T, undefined] => [element, undefined]);
    return rejecting(elements, () => this.engine.insertMany(entries));
  }

  /** Removes an element. Returns whether it was there. O(log n). */
  remove(element: T): boolean {
    return this.engine.delete(element);
  }

  /** Removes many elements, all or none, and returns how many there were. O(m log n). */
  removeMany(elements: Iterable<T>): number {
    return this.engine.removeMany(elements);
  }

  /** Removes the elements that `keep` says no to, all or none, and returns how many. */
  retain(keep: (element: T) => boolean): number {
    return this.engine.retain(keep);
  }

  /** The smallest element, or `undefined`. O(log n). */
  first(): T | undefined {
    return this.engine.first()?.[0];
  }

  /** The largest element, or `undefined`. O(log n). */
  last(): T | undefined {
    return this.engine.last()?.[0];
  }

  /** Removes the smallest element and returns it, or `undefined`. O(log n). */
  popFirst(): T | undefined {
    return this.engine.popFirst()?.[0];
  }

  /** Removes the largest element and returns it, or `undefined`. O(log n). */
  popLast(): T | undefined {
    return this.engine.popLast()?.[0];
  }

  /**
   * The elements of a range, lazily, ascending (descending with `reverse`); all unless told. See
   * `SBTreeMap.entries`. O(log n) to start, amortised O(1) an element.
   */
  keys(range?: Range<T>): MapIterator<T> {
    return this.engine.keys(range);
  }

  /** How many elements a range has. Decodes none. O(log n + elements in the range). */
  count(range?: Range<T>): number {
    return this.engine.count(range);
  }

  /**
   * The elements that are in this set or in the other, lazily, ascending, each once. O(n + m).
   *
   * This and the other three operations answer for the sets as they were at the call, and throw
   * `CHANGED_WHILE_ITERATING` once they need another element of a set that was changed since.
   * Throws `INCOMPATIBLE_TYPE` for a set of other elements.
   */
  union(other: SBTreeSet<T>): Generator<T, void> {
    return mergeSets(this.#keySet, SBTreeSet.#keySetOf(other), UNION);
  }

  /** The elements that are in both sets, as {@link union} gives them. O(n + m). */
  intersection(other: SBTreeSet<T>): Generator<T, void> {
    return mergeSets(this.#keySet, SBTreeSet.#keySetOf(other), INTERSECTION);
  }

  /** The elements that the other set has not, as {@link union} gives them. O(n + m). */
  difference(other: SBTreeSet<T>): Generator<T, void> {
    return mergeSets(this.#keySet, SBTreeSet.#keySetOf(other), DIFFERENCE);
  }

  /** The elements that are in one set only, as {@link union} gives them. O(n + m). */
  symmetricDifference(other: SBTreeSet<T>): Generator<T, void> {
    return mergeSets(this.#keySet, SBTreeSet.#keySetOf(other), SYMMETRIC_DIFFERENCE);
  }

  /** Whether no element is in both sets. O(min(n + m, n log m)) with n the smaller. */
  isDisjointFrom(other: SBTreeSet<T>): boolean {
    return areDisjoint(this.#keySet, SBTreeSet.#keySetOf(other));
  }

  /** Whether every element of this set is in the other. O(min(n + m, n log m)). */
  isSubsetOf(other: SBTreeSet<T>): boolean {
    return isSubset(this.#keySet, SBTreeSet.#keySetOf(other));
  }

  /** Whether every element of the other set is in this one. O(min(n + m, m log n)). */
  isSupersetOf(other: SBTreeSet<T>): boolean {
    return isSubset(SBTreeSet.#keySetOf(other), this.#keySet);
  }

  /** A copy of the set. O(n). */
  toPlain(): Set<T> {
    return new Set(this.keys());
  }

  /** All elements, ascending. */
  [Symbol.iterator](): IterableIterator<T, undefined> {
    return this.keys()[Symbol.iterator]();
  }

  static #keySetOf<T>(other: SBTreeSet<T>): KeySet<T> {
    if (other instanceof SBTreeSet) return other.#keySet;
    throw new TypeError(`other: expected an SBTreeSet, got ${kind(other)}`);
  }

  get #keySet(): KeySet<T> {
    return { codec: this.#codec, map: this.engine };
  }

  #fill(value: ReadonlySet<T>): void {
    this.beginEmpty();
    if (!(value instanceof Set)) {
      throw new TypeError(`${this.shape.name}: expected a Set, got ${kind(value)}`);
    }
    if (value.size > 0) this.insertMany(value as ReadonlySet<T>);
  }
}
