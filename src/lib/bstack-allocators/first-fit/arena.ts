/**
 * What is done to the blocks of an arena. Each function is a part of one edit of the stack: it
 * sees what the parts before it have written, and all of them become real together, or none.
 *
 *     carve      free block ──► allocated: its back, or all of it where the rest would be no block
 *     partition  allocated ──► allocated blocks side by side
 *     release    allocated ──► free, joined with the free blocks on either side of it
 *     absorb     allocated + the free block behind it ──► allocated, and what is left of it free
 *     freeTail   free blocks at the end of the arena are taken out, to be cut off after the edit
 *
 * The order of the writes does not matter within an edit. It is the one of upstream, which has no
 * such edits and writes them one by one: each prefix of them is a state that `recovery.ts` repairs,
 * and the tests try all of these, since there are files that were left so.
 *
 * Source: `specs/bstack.md` section 3.2, "alloc", "dealloc" and "realloc".
 */
import type { BStack } from '../../bstack.js';
import type { BStackRange } from '../../bstack/range.js';
import type { StackEdit, StackReader } from '../../bstack/stack-edit.js';
import { notAllocated } from '../block.js';
import {
  blockAfter,
  blockAt,
  blockBefore,
  BLOCK_OVERHEAD,
  endOf,
  hasFooter,
  headerOf,
  SMALLEST_BLOCK,
  sizeFor,
  tagsOf,
  writeBlockFooter,
  writeBlockHeader,
  type Block,
} from './blocks.js';
import { linkFirst, unlink } from './free-list.js';

/**
 * The block that a handle stands for. Throws `NOT_ALLOCATED` where there is none: it is free, its
 * tags are not those of a block, or it has too few bytes. O(1).
 */
export function allocatedBlock(reader: StackReader, range: BStackRange): Block {
  const block = blockAt(reader, range.start);
  if (block?.isFree === true) throw notAllocated(range, 'it is free');
  if (block === undefined || !hasFooter(reader, block)) {
    throw notAllocated(range, 'no block starts there');
  }
  if (block.size >= sizeFor(range.length)) return block;
  throw notAllocated(range, `the block there has ${block.size} bytes`);
}

/**
 * Makes `size` bytes of a free block an allocated one; what is in it stays. They come from its
 * back, so that the rest keeps its place in the list. A rest too short for a block is included.
 */
export function carve(edit: StackEdit, block: Block, size: number): Block {
  if (block.size >= size + SMALLEST_BLOCK) return split(edit, block, size, false);
  unlink(edit, block.start);
  const taken = { ...block, isFree: false };
  writeBlockHeader(edit, taken);
  return taken;
}

/**
 * Makes an allocated block as many as there are sizes, all of them zeros. The sizes and the tags
 * between them fill it. Its own header comes last: until then it spans them all.
 */
export function partition(edit: StackEdit, block: Block, sizes: readonly number[]): void {
  edit.zero(block.start, block.size);
  for (const { offset, bytes } of tagsOf(sizes).reverse()) {
    edit.set(headerOf(block) + offset, bytes);
  }
}

/**
 * Makes an allocated block free. Its own header says so even where it now lies within a larger free
 * block: that is how a second release of it is noticed.
 */
export function release(edit: StackEdit, block: Block): void {
  writeBlockHeader(edit, { ...block, isFree: true });
  const last = lastFreeAfter(edit, block);
  const first = firstFreeBefore(edit, block);
  const joined = { start: first.start, size: last.start + last.size - first.start, isFree: true };
  writeBlockHeader(edit, joined);
  writeBlockFooter(edit, joined);
  linkFirst(edit, joined.start);
}

/** The free block behind another, if both together hold `size` bytes. O(1). */
export function roomBehind(reader: StackReader, block: Block, size: number): Block | undefined {
  const behind = blockAfter(reader, block);
  if (behind?.isFree !== true) return undefined;
  return block.size + BLOCK_OVERHEAD + behind.size >= size ? behind : undefined;
}

/** Lengthens an allocated block to `size` bytes by taking from the free block behind it. */
export function absorb(edit: StackEdit, block: Block, behind: Block, size: number): void {
  unlink(edit, behind.start);
  const joined = { ...block, size: block.size + BLOCK_OVERHEAD + behind.size };
  writeBlockHeader(edit, joined);
  writeBlockFooter(edit, joined);
  if (joined.size < size + SMALLEST_BLOCK) return;
  const rest = split(edit, joined, joined.size - size - BLOCK_OVERHEAD, true);
  linkFirst(edit, rest.start);
}

/** Takes the free blocks at the end of the arena out of the list; gives where they begin. */
export function freeTail(edit: StackEdit): number {
  let end = edit.length;
  let last = blockBefore(edit, end);
  while (last?.isFree === true) {
    unlink(edit, last.start);
    end = headerOf(last);
    last = blockBefore(edit, end);
  }
  return end;
}

/**
 * Where the stack would have to be cut to free these blocks, if that is all there is to do: they
 * are its end, and the block before them is not free. The blocks are in the order of addresses.
 */
export function bareTail(stack: BStack, blocks: readonly Block[]): number | undefined {
  let end = stack.length;
  for (const block of [...blocks].reverse()) {
    if (endOf(block) !== end) return undefined;
    end = headerOf(block);
  }
  return blockBefore(stack, end)?.isFree === true ? undefined : end;
}

/** Cuts a block of `size` bytes from the back of another. The front stays what it was. */
function split(edit: StackEdit, block: Block, size: number, isFree: boolean): Block {
  const front = { ...block, size: block.size - size - BLOCK_OVERHEAD };
  const back = { start: block.start + block.size - size, size, isFree };
  writeBlockFooter(edit, front);
  writeBlockHeader(edit, back);
  writeBlockFooter(edit, back);
  writeBlockHeader(edit, front);
  return back;
}

/** Takes the free blocks behind one out of the list; gives the last, or the block itself. */
function lastFreeAfter(edit: StackEdit, block: Block): Block {
  let last = block;
  let after = blockAfter(edit, last);
  while (after?.isFree === true) {
    unlink(edit, after.start);
    last = after;
    after = blockAfter(edit, last);
  }
  return last;
}

/** Takes the free blocks before one out of the list; gives the first, or the block itself. */
function firstFreeBefore(edit: StackEdit, block: Block): Block {
  let first = block;
  let before = blockBefore(edit, headerOf(first));
  while (before?.isFree === true) {
    unlink(edit, before.start);
    first = before;
    before = blockBefore(edit, headerOf(first));
  }
  return first;
}
