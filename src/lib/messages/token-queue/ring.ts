/**
 * The ring of cells that a queue of tokens lies in, and the header that describes it: behind the
 * last cell comes the first (all numbers little-endian).
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "STQ"
 *          3     1  layout version = 1
 *          4    12  reserved, zero
 *         16     8  capacity: number of cells in the ring
 *         24     8  cell of the oldest token
 *         32     8  number of tokens
 *         40     8  bytes of payload of all their messages
 *         48    16  reserved, zero
 *         64        cell 0, see `token-queue/cell.ts`
 *
 * Source: house style rules 1 and 3.
 */
import { readU64, RecordBytes } from '../../bytes.js';
import { isSame, wrap, type Ring } from '../../deque/ring.js';
import { corrupted } from '../../errors.js';
import { assertMagic, assertReservedZero, MAGIC_SIZE, writeMagic } from '../../magic.js';
import { sizeInBytes, WASM_PAGE_SIZE, type Memory } from '../../memory.js';
import { PAYLOAD_SIZE_MAX } from '../message-bytes.js';
import { CELL_SIZE, type QueuedToken } from './cell.js';

const MAGIC = 'STQ';
const LAYOUT_VERSION = 1;

const PADDING_OFFSET = MAGIC_SIZE;
const PADDING_SIZE = 12;
const CAPACITY_OFFSET = PADDING_OFFSET + PADDING_SIZE;
const HEAD_OFFSET = CAPACITY_OFFSET + 8;
const LENGTH_OFFSET = HEAD_OFFSET + 8;
const BYTES_OFFSET = LENGTH_OFFSET + 8;
const RESERVED_OFFSET = BYTES_OFFSET + 8;
const RESERVED_SIZE = 16;
/** Where cell 0 lies, which is also the size of the header. */
export const CELLS_OFFSET = RESERVED_OFFSET + RESERVED_SIZE;

/** Where the part lies that {@link encodeTokenRing} makes. */
export const RING_OFFSET = CAPACITY_OFFSET;

/** Where each field lies, for the test that compares the table above with the code. */
export const TOKEN_QUEUE_LAYOUT = {
  magic: 0,
  padding: PADDING_OFFSET,
  capacity: CAPACITY_OFFSET,
  head: HEAD_OFFSET,
  length: LENGTH_OFFSET,
  bytes: BYTES_OFFSET,
  reserved: RESERVED_OFFSET,
  cells: CELLS_OFFSET,
} as const;

/** The part of the header that changes. */
export interface TokenRing extends Ring {
  /** Of payload, of all messages in the queue. */
  readonly bytes: number;
}

/** A new ring has as many cells as fit the first page, which is there anyway. */
export const FIRST_TOKEN_RING: TokenRing = {
  capacity: Math.floor((WASM_PAGE_SIZE - CELLS_OFFSET) / CELL_SIZE),
  head: 0,
  length: 0,
  bytes: 0,
};

/**
 * The ring without its oldest tokens. Throws `CORRUPTED` where they have more bytes than the whole
 * ring. PRECONDITION: they are the first of the ring.
 */
export function without(ring: TokenRing, oldest: readonly QueuedToken[]): TokenRing {
  const { capacity, head, length, bytes } = ring;
  const size = oldest.reduce((sum, { payloadSize }) => sum + payloadSize, 0);
  if (size > bytes) throw corrupted('bytes of payload', `at least ${size}`, bytes);
  return {
    capacity,
    head: wrap(head + oldest.length, capacity),
    length: length - oldest.length,
    bytes: bytes - size,
  };
}

/** The ring with one token more. PRECONDITION: it has a cell for it. */
export function withNewest(ring: TokenRing, { payloadSize }: QueuedToken): TokenRing {
  return { ...ring, length: ring.length + 1, bytes: ring.bytes + payloadSize };
}

export function isSameRing(left: TokenRing, right: TokenRing): boolean {
  return isSame(left, right) && left.bytes === right.bytes;
}

/** The header of a new queue. */
export function createTokenHeader(ring: TokenRing): Uint8Array {
  const header = new Uint8Array(CELLS_OFFSET);
  writeMagic(header, MAGIC, LAYOUT_VERSION);
  header.set(encodeTokenRing(ring), RING_OFFSET);
  return header;
}

/** A ring on its way into a memory. */
const written = new RecordBytes(RESERVED_OFFSET - RING_OFFSET);

/** The bytes from {@link RING_OFFSET} on; good until the next call. */
export function encodeTokenRing({ capacity, head, length, bytes }: TokenRing): Uint8Array {
  written.setU64(CAPACITY_OFFSET - RING_OFFSET, capacity);
  written.setU64(HEAD_OFFSET - RING_OFFSET, head);
  written.setU64(LENGTH_OFFSET - RING_OFFSET, length);
  written.setU64(BYTES_OFFSET - RING_OFFSET, bytes);
  return written.bytes;
}

/** Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED`. */
export function readTokenRing(structure: string, header: Uint8Array, memory: Memory): TokenRing {
  assertMagic(header, MAGIC, LAYOUT_VERSION);
  assertReservedZero(structure, header, PADDING_OFFSET, PADDING_SIZE);
  assertReservedZero(structure, header, RESERVED_OFFSET, RESERVED_SIZE);
  const ring = {
    capacity: readU64(header, CAPACITY_OFFSET),
    head: readU64(header, HEAD_OFFSET),
    length: readU64(header, LENGTH_OFFSET),
    bytes: readU64(header, BYTES_OFFSET),
  };
  assertPlausible(ring, memory);
  return ring;
}

/** Every cell must lie within the memory, every token within the ring, and no bytes elsewhere. */
function assertPlausible({ capacity, head, length, bytes }: TokenRing, memory: Memory): void {
  const [end, endMax] = [CELLS_OFFSET + capacity * CELL_SIZE, sizeInBytes(memory)];
  if (capacity < 1) throw corrupted('cells of the ring', 'at least 1', capacity);
  if (end > endMax) throw corrupted('end of the ring', `at most ${endMax}`, end);
  if (head >= capacity) throw corrupted('oldest token', `below ${capacity}`, head);
  if (length > capacity) throw corrupted('number of tokens', `at most ${capacity}`, length);
  const bytesMax = length * PAYLOAD_SIZE_MAX;
  if (bytes > bytesMax) throw corrupted('bytes of payload', `at most ${bytesMax}`, bytes);
}
