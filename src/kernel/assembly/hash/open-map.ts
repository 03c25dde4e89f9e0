/**
 * The header of a hash map or set, of one operation: it is read at its begin, and written at its
 * end where the table has changed.
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  kind of the structure: 4 map, 5 set
 *          1     1  layout version = 1
 *          2     2  zero
 *          4     4  revision
 *          8     6  serial number
 *         14     2  "SS"
 *         16     8  table: pointer to its block; 0 = there is none
 *         24     8  number of slots of the table
 *         32     8  number of entries
 *         40     4  bytes of a key's slot
 *         44     4  bytes of a value's slot
 *
 * Source: `src/lib/ownership/stable-structure.ts` and `src/lib/s-hash-map/header.ts`.
 */
import { blockSize } from '../heap/blocks';
import { OpenHeap, readHeap, writeHeap } from '../heap/open-heap';
import { TAG_SIZE as BLOCK_TAG_SIZE } from '../heap/tags';
import { readPlace } from '../place';
import { allocate, openScratch } from '../workspace';
import { sipHash32 } from './sip-hash';
import { countMax, TAG_SIZE, tagOf, useTable } from './table';

const KIND_MAP: u16 = 4;
const KIND_SET: u16 = 5;
const VERSION: u16 = 1;
const MARK: u64 = 0x5353;

const ZERO_OFFSET: usize = 2;
const REVISION_OFFSET: usize = 4;
const SERIAL_OFFSET: usize = 8;
const SERIAL_BITS: u64 = 48;
const TABLE_OFFSET: usize = 16;
const CAPACITY_OFFSET: usize = 24;
const LENGTH_OFFSET: usize = 32;
const KEY_SIZE_OFFSET: usize = 40;
const VALUE_SIZE_OFFSET: usize = 44;
const HEADER_SIZE: usize = 48;

const CAPACITY_MAX: u64 = 1 << 32;

/** Where the heap's header has the key of the hash function. */
const HASH_KEY_OFFSET: u64 = 16;
const HASH_KEY_SIZE: usize = 16;

/** Bytes of the slots of the map that is open, and how many entries it has. */
export let keySize: u64 = 0;
export let valueSize: u64 = 0;
export let length: u64 = 0;
/** Whether there is a table, and whether it has no room for another entry. */
export let hasTable: bool = false;
export let isFull: bool = false;

let heap: OpenHeap = changetype<OpenHeap>(0);
let address: u64 = 0;
let header: usize = 0;

/**
 * Begins an operation on the map with this header block and serial number, and takes its table to
 * work on. False where it is no such map, or its header is not what it should be.
 */
export function openMap(target: OpenHeap, ptr: u64, serial: u64): bool {
  if (!openScratch()) return false;
  heap = target;
  address = ptr + BLOCK_TAG_SIZE;
  header = allocate(HEADER_SIZE);
  if (header == 0 || !readHeap(heap, address, header, HEADER_SIZE)) return false;
  if (!isHeader(serial)) return false;
  keySize = load<u32>(header, KEY_SIZE_OFFSET);
  valueSize = load<u32>(header, VALUE_SIZE_OFFSET);
  length = load<u64>(header, LENGTH_OFFSET);
  hasTable = load<u64>(header, TABLE_OFFSET) != 0;
  isFull = !hasTable;
  return hasTable ? openTable() : length == 0;
}

/** The tag of a key. The heap's header has been read before, so it is there. */
export function tagOfKey(bytes: usize, keyLength: usize): u32 {
  const key = allocate(HASH_KEY_SIZE);
  if (key == 0 || !readPlace(heap, HASH_KEY_OFFSET, key, HASH_KEY_SIZE)) unreachable();
  return tagOf(sipHash32(key, bytes, keyLength));
}

/** Writes the header, with so many entries more, and counts the change. */
export function publish(difference: i64): void {
  store<u32>(header, load<u32>(header, REVISION_OFFSET) + 1, REVISION_OFFSET);
  store<u64>(header, length + difference, LENGTH_OFFSET);
  writeHeap(heap, address, header, HEADER_SIZE);
}

function isHeader(serial: u64): bool {
  const kindAndVersion = load<u16>(header);
  const isKind =
    kindAndVersion == (KIND_MAP | (VERSION << 8)) || kindAndVersion == (KIND_SET | (VERSION << 8));
  const isMarked = load<u64>(header, SERIAL_OFFSET) == (serial | (MARK << SERIAL_BITS));
  return isKind && isMarked && load<u16>(header, ZERO_OFFSET) == 0;
}

function openTable(): bool {
  const table = load<u64>(header, TABLE_OFFSET);
  const capacity = load<u64>(header, CAPACITY_OFFSET);
  if (capacity == 0 || capacity >= CAPACITY_MAX) return false;
  const entrySize = keySize + valueSize;
  const size = blockSize(heap, table);
  if (size / capacity < TAG_SIZE + entrySize) return false;
  if (!useTable(heap, table + BLOCK_TAG_SIZE, capacity, entrySize)) return false;
  isFull = length == countMax();
  return length <= countMax();
}
