/**
 * A double-ended queue that lives in a memory: elements of a bounded size are added and taken at
 * either end in O(1), and found by their index in one read.
 *
 *     const inbox = Deque.init(memory.get(0), blob(256));
 *     inbox.pushBack(message);
 *     inbox.popFront();
 *
 * The elements lie in a ring of slots, see `deque/ring.ts`: a layout of our own, which the Rust
 * crate does not have. A full ring doubles: the elements that had come round to its start move
 * behind its old end, into slots that were not there before.
 *
 * INVARIANT: the memory holds every slot of the ring; the ring in the header is the one in RAM;
 * each element is one that the codec reads.
 *
 * Limits: codecs with a bound; one open handle on a memory. The ring never shrinks, and where it is
 * full the memory must have room for twice as many slots.
 *
 * Promise: nothing is ever written over an element that the header names, and a header is one
 * write. So an operation that throws has changed nothing, also where the memory refuses to grow;
 * after a failed *write* outside a canister the handle refuses further use, and the memory holds
 * the deque as it was before.
 *
 * Source: house style rules 1, 3 and 11; section 8.3 of `specs/ic-stable-structures.md` has the
 * request for a queue.
 */
import type { Codec } from './codec.js';
import {
  createHeader,
  encodeRing,
  firstRing,
  isSame,
  readRing,
  RING_OFFSET,
  SLOTS_OFFSET,
  wrap,
  type Ring,
} from './deque/ring.js';
import { firstViolation } from './errors.js';
import { assertSize } from './guards.js';
import { Lease } from './lease.js';
import { assertEmpty, readStored, reserve, type Memory } from './memory.js';
import { walkIndices, type IndexRange } from './index-range.js';
import { moveBytes } from './move-bytes.js';
import { Slots } from './vec/slots.js';
import { boundForSlots } from './vec/stored-bound.js';

const STRUCTURE = 'Deque';

/**
 * A double-ended queue of `T` in a memory.
 *
 * @example
 * const jobs = Deque.init(new VectorMemory(), u32);
 * jobs.pushBack(2);
 * jobs.pushBack(3);
 * jobs.pushFront(1);
 * jobs.popFront(); // 1
 * jobs.last(); // 3
 */
export class Deque<T> implements Iterable<T> {
  readonly #lease: Lease;
  readonly #slots: Slots<T>;
  #ring: Ring;

  private constructor(lease: Lease, slots: Slots<T>, ring: Ring) {
    this.#lease = lease;
    this.#slots = slots;
    this.#ring = ring;
  }

  /**
   * Opens the deque in `memory`, or creates one where the memory is empty (0 pages). O(1).
   *
   * Throws `BAD_MAGIC` for a memory that holds anything else, and leaves it as it is;
   * `INCOMPATIBLE_TYPE` for a codec without a bound, or with another bound than that of the stored
   * elements (their type itself is not recorded); `UNSUPPORTED_VERSION`, `CORRUPTED`,
   * `MEMORY_IN_USE`; `GROW_FAILED` without room.
   */
  static init<T>(memory: Memory, codec: Codec<T>): Deque<T> {
    return memory.size() === 0 ? Deque.create(memory, codec) : Deque.load(memory, codec);
  }

  /**
   * Creates a deque in an empty memory. Throws `NOT_EMPTY` for any other, `INCOMPATIBLE_TYPE` for
   * a codec without a bound, `MEMORY_IN_USE`, `GROW_FAILED`. O(1).
   */
  static create<T>(memory: Memory, codec: Codec<T>): Deque<T> {
    const bound = boundForSlots(STRUCTURE, codec);
    return Lease.open(STRUCTURE, [memory], (lease) => {
      assertEmpty(memory);
      const slots = new Slots(memory, SLOTS_OFFSET, codec, bound);
      const ring = firstRing(slots);
      reserve(memory, SLOTS_OFFSET);
      memory.write(0, createHeader(bound, ring));
      return new Deque(lease, slots, ring);
    });
  }

  /** Opens an existing deque; never writes. Throws as {@link Deque.init} does. O(1). */
  static load<T>(memory: Memory, codec: Codec<T>): Deque<T> {
    const bound = boundForSlots(STRUCTURE, codec);
    return Lease.open(STRUCTURE, [memory], (lease) => {
      const header = new Uint8Array(SLOTS_OFFSET);
      readStored(memory, 0, header);
      const slots = new Slots(memory, SLOTS_OFFSET, codec, bound);
      return new Deque(lease, slots, readRing(STRUCTURE, header, slots));
    });
  }

  /** Number of elements. O(1). */
  get length(): number {
    this.#lease.assertUsable();
    return this.#ring.length;
  }

  /** Whether there is no element. O(1). */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  /**
   * The element with this index, counted from the front, or `undefined` beyond the end. O(size of
   * the element). Throws `RangeError` for what is no index, `CORRUPTED` for bytes that are no
   * element.
   */
  get(index: number): T | undefined {
    const { length } = this;
    return assertSize('index', index) < length ? this.#read(index) : undefined;
  }

  /** The element at the front, or `undefined`. O(size of the element). */
  first(): T | undefined {
    return this.get(0);
  }

  /** The element at the back, or `undefined`. O(size of the element). */
  last(): T | undefined {
    return this.isEmpty ? undefined : this.#read(this.#ring.length - 1);
  }

  /**
   * Adds an element at the back. Amortised O(size of the element).
   *
   * Throws `VALUE_TOO_LARGE` above the codec's bound, `INVALID_VALUE` for a value that the codec
   * cannot encode, `GROW_FAILED` where the ring is full and cannot double; the deque is then as it
   * was.
   */
  pushBack(value: T): void {
    const encoded = this.#prepare(value);
    const { capacity, head, length } = this.#ring;
    const slot = wrap(head + length, capacity);
    this.#change({ capacity, head, length: length + 1 }, () => this.#slots.write(slot, encoded));
  }

  /** Adds an element at the front. Otherwise as {@link Deque.pushBack}. */
  pushFront(value: T): void {
    const encoded = this.#prepare(value);
    const { capacity, head, length } = this.#ring;
    const slot = wrap(head + capacity - 1, capacity);
    this.#change({ capacity, head: slot, length: length + 1 }, () =>
      this.#slots.write(slot, encoded),
    );
  }

  /** Removes the element at the back and returns it, or `undefined`. O(size of the element). */
  popBack(): T | undefined {
    const last = this.last();
    const { capacity, head, length } = this.#ring;
    if (length > 0) this.#change({ capacity, head, length: length - 1 });
    return last;
  }

  /** Removes the element at the front and returns it, or `undefined`. O(size of the element). */
  popFront(): T | undefined {
    const first = this.first();
    const { capacity, head, length } = this.#ring;
    if (length > 0) this.#change({ capacity, head: wrap(head + 1, capacity), length: length - 1 });
    return first;
  }

  /** Removes every element. The ring and the memory keep their sizes. O(1). */
  clear(): void {
    this.#change({ ...this.#ring, head: 0, length: 0 });
  }

  /**
   * The elements from index `from` up to before `to`, lazily, front to back (back to front with
   * `reverse`); all of them unless told. Each step costs what {@link Deque.get} does.
   *
   * Throws `RangeError` for bounds that are no indices. The iterator throws
   * `CHANGED_WHILE_ITERATING` if the deque is changed under it.
   */
  values(range: IndexRange = {}): Generator<T, void> {
    return walkIndices(this.#lease, range, this.length, (index) => this.#read(index));
  }

  /** All elements, front to back. */
  [Symbol.iterator](): Generator<T, void> {
    return this.values();
  }

  /** Gives the memory back and closes the handle: each further use throws `HANDLE_CLOSED`. */
  intoMemory(): Memory {
    this.#lease.end();
    return this.#slots.memory;
  }

  /** The first rule of the layout that does not hold, in words, or `undefined`. O(n); for tests. */
  checkInvariants(): string | undefined {
    const { length } = this;
    return firstViolation(() => {
      const header = new Uint8Array(SLOTS_OFFSET);
      readStored(this.#slots.memory, 0, header);
      const stored = readRing(STRUCTURE, header, this.#slots);
      if (!isSame(stored, this.#ring)) return 'the header tells of another ring';
      for (let index = 0; index < length; index++) this.#read(index);
      return undefined;
    });
  }

  #read(index: number): T {
    const { capacity, head } = this.#ring;
    return this.#slots.read(wrap(head + index, capacity));
  }

  /** The bytes of a new element, for which the ring has a slot from now on. */
  #prepare(value: T): Uint8Array {
    this.#lease.assertUsable();
    const encoded = this.#slots.encode(value);
    if (this.#ring.length === this.#ring.capacity) this.#double();
    return encoded;
  }

  /** A change of its own, so that the slots which the elements have left are free before use. */
  #double(): void {
    const { capacity, head, length } = this.#ring;
    const slots = this.#slots;
    const doubled = Math.max(1, 2 * capacity);
    reserve(slots.memory, slots.addressOf(doubled));
    this.#change({ capacity: doubled, head, length }, () =>
      moveBytes(slots.memory, slots.address, slots.addressOf(capacity), head * slots.slotSize),
    );
  }

  /** Writes elements into slots that are not in use, then the header that makes them real. */
  #change(ring: Ring, write?: () => void): void {
    this.#lease.change(() => {
      write?.();
      this.#slots.memory.write(RING_OFFSET, encodeRing(ring));
      this.#ring = ring;
    });
  }
}
