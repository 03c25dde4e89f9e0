/**
 * Blocks and the tags at either end of them. A block is told by where it starts and where it stops;
 * 0 is neither, so it says that there is none.
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  front tag: payload size s; bit 63 says whether the block is allocated
 *          8     s  payload
 *      8 + s     8  rear tag, the same
 *
 * Source: `src/lib/allocator/free-block.ts` and `heap.ts`, which it mirrors.
 */
import { end, fail, hasFailed, readWord, writeWord } from './change';

export const TAG_SIZE: u64 = 8;
export const TAGS_SIZE: u64 = 2 * TAG_SIZE;
const PAYLOAD_SIZE_MIN: u64 = 16;
const PAYLOAD_ALIGNMENT: u64 = 8;
export const BLOCK_SIZE_MIN: u64 = PAYLOAD_SIZE_MIN + TAGS_SIZE;

/** Where the first block lies. */
export const FIRST_BLOCK: u64 = 8;

const ALLOCATED_BIT: u64 = 1 << 63;
/** The largest number that JavaScript takes for a size, an address or a count. */
export const SAFE_MAX: u64 = 0x1f_ffff_ffff_ffff;

/** The payload that a request of `size` bytes gets at least: 16, or the next multiple of 8. */
export function paddedSize(size: u64): u64 {
  return max(PAYLOAD_SIZE_MIN, (size + PAYLOAD_ALIGNMENT - 1) & ~(PAYLOAD_ALIGNMENT - 1));
}

/** Whether a block may have a payload of this size. Of a free block it is what its tags say. */
export function isPayloadSize(size: u64): bool {
  return size >= PAYLOAD_SIZE_MIN && size % PAYLOAD_ALIGNMENT == 0 && size <= SAFE_MAX;
}

/** Whether a block could begin at an address. */
export function canBeBlock(ptr: u64): bool {
  return ptr % TAG_SIZE == 0 && ptr >= FIRST_BLOCK && ptr < end && end - ptr >= BLOCK_SIZE_MIN;
}

/** Bytes of the allocated block at an address, as far as its front tag says; 0 for none. */
export function sizeOfAllocated(ptr: u64): u64 {
  const tag = canBeBlock(ptr) ? readWord(ptr) : 0;
  const size = tag & ~ALLOCATED_BIT;
  return tag != size && isPayloadSize(size) && size <= end - ptr - TAGS_SIZE ? size : 0;
}

/** Where the allocated block at an address stops; fails where there is none with equal tags. */
export function stopOfAllocated(ptr: u64): u64 {
  const size = sizeOfAllocated(ptr);
  if (size == 0) return noBlock();
  const stop = ptr + size + TAGS_SIZE;
  return readWord(stop - TAG_SIZE) == (size | ALLOCATED_BIT) ? stop : noBlock();
}

/** Where the block that starts here stops, if it is free; fails where its tags are damaged. */
export function stopOfFree(start: u64): u64 {
  const tag = start >= end ? ALLOCATED_BIT : readFreeTag(start);
  if (saysAllocated(tag)) return 0;
  if (start + TAGS_SIZE > end || tag > end - start - TAGS_SIZE) return noBlock();
  const stop = start + tag + TAGS_SIZE;
  return readWord(stop - TAG_SIZE) == tag ? stop : noBlock();
}

/** Where the block that stops here starts, if it is free; fails where its tags are damaged. */
export function startOfFree(stop: u64): u64 {
  const tag = stop <= FIRST_BLOCK ? ALLOCATED_BIT : readFreeTag(stop - TAG_SIZE);
  if (saysAllocated(tag)) return 0;
  if (stop < FIRST_BLOCK + TAGS_SIZE || tag > stop - FIRST_BLOCK - TAGS_SIZE) return noBlock();
  const start = stop - tag - TAGS_SIZE;
  return readWord(start) == tag ? start : noBlock();
}

/** Writes both tags of a block. */
export function writeTags(start: u64, stop: u64, isAllocated: bool): void {
  const size = stop - start - TAGS_SIZE;
  const tag = isAllocated ? size | ALLOCATED_BIT : size;
  writeWord(start, tag);
  writeWord(stop - TAG_SIZE, tag);
}

/** The tag at an address, which is plausible or a failure. */
function readFreeTag(address: u64): u64 {
  const tag = readWord(address);
  if (!isPayloadSize(tag & ~ALLOCATED_BIT)) fail();
  return hasFailed ? ALLOCATED_BIT : tag;
}

function saysAllocated(tag: u64): bool {
  return tag >= ALLOCATED_BIT;
}

function noBlock(): u64 {
  fail();
  return 0;
}
