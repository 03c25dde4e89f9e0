/**
 * What the header of a hash map or set says, behind the part that all structures have:
 *
 *     OFFSET  SIZE  FIELD
 *         16     8  table: pointer to its block; 0 = there is none
 *         24     8  capacity: number of slots of the table; 0 = there is none
 *         32     8  length: number of entries
 *         40     4  bytes of a key's slot, since the table is there
 *         44     4  bytes of a value's slot, since the table is there
 */
import type { StablePtr } from '../allocator/free-block.js';
import { readU32, readU64, writeU32, writeU64 } from '../bytes.js';
import { corrupted, StorageError } from '../errors.js';
import { FIELDS_OFFSET } from '../ownership/stable-structure.js';
import { countMax, isCapacity } from './table-layout.js';

const TABLE_OFFSET = FIELDS_OFFSET;
const CAPACITY_OFFSET = TABLE_OFFSET + 8;
const LENGTH_OFFSET = CAPACITY_OFFSET + 8;
const KEY_SIZE_OFFSET = LENGTH_OFFSET + 8;
const VALUE_SIZE_OFFSET = KEY_SIZE_OFFSET + 4;

/** Bytes of a header, those that all structures have included. */
export const HASH_HEADER_SIZE = VALUE_SIZE_OFFSET + 4;

/** Where each field lies, for the test that compares the table above with the code. */
export const HASH_MAP_LAYOUT = {
  table: TABLE_OFFSET,
  capacity: CAPACITY_OFFSET,
  length: LENGTH_OFFSET,
  keySize: KEY_SIZE_OFFSET,
  valueSize: VALUE_SIZE_OFFSET,
} as const;

/** What a header says. */
export interface HashHeader {
  readonly table: StablePtr;
  readonly capacity: number;
  readonly length: number;
}

/** Bytes of the slots of an entry. */
export interface SlotSizes {
  readonly keySize: number;
  readonly valueSize: number;
}

/**
 * What a header says that may be anything. Throws `CORRUPTED` for what no map has,
 * `INCOMPATIBLE_TYPE` where entries have slots of other sizes.
 */
export function readHashHeader(bytes: Uint8Array, name: string, sizes: SlotSizes): HashHeader {
  const table = readU64(bytes, TABLE_OFFSET);
  const capacity = readU64(bytes, CAPACITY_OFFSET);
  const length = readU64(bytes, LENGTH_OFFSET);
  if (!isCapacity(capacity)) throw corrupted(`capacity of the ${name}`, '6 * 2^n + 1', capacity);
  if ((table === 0) !== (capacity === 0)) throw corrupted(`table of the ${name}`, 'one', table);
  const lengthMax = countMax(capacity);
  if (length > lengthMax) throw corrupted(`length of the ${name}`, `at most ${lengthMax}`, length);
  if (capacity > 0) assertSizes(bytes, name, sizes);
  return { table, capacity, length };
}

/** Sets the fields of a header. */
export function writeHashHeader(bytes: Uint8Array, header: HashHeader, sizes: SlotSizes): void {
  writeU64(bytes, TABLE_OFFSET, header.table);
  writeU64(bytes, CAPACITY_OFFSET, header.capacity);
  writeU64(bytes, LENGTH_OFFSET, header.length);
  writeU32(bytes, KEY_SIZE_OFFSET, header.capacity === 0 ? 0 : sizes.keySize);
  writeU32(bytes, VALUE_SIZE_OFFSET, header.capacity === 0 ? 0 : sizes.valueSize);
}

function assertSizes(bytes: Uint8Array, name: string, { keySize, valueSize }: SlotSizes): void {
  const found = [readU32(bytes, KEY_SIZE_OFFSET), readU32(bytes, VALUE_SIZE_OFFSET)];
  if (found[0] === keySize && found[1] === valueSize) return;
  throw new StorageError(
    'INCOMPATIBLE_TYPE',
    `${name}: expected slots of ${keySize} and ${valueSize} bytes for keys and values, found ` +
      `${found[0]} and ${found[1]}. Open it with the codecs that it was made with.`,
    { name, keySize, valueSize, foundKeySize: found[0]!, foundValueSize: found[1]! },
  );
}
