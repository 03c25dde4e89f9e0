/**
 * A column of a hash table: items of one width, one for each slot, and behind the last slot comes
 * the first one again.
 *
 * Source: `src/lib/s-hash-map/column.ts`, which it mirrors.
 */
import { OpenHeap, readHeap, writeHeap } from '../heap/open-heap';

/** Fills `target` with the items of `count` slots. False beyond the heap's end. */
export function readColumn(
  heap: OpenHeap,
  column: u64,
  width: u64,
  capacity: u64,
  slot: u64,
  count: u64,
  target: usize,
): bool {
  const toEnd = min(count, capacity - slot);
  if (!readHeap(heap, column + slot * width, target, <usize>(toEnd * width))) return false;
  const rest = <usize>((count - toEnd) * width);
  return rest == 0 || readHeap(heap, column, target + <usize>(toEnd * width), rest);
}

/** Overwrites `count` slots. PRECONDITION: the column lies within the heap. */
export function writeColumn(
  heap: OpenHeap,
  column: u64,
  width: u64,
  capacity: u64,
  slot: u64,
  count: u64,
  source: usize,
): void {
  const toEnd = min(count, capacity - slot);
  writeHeap(heap, column + slot * width, source, <usize>(toEnd * width));
  const rest = <usize>((count - toEnd) * width);
  if (rest != 0) writeHeap(heap, column, source + <usize>(toEnd * width), rest);
}
