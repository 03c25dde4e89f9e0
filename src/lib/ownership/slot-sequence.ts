/**
 * What structures have in common whose elements lie in slots one behind another: walking over them,
 * some KiB at a time. Where the slots are is all that a vector and a log differ in for that.
 *
 * Source: `specs/ic-stable-memory.md` sections 5.1 and 5.2.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import type { IndexRange } from '../index-range.js';
import { walkSlots } from './slot-walk.js';
import type { SlotRun } from './slots.js';
import { StableStructure, type StructureShape } from './stable-structure.js';
import type { StableType } from './stable-type.js';

/** A structure of elements by index. */
export abstract class SlotSequence<P, H> extends StableStructure implements Iterable<H> {
  protected constructor(
    allocator: StableMemoryAllocator,
    ptr: StablePtr,
    shape: StructureShape,
    /** The type of the elements. */
    protected readonly type: StableType<P, H>,
  ) {
    super(allocator, ptr, shape);
  }

  /** Number of elements. O(1). */
  abstract get length(): number;

  /**
   * The elements from index `from` up to before `to`, lazily, last one first with `reverse`; all of
   * them unless told. Some KiB are read at a time.
   *
   * Throws `RangeError` for bounds that are no indices. The iterator throws
   * `CHANGED_WHILE_ITERATING` if the structure is changed under it.
   */
  values(range: IndexRange = {}): Generator<H, void> {
    return this.#walk(range, (slots, offset) => this.type.view(this.allocator, slots, offset));
  }

  /** All elements, first one first. */
  [Symbol.iterator](): Generator<H, void> {
    return this.values();
  }

  /** All elements as plain values. O(size of all). */
  toPlain(): readonly P[] {
    const read = (slots: Uint8Array, offset: number): P =>
      this.type.load(this.allocator, slots, offset);
    return Array.from(this.#walk({}, read));
  }

  /** The run that an element lies in. PRECONDITION: the header was read. */
  protected abstract runOf(index: number): SlotRun;

  /** Elements of a range, one at a time, as `read` has them from their slots. */
  #walk<R>(range: IndexRange, read: (slots: Uint8Array, offset: number) => R): Generator<R, void> {
    const { length } = this;
    const { allocator, revision } = this;
    const slotSize = this.type.size;
    const assertUnchanged = (since: number): void => this.assertUnchanged(since);
    const runOf = (index: number): SlotRun => this.runOf(index);
    const walked = { revision, assertUnchanged };
    return walkSlots({ allocator, slotSize, length, walked, runOf }, range, read);
  }
}
