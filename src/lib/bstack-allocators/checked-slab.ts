/**
 * Blocks of one size on a `BStack`, each allocation with a tag that says so: a block that is freed
 * twice is refused, and what a crash has leaked is found when the stack is opened.
 *
 *     header │ tag data │ tag data ┊ data │ 0 next │ …      48 bytes, then blocks up to the end
 *               1 block     2 blocks         free
 *
 * The tag of an allocation lies in front of its first block, 8 bytes; the block that the user gets
 * starts behind it. So n blocks have room for 8 bytes less than n blocks are long.
 *
 *     OPERATION                    CALLS OF THE STACK    SYNCS   A CRASH BETWEEN THEM LEAVES
 *     alloc, from the list         edit                      4   -
 *     alloc, at the end            extendSparse              2   -
 *     dealloc                      edit                      4   -
 *     dealloc, at the end          discard                   1   -
 *     realloc, same blocks         zero                   1, 4   -
 *     realloc at the end, longer   extend, edit              5   free blocks, found by opening
 *     realloc at the end, shorter  edit, discard             5   free blocks, found by opening
 *     realloc inside, shorter      edit                      4   -
 *     realloc inside, longer       extend, edit              5   free blocks, found by opening
 *     allocBulk                    extend, edit              5   free blocks, found by opening
 *     deallocBulk                  edit                      4   -
 *     open, recover                discard, edit           0-5   the rest, found by opening again
 *
 * (4 syncs of an edit or a zero are 1 where all of it lies within 256 bytes of the file.) In the
 * original each change of the list is two calls, and one of a block in use moves it by three, of
 * which a crash leaves a block in use that nobody knows. Here nothing but the block of the very
 * call can be left so.
 *
 * What is cut off an allocation becomes free with a tag of zero at each block, by the same edit
 * that shortens the allocation, or before it: the user's bytes in it must never be seen as tags.
 *
 * INVARIANTS: the stack ends with a whole block. Walked from the first block by their tags, the
 * blocks end where the stack does. The list has free blocks only, and none twice.
 *
 * Limits: opening costs O(blocks). Damaged tags at the end of the stack make opening cut it there,
 * see `checked-slab/recovery.ts`. What takes several blocks always lengthens the stack.
 *
 * Source: `specs/bstack.md` section 3.5, with the corrected order of a cut (layout ALCK 0.1.3).
 */
import type { BStack } from '../bstack.js';
import type { BStackRange } from '../bstack/range.js';
import type { StackEdit } from '../bstack/stack-edit.js';
import { firstViolation } from '../errors.js';
import { assertSize } from '../guards.js';
import { BStackAllocator } from './allocator.js';
import { notAllocated } from './block.js';
import { recoverBlocks, surveyBlocks } from './checked-slab/recovery.js';
import { CHECKED_BLOCK_SIZE_MIN, readTag, TAG_SIZE, tagOf } from './checked-slab/tag.js';
import { SlabBlocks } from './slab/blocks.js';
import { NOWHERE, planBulk } from './slab/bulk-plan.js';
import { createSlab, readBlockSize, type SlabKind } from './slab/header.js';

const KIND: SlabKind = { letters: 'ALCK', patch: 3, blockSizeMin: CHECKED_BLOCK_SIZE_MIN };
const DATA_SIZE_MIN = CHECKED_BLOCK_SIZE_MIN - TAG_SIZE;

/**
 * Blocks of one size with tags.
 *
 * @example
 * const allocator = CheckedSlabBStackAllocator.create(stack, 56); // blocks of 64 bytes
 * const saved = allocator.alloc(50).toBytes();
 * const reopened = CheckedSlabBStackAllocator.open(allocator.intoStack());
 * reopened.dealloc(reopened.restore(saved));
 * reopened.restore(saved); // NOT_ALLOCATED
 */
export class CheckedSlabBStackAllocator extends BStackAllocator {
  readonly #blocks: SlabBlocks;

  private constructor(stack: BStack, blockSize: number) {
    super(stack);
    this.#blocks = new SlabBlocks(stack, blockSize, TAG_SIZE);
  }

  /**
   * Makes an empty stack one of blocks with `dataSize` bytes for the user, at least 8, and a tag. 2
   * syncs. Throws `NOT_EMPTY`, `RangeError`.
   */
  static create(stack: BStack, dataSize: number): CheckedSlabBStackAllocator {
    if (assertSize('dataSize', dataSize, Number.MAX_SAFE_INTEGER - TAG_SIZE) < DATA_SIZE_MIN) {
      throw new RangeError(`dataSize: expected at least ${DATA_SIZE_MIN}, got ${dataSize}`);
    }
    createSlab(stack, KIND, dataSize + TAG_SIZE);
    return new CheckedSlabBStackAllocator(stack, dataSize + TAG_SIZE);
  }

  /**
   * Opens a stack of tagged blocks and puts back what a crash has leaked. O(blocks). At most 5
   * syncs, none where nothing has leaked. Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, and
   * `CORRUPTED` where the list begins with what is no free block; then nothing was written.
   */
  static open(stack: BStack): CheckedSlabBStackAllocator {
    const allocator = new CheckedSlabBStackAllocator(stack, readBlockSize(stack, KIND));
    allocator.#blocks.peek(stack, 1);
    allocator.recover();
    return allocator;
  }

  /** Bytes for the user in one block. O(1). */
  get dataSize(): number {
    return this.#blocks.size - TAG_SIZE;
  }

  /** How many blocks are free. Throws `CORRUPTED` where the list is broken. O(free blocks). */
  countFreeBlocks(): number {
    return this.#blocks.peek(this.stack, Infinity).starts.length;
  }

  /**
   * Puts leaked blocks back into the list, and cuts off an end that belongs to nothing. Opening has
   * done that; to be repeated after a failed call, or to learn what cannot be repaired. O(blocks).
   * Returns how many blocks nobody can tell the use of: 0 where all is in order.
   */
  recover(): number {
    this.assertUsable();
    return recoverBlocks(this.#blocks);
  }

  checkInvariants(): string | undefined {
    const { stack } = this;
    return firstViolation(() => {
      readBlockSize(stack, KIND);
      const { listDamage, unclassified, end } = surveyBlocks(this.#blocks);
      if (unclassified > 0) return `${unclassified} blocks are neither in use nor free`;
      if (end < stack.length) return `nothing belongs to the blocks from ${end} on`;
      return listDamage;
    });
  }

  protected allocate(length: number): number {
    const count = this.#countFor(length);
    if (count === 0) return NOWHERE;
    const reused = count === 1 ? this.#reuse() : NOWHERE;
    if (reused !== NOWHERE) return reused + TAG_SIZE;
    const tag = { offset: 0, bytes: tagOf(count) };
    return this.stack.extendSparse(count * this.#blocks.size, [tag]) + TAG_SIZE;
  }

  protected reallocate(range: BStackRange, length: number): number {
    this.assertPlausible(range);
    if (range.isEmpty) return this.allocate(length);
    const [before, after] = [this.#countFor(range.length), this.#countFor(length)];
    if (after === 0) this.release(range);
    else if (after === before) this.#clear(range.end, range.start + length);
    else if (after < before) this.#shorten(range, after);
    else if (this.#isLast(range)) this.#lengthen(range, after);
    else return this.#move(range, after);
    return after === 0 ? NOWHERE : range.start;
  }

  protected release(range: BStackRange): void {
    this.assertPlausible(range);
    if (this.#isLast(range)) this.stack.discard(this.length - (range.start - TAG_SIZE));
    else this.stack.edit((edit) => this.#blocks.put(edit, this.#starts(range)));
  }

  protected assertPlausible(range: BStackRange): void {
    if (range.isEmpty && range.start === NOWHERE) return;
    const start = range.start - TAG_SIZE;
    const count = this.#countFor(range.length);
    if (!this.#blocks.isRun(start, count, this.length)) {
      throw notAllocated(range, 'no such blocks lie there');
    }
    const found = readTag(this.stack.get(start, start + TAG_SIZE));
    if (found === count) return;
    if (found === 0) throw notAllocated(range, 'it is free');
    throw notAllocated(range, `its tag tells of ${found ?? 'no number of'} blocks, not ${count}`);
  }

  protected override allocateAll(lengths: readonly number[]): number[] {
    const counts = lengths.map((length) => this.#countFor(length));
    const { reused, head, added, place } = planBulk(this.stack, this.#blocks, counts);
    const take = (end: number): number[] => {
      const starts = place(end);
      this.stack.edit((edit) => {
        this.#take(edit, reused, head);
        starts.forEach((start, index) => {
          if (start !== NOWHERE) edit.set(start, tagOf(counts[index]!));
        });
      });
      return starts.map((start) => (start === NOWHERE ? NOWHERE : start + TAG_SIZE));
    };
    return added === 0 ? take(this.length) : this.growFor(added * this.#blocks.size, take);
  }

  protected override releaseAll(ranges: readonly BStackRange[]): void {
    if (ranges.length === 1) return this.release(ranges[0]!);
    const taken = new Set<number>();
    for (const range of ranges) {
      this.assertPlausible(range);
      if (!range.isEmpty && taken.has(range.start)) throw notAllocated(range, 'it is given twice');
      taken.add(range.start);
    }
    const starts = ranges.flatMap((range) => this.#starts(range));
    this.stack.edit((edit) => this.#blocks.put(edit, starts));
  }

  /** The first free block, as an allocation of one, or none. */
  #reuse(): number {
    return this.stack.edit((edit) => {
      const { starts, next } = this.#blocks.peek(edit, 1);
      this.#take(edit, starts, next);
      for (const start of starts) edit.set(start, tagOf(1));
      return starts[0] ?? NOWHERE;
    });
  }

  /** Takes blocks out of the list, which then begins with `head`, and makes them zero. */
  #take(edit: StackEdit, starts: readonly number[], head: number): void {
    for (const start of starts) edit.zero(start, this.#blocks.size);
    if (starts.length > 0) this.#blocks.setHead(edit, head);
  }

  /** Leaves an allocation `count` blocks. The others become free, and then go with the end. */
  #shorten(range: BStackRange, count: number): void {
    const [first, ...others] = this.#starts(range);
    const excess = others.slice(count - 1);
    const isLast = this.#isLast(range);
    this.stack.edit((edit) => {
      if (isLast) for (const start of excess) edit.zero(start, TAG_SIZE);
      else this.#blocks.put(edit, excess);
      edit.set(first!, tagOf(count));
    });
    // From here on the allocation has its new length, whatever becomes of the end.
    if (isLast) this.change(() => this.stack.discard(this.length - excess[0]!));
  }

  /** Gives the last allocation more blocks. */
  #lengthen(range: BStackRange, count: number): void {
    const end = this.length;
    const added = count - this.#countFor(range.length);
    this.growFor(added * this.#blocks.size, () =>
      this.stack.edit((edit) => {
        edit.zero(range.end, end - range.end);
        edit.set(range.start - TAG_SIZE, tagOf(count));
      }),
    );
  }

  #move(range: BStackRange, count: number): number {
    return this.growFor(count * this.#blocks.size, (start) =>
      this.stack.edit((edit) => {
        edit.set(start + TAG_SIZE, edit.get(range.start, range.end));
        this.#blocks.put(edit, this.#starts(range));
        edit.set(start, tagOf(count));
        return start + TAG_SIZE;
      }),
    );
  }

  #clear(start: number, end: number): void {
    if (end > start) this.stack.zero(start, end - start);
  }

  #isLast(range: BStackRange): boolean {
    if (range.isEmpty) return false;
    const size = this.#countFor(range.length) * this.#blocks.size;
    return range.start - TAG_SIZE + size === this.length;
  }

  #starts({ start, length }: BStackRange): number[] {
    return this.#blocks.run(start - TAG_SIZE, this.#countFor(length));
  }

  /** How many blocks an allocation of `length` bytes takes, with its tag. */
  #countFor(length: number): number {
    return length === 0 ? 0 : this.#blocks.countFor(length + TAG_SIZE);
  }
}
