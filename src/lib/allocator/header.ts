/**
 * Page 0 of an allocator's memory. The heap begins behind it, with addresses of its own that count
 * from 0. All numbers are little-endian.
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "SMA"
 *          3     1  layout version = 1
 *          4     4  entries of the root directory that are or were in use
 *          8     8  pages that the heap may have at most; 0 = any number
 *         16    16  key of the hash function of hash maps; zeros = none was given
 *         32     8  end of the heap: where the next page would begin
 *         40     8  free bytes, tags included
 *         48     8  root of the free tree; 0 = there is no free block
 *         56     8  serial number for the next structure
 *         64    64  reserved, zero
 *        128        root directory, see `root-directory.ts`
 *
 * Source: `specs/ic-stable-memory.md` sections 1.4 and 8 (what a fresh design should have); defect
 * 3.
 */
import { readU32, readU64, writeU64 } from '../bytes.js';
import { corrupted } from '../errors.js';
import { assertMagic, assertReservedZero, MAGIC_SIZE, writeMagic } from '../magic.js';
import { readStored, sizeInBytes, WASM_PAGE_SIZE, type Memory } from '../memory.js';
import { FIRST_BLOCK } from './free-block.js';

const MAGIC = 'SMA';
const LAYOUT_VERSION = 1;

/** Where the count of directory entries lies. */
export const ROOT_COUNT_OFFSET = MAGIC_SIZE;
const MAX_PAGES_OFFSET = ROOT_COUNT_OFFSET + 4;
/** Where the key of hash maps lies; zeros where none was given. */
export const HASH_KEY_OFFSET = MAX_PAGES_OFFSET + 8;
export const HASH_KEY_SIZE = 16;
/** Where the part begins that allocating and freeing changes. */
export const HEAP_STATE_OFFSET = HASH_KEY_OFFSET + HASH_KEY_SIZE;
const END_OFFSET = HEAP_STATE_OFFSET;
const FREE_SIZE_OFFSET = END_OFFSET + 8;
const FREE_ROOT_OFFSET = FREE_SIZE_OFFSET + 8;
const NEXT_SERIAL_OFFSET = FREE_ROOT_OFFSET + 8;
const RESERVED_OFFSET = NEXT_SERIAL_OFFSET + 8;
const RESERVED_SIZE = 64;
/** Where the root directory begins. */
export const ROOTS_OFFSET = RESERVED_OFFSET + RESERVED_SIZE;

/** Where in the memory address 0 of the heap lies. */
export const HEAP_OFFSET = WASM_PAGE_SIZE;

/** Where each field lies, for the test that compares the table above with the code. */
export const ALLOCATOR_HEADER_LAYOUT = {
  magic: 0,
  rootCount: ROOT_COUNT_OFFSET,
  maxPages: MAX_PAGES_OFFSET,
  hashKey: HASH_KEY_OFFSET,
  end: END_OFFSET,
  freeSize: FREE_SIZE_OFFSET,
  freeRoot: FREE_ROOT_OFFSET,
  nextSerial: NEXT_SERIAL_OFFSET,
  reserved: RESERVED_OFFSET,
  roots: ROOTS_OFFSET,
} as const;

/** What is told once. */
export interface AllocatorConfiguration {
  readonly maxPages: number;
  readonly hashKey: Uint8Array;
}

/** What allocating and freeing changes. */
export interface HeapState {
  /** Where the next page of the heap would begin. */
  end: number;
  freeSize: number;
  freeRoot: number;
  nextSerial: number;
}

/** The state of a heap without pages. */
export function emptyHeap(): HeapState {
  return { end: 0, freeSize: 0, freeRoot: 0, nextSerial: 1 };
}

/** The bytes of a new header, up to the root directory. */
export function encodeHeader({ maxPages, hashKey }: AllocatorConfiguration): Uint8Array {
  const header = new Uint8Array(ROOTS_OFFSET);
  writeMagic(header, MAGIC, LAYOUT_VERSION);
  writeU64(header, MAX_PAGES_OFFSET, maxPages);
  header.set(hashKey, HASH_KEY_OFFSET);
  header.set(encodeHeapState(emptyHeap()), HEAP_STATE_OFFSET);
  return header;
}

/** The bytes of the part that changes, as they lie from {@link HEAP_STATE_OFFSET} on. */
export function encodeHeapState({ end, freeSize, freeRoot, nextSerial }: HeapState): Uint8Array {
  const state = new Uint8Array(RESERVED_OFFSET - HEAP_STATE_OFFSET);
  writeU64(state, END_OFFSET - HEAP_STATE_OFFSET, end);
  writeU64(state, FREE_SIZE_OFFSET - HEAP_STATE_OFFSET, freeSize);
  writeU64(state, FREE_ROOT_OFFSET - HEAP_STATE_OFFSET, freeRoot);
  writeU64(state, NEXT_SERIAL_OFFSET - HEAP_STATE_OFFSET, nextSerial);
  return state;
}

/** Throws `BAD_MAGIC` or `UNSUPPORTED_VERSION` for what is not ours, `CORRUPTED`. */
export function readHeader(memory: Memory): {
  readonly configuration: AllocatorConfiguration;
  readonly state: HeapState;
  readonly rootCount: number;
} {
  const header = new Uint8Array(ROOTS_OFFSET);
  readStored(memory, 0, header);
  assertMagic(header, MAGIC, LAYOUT_VERSION);
  assertReservedZero('allocator', header, RESERVED_OFFSET, RESERVED_SIZE);
  const hashKey = header.slice(HASH_KEY_OFFSET, HASH_KEY_OFFSET + HASH_KEY_SIZE);
  const configuration = { maxPages: readU64(header, MAX_PAGES_OFFSET), hashKey };
  const state = readHeapState(memory);
  return { configuration, state, rootCount: readU32(header, ROOT_COUNT_OFFSET) };
}

/** What allocating and freeing has made of the heap. Throws `CORRUPTED`. O(1). */
export function readHeapState(memory: Memory): HeapState {
  const bytes = new Uint8Array(RESERVED_OFFSET);
  memory.read(0, bytes);
  const state = {
    end: readU64(bytes, END_OFFSET),
    freeSize: readU64(bytes, FREE_SIZE_OFFSET),
    freeRoot: readU64(bytes, FREE_ROOT_OFFSET),
    nextSerial: readU64(bytes, NEXT_SERIAL_OFFSET),
  };
  assertPlausible(state, sizeInBytes(memory) - HEAP_OFFSET);
  return state;
}

function assertPlausible({ end, freeSize, freeRoot }: HeapState, endMax: number): void {
  if (end > endMax || end % WASM_PAGE_SIZE !== 0) {
    throw corrupted('end of the heap', `a multiple of a page up to ${endMax}`, end);
  }
  const freeMax = Math.max(0, end - FIRST_BLOCK);
  if (freeSize > freeMax) throw corrupted('free bytes', `at most ${freeMax}`, freeSize);
  if ((freeRoot === 0) !== (freeSize === 0)) {
    throw corrupted('root of the free tree', freeSize === 0 ? 0 : 'a block', freeRoot);
  }
}
