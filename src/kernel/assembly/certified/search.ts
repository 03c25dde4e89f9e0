/**
 * The way from the root to a key. It is kept as a list of steps in the scratch region: the block of
 * each fork, the side that the way takes, and the fork itself, to be changed there.
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  block of the fork
 *          8     4  side
 *         12     4  1 where the fork was changed and must be written
 *         16    88  the fork
 *
 * Source: `src/lib/s-certified-btree-map/radix-tree.ts`, `locate`, and `key-bits.ts`.
 */
import { allocate } from '../workspace';
import {
  blockOf,
  entryKey,
  entryKeySize,
  FORK_SIZE,
  isEntry,
  positionOf,
  readEntry,
  readFork,
  sideOf,
} from './entry-block';
import { fail, root } from './map';

const SIDE_OFFSET: usize = 8;
const CHANGED_OFFSET: usize = 12;
const FORK_OFFSET: usize = 16;
const STEP_SIZE: usize = FORK_OFFSET + FORK_SIZE;

const BITS_OF_BYTE: u32 = 9;

/** What {@link locate} answers where the tree is empty or the key is that of the entry. */
export const SAME: i64 = -1;
/** What it answers for an empty tree. */
export const NO_ENTRY: i64 = -2;
/** What it answers after a failure. */
export const FAILED: i64 = -3;

let path: usize = 0;
/** How many steps there are. */
export let stepCount: u32 = 0;

/**
 * Goes to the entry that the bits of a key lead to. Returns the position where the two keys first
 * differ, or one of the constants above.
 */
export function locate(key: usize, length: usize): i64 {
  stepCount = 0;
  if (root == 0) return NO_ENTRY;
  let above: i64 = -1;
  let reference = root;
  while (!isEntry(reference)) {
    const step = allocate(STEP_SIZE);
    if (step == 0 || !readFork(reference, above, step + FORK_OFFSET)) return failed();
    if (stepCount == 0) path = step;
    const position = positionOf(step + FORK_OFFSET);
    const side = bitOf(key, length, position);
    store<u64>(step, reference);
    store<u32>(step, side, SIDE_OFFSET);
    store<u32>(step, 0, CHANGED_OFFSET);
    stepCount++;
    above = position;
    reference = sideOf(step + FORK_OFFSET, side);
  }
  if (!readEntry(blockOf(reference))) return failed();
  return firstDifference(key, length, entryKey, entryKeySize);
}

export function blockAt(index: u32): u64 {
  return load<u64>(stepAt(index));
}

export function setBlockAt(index: u32, block: u64): void {
  store<u64>(stepAt(index), block);
}

export function sideAt(index: u32): u32 {
  return load<u32>(stepAt(index), SIDE_OFFSET);
}

export function forkAt(index: u32): usize {
  return stepAt(index) + FORK_OFFSET;
}

export function isChangedAt(index: u32): bool {
  return load<u32>(stepAt(index), CHANGED_OFFSET) != 0;
}

export function setChangedAt(index: u32): void {
  store<u32>(stepAt(index), 1, CHANGED_OFFSET);
}

/** How many steps stay above a new fork at a position. */
export function heightOf(position: u32): u32 {
  let height: u32 = 0;
  while (height < stepCount && positionOf(forkAt(height)) < position) height++;
  return height;
}

/** The bit of a key at a position; 0 behind its end. */
export function bitOf(key: usize, length: usize, position: u32): u32 {
  const index = position / BITS_OF_BYTE;
  const bit = position - index * BITS_OF_BYTE;
  if (<usize>index >= length) return 0;
  if (bit == 0) return 1;
  return ((<u32>load<u8>(key + <usize>index)) >> (BITS_OF_BYTE - 1 - bit)) & 1;
}

function firstDifference(left: usize, leftSize: usize, right: usize, rightSize: usize): i64 {
  const common = min(leftSize, rightSize);
  let index: usize = 0;
  while (index + 8 <= common && load<u64>(left + index) == load<u64>(right + index)) index += 8;
  for (; index < common; index++) {
    const difference = <u32>(load<u8>(left + index) ^ load<u8>(right + index));
    if (difference != 0) return <i64>index * BITS_OF_BYTE + <i64>clz<u32>(difference) - 24 + 1;
  }
  return leftSize == rightSize ? SAME : <i64>common * BITS_OF_BYTE;
}

/** The steps follow one another: nothing else is put into the scratch region between them. */
function stepAt(index: u32): usize {
  return path + <usize>index * STEP_SIZE;
}

function failed(): i64 {
  fail();
  return FAILED;
}
