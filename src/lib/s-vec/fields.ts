/**
 * What the header of a vector says, behind the fields of every structure:
 *
 *     OFFSET  SIZE  FIELD
 *         16     8  data block; 0 where there is none
 *         24     8  number of elements
 *         32     8  capacity: how many slots the data block is used for
 *
 * The data block has slot i at i times the slot's size. Slots of no bytes need no block: there the
 * first and the last field are 0, whatever the number of elements.
 *
 * Source: `specs/ic-stable-memory.md` section 5.1; defect 11 (widths are the same everywhere).
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import { readU64, writeU64 } from '../bytes.js';
import { corrupted } from '../errors.js';
import { FIELDS_OFFSET } from '../ownership/stable-structure.js';

const DATA_OFFSET = FIELDS_OFFSET;
const LENGTH_OFFSET = DATA_OFFSET + 8;
const CAPACITY_OFFSET = LENGTH_OFFSET + 8;
/** Bytes of the header block that are in use. */
export const HEADER_SIZE = CAPACITY_OFFSET + 8;

/** Where each field lies, for the test that compares the table above with the code. */
export const S_VEC_LAYOUT = {
  data: DATA_OFFSET,
  length: LENGTH_OFFSET,
  capacity: CAPACITY_OFFSET,
} as const;

/** Where the elements are, and how many. */
export interface VecFields {
  readonly data: StablePtr;
  readonly length: number;
  readonly capacity: number;
}

/** Those of an empty vector without room. */
export const NO_FIELDS: VecFields = { data: 0, length: 0, capacity: 0 };

/**
 * The fields of a header. Throws `CORRUPTED` for those of which an address could be computed that
 * is not the vector's. O(1).
 */
export function readFields(
  allocator: StableMemoryAllocator,
  header: Uint8Array,
  slotSize: number,
): VecFields {
  const data = readU64(header, DATA_OFFSET);
  const length = readU64(header, LENGTH_OFFSET);
  const capacity = readU64(header, CAPACITY_OFFSET);
  assertAtMost('data block', data, slotSize === 0 ? 0 : data);
  const roomFor = data === 0 ? 0 : Math.floor(allocator.blockAt(data).size / slotSize);
  assertAtMost('capacity', capacity, roomFor);
  assertAtMost('length', length, slotSize === 0 ? length : capacity);
  return { data, length, capacity };
}

export function writeFields(header: Uint8Array, { data, length, capacity }: VecFields): void {
  writeU64(header, DATA_OFFSET, data);
  writeU64(header, LENGTH_OFFSET, length);
  writeU64(header, CAPACITY_OFFSET, capacity);
}

function assertAtMost(what: string, found: number, max: number): void {
  if (found > max) throw corrupted(`${what} of a vector`, `at most ${max}`, found);
}
