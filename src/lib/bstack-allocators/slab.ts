/**
 * Blocks of one size on a `BStack`, with a list of the free ones: O(1), and nothing kept for a
 * block in use. What is longer than a block takes several adjacent ones at the end of the stack.
 *
 *     header │ block │ block │ block │ …        48 bytes, then blocks up to the end
 *
 * A free block begins with the next free one (8 bytes, 0 is none), so a block has at least 8 bytes.
 * How many blocks an allocation has follows from its length, which is why `restore` needs exactly
 * the last one.
 *
 *     OPERATION                    CALLS OF THE STACK   SYNCS   A CRASH BETWEEN THEM LEAVES
 *     alloc, from the list         edit                     4   -
 *     alloc, no free block         extend                   1   -
 *     alloc, several blocks        extend                   1   -
 *     dealloc                      edit                     4   -
 *     dealloc, several at the end  discard                  1   -
 *     realloc, same blocks         zero                  1, 4   -
 *     realloc at the end, longer   zero, extend          2, 5   zeros behind the old block
 *     realloc at the end, shorter  discard                  1   -
 *     realloc inside, shorter      edit                     4   -
 *     realloc inside, longer       extend, edit             5   the new blocks leaked
 *     allocBulk                    extend, edit             5   the new blocks leaked
 *     deallocBulk                  edit                     4   -
 *
 * (4 syncs of an edit or a zero are 1 where all of it lies within 256 bytes of the file.) The
 * original changes the list by two calls and leaks a block between them, for good; here that is one
 * edit, and only blocks that the stack was just lengthened by can leak: those of one operation.
 * Opening repairs nothing and finds no leaks; `CheckedSlabBStackAllocator` does.
 *
 * INVARIANTS: the stack ends with a whole block. The list has no block twice. No block of it is in
 * use.
 *
 * Limits: a made-up or doubled handle can break the list, see `DebugCheckingAllocator`. Blocks that
 * were freed are given again one by one: what takes several always lengthens the stack.
 *
 * Source: `specs/bstack.md` section 3.4.
 */
import type { BStack } from '../bstack.js';
import type { BStackRange } from '../bstack/range.js';
import type { StackEdit } from '../bstack/stack-edit.js';
import { firstViolation } from '../errors.js';
import { assertSize } from '../guards.js';
import { BStackAllocator } from './allocator.js';
import { notAllocated } from './block.js';
import { SlabBlocks } from './slab/blocks.js';
import { NOWHERE, planBulk } from './slab/bulk-plan.js';
import { createSlab, readBlockSize, type SlabKind } from './slab/header.js';

const KIND: SlabKind = { letters: 'ALSL', patch: 1, blockSizeMin: 8 };

/**
 * Blocks of one size.
 *
 * @example
 * const allocator = SlabBStackAllocator.create(stack, 64);
 * const block = allocator.alloc(50); // one block of 64 bytes
 * allocator.dealloc(block);
 * allocator.alloc(60).start === block.start; // true
 */
export class SlabBStackAllocator extends BStackAllocator {
  readonly #blocks: SlabBlocks;

  private constructor(stack: BStack, blockSize: number) {
    super(stack);
    this.#blocks = new SlabBlocks(stack, blockSize, 0);
  }

  /**
   * Makes an empty stack one of blocks of `blockSize` bytes, at least 8. 2 syncs. Throws
   * `NOT_EMPTY`, `RangeError`.
   */
  static create(stack: BStack, blockSize: number): SlabBStackAllocator {
    if (assertSize('blockSize', blockSize) < KIND.blockSizeMin) {
      throw new RangeError(`blockSize: expected at least ${KIND.blockSizeMin}, got ${blockSize}`);
    }
    createSlab(stack, KIND, blockSize);
    return new SlabBStackAllocator(stack, blockSize);
  }

  /**
   * Opens a stack of blocks; writes nothing. O(1). Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, and
   * `CORRUPTED` where the list begins with what is no block.
   */
  static open(stack: BStack): SlabBStackAllocator {
    const allocator = new SlabBStackAllocator(stack, readBlockSize(stack, KIND));
    allocator.#blocks.peek(stack, 1);
    return allocator;
  }

  /** Bytes of a block. O(1). */
  get blockSize(): number {
    return this.#blocks.size;
  }

  /** How many blocks are free. Throws `CORRUPTED` where the list is broken. O(free blocks). */
  countFreeBlocks(): number {
    return this.#blocks.peek(this.stack, Infinity).starts.length;
  }

  checkInvariants(): string | undefined {
    const { stack } = this;
    return firstViolation(() => {
      readBlockSize(stack, KIND);
      this.#blocks.peek(stack, Infinity);
      return undefined;
    });
  }

  protected allocate(length: number): number {
    const count = this.#blocks.countFor(length);
    if (count === 0) return NOWHERE;
    const reused = count === 1 ? this.#reuse() : NOWHERE;
    return reused === NOWHERE ? this.stack.extend(count * this.blockSize) : reused;
  }

  protected reallocate(range: BStackRange, length: number): number {
    this.assertPlausible(range);
    if (range.isEmpty) return this.allocate(length);
    const [before, after] = [range.length, length].map((each) => this.#blocks.countFor(each));
    if (after === 0) this.release(range);
    else if (after === before) this.#clear(range.end, range.start + length);
    else if (this.#isLast(range)) this.#resizeLast(range, after!);
    else if (after! > before!) return this.#move(range, after!);
    else this.stack.edit((edit) => this.#blocks.put(edit, this.#starts(range).slice(after)));
    return after === 0 ? NOWHERE : range.start;
  }

  protected release(range: BStackRange): void {
    this.assertPlausible(range);
    const starts = this.#starts(range);
    if (starts.length > 1 && this.#isLast(range)) {
      this.stack.discard(starts.length * this.blockSize);
    } else {
      this.stack.edit((edit) => this.#blocks.put(edit, starts));
    }
  }

  protected assertPlausible(range: BStackRange): void {
    if (range.isEmpty && range.start === NOWHERE) return;
    const count = this.#blocks.countFor(range.length);
    if (!this.#blocks.isRun(range.start, count, this.length)) {
      throw notAllocated(range, 'no such blocks lie there');
    }
    if (this.#blocks.head(this.stack) !== range.start) return;
    throw notAllocated(range, 'it is the first of the free blocks');
  }

  /** One block of the list for each length that needs one, as far as it goes; then new ones. */
  protected override allocateAll(lengths: readonly number[]): number[] {
    const counts = lengths.map((length) => this.#blocks.countFor(length));
    const { reused, head, added, place } = planBulk(this.stack, this.#blocks, counts);
    const take = (start: number): number[] => {
      this.stack.edit((edit) => this.#take(edit, reused, head));
      return place(start);
    };
    return added === 0 ? take(this.length) : this.growFor(added * this.blockSize, take);
  }

  protected override releaseAll(ranges: readonly BStackRange[]): void {
    if (ranges.length === 1) return this.release(ranges[0]!);
    for (const range of ranges) this.assertPlausible(range);
    const starts = ranges.flatMap((range) => this.#starts(range));
    assertDistinct(starts, ranges);
    this.stack.edit((edit) => this.#blocks.put(edit, starts));
  }

  /** The first free block, with zeros, or none. */
  #reuse(): number {
    return this.stack.edit((edit) => {
      const { starts, next } = this.#blocks.peek(edit, 1);
      this.#take(edit, starts, next);
      return starts[0] ?? NOWHERE;
    });
  }

  /** Takes blocks out of the list, which then begins with `head`. */
  #take(edit: StackEdit, starts: readonly number[], head: number): void {
    for (const start of starts) edit.zero(start, this.blockSize);
    if (starts.length > 0) this.#blocks.setHead(edit, head);
  }

  /** A block at the end gets `count` blocks. What comes into sight is cleared before it grows. */
  #resizeLast(range: BStackRange, count: number): void {
    const end = range.start + count * this.blockSize;
    const { length } = this;
    if (end < length) return this.stack.discard(length - end);
    this.#clear(range.end, length);
    this.stack.extend(end - length);
  }

  #move(range: BStackRange, count: number): number {
    return this.growFor(count * this.blockSize, (start) =>
      this.stack.edit((edit) => {
        edit.set(start, edit.get(range.start, range.end));
        this.#blocks.put(edit, this.#starts(range));
        return start;
      }),
    );
  }

  #clear(start: number, end: number): void {
    if (end > start) this.stack.zero(start, end - start);
  }

  #isLast(range: BStackRange): boolean {
    return range.start + this.#blocks.countFor(range.length) * this.blockSize === this.length;
  }

  #starts({ start, length }: BStackRange): number[] {
    return this.#blocks.run(start, this.#blocks.countFor(length));
  }
}

/** Throws `NOT_ALLOCATED` where a block is given back twice in one call. */
function assertDistinct(starts: readonly number[], ranges: readonly BStackRange[]): void {
  const seen = new Set<number>();
  const twice = starts.find((start) => seen.size === seen.add(start).size);
  if (twice === undefined) return;
  throw notAllocated(
    ranges.find(({ end }) => end > twice)!,
    'two handles have a block in common',
  );
}
