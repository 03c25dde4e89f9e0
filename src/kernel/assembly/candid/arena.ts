/**
 * The kernel's own room for messages: a run of pages that it asks the system for. Nobody else knows
 * of them, so nothing in JavaScript must be kept alive for them, and Azle's allocator, which asks
 * for pages of its own, never touches them. A message is there while it is decoded, and what is
 * encoded until JavaScript has fetched it.
 *
 *     decode  | the message, its texts moved to the front as they are read |
 *     encode  | bytes that were put | type table and values                |
 */
import { takePages } from '../workspace';

const PAGE_SIZE_LOG2: usize = 16;
const PAGE_MASK: usize = (1 << PAGE_SIZE_LOG2) - 1;

let start: usize = 0;
let size: usize = 0;

export function arenaStart(): usize {
  return start;
}

export function arenaSize(): usize {
  return size;
}

/**
 * Makes the arena at least `wanted` bytes long and keeps its first `kept` bytes. It may move: pages
 * that Azle took in the meantime lie in between. A new one is twice as long as the last, so all
 * that were left behind are together shorter than it. Returns false where the system gives no
 * pages, with the arena as it was.
 */
export function reserve(wanted: usize, kept: usize): bool {
  if (wanted <= size) return true;
  const pages = (max(wanted, 2 * size) + PAGE_MASK) >> PAGE_SIZE_LOG2;
  const moved = takePages(<i32>pages);
  if (moved == 0) return false;
  memory.copy(moved, start, kept);
  start = moved;
  size = pages << PAGE_SIZE_LOG2;
  return true;
}
