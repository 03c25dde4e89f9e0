/**
 * An allocator without a byte of overhead for what is in use: the free blocks form a tree, which
 * lies in the free blocks themselves, and the smallest that is large enough is taken. Blocks are
 * multiples of 32 bytes, the size of a node.
 *
 *     header: root ──┐              ┌──── left: smaller blocks
 *                    ▼              ▼
 *     | in use | node 000000 | in use | node 00 | in use | in use | ...
 *
 * `ghost-tree/header.ts` and `ghost-tree/node.ts` have the layout: the original's, to the byte. An
 * operation gathers all its writes, to the tree and to blocks, in one edit of the stack: 4 syncs
 * where the original makes about 20, and no crash finds half of them.
 *
 *     OPERATION                     STACK CALLS          SYNCS   A CRASH BETWEEN CALLS LEAVES
 *     open, empty stack             push                     2   -
 *     open, nothing to merge        -                        0   -
 *     open, something to merge      edit                1 or 4   -
 *     alloc, a block fits           edit                1 or 4   -
 *     alloc, none fits              extend                   1   -
 *     dealloc, at the end           discard                  1   -
 *     dealloc, elsewhere            edit                1 or 4   -
 *     realloc, as many grains       zero             0, 1 or 4   -
 *     realloc, shorter at the end   discard or atrunc   1 or 4   -
 *     realloc, shorter elsewhere    edit                1 or 4   -
 *     realloc, longer at the end    extend                   1   -
 *     realloc, a block fits         edit                1 or 4   -
 *     realloc, none fits            extend, edit             5   the new block, without an owner
 *     allocBulk                     as alloc                     -
 *     deallocBulk                   as dealloc                   -
 *     coalesce, reclaim             edit, discard       0 to 5   the free end, without an owner
 *
 * Each call of the stack is done or not done, and so is an operation of one call. (1 sync where all
 * writes lie within 256 bytes; an `extend` right after an edit has 1 more.) A block without an
 * owner is space out of use until `reclaim` finds it, and no harm. A crash leaves one at most.
 *
 * Free neighbours are merged when the stack is opened, and by `coalesce`; not when a block is
 * freed, since nothing tells a block which of its neighbours are free.
 *
 * INVARIANT: the tree is an AVL tree by size and address; free blocks do not overlap; their bytes
 * behind the node are zero, and so is a block in use behind its length. So no block is cleared
 * when it is taken, but all are when they are given back.
 *
 * Limits: a block that was freed is not told from one in use, except while a free block begins at
 * its address. Bytes are taken at the end of free blocks, so a file shrinks only by what is freed
 * at its end, or by `coalesce`. One edit holds in RAM what it clears and copies.
 *
 * Promise: survives. An operation that throws has changed nothing, except that `coalesce` and
 * `reclaim` may have failed to shorten the file.
 *
 * Source: `specs/bstack.md` section 3.3; Adelson-Velsky and Landis (1962) for the tree.
 */
import type { BStack } from '../bstack.js';
import { BStackRange } from '../bstack/range.js';
import type { StackEdit } from '../bstack/stack-edit.js';
import { firstViolation } from '../errors.js';
import { BStackAllocator, type SavedRange } from './allocator.js';
import { notAllocated } from './block.js';
import { findViolation } from './ghost-tree/check.js';
import { FreeTree } from './ghost-tree/free-tree.js';
import { blockSizeOf, isBlockStart } from './ghost-tree/header.js';
import { mountArena, mountTree } from './ghost-tree/mount.js';
import type { FreeBlock } from './ghost-tree/node.js';
import { findOwnerless, occupied } from './ghost-tree/ownerless.js';
import { mergeNeighbours, writeTree } from './ghost-tree/rebuild.js';
import { findFreeBlocks, type FreeBlocks } from './ghost-tree/walk.js';

/** How a ghost tree is opened. */
export interface GhostTreeOptions {
  /**
   * Whether opening looks at every free block, merges neighbours and repairs what a crash of the
   * original may have left; yes unless told. Without, opening costs O(1), and is as safe on a stack
   * that this library alone has written.
   */
  readonly coalesce?: boolean;
}

/**
 * Best fit on a `BStack`, with a tree in the free blocks.
 *
 * Every operation takes O(log free blocks) reads besides what it copies and clears; the table at
 * the head of this file has the syncs. The first 32 bytes of the stack are the user's.
 *
 * @example
 * const allocator = GhostTreeBStackAllocator.open(BStack.open(storage));
 * const block = allocator.alloc(100);
 * block.write(new TextEncoder().encode('hello'));
 * allocator.stack.set(0, block.toBytes()); // the user's bytes: where to find it again
 * const longer = allocator.realloc(block, 1000);
 */
export class GhostTreeBStackAllocator extends BStackAllocator {
  /**
   * Opens the arena on a stack, or makes one on an empty stack. O(free blocks) reads and 0 syncs
   * where nothing is to be merged; then one edit.
   *
   * Throws `BAD_MAGIC` for a stack that holds anything else, which is left alone; `CORRUPTED` for a
   * tree that no crash leaves: circles, blocks that overlap or lie outside.
   */
  static open(stack: BStack, { coalesce = true }: GhostTreeOptions = {}): GhostTreeBStackAllocator {
    mountArena(stack);
    if (coalesce) mountTree(stack);
    return new GhostTreeBStackAllocator(stack);
  }

  private constructor(stack: BStack) {
    super(stack);
  }

  /**
   * Merges free neighbours, and gives free space at the end of the file back. What opening does,
   * without opening. O(free blocks), 0 syncs where there is nothing to do, else 4 or 5.
   */
  coalesce(): void {
    this.#rebuild(findFreeBlocks(this.stack), []);
  }

  /**
   * Frees what belongs to nobody. `live` are all blocks in use, as handles or as start and length;
   * what is neither among them nor free is cleared and becomes free. Returns how many bytes these
   * were. As {@link GhostTreeBStackAllocator.coalesce} otherwise, and in one edit with it.
   *
   * Throws `NOT_ALLOCATED`, and has changed nothing, where two of the blocks overlap, or one
   * overlaps a free block or cannot be a block. A block that is missing in `live` is lost.
   */
  reclaim(live: Iterable<SavedRange>): number {
    const ranges = Array.from(live, ({ start, length }) => new BStackRange(start, length));
    for (const range of ranges) this.#assertBlock(range);
    const free = findFreeBlocks(this.stack);
    const lost = findOwnerless(this.length, free.blocks, occupied(ranges));
    this.#rebuild(free, lost);
    return sumOf(lost.map(({ size }) => size));
  }

  checkInvariants(): string | undefined {
    const { stack } = this;
    return firstViolation(() => findViolation(stack));
  }

  protected override allocate(length: number): number {
    return length === 0 ? 0 : this.#take(blockSizeOf(length));
  }

  /** All blocks side by side in one, so that many cost what one does. */
  protected override allocateAll(lengths: readonly number[]): number[] {
    const sizes = lengths.map(blockSizeOf);
    let next = this.allocate(sumOf(sizes));
    return sizes.map((size) => {
      const start = size === 0 ? 0 : next;
      next += size;
      return start;
    });
  }

  protected override reallocate(range: BStackRange, length: number): number {
    this.assertPlausible(range);
    if (range.length === 0) return this.allocate(length);
    if (length === 0) {
      this.release(range);
      return 0;
    }
    const growth = blockSizeOf(length) - blockSizeOf(range.length);
    if (growth > 0 && !this.#isLast(range)) return this.#move(range, length);
    if (growth > 0) this.stack.extend(growth);
    else if (length < range.length) this.#shorten(range, length);
    return range.start;
  }

  protected override release(range: BStackRange): void {
    this.releaseAll([range]);
  }

  /** One edit for all; what is side by side becomes one block. */
  protected override releaseAll(ranges: readonly BStackRange[]): void {
    for (const range of ranges) this.assertPlausible(range);
    const [first, ...others] = mergeNeighbours(occupied(ranges));
    if (first === undefined) return;
    if (others.length === 0 && first.address + first.size === this.length) {
      this.stack.discard(first.size);
    } else {
      this.stack.edit((edit) => [first, ...others].forEach((block) => giveBack(edit, block)));
    }
  }

  protected override assertPlausible(range: BStackRange): void {
    this.#assertBlock(range);
    const block = { address: range.start, size: blockSizeOf(range.length) };
    if (block.size > 0 && this.stack.edit((edit) => new FreeTree(edit).has(block))) {
      throw notAllocated(range, 'it is free');
    }
  }

  /** Throws `NOT_ALLOCATED` unless a block may lie there. */
  #assertBlock(range: BStackRange): void {
    const { start, length } = range;
    if (length === 0 && start === 0) return;
    if (length === 0 || !isBlockStart(start) || start + blockSizeOf(length) > this.length) {
      throw notAllocated(range, 'no block can lie there');
    }
  }

  /** Finds `size` zero bytes, a multiple of 32, in the tree or at the end of the stack. */
  #take(size: number): number {
    const start = this.stack.edit((edit) => new FreeTree(edit).take(size));
    return start ?? this.stack.extend(size);
  }

  #isLast({ start, length }: BStackRange): boolean {
    return start + blockSizeOf(length) === this.length;
  }

  /** To a larger block: taking it, copying and giving the old one back are one edit. */
  #move(range: BStackRange, length: number): number {
    const size = blockSizeOf(length);
    const start = this.stack.edit((edit) => {
      const fit = new FreeTree(edit).take(size);
      if (fit !== undefined) moveBlock(edit, range, fit);
      return fit;
    });
    if (start !== undefined) return start;
    return this.growFor(size, (end) => {
      this.stack.edit((edit) => moveBlock(edit, range, end));
      return end;
    });
  }

  /** Clears what is behind the new length, and gives back the grains that are no longer needed. */
  #shorten(range: BStackRange, length: number): void {
    const { start } = range;
    const cut = start + length;
    const newEnd = start + blockSizeOf(length);
    const end = start + blockSizeOf(range.length);
    if (this.#isLast(range)) return this.#cutStack(cut, newEnd, end);
    if (newEnd === end) return this.#clear(cut, end);
    this.stack.edit((edit) => {
      edit.zero(cut, newEnd - cut);
      giveBack(edit, { address: newEnd, size: end - newEnd });
    });
  }

  /** Clears from `cut` to `newEnd` and ends the stack there: in one call, so that both happen. */
  #cutStack(cut: number, newEnd: number, end: number): void {
    if (newEnd === end) this.#clear(cut, end);
    else if (this.#isZero(cut, newEnd)) this.stack.discard(end - newEnd);
    else this.stack.atrunc(end - cut, new Uint8Array(newEnd - cut));
  }

  #clear(start: number, end: number): void {
    if (!this.#isZero(start, end)) this.stack.zero(start, end - start);
  }

  #isZero(start: number, end: number): boolean {
    return this.stack.get(start, end).every((byte) => byte === 0);
  }

  /** A tree of what is free and what was lost, neighbours merged, without what is at the end. */
  #rebuild({ blocks, flaw }: FreeBlocks, lost: readonly FreeBlock[]): void {
    const merged = mergeNeighbours([...blocks, ...lost]);
    const last = merged.at(-1);
    const isAtEnd = last !== undefined && last.address + last.size === this.length;
    const isChanged = lost.length > 0 || merged.length < blocks.length || flaw !== undefined;
    if (!isChanged && !isAtEnd) return;
    const kept = isAtEnd ? merged.slice(0, -1) : merged;
    const end = isAtEnd ? last.address : this.length;
    this.stack.edit((edit) => {
      for (const { address, size } of lost) if (address < end) edit.zero(address, size);
      writeTree(edit, blocks, kept);
    });
    if (isAtEnd) this.stack.discard(last.size);
  }
}

/** Clears a block and adds it to the tree. */
function giveBack(edit: StackEdit, block: FreeBlock): void {
  edit.zero(block.address, block.size);
  new FreeTree(edit).insert(block);
}

/** Copies a block's bytes to where zeros lie, and gives the block back. */
function moveBlock(edit: StackEdit, { start, length }: BStackRange, target: number): void {
  edit.set(target, edit.get(start, start + length));
  giveBack(edit, { address: start, size: blockSizeOf(length) });
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}
