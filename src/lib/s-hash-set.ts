/**
 * A hash set in a heap: a hash map of which only the keys are there. Table, hashing, limits and
 * promises are the map's, see `s-hash-map.ts`.
 *
 *     const members = heap.root('members', SHashSet.of(principal));
 *     members.insert(caller); // true: it is new
 *     members.has(caller);
 *
 * NOTE: `insert` says whether the element is *new*, as Rust's own sets do and our other sets; that
 * of the crate `ic-stable-memory` says the opposite.
 *
 * Source: section 5.3 of `specs/ic-stable-memory.md`; crate `ic-stable-memory`, `SHashSet`.
 */
import { rejecting } from './allocator/out-of-memory.js';
import type { Codec } from './codec.js';
import { StorageError } from './errors.js';
import { kind } from './guards.js';
import { STRUCTURE_KIND } from './ownership/stable-structure.js';
import type { StableType } from './ownership/stable-type.js';
import { structureType } from './ownership/structure-type.js';
import { HASH_HEADER_SIZE } from './s-hash-map/header.js';
import { HashedStructure, type EntryTypes } from './s-hash-map/hashed-structure.js';
import { FALL_BACK } from './s-hash-map/kernel-table.js';
import { hasherOf } from './s-hash-map/hasher.js';
import { KeySlots } from './s-hash-map/key-slots.js';
import type { WalkDirection } from './s-hash-map/walk.js';

/** What lies behind the key of an element. */
const NOTHING: StableType<undefined> = {
  name: 'nothing',
  size: 0,
  ownsBlocks: false,
  store: () => undefined,
  move: () => undefined,
  load: () => undefined,
  view: () => undefined,
  take: () => undefined,
  drop: () => undefined,
  trace: () => undefined,
};

const NO_SLOT = new Uint8Array(0);

/**
 * A hash set of `T`.
 *
 * @example
 * const tags = heap.root('tags', SHashMap.of(u64, SHashSet.of(text)));
 * tags.insert(7n, new Set(['new']));
 * tags.get(7n)?.insert('read'); // true
 */
export class SHashSet<T> extends HashedStructure<T, undefined, undefined> implements Iterable<T> {
  /** The type of hash sets of such elements, which are plain values. O(1). */
  static of<T>(elements: Codec<T>): StableType<ReadonlySet<T>, SHashSet<T>> {
    const keys = new KeySlots(elements);
    const name = `SHashSet(${keys.name})`;
    const shape = { kind: STRUCTURE_KIND.SHashSet, name, headerSize: HASH_HEADER_SIZE };
    const types: EntryTypes<T, undefined, undefined> = {
      shape,
      keys,
      values: NOTHING,
      valueCodec: undefined,
    };
    return structureType<ReadonlySet<T>, SHashSet<T>>({
      shape,
      empty: () => new Set(),
      open: (allocator, ptr) => new SHashSet(allocator, ptr, types),
      fill: (set, plain) => set.#fill(plain),
      toPlain: (set) => set.toPlain(),
    });
  }

  /**
   * Adds an element. Says whether it is new. O(1) on average, amortised.
   *
   * Throws `OUT_OF_MEMORY` with the element for its `rejected`, and what the codec throws; the set
   * has then the elements that it had.
   */
  insert(element: T): boolean {
    const { line } = this;
    const served = line === undefined ? FALL_BACK : line.insertSlot(element, NO_SLOT);
    if (served !== FALL_BACK) return served === undefined;
    return rejecting(element, () => {
      const place = this.locate(this.keySlots.encode(element));
      if (place.entry !== undefined) return false;
      this.put(place, () => undefined);
      return true;
    });
  }

  /** Whether this is an element. O(1) on average. */
  has(element: T): boolean {
    return this.hasKey(element);
  }

  /** Removes an element. Says whether it was there. O(1) on average. */
  remove(element: T): boolean {
    return this.unlinkKey(element) !== undefined;
  }

  /** Keeps the elements of which `keep` says yes; see {@link SHashMap.retain}. O(capacity). */
  retain(keep: (element: T) => boolean): void {
    this.retainEntries((bytes, offset) => keep(this.keySlots.load(this.allocator, bytes, offset)));
  }

  /**
   * The elements, lazily, in the order of the slots, or with `reverse` against it. O(capacity) for
   * all. The iterator throws `CHANGED_WHILE_ITERATING` if the set is changed under it.
   */
  values(direction: WalkDirection = {}): Generator<T, void> {
    return this.walk(direction, (bytes, offset) =>
      this.keySlots.load(this.allocator, bytes, offset),
    );
  }

  /** A plain copy of the set. O(capacity). */
  toPlain(): Set<T> {
    return new Set(this.values());
  }

  /** All elements. */
  [Symbol.iterator](): Generator<T, void> {
    return this.values();
  }

  /**
   * The elements that are in this set or in the other, lazily, each once; first those of this one.
   * O(n + m). Throws `TypeError` for what is no set, `INCOMPATIBLE_TYPE` for one of another type.
   */
  union(other: SHashSet<T>): Generator<T, void> {
    this.#assertSameType(other);
    return chain(this.values(), other.#without(this));
  }

  /** The elements that are in both sets, lazily. O(n). Throws as {@link SHashSet.union} does. */
  intersection(other: SHashSet<T>): Generator<T, void> {
    this.#assertSameType(other);
    return filter(this.values(), (element) => other.has(element));
  }

  /** The elements of this set that are not in the other, lazily. O(n). Throws as `union` does. */
  difference(other: SHashSet<T>): Generator<T, void> {
    this.#assertSameType(other);
    return this.#without(other);
  }

  /** The elements that are in one set only, lazily. O(n + m). Throws as `union` does. */
  symmetricDifference(other: SHashSet<T>): Generator<T, void> {
    this.#assertSameType(other);
    return chain(this.#without(other), other.#without(this));
  }

  /** Whether no element is in both sets. O(size of the smaller). Throws as `union` does. */
  isDisjointFrom(other: SHashSet<T>): boolean {
    this.#assertSameType(other);
    const [small, large] = this.length <= other.length ? [this, other] : [other, this];
    return small.intersection(large).next().done === true;
  }

  /** Whether every element of this set is in the other. O(n). Throws as `union` does. */
  isSubsetOf(other: SHashSet<T>): boolean {
    this.#assertSameType(other);
    return this.length <= other.length && this.#without(other).next().done === true;
  }

  /** Whether every element of the other set is in this one. O(m). Throws as `union` does. */
  isSupersetOf(other: SHashSet<T>): boolean {
    this.#assertSameType(other);
    return other.isSubsetOf(this);
  }

  /** A heap without a key is refused here, before there is anything in it that needs one. */
  #fill(plain: ReadonlySet<T>): void {
    hasherOf(this.allocator);
    this.reserve(plain.size);
    for (const element of plain) this.insert(element);
  }

  #without(other: SHashSet<T>): Generator<T, void> {
    return filter(this.values(), (element) => !other.has(element));
  }

  /** Elements of two types cannot be compared; a name says what a type is. */
  #assertSameType(other: unknown): void {
    if (!(other instanceof SHashSet)) {
      throw new TypeError(`other: expected an SHashSet, got ${kind(other)}`);
    }
    const [expected, found] = [this.shape.name, other.shape.name];
    if (found === expected) return;
    throw new StorageError(
      'INCOMPATIBLE_TYPE',
      `an ${expected} was to be compared with an ${found}. Give both the same codec.`,
      { expected, found },
    );
  }
}

function* filter<T>(elements: Iterable<T>, isWanted: (element: T) => boolean): Generator<T, void> {
  for (const element of elements) if (isWanted(element)) yield element;
}

function* chain<T>(first: Iterable<T>, second: Iterable<T>): Generator<T, void> {
  yield* first;
  yield* second;
}
