/**
 * Changes of the tree of a certified map: an entry is put at its place, or taken out. Each is for
 * the key that was located last.
 *
 * What changes of the forks is noted in the steps of the path, and written when all of it is known.
 * Blocks are given back before the first of these writes: where the heap refuses that, nothing has
 * happened yet.
 *
 * Source: `src/lib/s-certified-btree-map/radix-tree.ts`, which it mirrors step by step.
 */
import { deallocate, reallocate } from '../heap/blocks';
import { allocate as allocateScratch } from '../workspace';
import {
  entry,
  entryRoom,
  FORK_SIZE,
  hashOf,
  isStale,
  KEY_OFFSET,
  setHash,
  setPosition,
  setSide,
  setStale,
  sideOf,
  toEntry,
  writeEntry,
  writeFork,
  writeNoFork,
} from './entry-block';
import { countChange, heap, setRoot } from './map';
import {
  bitOf,
  blockAt,
  forkAt,
  heightOf,
  isChangedAt,
  NO_ENTRY,
  SAME,
  setBlockAt,
  setChangedAt,
  sideAt,
  stepCount,
} from './search';

/** Room for a fork that is in no step. */
let spareFork: usize = 0;

/** Takes the room that changes need. False where the scratch region has none. */
export function beginChanges(): bool {
  spareFork = allocateScratch(FORK_SIZE);
  return spareFork != 0;
}

/** Whether the entry that was located has room in its block for so many bytes. */
export function hasRoom(position: i64, size: usize): bool {
  return position == SAME && size <= entryRoom;
}

/** Overwrites the entry in its block. False where nothing has happened. */
export function overwrite(bytes: usize, keySize: usize, valueSize: usize): bool {
  if (reallocate(heap, entry, KEY_OFFSET + keySize + valueSize) == 0) return false;
  writeEntry(entry, keySize, valueSize, bytes);
  markStale(stepCount);
  flush();
  countChange(0);
  return true;
}

/** Puts an entry that has outgrown its block into another one. False: nothing has happened. */
export function replace(block: u64, bytes: usize, keySize: usize, valueSize: usize): bool {
  const old = entry;
  if (!deallocate(heap, old)) return false;
  writeEntry(block, keySize, valueSize, bytes);
  moveFork(stepCount, old, block);
  lead(stepCount, toEntry(block));
  markStale(stepCount);
  flush();
  countChange(0);
  return true;
}

/** Adds an entry in a block of its own, where its key differs from the one that was located. */
export function add(
  position: i64,
  block: u64,
  bytes: usize,
  keySize: usize,
  valueSize: usize,
): void {
  writeEntry(block, keySize, valueSize, bytes);
  countChange(1);
  if (position == NO_ENTRY) {
    writeNoFork(block, spareFork);
    return setRoot(toEntry(block));
  }
  const height = heightOf(<u32>position);
  const below = height < stepCount ? blockAt(height) : toEntry(entry);
  const side = bitOf(bytes, keySize, <u32>position);
  const fork = spareFork;
  memory.fill(fork, 0, FORK_SIZE);
  setPosition(fork, <u32>position);
  setSide(fork, side, toEntry(block));
  setStale(fork, side, true);
  setSide(fork, 1 - side, below);
  inheritHash(fork, 1 - side, height);
  writeFork(block, fork);
  lead(height, block);
  markStale(height);
  flush();
}

/** Takes the entry out that was located, and frees its block. False: nothing has happened. */
export function takeOut(): bool {
  const block = entry;
  if (!deallocate(heap, block)) return false;
  if (stepCount == 0) setRoot(0);
  else closeUp(stepCount - 1, block);
  flush();
  countChange(-1);
  return true;
}

/** The fork above an entry goes with it; what was beside the entry moves up. */
function closeUp(parent: u32, block: u64): void {
  const fork = forkAt(parent);
  const rest = 1 - sideAt(parent);
  lead(parent, sideOf(fork, rest));
  if (parent > 0) {
    const last = forkAt(parent - 1);
    const side = sideAt(parent - 1);
    if (isStale(fork, rest)) setStale(last, side, true);
    else setHash(last, side, hashOf(fork, rest));
    markStale(parent - 1);
  }
  const freed = blockAt(parent);
  if (freed != block) moveFork(parent, block, freed);
}

/** A side gets the hash of what the first steps lead to, unless that is stale, or the root's. */
function inheritHash(fork: usize, side: u32, height: u32): void {
  if (height == 0) return setStale(fork, side, true);
  const last = forkAt(height - 1);
  const lastSide = sideAt(height - 1);
  if (isStale(last, lastSide)) setStale(fork, side, true);
  else setHash(fork, side, hashOf(last, lastSide));
}

/** Moves the fork of one block to another. It is among the first steps, if it exists. */
function moveFork(height: u32, from: u64, to: u64): void {
  for (let index: u32 = 0; index < height; index++) {
    if (blockAt(index) != from) continue;
    setBlockAt(index, to);
    setChangedAt(index);
    return lead(index, to);
  }
  writeNoFork(to, spareFork);
}

/** Makes the first steps lead to another place. */
function lead(height: u32, reference: u64): void {
  if (height == 0) return setRoot(reference);
  setSide(forkAt(height - 1), sideAt(height - 1), reference);
  setChangedAt(height - 1);
}

/** The hashes along the first steps are stale. Above one that is stale already, all are. */
function markStale(height: u32): void {
  for (let index = height; index > 0; index--) {
    const fork = forkAt(index - 1);
    const side = sideAt(index - 1);
    if (isStale(fork, side)) return;
    setStale(fork, side, true);
    setChangedAt(index - 1);
  }
}

function flush(): void {
  for (let index: u32 = 0; index < stepCount; index++) {
    if (isChangedAt(index)) writeFork(blockAt(index), forkAt(index));
  }
}
