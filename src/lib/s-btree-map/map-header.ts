/**
 * The header of a map or a set in a heap. Its first 16 bytes are those of every structure.
 *
 *     OFFSET  SIZE  FIELD
 *          0    16  see `ownership/stable-structure.ts`
 *         16     8  address of the root node; 0 = there are no entries
 *         24     8  number of entries
 *         32     4  bytes of a node's first page
 *         36     4  zero
 *
 * Nodes are those of `BTreeMap`, see `btree-map/node-layout.ts`. Each of their pages lies in a
 * block of its own, and addresses are those of payloads.
 *
 * Source: house style rules 1 to 3.
 */
import { readU32, readU64, writeU32, writeU64 } from '../bytes.js';
import { assertPageSize, type MapHeader } from '../btree-map/header.js';
import { assertReservedZero } from '../magic.js';
import { FIELDS_OFFSET } from '../ownership/stable-structure.js';

const ROOT_OFFSET = FIELDS_OFFSET;
const LENGTH_OFFSET = ROOT_OFFSET + 8;
const PAGE_SIZE_OFFSET = LENGTH_OFFSET + 8;
const ZERO_OFFSET = PAGE_SIZE_OFFSET + 4;
const ZERO_SIZE = 4;
/** Bytes of the header. */
export const MAP_HEADER_SIZE = ZERO_OFFSET + ZERO_SIZE;

/** Where each field lies, for the test that compares the table above with the code. */
export const S_BTREE_MAP_LAYOUT = {
  structure: 0,
  root: ROOT_OFFSET,
  length: LENGTH_OFFSET,
  pageSize: PAGE_SIZE_OFFSET,
  zero: ZERO_OFFSET,
} as const;

/** Makes the header that of a map without entries. */
export function beginMapHeader(header: Uint8Array, pageSize: number): void {
  writeU32(header, PAGE_SIZE_OFFSET, pageSize);
}

/** The fields of a header. Throws `CORRUPTED`. */
export function decodeMapHeader(header: Uint8Array): MapHeader {
  assertReservedZero('map', header, ZERO_OFFSET, ZERO_SIZE);
  const pageSize = readU32(header, PAGE_SIZE_OFFSET);
  assertPageSize(pageSize);
  const root = readU64(header, ROOT_OFFSET);
  return { pageSize, slots: undefined, root, length: readU64(header, LENGTH_OFFSET) };
}

/** The two fields that change with the map, as they lie from `FIELDS_OFFSET` on. */
export function encodeMapFields(root: number, length: number): Uint8Array {
  const fields = new Uint8Array(PAGE_SIZE_OFFSET - FIELDS_OFFSET);
  writeU64(fields, ROOT_OFFSET - FIELDS_OFFSET, root);
  writeU64(fields, LENGTH_OFFSET - FIELDS_OFFSET, length);
  return fields;
}
