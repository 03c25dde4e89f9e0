/**
 * A batch: a buffer of JavaScript's in which it says which entries of a map it wants, and in which
 * the kernel hands over as many as there is room for. The buffer keeps all that the next request
 * needs, so that any number of walks can be under way.
 *
 *     OFFSET  SIZE     FIELD
 *          0     4     flags, see below
 *          4     4     the most entries to hand over, 1 to 128
 *          8     4+4   the near edge of the range: where its key begins and ends; 0 = no edge
 *         16     4+4   the far edge
 *         24     4     size of keys that are numbers: 1, 2, 4, 8; 0 = bytes
 *         28     4     size of values that are numbers
 *         32     4     answer: what comes next, see below
 *         36     4     answer: the size of a buffer in which the next entry fits
 *         40    32     answer: the path to the next entry, see `scan/path.ts`
 *         72  8*128    answer: a cell for each key
 *       1096  8*128    answer: a cell for each value
 *       2120           the bytes, up to the far edge's key or to the buffer's end
 *
 *     FLAG  MEANING
 *        1  downwards: from the largest key to the smallest
 *        2  with values
 *        4  the near edge belongs to the range
 *        8  the far edge belongs to the range
 *       16  to begin with the entry to which the path leads; set once there is one
 *     2^8 n  of the near edge only the first n parts are compared; 0 = all
 *    2^16 n  the same of the far edge
 *
 *     NEXT  MEANING
 *        0  more entries
 *        1  nothing: the range has ended
 *        2  a surprise: the TypeScript engine goes on
 *        3  an entry that does not fit; if it is the first, it needs a larger buffer
 *
 *     CELL             HOLDS
 *     bytes            start and end in the buffer, two u32
 *     number of 8      the number, u64
 *     smaller number   the number, f64
 *
 * Numbers have no sign and are big-endian where they are stored. A path is good as long as the map
 * does not change, which is as long as a walk lasts.
 *
 * Source: the other side is `src/lib/btree-map/batch.ts`, which has the same tables.
 */
import {
  elementOf,
  keyAt,
  keyPrefixSize,
  PREFIX_SIZE,
  sizeOf,
  startOf,
  valueAt,
} from '../tree/node';
import { hasFailed } from '../tree/plan';
import { allocate } from '../workspace';
import { BYTES, CELL_SIZE, isOddNumber, putNumber } from './cell';
import { copyBytes } from './copy';
import { Edge } from './edge';
import {
  currentIndex,
  currentNode,
  followPath,
  hasCurrentValues,
  hasEntry,
  openPath,
  seek,
  step,
  writePath,
} from './path';

const ENTRY_COUNT_MAX: u32 = 128;

const FLAGS_OFFSET: usize = 0;
const WANTED_OFFSET: usize = FLAGS_OFFSET + 4;
const NEAR_OFFSET: usize = WANTED_OFFSET + 4;
const FAR_OFFSET: usize = NEAR_OFFSET + 8;
const KEY_NUMBER_OFFSET: usize = FAR_OFFSET + 8;
const VALUE_NUMBER_OFFSET: usize = KEY_NUMBER_OFFSET + 4;
const NEXT_OFFSET: usize = VALUE_NUMBER_OFFSET + 4;
const NEEDED_OFFSET: usize = NEXT_OFFSET + 4;
const PATH_OFFSET: usize = NEEDED_OFFSET + 4;
const PATH_SIZE: usize = 32;
export const KEYS_OFFSET: usize = PATH_OFFSET + PATH_SIZE;
export const VALUES_OFFSET: usize = KEYS_OFFSET + CELL_SIZE * <usize>ENTRY_COUNT_MAX;
const BYTES_OFFSET: usize = VALUES_OFFSET + CELL_SIZE * <usize>ENTRY_COUNT_MAX;

const DOWNWARDS: u32 = 1;
const WITH_VALUES: u32 = 2;
const NEAR_INCLUSIVE: u32 = 4;
const FAR_INCLUSIVE: u32 = 8;
const GOES_ON: u32 = 16;
const NEAR_PARTS_SHIFT: u32 = 8;
const FAR_PARTS_SHIFT: u32 = 16;
const PARTS_MASK: u32 = 0xff;

const MORE: u32 = 0;
const END: u32 = 1;
const SURPRISE: u32 = 2;
const NO_ROOM: u32 = 3;

let buffer: usize = 0;
let bufferEnd: usize = 0;
/** The bytes that are handed over go from here up to there. */
let bytesTop: usize = 0;
let bytesEnd: usize = 0;
let keyNumber: usize = BYTES;
let valueNumber: usize = BYTES;
let withValues: bool = false;
let far: Edge = changetype<Edge>(0);

/**
 * Hands over the next entries of a batch and answers how many, of the map on which an operation
 * `hasBegun`, or could not begin. A buffer that is shorter than the table traps.
 */
export function fillBatch(batch: usize, length: usize, hasBegun: bool): f64 {
  let next = hasBegun && open(batch, length) ? MORE : SURPRISE;
  const wanted = min(load<u32>(batch, WANTED_OFFSET), ENTRY_COUNT_MAX);
  let count: u32 = 0;
  while (next == MORE && count < wanted) {
    next = handOver(count);
    if (next != MORE) break;
    count++;
    if (!step()) next = SURPRISE;
  }
  if (next == MORE && !hasEntry()) next = END;
  if (next == MORE || next == NO_ROOM) keepPath();
  store<u32>(batch, next, NEXT_OFFSET);
  return <f64>count;
}

/** The batch that was filled last, which JavaScript keeps alive while it asks for more of it. */
export function filledBatch(): usize {
  return buffer;
}

/** Counts the entries of a batch's range; -1 for a surprise. PRECONDITION: one has begun. */
export function countBatch(batch: usize, length: usize): f64 {
  if (!open(batch, length)) return -1;
  let count: f64 = 0;
  for (; hasEntry(); count++) {
    if (far.leavesOut(keyAt(currentNode(), currentIndex()))) break;
    if (!step()) return -1;
  }
  return hasFailed ? -1 : count;
}

/** Takes down what is wanted and goes to the first entry; false for a surprise. */
function open(batch: usize, length: usize): bool {
  if (length < BYTES_OFFSET) unreachable();
  const flags = load<u32>(batch, FLAGS_OFFSET);
  const isDownwards = (flags & DOWNWARDS) != 0;
  const inside = isDownwards ? -1 : 1;
  buffer = batch;
  bufferEnd = batch + length;
  withValues = (flags & WITH_VALUES) != 0;
  keyNumber = load<u32>(batch, KEY_NUMBER_OFFSET);
  valueNumber = load<u32>(batch, VALUE_NUMBER_OFFSET);
  const edges = allocate(2 * offsetof<Edge>());
  if (edges == 0 || !openPath()) return false;
  const near = openEdge(edges, NEAR_OFFSET, (flags & NEAR_INCLUSIVE) != 0, inside);
  near.partCount = (flags >> NEAR_PARTS_SHIFT) & PARTS_MASK;
  far = openEdge(edges + offsetof<Edge>(), FAR_OFFSET, (flags & FAR_INCLUSIVE) != 0, -inside);
  far.partCount = (flags >> FAR_PARTS_SHIFT) & PARTS_MASK;
  bytesTop = batch + BYTES_OFFSET;
  bytesEnd = far.key == 0 ? bufferEnd : far.key;
  if ((flags & GOES_ON) == 0) return seek(near, isDownwards);
  return followPath(batch + PATH_OFFSET, isDownwards);
}

function keepPath(): void {
  writePath(buffer + PATH_OFFSET);
  store<u32>(buffer, load<u32>(buffer, FLAGS_OFFSET) | GOES_ON, FLAGS_OFFSET);
}

function openEdge(at: usize, field: usize, isInclusive: bool, inside: i32): Edge {
  const start = load<u32>(buffer + field);
  const edge = changetype<Edge>(at);
  edge.key = start == 0 ? 0 : buffer + start;
  edge.length = load<u32>(buffer + field, 4) - start;
  edge.isInclusive = isInclusive;
  edge.inside = inside;
  return edge;
}

/** Hands over the entry on which the path ends, as the one with this index; tells what is next. */
function handOver(index: usize): u32 {
  if (!hasEntry()) return END;
  const node = currentNode();
  const key = keyAt(node, currentIndex());
  const isBeyond = far.leavesOut(key);
  if (hasFailed) return SURPRISE;
  if (isBeyond) return END;
  if (withValues && !hasCurrentValues()) return SURPRISE;
  const keyStart = startOf(key) + keyPrefixSize();
  const keyLength = sizeOf(key) - keyPrefixSize();
  const value = withValues ? valueAt(node, currentIndex()) : elementOf(0, PREFIX_SIZE);
  const valueLength = sizeOf(value) - PREFIX_SIZE;
  if (isOddNumber(keyNumber, keyLength)) return SURPRISE;
  if (withValues && isOddNumber(valueNumber, valueLength)) return SURPRISE;
  const length = (keyNumber == BYTES ? keyLength : 0) + (valueNumber == BYTES ? valueLength : 0);
  if (length > bytesEnd - bytesTop) return noRoomFor(length);

  const cell = buffer + index * CELL_SIZE;
  put(cell + KEYS_OFFSET, keyNumber, keyStart, keyLength);
  if (withValues) put(cell + VALUES_OFFSET, valueNumber, startOf(value) + PREFIX_SIZE, valueLength);
  return MORE;
}

function noRoomFor(length: usize): u32 {
  store<u32>(buffer, <u32>(BYTES_OFFSET + length + (bufferEnd - bytesEnd)), NEEDED_OFFSET);
  return NO_ROOM;
}

/** Puts a number into its cell, or copies bytes behind the others and their place into the cell. */
function put(cell: usize, numberSize: usize, element: usize, length: usize): void {
  if (numberSize != BYTES) return putNumber(cell, element, numberSize);
  copyBytes(bytesTop, element, length);
  store<u32>(cell, <u32>(bytesTop - buffer));
  bytesTop += length;
  store<u32>(cell, <u32>(bytesTop - buffer), 4);
}
