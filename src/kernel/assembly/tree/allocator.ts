/**
 * Takes chunks from the free list and gives them back. The chunk at the list's end has never been
 * used; who takes it plans a new one behind it.
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  "CHK" and layout version 1
 *          4     1  allocated: 0 or 1
 *          5     3  zero
 *          8     8  next free chunk; 0 = none
 *         16        payload
 *
 * A map in a heap has blocks instead, see `heap-chunks.ts`.
 *
 * Source: `src/lib/btree-map/chunk-allocator.ts`, which it mirrors step by step.
 */
import { allocate } from '../workspace';
import { allocateHeapChunk, deallocateHeapChunk, isHeapChunk } from './heap-chunks';
import { readMap } from './open-map';
import {
  allocatedCount,
  fail,
  FIRST_CHUNK,
  freeHead,
  map,
  plannedBytes,
  planWrite,
  SAFE_MAX,
  setAllocator,
} from './plan';

const CHUNK_MAGIC: u32 = 0x01_4b_48_43;
const ALLOCATED_OFFSET: usize = 4;
const NEXT_OFFSET: usize = 8;
const CHUNK_HEADER_SIZE: usize = 16;

/** Takes a chunk; returns the address of its payload, which is as it was. */
export function allocateChunk(): u64 {
  if (map.heap != 0) return allocateHeapChunk();
  const chunk = freeHead;
  const header = chunkHeader(chunk);
  if (header == 0 || isAllocated(header)) {
    fail();
    return 0;
  }
  const next = load<u64>(header, NEXT_OFFSET);
  planChunk(chunk, 1, next);
  if (next != 0) {
    setAllocator(allocatedCount + 1, next);
  } else {
    const behind = chunk + CHUNK_HEADER_SIZE + map.pageSize;
    planChunk(behind, 0, 0);
    setAllocator(allocatedCount + 1, behind);
  }
  return chunk + CHUNK_HEADER_SIZE;
}

/** Gives a chunk back by the address of its payload, which stays as it is. */
export function deallocateChunk(payload: u64): void {
  if (map.heap != 0) return deallocateHeapChunk(payload);
  const chunk = payload - CHUNK_HEADER_SIZE;
  const header = chunkHeader(chunk);
  if (header == 0 || !isAllocated(header)) return fail();
  planChunk(chunk, 0, freeHead);
  setAllocator(allocatedCount - 1, chunk);
}

/** Whether this is the address of a chunk's payload. */
export function isPayload(address: u64): bool {
  if (map.heap != 0) return isHeapChunk(address);
  const first = FIRST_CHUNK + CHUNK_HEADER_SIZE;
  if (address < first || address > SAFE_MAX) return false;
  return (address - first) % (CHUNK_HEADER_SIZE + map.pageSize) == 0;
}

/** A chunk's header as the plan has it, or as it is in memory; 0 where there is none. */
function chunkHeader(chunk: u64): usize {
  const planned = plannedBytes(chunk, CHUNK_HEADER_SIZE);
  if (planned != 0) return planned;
  const header = allocate(CHUNK_HEADER_SIZE);
  if (header == 0 || !isPayload(chunk + CHUNK_HEADER_SIZE)) return 0;
  if (!readMap(map, chunk, header, CHUNK_HEADER_SIZE)) return 0;
  const isChunk = load<u32>(header) == CHUNK_MAGIC && load<u64>(header, NEXT_OFFSET) <= SAFE_MAX;
  return isChunk ? header : 0;
}

function isAllocated(header: usize): bool {
  return load<u8>(header, ALLOCATED_OFFSET) == 1;
}

function planChunk(chunk: u64, allocated: u32, next: u64): void {
  const header = allocate(CHUNK_HEADER_SIZE);
  if (header == 0) return fail();
  store<u32>(header, CHUNK_MAGIC);
  store<u32>(header, allocated, ALLOCATED_OFFSET);
  store<u64>(header, next, NEXT_OFFSET);
  planWrite(chunk, header, CHUNK_HEADER_SIZE);
}
