/**
 * Wraps any allocator and watches it, and those who use it: a block that is given while it is in
 * use, freed twice, or freed in part is an error at the call that did it. What is in use and what
 * was freed is kept in RAM; in the file there is nothing of it.
 *
 *     WHAT IS WRONG                                        ERROR
 *     the allocator gives bytes that are in use            CORRUPTED, and nothing goes on
 *     a block is given back whose bytes were freed         NOT_ALLOCATED
 *     a block is given back that is a part of one in use   NOT_ALLOCATED
 *     a block is given back that spans several in use      NOT_ALLOCATED
 *
 * (The original panics.) A block of which nothing is known, as it is from an earlier session, may
 * be given back; `restore` makes it known, and so does {@link DebugCheckingAllocator.withState}.
 *
 *     OPERATION    CALLS OF THE STACK, SYNCS, WHAT A CRASH LEAVES
 *     all          those of the wrapped allocator: nothing is added
 *
 * Limits: O(blocks) for each call.
 *
 * Source: `specs/bstack.md` section 3.8. There `realloc` takes the new bytes not out of what was
 * freed, nor does it remember the old ones as freed, and a later `dealloc` is blamed for it. Here
 * it does both.
 */
import type { BStack } from '../bstack.js';
import { BStackRange } from '../bstack/range.js';
import { StorageError } from '../errors.js';
import { BStackAllocator, type SavedRange } from './allocator.js';
import { notAllocated, type BStackBlock } from './block.js';
import { RangeSet } from './debug-checking/range-set.js';

/**
 * An allocator under observation.
 *
 * @example
 * const allocator = new DebugCheckingAllocator(SlabBStackAllocator.open(stack));
 * const saved = allocator.alloc(50).toBytes();
 * allocator.dealloc(allocator.restore(saved));
 * allocator.restore(saved); // NOT_ALLOCATED: it was freed
 */
export class DebugCheckingAllocator<
  A extends BStackAllocator = BStackAllocator,
> extends BStackAllocator {
  readonly #inner: A;
  #allocated = new RangeSet('allocated', []);
  #freed = new RangeSet('freed', []);

  /** Watches `inner` from now on. Use it no more directly: its blocks are unknown here. */
  constructor(inner: A) {
    super(inner.stack);
    this.#inner = inner;
  }

  /**
   * Watches `inner`, of which these ranges are known to be in use, and these to have been freed.
   * Throws `RangeError` where any two of them overlap.
   */
  static withState<A extends BStackAllocator>(
    inner: A,
    allocated: readonly SavedRange[],
    freed: readonly SavedRange[],
  ): DebugCheckingAllocator<A> {
    const [inUse, free] = [allocated, freed].map((ranges) => ranges.map(rangeOf));
    const debug = new DebugCheckingAllocator(inner);
    new RangeSet('allocated and freed', [...inUse!, ...free!]);
    debug.#allocated = new RangeSet('allocated', inUse!);
    debug.#freed = new RangeSet('freed', free!);
    return debug;
  }

  /** The allocator that is watched. O(1). */
  get inner(): A {
    this.assertUsable();
    return this.#inner;
  }

  /** The ranges that are in use as far as it is known, by their starts. O(n log n). */
  get allocated(): BStackRange[] {
    return this.#allocated.toArray();
  }

  /** The ranges that were freed and not given again, by their starts. O(n log n). */
  get freed(): BStackRange[] {
    return this.#freed.toArray();
  }

  /** Stops watching and gives the allocator back. All blocks of this one are dead. O(1). */
  intoInner(): A {
    super.intoStack();
    return this.#inner;
  }

  override intoStack(): BStack {
    super.intoStack();
    return this.#inner.intoStack();
  }

  override restore(saved: Uint8Array | SavedRange): BStackBlock {
    const block = super.restore(saved);
    if (this.#allocated.overlapping(block.range).length === 0) this.#allocated.add(block.range);
    return block;
  }

  checkInvariants(): string | undefined {
    this.assertUsable();
    return this.#inner.checkInvariants();
  }

  protected allocate(length: number): number {
    return this.#record(this.#inner.alloc(length));
  }

  protected reallocate(range: BStackRange, length: number): number {
    this.assertPlausible(range);
    const block = this.#inner.realloc(this.#inner.restore(range), length);
    this.#forget(range);
    return this.#record(block);
  }

  protected release(range: BStackRange): void {
    this.assertPlausible(range);
    this.#inner.dealloc(this.#inner.restore(range));
    this.#forget(range);
  }

  protected override allocateAll(lengths: readonly number[]): number[] {
    return this.#inner.allocBulk(lengths).map((block) => this.#record(block));
  }

  protected override releaseAll(ranges: readonly BStackRange[]): void {
    assertDisjoint(ranges);
    for (const range of ranges) this.assertPlausible(range);
    this.#inner.deallocBulk(ranges.map((range) => this.#inner.restore(range)));
    for (const range of ranges) this.#forget(range);
  }

  protected assertPlausible(range: BStackRange): void {
    if (this.#freed.overlapping(range).length > 0) {
      throw notAllocated(range, 'bytes of it were freed before');
    }
    const inUse = this.#allocated.overlapping(range);
    if (inUse.length > 1) throw notAllocated(range, `it spans ${inUse.length} blocks`);
    if (inUse.length === 1 && !inUse[0]!.equals(range)) {
      const { start, length } = inUse[0]!;
      throw notAllocated(
        range,
        `it is a part of the ${length} bytes at ${start}, or overlaps them`,
      );
    }
    this.#inner.restore(range);
  }

  /** A block that the inner allocator has given is in use from now on. */
  #record({ range }: BStackBlock): number {
    const [clash] = this.#allocated.overlapping(range);
    // There is no way back: two owners have the same bytes.
    if (clash !== undefined) {
      this.change(() => {
        throw givenTwice(range, clash);
      });
    }
    this.#freed.remove(range);
    this.#allocated.add(range);
    return range.start;
  }

  /** A block was given back. */
  #forget(range: BStackRange): void {
    this.#allocated.remove(range);
    this.#freed.add(range);
  }
}

function rangeOf({ start, length }: SavedRange): BStackRange {
  return new BStackRange(start, length);
}

function assertDisjoint(ranges: readonly BStackRange[]): void {
  const sorted = ranges.filter(({ isEmpty }) => !isEmpty).sort((a, b) => a.compare(b));
  const clash = sorted.find((range, index) => index > 0 && sorted[index - 1]!.end > range.start);
  if (clash !== undefined) throw notAllocated(clash, 'another one of the list overlaps it');
}

function givenTwice(range: BStackRange, clash: BStackRange): StorageError {
  const [start, length] = [range.start, range.length];
  return new StorageError(
    'CORRUPTED',
    `the allocator gave ${length} bytes at ${start}, of which ${clash.length} at ${clash.start} ` +
      'are in use. Restore the file from a copy, and look for what was freed twice.',
    { start, length, inUseStart: clash.start, inUseLength: clash.length },
  );
}
