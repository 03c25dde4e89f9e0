/**
 * A vector that lives in a memory: elements of a bounded size, each found by its index in one
 * read. Its bytes are those of the Rust crate's `Vec`, so that either side opens what the other
 * wrote; memory grows only as far as the last byte of the last element.
 *
 *     const readings = Vec.init(memory.get(0), tuple(u64, u32));
 *     readings.push([now, 21]);
 *     readings.get(0);
 *
 * The layout is the one in `vec/base-vec.ts`, with the magic "SVC".
 *
 * Beyond the crate: `insert`, `remove`, `swapRemove`, `truncate` and `extend`. They leave bytes
 * that the crate opens.
 *
 * Limits: codecs with a bound, since an element must fit a slot; one open handle on a memory.
 *
 * Promise: an operation that throws has changed nothing, also where the memory refuses to grow.
 * After a failed *write* outside a canister the handle refuses further use.
 *
 * Source: `specs/ic-stable-structures.md` section 4.2; crate module `vec`.
 */
import type { Codec } from './codec.js';
import { assertSize } from './guards.js';
import { Lease } from './lease.js';
import type { Memory } from './memory.js';
import { BaseVec, type VecKind } from './vec/base-vec.js';
import { assertIndex, type IndexRange } from './index-range.js';

const KIND: VecKind = { structure: 'Vec', magic: 'SVC', checksReserved: false };

/**
 * A vector of `T` in a memory.
 *
 * @example
 * const primes = Vec.init(new VectorMemory(), u32);
 * primes.extend([2, 3, 5]);
 * primes.push(7);
 * primes.get(3); // 7
 * for (const prime of primes) console.log(prime);
 */
export class Vec<T> implements Iterable<T> {
  readonly #base: BaseVec<T>;

  private constructor(base: BaseVec<T>) {
    this.#base = base;
  }

  /**
   * Opens the vector in `memory`, or creates one where the memory is empty (0 pages). O(1).
   *
   * Throws `BAD_MAGIC` for a memory that holds anything else, and leaves it as it is;
   * `INCOMPATIBLE_TYPE` for a codec without a bound, or with another bound than that of the stored
   * elements (their type itself is not recorded); `UNSUPPORTED_VERSION`, `CORRUPTED`,
   * `MEMORY_IN_USE`; `GROW_FAILED` without room.
   */
  static init<T>(memory: Memory, codec: Codec<T>): Vec<T> {
    return memory.size() === 0 ? Vec.create(memory, codec) : Vec.load(memory, codec);
  }

  /**
   * Creates a vector in an empty memory. Throws `NOT_EMPTY` for any other, `INCOMPATIBLE_TYPE` for
   * a codec without a bound, `MEMORY_IN_USE`, `GROW_FAILED`. O(1).
   */
  static create<T>(memory: Memory, codec: Codec<T>): Vec<T> {
    return Lease.open(KIND.structure, [memory], (lease) => {
      return new Vec(BaseVec.create(lease, KIND, memory, codec));
    });
  }

  /** Opens an existing vector; never writes. Throws as {@link Vec.init} does. O(1). */
  static load<T>(memory: Memory, codec: Codec<T>): Vec<T> {
    return Lease.open(KIND.structure, [memory], (lease) => {
      return new Vec(BaseVec.load(lease, KIND, memory, codec));
    });
  }

  /** Number of elements. O(1). */
  get length(): number {
    return this.#base.length;
  }

  /** Whether there is no element. O(1). */
  get isEmpty(): boolean {
    return this.#base.length === 0;
  }

  /**
   * The element with this index, or `undefined` beyond the end. O(size of the element). Throws
   * `RangeError` for what is no index, `CORRUPTED` for bytes that are no element.
   */
  get(index: number): T | undefined {
    const { length, slots } = this.#base;
    return assertSize('index', index) < length ? slots.read(index) : undefined;
  }

  /**
   * Overwrites the element with this index. O(size of the element).
   *
   * Throws `RangeError` beyond the end, `VALUE_TOO_LARGE` above the codec's bound, `INVALID_VALUE`
   * for a value that the codec cannot encode, `GROW_FAILED` without room (the last element may
   * become longer); the vector is then as it was.
   */
  set(index: number, value: T): void {
    assertIndex(index, this.#base.length);
    this.#base.set(index, this.#base.slots.encode(value));
  }

  /** Adds an element at the end. O(size of the element). Throws as {@link Vec.set} does. */
  push(value: T): void {
    this.#base.lease.assertUsable();
    this.#base.push(this.#base.slots.encode(value));
  }

  /**
   * Adds many elements at the end, all or none, and leaves the bytes of pushing them one by one;
   * elements of one size are written at once. O(their sizes). Throws as {@link Vec.set} does.
   */
  extend(values: Iterable<T>): void {
    this.#base.lease.assertUsable();
    this.#base.append(Array.from(values, (value) => this.#base.slots.encode(value)));
  }

  /** Removes the last element and returns it, or `undefined`. O(size of the element). */
  pop(): T | undefined {
    const { length, slots } = this.#base;
    if (length === 0) return undefined;
    const last = slots.read(length - 1);
    this.#base.shrink(length - 1);
    return last;
  }

  /**
   * Puts an element before the one with this index, or at the end. O(n - index): everything from
   * the index on moves up by one. Throws as {@link Vec.set} does, `RangeError` above the length.
   */
  insert(index: number, value: T): void {
    assertIndex(index, this.#base.length + 1);
    this.#base.insert(index, this.#base.slots.encode(value));
  }

  /**
   * Removes the element with this index and returns it. O(n - index): everything behind it moves
   * down by one. Throws `RangeError` beyond the end.
   */
  remove(index: number): T {
    const { length, slots } = this.#base;
    const removed = slots.read(assertIndex(index, length));
    this.#base.remove(index);
    return removed;
  }

  /**
   * Removes the element with this index and returns it; the last one takes its place. O(size of
   * the elements), but the order changes. Throws `RangeError` beyond the end.
   */
  swapRemove(index: number): T {
    const { length, slots } = this.#base;
    const removed = slots.read(assertIndex(index, length));
    this.#base.swapRemove(index);
    return removed;
  }

  /**
   * Removes the elements from `length` on; where there are none, nothing changes. The memory keeps
   * its size. O(1). Throws `RangeError` for what is no length.
   */
  truncate(length: number): void {
    this.#base.shrink(Math.min(assertSize('length', length), this.#base.length));
  }

  /** Removes every element. The memory keeps its size. O(1). */
  clear(): void {
    this.#base.shrink(0);
  }

  /**
   * The elements from index `from` up to before `to`, lazily, by ascending index (descending with
   * `reverse`); all of them unless told. Each step costs what {@link Vec.get} does.
   *
   * Throws `RangeError` for bounds that are no indices. The iterator throws
   * `CHANGED_WHILE_ITERATING` if the vector is changed under it.
   */
  values(range: IndexRange = {}): Generator<T, void> {
    return this.#base.values(range);
  }

  /** All elements by ascending index. */
  [Symbol.iterator](): Generator<T, void> {
    return this.#base.values({});
  }

  /** Gives the memory back and closes the handle: each further use throws `HANDLE_CLOSED`. */
  intoMemory(): Memory {
    return this.#base.intoMemory();
  }

  /** The first rule of the layout that does not hold, in words, or `undefined`. O(n); for tests. */
  checkInvariants(): string | undefined {
    return this.#base.checkInvariants(() => undefined);
  }
}
