/**
 * A priority queue that lives in a memory: the least element is found in O(1) and taken in
 * O(log n). Its bytes are those of the Rust crate's `MinHeap`.
 *
 *     const timers = MinHeap.init(memory.get(0), tuple(u64, principal));
 *     timers.push([dueAt, owner]);
 *     timers.peek(); // what is due first
 *
 * The layout is the one in `vec/base-vec.ts`, with the magic "SMH".
 *
 * INVARIANT: no element is less than its parent, where the parent of slot i is (i - 1) / 2.
 *
 * Each operation is planned in RAM and then written, so that nothing has changed where it throws
 * before its first write. What is written, and in which order, is the crate's: stale bytes behind
 * a short element are part of the image.
 *
 * NOTE: elements are compared encoded, in the order of their codec, which is a total one. The
 * crate compares with Rust's `PartialOrd`: there NaN is less than nothing and nothing is less than
 * it. A heap of floats with NaN among them is therefore read on both sides, but each side may put
 * its next elements elsewhere.
 *
 * Limits: codecs with a bound and an order; one open handle on a memory.
 *
 * Promise: an operation that throws has changed nothing, also where the memory refuses to grow.
 * After a failed *write* outside a canister the handle refuses further use.
 *
 * Source: `specs/ic-stable-structures.md` section 4.2; crate module `min_heap`.
 */
import { compareWhole, type Codec, type KeyCodec } from './codec.js';
import { assertCodec, isKeyCodec } from './codecs/refusals.js';
import { Lease } from './lease.js';
import { reserve, type Memory } from './memory.js';
import { BaseVec, type VecKind } from './vec/base-vec.js';

const KIND: VecKind = { structure: 'MinHeap', magic: 'SMH', checksReserved: false };

/** An encoded element on its way into a slot. */
interface Move {
  readonly slot: number;
  readonly encoded: Uint8Array;
}

/**
 * A heap of `T` in a memory, least element first.
 *
 * @example
 * const queue = MinHeap.init(new VectorMemory(), u32);
 * for (const priority of [5, 1, 3]) queue.push(priority);
 * queue.peek(); // 1
 * queue.pop(); // 1
 * queue.pop(); // 3
 */
export class MinHeap<T> implements Iterable<T> {
  readonly #base: BaseVec<T>;
  readonly #codec: KeyCodec<T>;

  private constructor(base: BaseVec<T>, codec: KeyCodec<T>) {
    this.#base = base;
    this.#codec = codec;
  }

  /**
   * Opens the heap in `memory`, or creates one where the memory is empty (0 pages). O(1).
   *
   * Throws `TypeError` for a codec without an order; `BAD_MAGIC` for a memory that holds anything
   * else, and leaves it as it is; `INCOMPATIBLE_TYPE` for a codec without a bound, or with another
   * bound than that of the stored elements (their type itself is not recorded);
   * `UNSUPPORTED_VERSION`, `CORRUPTED`, `MEMORY_IN_USE`; `GROW_FAILED` without room.
   */
  static init<T>(memory: Memory, codec: KeyCodec<T>): MinHeap<T> {
    return memory.size() === 0 ? MinHeap.create(memory, codec) : MinHeap.load(memory, codec);
  }

  /**
   * Creates a heap in an empty memory. Throws `NOT_EMPTY` for any other, `TypeError` and
   * `INCOMPATIBLE_TYPE` as {@link MinHeap.init} does, `MEMORY_IN_USE`, `GROW_FAILED`. O(1).
   */
  static create<T>(memory: Memory, codec: KeyCodec<T>): MinHeap<T> {
    assertOrdered(codec);
    return Lease.open(KIND.structure, [memory], (lease) => {
      return new MinHeap(BaseVec.create(lease, KIND, memory, codec), codec);
    });
  }

  /** Opens an existing heap; never writes. Throws as {@link MinHeap.init} does. O(1). */
  static load<T>(memory: Memory, codec: KeyCodec<T>): MinHeap<T> {
    assertOrdered(codec);
    return Lease.open(KIND.structure, [memory], (lease) => {
      return new MinHeap(BaseVec.load(lease, KIND, memory, codec), codec);
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

  /** The least element, or `undefined`. O(1). */
  peek(): T | undefined {
    return this.#base.length === 0 ? undefined : this.#base.slots.read(0);
  }

  /**
   * Adds an element. O(log n).
   *
   * Throws `VALUE_TOO_LARGE` above the codec's bound, `INVALID_VALUE` for a value that the codec
   * cannot encode, `GROW_FAILED` without room; the heap is then as it was.
   */
  push(value: T): void {
    const { length, slots } = this.#base;
    const moves = this.#siftUp(length, slots.encode(value));
    const ends = moves.map(({ slot, encoded }) => slots.endOf(slot, encoded.length));
    reserve(slots.memory, Math.max(...ends));
    this.#write(length + 1, moves);
  }

  /** Removes the least element and returns it, or `undefined`. O(log n). */
  pop(): T | undefined {
    const { length, slots } = this.#base;
    if (length === 0) return undefined;
    const least = slots.read(0);
    const count = length - 1;
    this.#write(count, count === 0 ? [] : this.#siftDown(count, slots.readEncoded(count)));
    return least;
  }

  /** Removes every element. The memory keeps its size. O(1). */
  clear(): void {
    this.#base.shrink(0);
  }

  /**
   * The elements as they are stored, lazily: the least one first, the others in no order that
   * tells anything. Each step costs one read.
   *
   * The iterator throws `CHANGED_WHILE_ITERATING` if the heap is changed under it.
   */
  [Symbol.iterator](): Generator<T, void> {
    return this.#base.values({});
  }

  /** Gives the memory back and closes the handle: each further use throws `HANDLE_CLOSED`. */
  intoMemory(): Memory {
    return this.#base.intoMemory();
  }

  /** The first rule of the layout that does not hold, in words, or `undefined`. O(n); for tests. */
  checkInvariants(): string | undefined {
    const { slots } = this.#base;
    return this.#base.checkInvariants(() => {
      for (let slot = 1; slot < this.#base.length; slot++) {
        const parent = parentOf(slot);
        if (this.#isLess(slots.readEncoded(slot), slots.readEncoded(parent))) {
          return `element ${slot} is less than its parent ${parent}`;
        }
      }
      return undefined;
    });
  }

  /** The element is written where it is added; then each greater parent moves down. */
  #siftUp(end: number, item: Uint8Array): Move[] {
    const moves: Move[] = [{ slot: end, encoded: item }];
    let hole = end;
    while (hole > 0) {
      const parent = parentOf(hole);
      const encoded = this.#base.slots.readEncoded(parent);
      if (!this.#isLess(item, encoded)) break;
      moves.push({ slot: hole, encoded });
      hole = parent;
    }
    if (hole !== end) moves.push({ slot: hole, encoded: item });
    return moves;
  }

  /** The former last element is written in front; then each lesser child moves up. */
  #siftDown(count: number, item: Uint8Array): Move[] {
    const moves: Move[] = [{ slot: 0, encoded: item }];
    let hole = 0;
    for (;;) {
      const child = this.#leastChild(hole, count);
      if (child === undefined || !this.#isLess(child.encoded, item)) break;
      moves.push({ slot: hole, encoded: child.encoded });
      hole = child.slot;
    }
    if (hole > 0) moves.push({ slot: hole, encoded: item });
    return moves;
  }

  /** Of two equal children the right one, as in the crate. */
  #leastChild(parent: number, count: number): Move | undefined {
    const { slots } = this.#base;
    const slot = 2 * parent + 1;
    if (slot >= count) return undefined;
    const left = slots.readEncoded(slot);
    if (slot + 1 === count) return { slot, encoded: left };
    const right = slots.readEncoded(slot + 1);
    return this.#isLess(left, right) ? { slot, encoded: left } : { slot: slot + 1, encoded: right };
  }

  #write(length: number, moves: readonly Move[]): void {
    const { slots } = this.#base;
    this.#base.change(length, () => {
      for (const { slot, encoded } of moves) slots.write(slot, encoded);
    });
  }

  #isLess(left: Uint8Array, right: Uint8Array): boolean {
    return compareWhole(this.#codec.order, left, right) < 0;
  }
}

function assertOrdered<T>(codec: KeyCodec<T>): void {
  assertCodec(KIND.structure, codec);
  if (isKeyCodec(codec)) return;
  const { name } = codec as Codec<T>;
  throw new TypeError(`${KIND.structure}: expected a codec with an order, got ${name}`);
}

function parentOf(slot: number): number {
  return Math.floor((slot - 1) / 2);
}
