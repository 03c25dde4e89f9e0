/**
 * An allocator on a `BStack` for blocks of any size: a freed block is joined with its free
 * neighbours, the next block goes into the first free one that is large enough, and what is free at
 * the end of the stack is cut off. The format is upstream's to the byte.
 *
 *     header 48 │ block │ block │ free │ block │ free │ block      `first-fit/header.ts`
 *                                 ▲ └── free list ──┘              `first-fit/blocks.ts`
 *                                 free head                        `first-fit/free-list.ts`
 *
 * Upstream sets a flag, writes the tags and links of an operation one by one, with a sync each, and
 * clears the flag: 4 to 12 syncs. Here they all are one edit of the stack: 4 syncs however many
 * they are, 1 where they lie within 256 bytes, and no state in between. Only where the length of
 * the stack changes as well does the flag stand meanwhile, and opening repairs what it finds.
 *
 *     OPERATION                            CALLS OF THE STACK           SYNCS  A CRASH LEAVES
 *     alloc, a free block fits             edit                         4      old or new
 *     alloc, nothing fits                  extendSparse                 2      old or new
 *     dealloc, at the end                  discard                      1      old or new
 *     dealloc, a free block at the end     edit and flag, discard, flag 6      freed, or old
 *     dealloc, elsewhere                   edit                         4      old or new
 *     realloc, shorter, or longer by       -                            0      -
 *       nothing but the unused rest        zero                         1 or 4 old
 *     realloc, at the end                  flag, extend, edit and flag  6      old or new
 *     realloc, the next block is free      edit                         4      old or new
 *     realloc, moves into a free block     edit                         4      old or new
 *     realloc, moves to the end            extendSparse, edit           6      old or new, or both
 *     allocBulk, deallocBulk, reclaim      as alloc and dealloc, once for all blocks
 *     open                                 -, recovery: edit, discard, flag: 0 to 6
 *
 * "Both" is the one leak: the copy lies there, and neither is freed. Likewise a block leaks whose
 * handle the program did not store in time. At most the block in flight is lost to a crash, and
 * {@link FirstFitBStackAllocator.reclaim} finds it.
 *
 * INVARIANT: the rules of `first-fit/verify.ts`. Limits: 24 bytes for each block besides what its
 * length is rounded up to, a multiple of 8 and at least 16; `alloc` walks the free list.
 *
 * Promise: as `allocator.ts` has it. Made-up handles are refused unless the bytes before and behind
 * them happen to be the tags of a block.
 *
 * Source: `specs/bstack.md` section 3.2, with the fixes up to 0.4.3, and section 6.5.
 */
import type { BStack } from '../bstack.js';
import { BStackRange } from '../bstack/range.js';
import type { StackEdit } from '../bstack/stack-edit.js';
import { firstViolation } from '../errors.js';
import { BStackAllocator, type SavedRange } from './allocator.js';
import {
  absorb,
  allocatedBlock,
  bareTail,
  carve,
  freeTail,
  partition,
  release,
  roomBehind,
} from './first-fit/arena.js';
import {
  blocksOf,
  BLOCK_FOOTER_SIZE,
  BLOCK_HEADER_SIZE,
  BLOCK_OVERHEAD,
  bytesOfBlocks,
  endOf,
  sizeFor,
  tagsOf,
  writeBlockFooter,
  writeBlockHeader,
  type Block,
} from './first-fit/blocks.js';
import { findFit } from './first-fit/free-list.js';
import {
  assertHeader,
  createHeader,
  isRecoveryNeeded,
  setRecoveryFlag,
} from './first-fit/header.js';
import { recover } from './first-fit/recovery.js';
import { firstBrokenRule } from './first-fit/verify.js';

/** Where a block of no bytes starts. It is nowhere in the file, and nothing is done for it. */
const EMPTY_START = 0;

/**
 * Blocks of any size on a stack, freed in any order. The first 16 bytes of the stack are the
 * user's: just enough for the handle of the block from which all others are found.
 *
 * @example
 * const allocator = FirstFitBStackAllocator.open(BStack.open(storage));
 * const root = allocator.alloc(100);
 * allocator.stack.set(0, root.toBytes());
 * // after opening again:
 * allocator.restore(allocator.stack.get(0, 16)).read();
 */
export class FirstFitBStackAllocator extends BStackAllocator {
  private constructor(stack: BStack) {
    super(stack);
  }

  /**
   * Opens the arena on `stack`, or makes one where the stack is empty. O(1), and O(blocks) where an
   * operation had stopped half-way.
   *
   * Throws `BAD_MAGIC` for a stack that holds anything else, `UNSUPPORTED_VERSION`, `CORRUPTED`
   * where the arena cannot be recovered; nothing was written then. Passes on what the stack throws.
   */
  static open(stack: BStack): FirstFitBStackAllocator {
    if (stack.isEmpty) createHeader(stack);
    assertHeader(stack);
    if (isRecoveryNeeded(stack)) recover(stack);
    return new FirstFitBStackAllocator(stack);
  }

  /**
   * Frees every block that is not among `live`, such as those that a crash has left without an
   * owner, and gives how many there were. Handles of freed blocks must not be used any more.
   *
   * Throws `NOT_ALLOCATED` where one of `live` is no block, and has freed nothing. O(blocks).
   */
  reclaim(live: Iterable<SavedRange>): number {
    const { stack } = this;
    const kept = new Set<number>();
    for (const { start, length } of live) {
      this.assertPlausible(new BStackRange(start, length));
      kept.add(start);
    }
    const lost: BStackRange[] = [];
    for (const { start, size, isFree } of blocksOf(stack)) {
      if (!isFree && !kept.has(start)) lost.push(new BStackRange(start, size));
    }
    this.releaseAll(lost);
    return lost.length;
  }

  checkInvariants(): string | undefined {
    const { stack } = this;
    return firstViolation(() => firstBrokenRule(stack));
  }

  protected assertPlausible(range: BStackRange): void {
    if (range.start !== EMPTY_START || !range.isEmpty) allocatedBlock(this.stack, range);
  }

  protected allocate(length: number): number {
    return this.allocateAll([length])[0]!;
  }

  /** All blocks side by side, in one free block or at the end: one call of the stack. */
  protected override allocateAll(lengths: readonly number[]): number[] {
    const sizes = lengths.filter((length) => length > 0).map(sizeFor);
    let start = sizes.length === 0 ? 0 : this.#place(sizes);
    return lengths.map((length) => {
      if (length === 0) return EMPTY_START;
      const placed = start;
      start += sizeFor(length) + BLOCK_OVERHEAD;
      return placed;
    });
  }

  protected reallocate(range: BStackRange, length: number): number {
    if (range.isEmpty) return this.allocate(length);
    if (length === 0) {
      this.release(range);
      return EMPTY_START;
    }
    const { stack } = this;
    const block = allocatedBlock(stack, range);
    const size = sizeFor(length);
    if (block.size >= size) expose(stack, range, length);
    else if (endOf(block) === stack.length) this.#growTail(block, range, size);
    else if (!this.#growInto(block, range, size)) return this.#move(block, range, size);
    return block.start;
  }

  protected release(range: BStackRange): void {
    this.releaseAll([range]);
  }

  protected override releaseAll(ranges: readonly BStackRange[]): void {
    const { stack } = this;
    const used = ranges.filter((range) => !range.isEmpty).sort((a, b) => a.start - b.start);
    if (used.length === 0) return;
    const blocks = used.map((range) => allocatedBlock(stack, range));
    const end = bareTail(stack, blocks);
    if (end !== undefined) return stack.discard(stack.length - end);
    this.#editAndCut((edit) => {
      for (const range of used) release(edit, allocatedBlock(edit, range));
    });
  }

  /** Allocates blocks of these sizes side by side; gives where the first one starts. */
  #place(sizes: readonly number[]): number {
    const { stack } = this;
    const size = bytesOfBlocks(sizes) - BLOCK_OVERHEAD;
    const fit = findFit(stack, size);
    if (fit === undefined) {
      return stack.extendSparse(bytesOfBlocks(sizes), tagsOf(sizes)) + BLOCK_HEADER_SIZE;
    }
    return stack.edit((edit) => {
      const taken = carve(edit, fit, size);
      // Whole, the free block may have had a little more: the last of the blocks has it now.
      const last = sizes.at(-1)! + taken.size - size;
      partition(edit, taken, [...sizes.slice(0, -1), last]);
      return taken.start;
    });
  }

  /** Lengthens the last block. Whoever finds the flag finds zeros behind it, and cuts them off. */
  #growTail(block: Block, range: BStackRange, size: number): void {
    const { stack } = this;
    const grown = { ...block, size };
    const { length } = stack;
    const grow = () => {
      setRecoveryFlag(stack, true);
      stack.extend(size - block.size);
      stack.edit((edit) => {
        writeBlockHeader(edit, grown);
        expose(edit, range, block.size + BLOCK_FOOTER_SIZE);
        writeBlockFooter(edit, grown);
        setRecoveryFlag(edit, false);
      });
    };
    this.#attempt(grow, () => {
      if (stack.length > length) stack.discard(stack.length - length);
      setRecoveryFlag(stack, false);
    });
  }

  /** Lengthens a block by what is free behind it, if that is enough. */
  #growInto(block: Block, range: BStackRange, size: number): boolean {
    const behind = roomBehind(this.stack, block, size);
    if (behind === undefined) return false;
    this.stack.edit((edit) => {
      absorb(edit, block, behind, size);
      expose(edit, range, size);
    });
    return true;
  }

  /** Copies a block to where there is room and frees it; gives where the copy starts. */
  #move(block: Block, range: BStackRange, size: number): number {
    const { stack } = this;
    const content = stack.get(range.start, range.end);
    const fit = findFit(stack, size);
    if (fit === undefined) return this.#moveToEnd(block, content, size);
    return this.#editAndCut((edit) => {
      const taken = carve(edit, fit, size);
      edit.set(taken.start, content);
      edit.zero(taken.start + content.length, taken.size - content.length);
      release(edit, block);
      return taken.start;
    });
  }

  #moveToEnd(block: Block, content: Uint8Array, size: number): number {
    const { stack } = this;
    const count = bytesOfBlocks([size]);
    const copy = { offset: BLOCK_HEADER_SIZE, bytes: content };
    const end = stack.extendSparse(count, [...tagsOf([size]), copy]);
    this.#attempt(
      () => stack.edit((edit) => release(edit, block)),
      () => stack.discard(count),
    );
    return end + BLOCK_HEADER_SIZE;
  }

  /** One edit, and the cut of what it has left free at the end of the stack. */
  #editAndCut<R>(change: (edit: StackEdit) => R): R {
    const { stack } = this;
    const { result, end } = stack.edit((edit) => {
      const done = { result: change(edit), end: freeTail(edit) };
      if (done.end < edit.length) setRecoveryFlag(edit, true);
      return done;
    });
    if (end < stack.length) {
      this.change(() => {
        stack.discard(stack.length - end);
        setRecoveryFlag(stack, false);
      });
    }
    return result;
  }

  /** Runs `work`. Where it throws, it is undone; where that fails too, opening has to repair it. */
  #attempt(work: () => void, undo: () => void): void {
    try {
      work();
    } catch (error) {
      try {
        this.change(undo);
      } catch {
        // The allocator refuses from now on. The first error says why.
      }
      throw error;
    }
  }
}

/** Makes the bytes that a longer handle shows zero: what they held was no longer anybody's. */
function expose(target: Pick<StackEdit, 'zero'>, range: BStackRange, length: number): void {
  if (length > range.length) target.zero(range.end, length - range.length);
}
