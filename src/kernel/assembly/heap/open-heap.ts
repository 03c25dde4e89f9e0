/**
 * What the kernel knows of an allocator's heap for as long as it is open: where its memory lies,
 * and that it ends with the heap. What the heap's header says is read anew in each operation, so
 * nothing must be kept in step.
 *
 * Addresses are those of the heap, which begins behind the header's page.
 *
 * Source: `src/lib/allocator/heap.ts`; `src/lib/allocator/kernel-heap.ts` is the other side.
 */
import { describePlace, Place, readPlace, writePlace } from '../place';
import { keep } from '../workspace';

/** As many as a request has handles for. */
const HEAPS_MAX: u32 = 64;

/** Where in the memory address 0 of the heap lies. */
export const HEAP_OFFSET: u64 = 65_536;

@unmanaged
export class OpenHeap extends Place {
  isOpen: bool;
}

let heaps: usize = 0;

/** The heap with this handle. A wrong one traps. */
export function openHeapOf(handle: u32): OpenHeap {
  if (heaps == 0 || handle >= HEAPS_MAX) unreachable();
  const heap = heapAt(handle);
  if (!heap.isOpen) unreachable();
  return heap;
}

/** Opens a heap. Returns its handle; -1 where all are taken or there is no room for them. */
export function openHeap(bucketSizeInPages: u32, firstBucketPage: u32): i32 {
  if (heaps == 0) heaps = keep(HEAPS_MAX * offsetof<OpenHeap>());
  if (heaps == 0) return -1;
  for (let handle: u32 = 0; handle < HEAPS_MAX; handle++) {
    const heap = heapAt(handle);
    if (heap.isOpen) continue;
    describePlace(heap, bucketSizeInPages, firstBucketPage);
    heap.isOpen = true;
    return handle;
  }
  return -1;
}

/** The handle is free again. */
export function closeHeap(heap: OpenHeap): void {
  heap.isOpen = false;
}

/** Fills `target` from an address on. False where the bytes do not lie within the heap. */
export function readHeap(heap: OpenHeap, address: u64, target: usize, length: usize): bool {
  return address <= heap.end && readPlace(heap, HEAP_OFFSET + address, target, length);
}

/** Copies bytes to an address. PRECONDITION: {@link isWithinHeap}. */
export function writeHeap(heap: OpenHeap, address: u64, source: usize, length: usize): void {
  writePlace(heap, HEAP_OFFSET + address, source, length);
}

/** Whether so many bytes from an address on lie within the heap. */
export function isWithinHeap(heap: OpenHeap, address: u64, length: usize): bool {
  if (heap.end < HEAP_OFFSET) return false;
  const size = heap.end - HEAP_OFFSET;
  return address <= size && <u64>length <= size - address;
}

function heapAt(handle: u32): OpenHeap {
  return changetype<OpenHeap>(heaps + handle * offsetof<OpenHeap>());
}
