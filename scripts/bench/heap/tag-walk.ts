/**
 * The other way to know the free blocks, for comparison: a walk from tag to tag over the whole
 * heap, and the free ones brought into the order of best fit. An allocator that keeps its list in
 * RAM would begin with this after each upgrade.
 */
import {
  FIRST_BLOCK,
  FreeBlock,
  readTag,
  TAG_SIZE,
} from '../../../src/lib/allocator/free-block.js';
import type { StableMemoryAllocator } from '../../../src/lib/index.js';

/** All free blocks by size, and within a size from the highest address down. */
export function freeBlocksByTags(heap: StableMemoryAllocator): FreeBlock[] {
  const free: FreeBlock[] = [];
  const tag = new Uint8Array(TAG_SIZE);
  const end = FIRST_BLOCK + heap.availableSize;
  for (let ptr = FIRST_BLOCK; ptr < end;) {
    heap.readBytes(ptr, tag);
    const { size, isAllocated } = readTag(tag, 0);
    const block = new FreeBlock(ptr, size);
    if (!isAllocated) free.push(block);
    ptr = block.end;
  }
  return free.sort((one, other) => one.size - other.size || other.ptr - one.ptr);
}
