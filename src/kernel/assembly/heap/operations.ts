/**
 * What the kernel does on the heap of an allocator, each operation whole. An argument has a number
 * in its low 40 bits, and above it the handle of the heap:
 *
 *     CODE  OPERATION    DOOR   NUMBER   RESULT
 *       70  open heap    bytes           the new handle, or -1; the bytes are a description
 *       71  extend heap  bytes           1 where the kernel has taken up new pages, else 0; or -1;
 *                                        the bytes are what the memory has got: `place.ts`
 *       72  close heap   none            0
 *       73  allocate     none   size     the new block
 *       74  deallocate   none   address  0; operand 0 is the block's size
 *       75  reallocate   none   address  the block; operands are the sizes, before and after
 *       76  block size   none   address  bytes of the allocated block's payload
 *       77  read         bytes  address  0; the bytes are filled from the heap
 *       78  write        bytes  address  0; the bytes are copied to the heap
 *       79  next serial  none            a number that no structure of the heap has had
 *
 * Other results of operations from 73 on, which have changed nothing:
 *
 *       -2  to be done in JavaScript
 *     -2-n  the heap needs n pages more: grow the memory, extend the heap, and ask again
 *
 * A block is answered as its address, a multiple of 8, plus the words that its payload has beyond
 * the request, at most 3: with more, it would have been cut.
 *
 * Description of a heap (u32, little-endian):
 *
 *     OFFSET  FIELD
 *          0  bucket size in pages; 0 = stable memory itself
 *          4  page of bucket 0
 *
 * Source: `src/lib/allocator/kernel-heap.ts` is the other side.
 */
import { operandOf } from '../frame';
import { extendPlace } from '../place';
import {
  absorbPages,
  allocate,
  blockSize,
  deallocate,
  missingPages,
  nextSerial,
  reallocate,
} from './blocks';
import {
  closeHeap,
  isWithinHeap,
  openHeap,
  OpenHeap,
  openHeapOf,
  readHeap,
  writeHeap,
} from './open-heap';
import { paddedSize } from './tags';

const OPEN_HEAP: u32 = 70;
const EXTEND_HEAP: u32 = 71;
const CLOSE_HEAP: u32 = 72;
const ALLOCATE: u32 = 73;
const DEALLOCATE: u32 = 74;
const REALLOCATE: u32 = 75;
const BLOCK_SIZE: u32 = 76;
const READ: u32 = 77;
const WRITE: u32 = 78;
const NEXT_SERIAL: u32 = 79;

const NUMBER_BITS: u64 = 40;
const NUMBER_MASK: u64 = (1 << NUMBER_BITS) - 1;

const DESCRIPTION_SIZE: usize = 8;
const WORD_SIZE: u64 = 8;

const FALL_BACK: f64 = -2;

/** Whether an operation is one of these. */
export function isOnHeap(operation: u32): bool {
  return operation >= OPEN_HEAP && operation <= NEXT_SERIAL;
}

/** Carries out an operation that needs no bytes; returns its result. */
export function performOnHeap(operation: u32, argument: u64): f64 {
  const heap = heapOf(argument);
  const number = argument & NUMBER_MASK;
  switch (operation) {
    case ALLOCATE:
      return blockOrFallBack(heap, allocate(heap, number), number);
    case DEALLOCATE:
      return isBlock(heap, number, operandOf(0)) && deallocate(heap, number) ? 0 : FALL_BACK;
    case REALLOCATE:
      if (!isBlock(heap, number, operandOf(0))) return FALL_BACK;
      return resize(heap, number, <u64>operandOf(1));
    case BLOCK_SIZE:
      return numberOrFallBack(blockSize(heap, number));
    case NEXT_SERIAL:
      return numberOrFallBack(nextSerial(heap));
    case CLOSE_HEAP:
      closeHeap(heap);
      return 0;
    default:
      return unreachable();
  }
}

/** Carries out an operation on the bytes of a typed array; returns its result. */
export function performOnHeapWith(operation: u32, argument: u64, bytes: usize, length: usize): f64 {
  if (operation == OPEN_HEAP) return open(bytes, length);
  const heap = heapOf(argument);
  const address = argument & NUMBER_MASK;
  switch (operation) {
    case READ:
      return readHeap(heap, address, bytes, length) ? 0 : FALL_BACK;
    case WRITE:
      if (!isWithinHeap(heap, address, length)) return FALL_BACK;
      writeHeap(heap, address, bytes, length);
      return 0;
    case EXTEND_HEAP:
      if (!extendPlace(heap, bytes, length)) return -1;
      return absorbPages(heap) ? 1 : 0;
    default:
      return unreachable();
  }
}

function heapOf(argument: u64): OpenHeap {
  return openHeapOf(<u32>(argument >> NUMBER_BITS));
}

function open(description: usize, length: usize): f64 {
  if (length != DESCRIPTION_SIZE) unreachable();
  return openHeap(load<u32>(description), load<u32>(description, 4));
}

/** Whether an allocated block of this size begins here. */
function isBlock(heap: OpenHeap, ptr: u64, size: f64): bool {
  return size > 0 && <f64>blockSize(heap, ptr) == size;
}

function resize(heap: OpenHeap, ptr: u64, size: u64): f64 {
  return blockOrFallBack(heap, reallocate(heap, ptr, size), size);
}

function blockOrFallBack(heap: OpenHeap, ptr: u64, requested: u64): f64 {
  if (ptr == 0) return FALL_BACK - <f64>missingPages;
  return <f64>(ptr + (blockSize(heap, ptr) - paddedSize(requested)) / WORD_SIZE);
}

function numberOrFallBack(number: u64): f64 {
  return number == 0 ? FALL_BACK : <f64>number;
}
