/**
 * The first 52 bytes of a map. All numbers are little-endian.
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "BTR"
 *          3     1  layout version, 1 or 2
 *          4     4  V2: node page size in bytes; V1: largest key in bytes
 *          8     4  V2: 0xFFFFFFFF; V1: largest value in bytes
 *         12     8  address of the root node; 0 = the map is empty
 *         20     8  number of entries
 *         28    24  reserved, never written: it may hold anything
 *         52    48  allocator header, see `chunk-allocator.ts`
 *        100        first chunk
 *
 * A map that was made as V1 keeps its version and the sizes, also after nodes of layout V2 have
 * joined those of V1. A header with version 2 but without the mark at 8 has V1's two sizes: no
 * release writes it, all read it, and the next change of root or length makes it V1.
 *
 * Source: `specs/ic-stable-structures.md` sections 3.1, 3.3 and 3.7; crate `btreemap.rs`.
 */
import { readU32, readU64, writeU32, writeU64 } from '../bytes.js';
import type { Bound } from '../codec.js';
import { corrupted, StorageError } from '../errors.js';
import { assertMagic, MAGIC_SIZE, versionAt, writeMagic } from '../magic.js';
import { readStored, type Memory } from '../memory.js';
import { ALLOCATOR_HEADER_SIZE } from './chunk-allocator.js';
import type { Chunks } from './chunks.js';
import { CAPACITY } from './node-layout.js';
import { nodeSizeMax, type SlotSizes } from './node-v1.js';

const MAGIC = 'BTR';
const V1 = 1;
const V2 = 2;

const PAGE_SIZE_OFFSET = MAGIC_SIZE;
const PAGE_SIZE_KIND_OFFSET = PAGE_SIZE_OFFSET + 4;
const MAX_KEY_SIZE_OFFSET = PAGE_SIZE_OFFSET;
const MAX_VALUE_SIZE_OFFSET = PAGE_SIZE_KIND_OFFSET;
const ROOT_OFFSET = PAGE_SIZE_KIND_OFFSET + 4;
const LENGTH_OFFSET = ROOT_OFFSET + 8;
const RESERVED_OFFSET = LENGTH_OFFSET + 8;
const RESERVED_SIZE = 24;
/** Where the allocator's header lies. */
export const ALLOCATOR_OFFSET = RESERVED_OFFSET + RESERVED_SIZE;

/** Where each field lies, for the test that compares the table above with the code. */
export const BTREE_MAP_LAYOUT = {
  magic: 0,
  pageSize: PAGE_SIZE_OFFSET,
  pageSizeKind: PAGE_SIZE_KIND_OFFSET,
  root: ROOT_OFFSET,
  length: LENGTH_OFFSET,
  reserved: RESERVED_OFFSET,
  allocator: ALLOCATOR_OFFSET,
  firstChunk: ALLOCATOR_OFFSET + ALLOCATOR_HEADER_SIZE,
} as const;

/** The field at 8 says so where the page size is not derived from the sizes of slots. */
const DIRECT_PAGE_SIZE = 0xffff_ffff;
const UNBOUNDED_PAGE_SIZE = 1024;
const PAGE_SIZE_MIN = 128;

/** What the header says, but for what the allocator's says. */
export interface MapHeader {
  /** Bytes of a node's first page. */
  readonly pageSize: number;
  /** The slots of layout V1, for a map that was made with it. */
  readonly slots: SlotSizes | undefined;
  readonly root: number;
  readonly length: number;
}

/** The header of an empty map in layout V2, for keys and values of these bounds. */
export function newHeader(key: Bound, value: Bound): MapHeader {
  return { pageSize: nodePageSize(key, value), slots: undefined, root: 0, length: 0 };
}

/** The header of an empty map in layout V1. Throws `INCOMPATIBLE_TYPE` for an unbounded type. */
export function newHeaderV1(key: Bound, value: Bound): MapHeader {
  if (key === 'unbounded' || value === 'unbounded') {
    throw new StorageError(
      'INCOMPATIBLE_TYPE',
      'layout V1: expected bounded keys and values, found an unbounded type. Use layout V2.',
    );
  }
  const slots = { maxKeySize: key.maxSize, maxValueSize: value.maxSize };
  return { pageSize: pageSizeOf(nodeSizeMax(slots)), slots, root: 0, length: 0 };
}

/** Writes a header to the start of `bytes`. */
export function encodeHeader(
  bytes: Uint8Array,
  { pageSize, slots, root, length }: MapHeader,
): void {
  writeMagic(bytes, MAGIC, slots === undefined ? V2 : V1);
  writeU32(bytes, PAGE_SIZE_OFFSET, slots?.maxKeySize ?? pageSize);
  writeU32(bytes, PAGE_SIZE_KIND_OFFSET, slots?.maxValueSize ?? DIRECT_PAGE_SIZE);
  updateHeader(bytes, root, length);
}

/** Writes the two fields that change with the map into an encoded header. */
export function updateHeader(bytes: Uint8Array, root: number, length: number): void {
  writeU64(bytes, ROOT_OFFSET, root);
  writeU64(bytes, LENGTH_OFFSET, length);
}

/** Bytes of the part that changes of the map are written to. */
export const HEADER_SIZE = RESERVED_OFFSET;

/** The header in a memory. Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION` or `CORRUPTED`. O(1). */
export function readHeader(memory: Memory): MapHeader {
  const bytes = new Uint8Array(HEADER_SIZE);
  readStored(memory, 0, bytes);
  if (versionAt(bytes) !== V1) assertMagic(bytes, MAGIC, V2);
  else assertMagic(bytes, MAGIC, V1);
  const isDirect =
    versionAt(bytes) === V2 && readU32(bytes, PAGE_SIZE_KIND_OFFSET) === DIRECT_PAGE_SIZE;
  const slots = isDirect
    ? undefined
    : {
        maxKeySize: readU32(bytes, MAX_KEY_SIZE_OFFSET),
        maxValueSize: readU32(bytes, MAX_VALUE_SIZE_OFFSET),
      };
  const pageSize = slots === undefined ? readU32(bytes, PAGE_SIZE_OFFSET) : nodeSizeMax(slots);
  assertPageSize(pageSize);
  const root = readU64(bytes, ROOT_OFFSET);
  return { pageSize, slots, root, length: readU64(bytes, LENGTH_OFFSET) };
}

/** Throws `CORRUPTED` for a page in which no node's first fields have room. */
export function assertPageSize(pageSize: number): void {
  if (pageSize >= PAGE_SIZE_MIN) return;
  throw corrupted('node page size', `at least ${PAGE_SIZE_MIN}`, pageSize);
}

/**
 * Throws `CORRUPTED` for what can be seen without a walk. The chunks must fit the memory, which
 * also bounds the page size before a buffer of it is made; the entries must fit the chunks.
 */
export function assertPlausible(header: MapHeader, chunks: Chunks): void {
  const { pageSize, root, length } = header;
  if (chunks.payloadSize !== pageSize) {
    throw corrupted('payload size of a chunk', pageSize, chunks.payloadSize);
  }
  chunks.assertWithinMemory();
  const lengthMax = root === 0 ? 0 : chunks.countMax * CAPACITY;
  if (length > lengthMax) throw corrupted('number of entries', `at most ${lengthMax}`, length);
  if (root !== 0 && length === 0) throw corrupted('root of an empty map', 0, root);
}

/**
 * The page size of a new map in layout V2: three quarters of the largest node where keys and
 * values are bounded, so that most nodes take one page.
 */
function nodePageSize(key: Bound, value: Bound): number {
  if (key === 'unbounded' || value === 'unbounded') return UNBOUNDED_PAGE_SIZE;
  const slots = { maxKeySize: key.maxSize, maxValueSize: value.maxSize };
  return pageSizeOf(Math.floor((nodeSizeMax(slots) * 3) / 4));
}

function pageSizeOf(size: number): number {
  if (size <= 0xffff_ffff) return size;
  throw new RangeError(
    'bounds: keys and values of this size do not fit a node; use unbounded ones',
  );
}
