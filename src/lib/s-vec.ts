/**
 * A vector in a heap: elements of one type, whatever they are, in one block.
 *
 *     const posts = heap.root('posts', SVec.of(SVec.of(text)));
 *     posts.push(['On the engine', 'by ada']);
 *     posts.get(0)?.push('1843');
 *     posts.remove(0); // ['On the engine', 'by ada', '1843'], and their memory is free
 *
 * The header block says where the data block is, see `s-vec/fields.ts`. A full one doubles: it
 * grows where it is if the heap has room behind it, else it moves. Where there is no room for twice
 * as much, it gets as much as is needed.
 *
 * INVARIANT: length <= capacity; the data block has room for the capacity; each element's slot is
 * one that its type reads.
 *
 * Limits: 2^53 bytes. A vector that grows may need its old and its new block at once; where this is
 * too much, or elements shall never move, take a log (`s-log.ts`). Inserting and removing elsewhere
 * than at the end moves the bytes behind.
 *
 * Promise: what throws has not changed the elements. Room is made first, so a refused value may
 * leave a larger capacity behind.
 *
 * Source: `specs/ic-stable-memory.md` section 5.1; defect 7.
 */
import type { StableMemoryAllocator } from './allocator.js';
import type { StablePtr } from './allocator/free-block.js';
import { rejecting } from './allocator/out-of-memory.js';
import { wrongType } from './codecs/refusals.js';
import { firstViolation } from './errors.js';
import { assertSize } from './guards.js';
import { assertIndex } from './index-range.js';
import { SlotSequence } from './ownership/slot-sequence.js';
import {
  dropRun,
  firstElementViolation,
  storeAll,
  traceRun,
  type SlotRun,
} from './ownership/slots.js';
import { STRUCTURE_KIND, type StructureShape } from './ownership/stable-structure.js';
import {
  stableTypeOf,
  storeInSlot,
  type Stable,
  type StableType,
} from './ownership/stable-type.js';
import { structureType } from './ownership/structure-type.js';
import { DataBlock } from './s-vec/data-block.js';
import { HEADER_SIZE, readFields, writeFields, type VecFields } from './s-vec/fields.js';

/**
 * A vector in a heap. `P` is an element's plain value, `H` what reading gives: the same, or for a
 * structure a handle of it.
 *
 * @example
 * const primes = heap.root('primes', SVec.of(u32));
 * primes.pushMany([2, 3, 5]);
 * primes.get(1); // 3
 * [...primes.values({ reverse: true })]; // [5, 3, 2]
 */
export class SVec<P, H = P> extends SlotSequence<P, H> {
  readonly #block: DataBlock;
  /** The revision that the block is of; -1 before it is known. */
  #blockRevision = -1;

  private constructor(
    allocator: StableMemoryAllocator,
    ptr: StablePtr,
    shape: StructureShape,
    type: StableType<P, H>,
  ) {
    super(allocator, ptr, shape, type);
    this.#block = new DataBlock(allocator, type.size, (fields) => this.#publishFields(fields));
  }

  /** The type of vectors of such elements; plain values of it are arrays. O(1). */
  static of<P, H = P>(element: Stable<P, H>): StableType<readonly P[], SVec<P, H>> {
    const type = stableTypeOf(element);
    const name = `SVec(${type.name})`;
    const shape = { kind: STRUCTURE_KIND.SVec, name, headerSize: HEADER_SIZE };
    return structureType<readonly P[], SVec<P, H>>({
      shape,
      empty: () => [],
      open: (allocator, ptr) => new SVec(allocator, ptr, shape, type),
      fill: (vec, values) => vec.#fill(values),
      toPlain: (vec) => vec.toPlain(),
    });
  }

  /** Number of elements. O(1). */
  override get length(): number {
    return this.#open().length;
  }

  /** Whether there is no element. O(1). */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** How many elements there is room for before the data block must grow. O(1). */
  get capacity(): number {
    this.#open();
    return this.#block.capacity;
  }

  /**
   * The element with this index: its plain value, or a borrowed handle of the structure;
   * `undefined` beyond the end. Throws `RangeError` for what is no index, `CORRUPTED`. O(size of
   * the element).
   */
  get(index: number): H | undefined {
    const { length } = this.#open();
    if (assertSize('index', index) >= length) return undefined;
    return this.type.view(this.allocator, this.#block.read(index), 0);
  }

  /** The first element, or `undefined`. O(size of the element). */
  first(): H | undefined {
    return this.get(0);
  }

  /** The last element, or `undefined`. O(size of the element). */
  last(): H | undefined {
    return this.isEmpty ? undefined : this.get(this.length - 1);
  }

  /**
   * Adds an element behind the last one. Amortised O(size of the element).
   *
   * Throws `OUT_OF_MEMORY`, and what the codecs throw; the elements are then as they were.
   */
  push(value: P): void {
    this.insert(this.length, value);
  }

  /** Adds many elements behind the last one, or none of them. Otherwise as {@link SVec.push}. */
  pushMany(values: Iterable<P>): void {
    const all = Array.isArray(values) ? (values as readonly P[]) : [...values];
    const { length } = this.#open();
    rejecting(all, () => {
      this.#block.makeRoom(all.length);
      this.#block.putIn(length, storeAll(this.allocator, this.type, all), all.length);
    });
  }

  /**
   * Puts an element before the one with this index; at `length` it is a {@link SVec.push}. O(size
   * of the elements behind it).
   *
   * Throws `RangeError` for an index beyond the length, `OUT_OF_MEMORY`, and what the codecs throw;
   * the elements are then as they were.
   */
  insert(index: number, value: P): void {
    assertIndex(index, this.length + 1);
    rejecting(value, () => {
      this.#block.makeRoom(1);
      this.#block.putIn(index, storeInSlot(this.allocator, this.type, value), 1);
    });
  }

  /**
   * Puts what an owned handle stands for before the element with this index, without a copy; the
   * handle is consumed. Throws `VALUE_CONSUMED` for a handle that is not owned,
   * `INCOMPATIBLE_TYPE` for one of another type or heap. Otherwise as {@link SVec.insert}.
   */
  attach(index: number, handle: H): void {
    assertIndex(index, this.length + 1);
    const slot = new Uint8Array(this.type.size);
    rejecting(handle, () => {
      this.#block.makeRoom(1);
      this.type.move(this.allocator, handle, slot, 0);
    });
    this.#block.putIn(index, slot, 1);
  }

  /**
   * Overwrites an element and returns what was there, as a plain value; what that owned is freed.
   * O(size of both). Throws `RangeError` for an index beyond the end. Otherwise as
   * {@link SVec.push}.
   */
  set(index: number, value: P): P {
    assertIndex(index, this.length);
    const old = this.type.load(this.allocator, this.#block.read(index), 0);
    this.#overwrite(index, value);
    return old;
  }

  /**
   * Overwrites an element with what `change` makes of its plain value, and returns that. Where it
   * throws, or its result finds no room, the element is as it was. Otherwise as {@link SVec.set}.
   */
  update(index: number, change: (value: P) => P): P {
    assertIndex(index, this.length);
    const value = change(this.type.load(this.allocator, this.#block.read(index), 0));
    assertIndex(index, this.length);
    this.#overwrite(index, value);
    return value;
  }

  /** Removes the last element and returns its plain value, or `undefined`. O(its size). */
  pop(): P | undefined {
    return this.isEmpty ? undefined : this.remove(this.length - 1);
  }

  /**
   * Removes an element and returns its plain value; what it owned is freed. Throws `RangeError` for
   * an index beyond the end, `CORRUPTED`. O(size of it and of the elements behind it).
   */
  remove(index: number): P {
    assertIndex(index, this.length);
    const slot = this.#block.read(index);
    const value = this.type.load(this.allocator, slot, 0);
    this.#block.cutOut(index);
    this.type.drop(this.allocator, slot, 0);
    return value;
  }

  /**
   * Removes an element without a copy: of a structure the caller gets an owned handle. Attach it
   * somewhere, or dispose of it. Otherwise as {@link SVec.remove}.
   */
  detach(index: number): H {
    assertIndex(index, this.length);
    const slot = this.#block.read(index);
    this.#block.cutOut(index);
    return this.type.take(this.allocator, slot, 0);
  }

  /** Exchanges two elements, or one with itself. Throws `RangeError` beyond the end. O(1). */
  swap(left: number, right: number): void {
    assertIndex(left, this.length);
    assertIndex(right, this.length);
    this.#block.swap(left, right);
  }

  /** Frees all elements from an index on, unread. The data block stays. O(what they own). */
  truncate(length: number): void {
    const fields = this.#open();
    if (assertSize('length', length) >= fields.length) return;
    this.#block.change({ ...fields, length });
    dropRun(this.allocator, this.type, this.#block.run(length, fields.length));
  }

  /** Frees all elements, unread. The data block stays, see {@link SVec.shrinkToFit}. */
  clear(): void {
    this.truncate(0);
  }

  /**
   * Makes room for so many elements in all. Throws `OUT_OF_MEMORY`, `RangeError` for what is no
   * number of elements; nothing has changed then. O(size of all elements).
   */
  reserve(capacity: number): void {
    assertSize('capacity', capacity);
    if (capacity > this.capacity) this.#block.resize(capacity);
  }

  /** Gives back the room that no element needs. O(size of all elements) where they must move. */
  shrinkToFit(): void {
    this.#open();
    this.#block.shrinkToFit();
  }

  /**
   * Where an element is among sorted ones. `probe` says of an element whether it lies before the
   * place (negative), at it (0) or behind it (positive). Returns the index of one that lies at it;
   * where there is none, the index at which it would have to be inserted. O(log n) reads.
   *
   * @example
   * const { index, isFound } = sorted.search((element) => element - 36);
   * if (!isFound) sorted.insert(index, 36);
   */
  search(probe: (element: H) => number): { readonly index: number; readonly isFound: boolean } {
    let [start, end] = [0, this.length];
    while (start < end) {
      const middle = start + Math.floor((end - start) / 2);
      const order = probe(this.get(middle)!);
      if (order === 0) return { index: middle, isFound: true };
      if (order < 0) start = middle + 1;
      else end = middle;
    }
    return { index: start, isFound: false };
  }

  checkInvariants(): string | undefined {
    return firstViolation(() => {
      this.#blockRevision = -1; // So that the header is read anew.
      return firstElementViolation(this.values());
    });
  }

  protected releaseContents(): void {
    const { data, length } = this.#open();
    dropRun(this.allocator, this.type, this.#block.run(0, length));
    if (data !== 0) this.allocator.deallocate(this.allocator.blockAt(data));
  }

  protected traceContents(visit: (ptr: StablePtr) => void): void {
    const { data, length } = this.#open();
    if (data !== 0) visit(data);
    traceRun(this.allocator, this.type, this.#block.run(0, length), visit);
  }

  #fill(values: readonly P[]): void {
    if (!Array.isArray(values)) throw wrongType(this.shape.name, 'an array', values);
    this.reserve(values.length);
    this.pushMany(values);
  }

  /** Comes first in each operation: where the elements are by now. Throws as {@link sync} does. */
  #open(): VecFields {
    this.sync();
    const block = this.#block;
    if (this.revision !== this.#blockRevision) {
      block.fields = readFields(this.allocator, this.header, block.slotSize);
      this.#blockRevision = this.revision;
    }
    return block.fields;
  }

  #publishFields(fields: VecFields): void {
    writeFields(this.header, fields);
    this.publish();
    this.#blockRevision = this.revision;
  }

  #overwrite(index: number, value: P): void {
    const old = this.#block.read(index);
    this.#block.overwrite(
      index,
      rejecting(value, () => storeInSlot(this.allocator, this.type, value)),
    );
    this.type.drop(this.allocator, old, 0);
  }

  /** PRECONDITION: the block is known. */
  protected override runOf(): SlotRun {
    return this.#block.run(0, this.#block.fields.length);
  }
}
