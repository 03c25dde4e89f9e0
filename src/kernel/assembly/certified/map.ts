/**
 * The certified map that an operation is about: what its header block says, and the blocks of its
 * heap. Nothing is kept from one operation to the next.
 *
 * Header block, payload:
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  kind of the structure = 8
 *          1     1  layout version = 1
 *          2     2  zero
 *          4     4  revision
 *          8     6  serial number
 *         14     2  "SS"
 *         16     8  number of entries
 *         24     8  root of the tree, a reference; 0 = there is none
 *         32    32  root hash
 *         64     4  1 while it is not known, 0 when it is
 *
 * Whatever no sound map has makes an operation `fail()`: then it answers "to be done in
 * JavaScript", which finds the words for what is wrong. Until then nothing has been written.
 *
 * Source: `src/lib/ownership/stable-structure.ts` and `src/lib/s-certified-btree-map.ts`.
 */
import { isWithinHeap, OpenHeap, readHeap, writeHeap } from '../heap/open-heap';
import { TAG_SIZE } from '../heap/tags';
import { keep } from '../workspace';

const HEADER_SIZE: usize = 68;
const REVISION_OFFSET: usize = 4;
const SERIAL_OFFSET: usize = 8;
const LENGTH_OFFSET: usize = 16;
const ROOT_OFFSET: usize = 24;
const ROOT_HASH_OFFSET: usize = 32;
const STALE_OFFSET: usize = 64;

/** Kind, version and the zeros behind them, as one number. */
const KIND_AND_VERSION: u32 = 0x0108;
const MARK: u64 = 0x5353;
const SERIAL_BITS: u64 = 48;

/** The heap of the map. */
export let heap: OpenHeap = changetype<OpenHeap>(0);
/** The root of the tree, which a change may move. */
export let root: u64 = 0;
/** Whether something was not as expected. */
export let hasFailed: bool = false;

let ptr: u64 = 0;
let header: usize = 0;

/** Begins an operation on the map with this header block and serial number. False for none. */
export function beginMap(target: OpenHeap, headerBlock: u64, serial: u64): bool {
  if (header == 0) header = keep(HEADER_SIZE);
  if (header == 0) return false;
  heap = target;
  ptr = headerBlock;
  hasFailed = false;
  if (!readPayload(ptr, 0, header, HEADER_SIZE)) return false;
  root = load<u64>(header, ROOT_OFFSET);
  const mark = load<u64>(header, SERIAL_OFFSET);
  return load<u32>(header) == KIND_AND_VERSION && mark == (serial | (MARK << SERIAL_BITS));
}

/** Something is not as expected: nothing is written by this operation. */
export function fail(): void {
  hasFailed = true;
}

export function setRoot(reference: u64): void {
  root = reference;
}

export function lengthOfMap(): u64 {
  return load<u64>(header, LENGTH_OFFSET);
}

/** Counts entries up or down; the root hash is not known any more. */
export function countChange(difference: i64): void {
  store<u64>(header, lengthOfMap() + difference, LENGTH_OFFSET);
  store<u32>(header, 1, STALE_OFFSET);
}

export function isCommitted(): bool {
  return load<u32>(header, STALE_OFFSET) == 0;
}

/** Where the root hash goes, and where it is once it is known. */
export function rootHash(): usize {
  return header + ROOT_HASH_OFFSET;
}

export function setCommitted(): void {
  store<u32>(header, 0, STALE_OFFSET);
}

/** Writes the header of a map that was changed. */
export function saveMap(): void {
  store<u32>(header, load<u32>(header, REVISION_OFFSET) + 1, REVISION_OFFSET);
  store<u64>(header, root, ROOT_OFFSET);
  writePayload(ptr, 0, header, HEADER_SIZE);
}

/** Fills `target` from a place in a block's payload. False beyond the heap's end. */
export function readPayload(block: u64, offset: usize, target: usize, length: usize): bool {
  const address = block + TAG_SIZE + offset;
  return isWithinHeap(heap, address, length) && readHeap(heap, address, target, length);
}

/** Copies bytes into a block's payload. PRECONDITION: the block has them. */
export function writePayload(block: u64, offset: usize, source: usize, length: usize): void {
  writeHeap(heap, block + TAG_SIZE + offset, source, length);
}
