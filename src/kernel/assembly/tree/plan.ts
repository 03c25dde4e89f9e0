/**
 * One operation on a map, planned in the workspace and then done as a whole or not at all.
 *
 *     begin ──► the header is read ──► nodes are read, edited, saved ──► commit: all is written
 *                                                      │
 *                                                      └──► fail: nothing is
 *
 * Saves go into a log of writes, which commit replays in order. So the memory ends up as if each
 * had been made at once, which is what the crate does: also the stale bytes behind what became
 * shorter are the same.
 *
 * Whatever the kernel does not expect is a failure: bytes that no map has, more than the scratch
 * region holds. Then JavaScript does the operation over again, from the same memory, and finds the
 * words for what is wrong. A plan that has failed goes on to its end, since nothing comes of it.
 *
 * The map's header, of which all but root and length is as it was when the map was opened:
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  "BTR" and layout version 2
 *          4     4  node page size
 *          8     4  0xFFFFFFFF
 *         12     8  root
 *         20     8  length
 *         52     4  "BTA" and layout version 1
 *         56     4  zero
 *         60     8  payload size of a chunk
 *         68     8  allocated chunks
 *         76     8  first free chunk
 *         84    16  zero
 *
 * A map in a heap has another header, see `heap-header.ts`.
 *
 * Source: `src/lib/btree-map/tree.ts`, `header.ts` and `chunk-allocator.ts`, which it mirrors.
 */
import { allocate, openScratch } from '../workspace';
import { beginHeapHeader, planHeapHeader } from './heap-header';
import { beginHeapChunks, keepHeapChunks } from './heap-chunks';
import { OpenMap, readMap, writeMap } from './open-map';

const HEADER_MAGIC: u32 = 0x02_52_54_42;
const DIRECT_PAGE_SIZE: u32 = 0xffff_ffff;
const ALLOCATOR_MAGIC: u32 = 0x01_41_54_42;

const MAP_HEADER_SIZE: usize = 28;
const ALLOCATOR_OFFSET: usize = 52;
const ALLOCATOR_SIZE: usize = 48;
const HEADERS_SIZE: usize = ALLOCATOR_OFFSET + ALLOCATOR_SIZE;
const PAGE_SIZE_OFFSET: usize = 4;
const PAGE_SIZE_KIND_OFFSET: usize = 8;
const ROOT_OFFSET: usize = 12;
const LENGTH_OFFSET: usize = 20;
const PAYLOAD_SIZE_OFFSET: usize = ALLOCATOR_OFFSET + 8;
const ALLOCATED_COUNT_OFFSET: usize = ALLOCATOR_OFFSET + 16;
const FREE_HEAD_OFFSET: usize = ALLOCATOR_OFFSET + 24;
const RESERVED_OFFSET: usize = ALLOCATOR_OFFSET + 32;

/** Where the first chunk's header lies. */
export const FIRST_CHUNK: u64 = HEADERS_SIZE;

/** The largest number that JavaScript takes for an address or a count. */
export const SAFE_MAX: u64 = 0x1f_ffff_ffff_ffff;

const WASM_PAGE_SIZE: u64 = 65_536;

/** A write to be made: the log is a chain of these. */
@unmanaged
class Write {
  next: usize;
  source: usize;
  address: u64;
  length: usize;
}

/** The map that the operation works on. */
export let map: OpenMap = changetype<OpenMap>(0);
/** What its header says; a plan changes these. */
export let root: u64 = 0;
export let length: u64 = 0;
export let allocatedCount: u64 = 0;
export let freeHead: u64 = 0;
/** Whether something was not as expected. */
export let hasFailed: bool = false;

let headers: usize = 0;
let isAllocatorDirty: bool = false;
let firstWrite: usize = 0;
let lastWrite: usize = 0;

/** Begins an operation on a map. False where it cannot be done here. */
export function begin(target: OpenMap): bool {
  map = target;
  hasFailed = false;
  isAllocatorDirty = false;
  firstWrite = 0;
  if (!openScratch()) return false;
  if (map.heap != 0) {
    beginHeapChunks();
    return beginHeapHeader();
  }
  headers = allocate(HEADERS_SIZE);
  if (!readMap(map, 0, headers, HEADERS_SIZE) || !areHeadersKnown()) return false;
  root = load<u64>(headers, ROOT_OFFSET);
  length = load<u64>(headers, LENGTH_OFFSET);
  allocatedCount = load<u64>(headers, ALLOCATED_COUNT_OFFSET);
  freeHead = load<u64>(headers, FREE_HEAD_OFFSET);
  return isPlausible() && allocatedCount <= SAFE_MAX;
}

/** What the header of a map in a heap says. False where no map's does. */
export function setHeader(storedRoot: u64, storedLength: u64): bool {
  root = storedRoot;
  length = storedLength;
  allocatedCount = SAFE_MAX;
  return isPlausible();
}

function isPlausible(): bool {
  return (root == 0) == (length == 0) && length <= SAFE_MAX;
}

/** Something is not as expected: nothing of this operation will be written. */
export function fail(): void {
  hasFailed = true;
}

export function setRoot(address: u64): void {
  root = address;
}

/** Counts entries up or down. */
export function addToLength(difference: i64): void {
  length += difference;
}

/** What the allocator's header is to say. */
export function setAllocator(count: u64, head: u64): void {
  allocatedCount = count;
  freeHead = head;
  isAllocatorDirty = true;
}

/** Plans a write. The bytes must stay as they are. */
export function planWrite(address: u64, source: usize, size: usize): void {
  const write = allocate(offsetof<Write>());
  if (write == 0) return fail();
  const entry = changetype<Write>(write);
  entry.next = 0;
  entry.source = source;
  entry.address = address;
  entry.length = size;
  if (firstWrite == 0) firstWrite = write;
  else changetype<Write>(lastWrite).next = write;
  lastWrite = write;
}

/** The bytes of the last planned write of `size` bytes to this address; 0 where there is none. */
export function plannedBytes(address: u64, size: usize): usize {
  let found: usize = 0;
  for (let at = firstWrite; at != 0; at = changetype<Write>(at).next) {
    const write = changetype<Write>(at);
    if (write.address == address && write.length == size) found = write.source;
  }
  return found;
}

/** Whether there is anything to write. */
export function hasChanges(): bool {
  return firstWrite != 0;
}

/** Plans the headers, where they have changed. The last step before {@link pagesNeeded}. */
export function planHeaders(): void {
  if (map.heap != 0) return planHeapHeader();
  const isChanged =
    root != load<u64>(headers, ROOT_OFFSET) || length != load<u64>(headers, LENGTH_OFFSET);
  store<u64>(headers, root, ROOT_OFFSET);
  store<u64>(headers, length, LENGTH_OFFSET);
  store<u64>(headers, allocatedCount, ALLOCATED_COUNT_OFFSET);
  store<u64>(headers, freeHead, FREE_HEAD_OFFSET);
  if (isChanged) planWrite(0, headers, MAP_HEADER_SIZE);
  if (isAllocatorDirty) planWrite(ALLOCATOR_OFFSET, headers + ALLOCATOR_OFFSET, ALLOCATOR_SIZE);
}

/**
 * The size that the memory needs for the plan in pages; 0 where it is large enough, as a heap is,
 * since its blocks are there before anything is planned for them.
 */
export function pagesNeeded(): u64 {
  if (map.heap != 0) return 0;
  let end: u64 = 0;
  for (let at = firstWrite; at != 0; at = changetype<Write>(at).next) {
    const write = changetype<Write>(at);
    end = max(end, write.address + write.length);
  }
  return end <= map.end ? 0 : (end + WASM_PAGE_SIZE - 1) / WASM_PAGE_SIZE;
}

/** Writes what is planned. PRECONDITION: it has not failed, and there is room. */
export function commit(): void {
  for (let at = firstWrite; at != 0; at = changetype<Write>(at).next) {
    const write = changetype<Write>(at);
    writeMap(map, write.address, write.source, write.length);
  }
  if (map.heap != 0) keepHeapChunks();
}

function areHeadersKnown(): bool {
  return (
    load<u32>(headers) == HEADER_MAGIC &&
    load<u32>(headers, PAGE_SIZE_OFFSET) == map.pageSize &&
    load<u32>(headers, PAGE_SIZE_KIND_OFFSET) == DIRECT_PAGE_SIZE &&
    load<u64>(headers, ALLOCATOR_OFFSET) == ALLOCATOR_MAGIC &&
    load<u64>(headers, PAYLOAD_SIZE_OFFSET) == map.pageSize &&
    (load<u64>(headers, RESERVED_OFFSET) | load<u64>(headers, RESERVED_OFFSET + 8)) == 0
  );
}
