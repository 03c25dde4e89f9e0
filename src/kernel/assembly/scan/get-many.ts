/**
 * Looks up many keys in one operation, which reads each node once. The keys lie in the staging area
 * one behind another, and the values are put behind them. A table of JavaScript's says where:
 *
 *     OFFSET  SIZE   FIELD
 *          0     4   how many keys there are, at most 512
 *          4     4   index of the first one to look up
 *          8     4   size of values that are numbers: 1, 2, 4, 8; 0 = bytes
 *         12     4   zero
 *         16  4*512  where each key ends in the staging area, and the next one begins
 *       2064  8*512  answer: a cell for each value, as in a batch
 *       6160    512  answer: for each key 1 where it has a value, 0 where it is absent
 *
 * It stops before a value that has no room or is not as expected: JavaScript, having read the
 * values so far, asks again from there, and takes into its own hands what stops at once.
 *
 * Source: the other side is `src/lib/btree-map/lookup.ts`, which has the same table.
 */
import { stagingLength, stagingStart } from '../frame';
import { Node, PREFIX_SIZE, sizeOf, startOf, valueAt } from '../tree/node';
import { hasFailed } from '../tree/plan';
import { allowNodesAgain, locateValues } from '../tree/read';
import { findKey, foundIndex, lookFor } from '../tree/search';
import { BYTES, CELL_SIZE, isOddNumber, putNumber } from './cell';
import { copyBytes } from './copy';

const COUNT_MAX: usize = 512;

const COUNT_OFFSET: usize = 0;
const FIRST_OFFSET: usize = COUNT_OFFSET + 4;
const NUMBER_SIZE_OFFSET: usize = FIRST_OFFSET + 4;
const ENDS_OFFSET: usize = NUMBER_SIZE_OFFSET + 8;
const END_SIZE: usize = 4;
const CELLS_OFFSET: usize = ENDS_OFFSET + END_SIZE * COUNT_MAX;
const FOUND_OFFSET: usize = CELLS_OFFSET + CELL_SIZE * COUNT_MAX;
const TABLE_SIZE: usize = FOUND_OFFSET + COUNT_MAX;

/** Where the next value goes, counted from the start of the staging area. */
let top: usize = 0;
let numberSize: usize = BYTES;

/**
 * Looks up the keys of a table; answers the index of the one that it has stopped before, or how
 * many there are. A table that is none traps. PRECONDITION: an operation has begun.
 */
export function getMany(table: usize, length: usize): f64 {
  if (length != TABLE_SIZE) unreachable();
  const count = <usize>load<u32>(table, COUNT_OFFSET);
  if (count > COUNT_MAX) unreachable();
  let index = <usize>load<u32>(table, FIRST_OFFSET);
  numberSize = load<u32>(table, NUMBER_SIZE_OFFSET);
  top = keyStartAt(table, count);
  if (top > stagingLength()) unreachable();
  allowNodesAgain();
  while (index < count && lookUp(table, index)) index++;
  return <f64>index;
}

/** Looks up one key. False where it stops before it. */
function lookUp(table: usize, index: usize): bool {
  const start = keyStartAt(table, index);
  const end = keyStartAt(table, index + 1);
  if (start > end || end > top) unreachable();
  lookFor(stagingStart() + start, end - start);
  const node = findKey();
  if (hasFailed) return false;
  store<u8>(table + index, node == null ? 0 : 1, FOUND_OFFSET);
  return node == null || handOver(node, table + CELLS_OFFSET + index * CELL_SIZE);
}

/** The key with this index begins where the one before it ends. */
function keyStartAt(table: usize, index: usize): usize {
  return index == 0 ? 0 : <usize>load<u32>(table + (index - 1) * END_SIZE, ENDS_OFFSET);
}

/** Hands over the value that was found. False where it has no room, or is no such value. */
function handOver(node: Node, cell: usize): bool {
  if (!locateValues(node)) return false;
  const value = valueAt(node, foundIndex);
  const start = startOf(value) + PREFIX_SIZE;
  const length = sizeOf(value) - PREFIX_SIZE;
  if (isOddNumber(numberSize, length)) return false;
  if (numberSize != BYTES) {
    putNumber(cell, start, numberSize);
    return true;
  }
  if (length > stagingLength() - top) return false;
  copyBytes(stagingStart() + top, start, length);
  store<u32>(cell, <u32>top);
  top += length;
  store<u32>(cell, <u32>top, 4);
  return true;
}
