/**
 * The allocator in the kernel: the memory is byte for byte as if TypeScript had done it. Whoever
 * has an open heap may call these within an operation of its own:
 *
 *     allocate(heap, size)         the block's address; 0 where nothing has happened
 *     deallocate(heap, ptr)        false where nothing has happened
 *     reallocate(heap, ptr, size)  the new address; 0 where nothing has happened
 *     blockSize(heap, ptr)         bytes of its payload; 0 where there is no allocated block
 *     nextSerial(heap)             a number that no structure has had; 0 where nothing has happened
 *
 * "Nothing has happened" is said of what no sound heap has, and of what the kernel cannot do: it
 * cannot grow a memory. Where only that is in the way, `missingPages` says how many it takes, and
 * JavaScript may grow the memory, let the kernel take the pages up, and ask again.
 *
 * An operation of several steps is done in this order: read and check all;
 * allocate all that it needs; where one of these is refused, deallocate those before it, last one
 * first, and answer "to be done in TypeScript"; then write; and deallocate at the very end what is
 * no longer needed. JavaScript, which keeps a copy of the header's numbers, then says
 * `allocator.kernelHeap.changed()`.
 *
 * Source: `src/lib/allocator/blocks.ts`, which it mirrors.
 */
import {
  addToFreeSize,
  beginChange,
  beginGrowth,
  copyBytes,
  end,
  endChange,
  fail,
  hasFailed,
  readWord,
  setEnd,
  takeSerial,
  WASM_PAGE_SIZE,
  writeWord,
} from './change';
import { findFit, fitStop, insertFree, removeFree } from './free-tree';
import { HEAP_OFFSET, OpenHeap } from './open-heap';
import {
  BLOCK_SIZE_MIN,
  FIRST_BLOCK,
  paddedSize,
  sizeOfAllocated,
  startOfFree,
  stopOfAllocated,
  stopOfFree,
  TAG_SIZE,
  TAGS_SIZE,
  writeTags,
} from './tags';

/** The links of a free block, which are words of the heap: a copy over them can be undone. */
const LINKS_SIZE: u64 = 16;

/** How many pages the heap lacks for what was asked for last; 0 where that is not the reason. */
export let missingPages: u64 = 0;

/** Takes a block of at least `size` bytes, with anything in it. */
export function allocate(heap: OpenHeap, size: u64): u64 {
  missingPages = 0;
  if (!beginChange(heap)) return 0;
  const ptr = takeFit(paddedSize(size));
  return endChange() ? ptr : 0;
}

/** Gives a block back, and merges it with its free neighbours. */
export function deallocate(heap: OpenHeap, ptr: u64): bool {
  if (!beginChange(heap)) return false;
  giveUp(ptr, stopOfAllocated(ptr));
  return endChange();
}

/** Gives a block another size, with as much of its contents as fits. */
export function reallocate(heap: OpenHeap, ptr: u64, size: u64): u64 {
  missingPages = 0;
  if (!beginChange(heap)) return 0;
  const resized = resize(ptr, stopOfAllocated(ptr), paddedSize(size));
  return endChange() ? resized : 0;
}

/**
 * Takes up the pages that the memory has got behind the heap: they become part of the free block at
 * its end. False where there are none, or nothing has happened.
 */
export function absorbPages(heap: OpenHeap): bool {
  if (!beginGrowth(heap)) return false;
  const oldEnd = blocksEnd();
  const last = startOfFree(oldEnd);
  const start = last == 0 ? oldEnd : last;
  if (last != 0) removeFree(last, oldEnd);
  setEnd(heap.end - HEAP_OFFSET);
  giveBack(start, end);
  addToFreeSize(-(<i64>(oldEnd - start)));
  return endChange();
}

/** Bytes of an allocated block's payload; 0 where there is none. */
export function blockSize(heap: OpenHeap, ptr: u64): u64 {
  return beginChange(heap) ? sizeOfAllocated(ptr) : 0;
}

/** A number that no structure of the heap has had. */
export function nextSerial(heap: OpenHeap): u64 {
  return beginChange(heap) ? takeSerial() : 0;
}

/** A block of a padded size; 0 where none is free. */
function takeFit(size: u64): u64 {
  const ptr = findFit(size);
  if (ptr == 0) {
    const last = startOfFree(blocksEnd());
    return grow(last == 0 ? blocksEnd() : last, size);
  }
  const stop = fitStop;
  take(ptr, stop);
  finish(ptr, stop, size);
  return ptr;
}

function giveUp(ptr: u64, stop: u64): void {
  const left = startOfFree(ptr);
  const right = stopOfFree(stop);
  if (hasFailed) return;
  if (left != 0) take(left, ptr);
  if (right != 0) take(stop, right);
  // What becomes the inside of a block must not go on saying that here is an allocated one.
  writeWord(ptr, stop - ptr - TAGS_SIZE);
  giveBack(left == 0 ? ptr : left, right == 0 ? stop : right);
}

function resize(ptr: u64, stop: u64, size: u64): u64 {
  if (hasFailed) return 0;
  const ownSize = stop - ptr - TAGS_SIZE;
  if (size <= ownSize && ownSize - size < BLOCK_SIZE_MIN) return ptr;
  const right = stopOfFree(stop);
  const wideStop = right == 0 ? stop : right;
  const left = size <= ownSize ? 0 : startOfFree(ptr);
  if (hasFailed) return 0;
  if (size > wideStop - ptr - TAGS_SIZE) {
    if (wideStop == end) return grow(ptr, size);
    const start = left == 0 ? ptr : left;
    return size <= wideStop - start - TAGS_SIZE ? leave() : moveAway(ptr, stop, size);
  }
  if (right != 0) take(stop, right);
  finish(ptr, wideStop, size);
  return ptr;
}

/** The heap is to grow so far that a block which starts here has room. */
function grow(start: u64, size: u64): u64 {
  if (hasFailed) return 0;
  missingPages = (start + size + TAGS_SIZE - end + WASM_PAGE_SIZE - 1) / WASM_PAGE_SIZE;
  return leave();
}

/** Leaves it to TypeScript: as where a block can go a little to the left, over its old place. */
function leave(): u64 {
  fail();
  return 0;
}

/** Where a block would start behind all others. */
function blocksEnd(): u64 {
  return max(end, FIRST_BLOCK);
}

/** Gives a block's contents another block. */
function moveAway(ptr: u64, stop: u64, size: u64): u64 {
  const target = takeFit(size);
  if (target == 0) return 0;
  const source = ptr + TAG_SIZE;
  const payload = target + TAG_SIZE;
  for (let at: u64 = 0; at < LINKS_SIZE; at += 8) writeWord(payload + at, readWord(source + at));
  copyBytes(source + LINKS_SIZE, payload + LINKS_SIZE, stop - ptr - TAGS_SIZE - LINKS_SIZE);
  giveUp(ptr, stop);
  return target;
}

/** Makes an allocated block of a piece of nobody's, and gives back what is too much of it. */
function finish(start: u64, stop: u64, size: u64): void {
  const needed = start + size + TAGS_SIZE;
  const isSplit = stop - needed >= BLOCK_SIZE_MIN;
  if (isSplit) giveBack(needed, stop);
  writeTags(start, isSplit ? needed : stop, true);
}

function take(start: u64, stop: u64): void {
  removeFree(start, stop);
  addToFreeSize(-(<i64>(stop - start)));
}

function giveBack(start: u64, stop: u64): void {
  writeTags(start, stop, false);
  insertFree(start, stop);
  addToFreeSize(<i64>(stop - start));
}
