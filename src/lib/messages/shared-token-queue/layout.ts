/**
 * How a queue of tokens lies in memory that two threads share. What one of them writes all the time
 * lies on a cache line of its own, so that they do not take it from each other.
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "TQC"
 *          3     1  layout version = 1
 *          4     4  number of cells, a power of two, little-endian
 *          8     4  word: 1 where the producer's end is taken, else 0
 *         12     4  word: 1 where the consumer's end is taken, else 0
 *         16    48  reserved, zero
 *         64     4  word: tokens ever put in, modulo 2^32
 *         68    60  reserved, zero
 *        128     4  word: tokens ever taken out, modulo 2^32
 *        132     4  word: 1 where the consumer waits for a token, else 0
 *        136     4  word: 1 where the consumer's hand holds a token, else 0
 *        140     4  word: how many were taken out before the one in the hand
 *        144    24  the hand: a cell without its last field
 *        168    24  reserved, zero
 *        192        cell 0
 *
 * A cell:
 *
 *     OFFSET  SIZE  FIELD
 *          0    24  token and what was true of it, see `token-queue/cell.ts`
 *         24     8  bytes of payload ever put in before it, modulo 2^52, little-endian
 *         32        end
 *
 * Words are numbers of 32 bits in the byte order of the machine, as `Atomics` knows no other. The
 * memory is never stored or sent elsewhere.
 *
 * Source: house style rules 1 and 3.
 */
import { readU32, writeU32 } from '../../bytes.js';
import { corrupted } from '../../errors.js';
import { assertMagic, assertReservedZero, MAGIC_SIZE, writeMagic } from '../../magic.js';
import { assertShareable, sharedBytes } from '../shared-buffer.js';
import { CELL_SIZE } from '../token-queue/cell.js';

const MAGIC = 'TQC';
const LAYOUT_VERSION = 1;
const STRUCTURE = 'shared queue of tokens';

/** Bytes of a word. */
export const WORD_SIZE = 4;

const CACHE_LINE_SIZE = 64;

const CELL_COUNT_OFFSET = MAGIC_SIZE;
export const PRODUCER_TAKEN_OFFSET = CELL_COUNT_OFFSET + 4;
export const CONSUMER_TAKEN_OFFSET = PRODUCER_TAKEN_OFFSET + WORD_SIZE;
const PADDING_OFFSET = CONSUMER_TAKEN_OFFSET + WORD_SIZE;
export const TAIL_OFFSET = CACHE_LINE_SIZE;
const TAIL_PADDING_OFFSET = TAIL_OFFSET + WORD_SIZE;
export const HEAD_OFFSET = TAIL_OFFSET + CACHE_LINE_SIZE;
export const WAITING_OFFSET = HEAD_OFFSET + WORD_SIZE;
export const HOLDS_OFFSET = WAITING_OFFSET + WORD_SIZE;
export const HELD_NUMBER_OFFSET = HOLDS_OFFSET + WORD_SIZE;
export const HAND_OFFSET = HELD_NUMBER_OFFSET + WORD_SIZE;
const HAND_PADDING_OFFSET = HAND_OFFSET + CELL_SIZE;
const CELLS_OFFSET = HEAD_OFFSET + CACHE_LINE_SIZE;

/** Where in a cell lies how many bytes came before it. */
export const BYTES_BEFORE_OFFSET = CELL_SIZE;
/** Bytes of a cell. */
export const SHARED_CELL_SIZE = BYTES_BEFORE_OFFSET + 8;

/** Where each field lies, for the test that compares the tables above with the code. */
export const SHARED_TOKEN_QUEUE_LAYOUT = {
  header: {
    magic: 0,
    version: 3,
    cellCount: CELL_COUNT_OFFSET,
    producerTaken: PRODUCER_TAKEN_OFFSET,
    consumerTaken: CONSUMER_TAKEN_OFFSET,
    padding: PADDING_OFFSET,
    tail: TAIL_OFFSET,
    tailPadding: TAIL_PADDING_OFFSET,
    head: HEAD_OFFSET,
    waiting: WAITING_OFFSET,
    holds: HOLDS_OFFSET,
    heldNumber: HELD_NUMBER_OFFSET,
    hand: HAND_OFFSET,
    handPadding: HAND_PADDING_OFFSET,
    cells: CELLS_OFFSET,
  },
  cell: { queued: 0, bytesBefore: BYTES_BEFORE_OFFSET, end: SHARED_CELL_SIZE },
} as const;

/** The most cells: 2 GiB of them. */
export const CELL_COUNT_MAX = 2 ** 26;

/** Where a cell lies. */
export function cellOffset(cell: number): number {
  return CELLS_OFFSET + cell * SHARED_CELL_SIZE;
}

/**
 * Memory with an empty ring of the fewest cells that hold `count` tokens. Throws `RangeError` where
 * the engine has no room, `UNSUPPORTED_OPERATION` where it has no shared memory.
 */
export function createRing(count: number): SharedArrayBuffer {
  assertShareable();
  const cells = 2 ** Math.ceil(Math.log2(count));
  const buffer = new SharedArrayBuffer(cellOffset(cells));
  const header = new Uint8Array(buffer, 0, CELLS_OFFSET);
  writeMagic(header, MAGIC, LAYOUT_VERSION);
  writeU32(header, CELL_COUNT_OFFSET, cells);
  return buffer;
}

/**
 * How many cells the ring in this memory has. Throws `TypeError` for what no threads share,
 * `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED`. O(1), and writes nothing.
 */
export function readCellCount(buffer: SharedArrayBuffer): number {
  const bytes = sharedBytes(buffer);
  assertMagic(bytes, MAGIC, LAYOUT_VERSION);
  if (bytes.length < CELLS_OFFSET) throw corrupted('size', CELLS_OFFSET, bytes.length);
  for (const [start, end] of [
    [PADDING_OFFSET, TAIL_OFFSET],
    [TAIL_PADDING_OFFSET, HEAD_OFFSET],
    [HAND_PADDING_OFFSET, CELLS_OFFSET],
  ] as const) {
    assertReservedZero(STRUCTURE, bytes, start, end - start);
  }
  const cells = readU32(bytes, CELL_COUNT_OFFSET);
  const isPowerOfTwo = cells > 0 && (cells & (cells - 1)) === 0;
  if (!isPowerOfTwo) throw corrupted('number of cells', 'a power of two', cells);
  const end = cellOffset(cells);
  if (end !== bytes.length) throw corrupted(`size of a ${STRUCTURE}`, end, bytes.length);
  return cells;
}
