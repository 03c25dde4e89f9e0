/**
 * Computes the hashes that changes have made stale, from the bottom up. The forks that wait for a
 * hash are a stack in the scratch region:
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  block of the fork
 *          8     8  side that it waits for
 *         16    88  the fork
 *
 * A fork is written when both of its hashes are known, so a commit that ends half-way has made some
 * hashes known that were stale, and nothing wrong.
 *
 * Source: `src/lib/s-certified-btree-map/rehash.ts`, which it mirrors.
 */
import { HASH_SIZE } from '../sha256/hash';
import { allocate, release } from '../workspace';
import {
  blockOf,
  FORK_SIZE,
  isEntry,
  isKnown,
  isStale,
  LEFT,
  positionOf,
  readEntry,
  readFork,
  RIGHT,
  setHash,
  sideOf,
  writeFork,
} from './entry-block';
import { beginHashes, hashEntry, hashFork } from './hashing';
import {
  fail,
  hasFailed,
  isCommitted,
  lengthOfMap,
  root,
  rootHash,
  saveMap,
  setCommitted,
} from './map';

const SIDE_OFFSET: usize = 8;
const FORK_OFFSET: usize = 16;
const WAITING_SIZE: usize = FORK_OFFSET + FORK_SIZE;

/** The stack: where it begins, and how many forks wait. */
let stack: usize = 0;
let waiting: u32 = 0;

/** Commits the map. False where it cannot be done here: some hashes may be known by then. */
export function commitMap(): bool {
  if (root == 0) return false;
  if (isCommitted()) return true;
  if (!rehash(rootHash())) return false;
  setCommitted();
  saveMap();
  return true;
}

/** Puts the hash of the tree at `target`. */
function rehash(target: usize): bool {
  const hash = allocate(HASH_SIZE);
  if (hash == 0 || !beginHashes()) return false;
  waiting = 0;
  stack = 0;
  let left = lengthOfMap();
  findHash(root, -1, hash);
  while (waiting > 0 && !hasFailed) {
    const top = stack + <usize>(waiting - 1) * WAITING_SIZE;
    const fork = top + FORK_OFFSET;
    setHash(fork, <u32>load<u64>(top, SIDE_OFFSET), hash);
    if (isKnown(fork)) {
      writeFork(load<u64>(top), fork);
      hashFork(fork, hash);
      waiting--;
      release(top);
      if (left-- == 0) fail();
    } else {
      const side = isStale(fork, LEFT) ? LEFT : RIGHT;
      store<u64>(top, side, SIDE_OFFSET);
      findHash(sideOf(fork, side), positionOf(fork), hash);
    }
  }
  memory.copy(target, hash, HASH_SIZE);
  return !hasFailed;
}

/**
 * Puts at `target` the hash of the first place on the way down whose hash can be had. The forks
 * above it join those that wait.
 */
function findHash(from: u64, above: i64, target: usize): void {
  let reference = from;
  let position = above;
  while (!isEntry(reference)) {
    const step = allocate(WAITING_SIZE);
    if (step == 0 || !readFork(reference, position, step + FORK_OFFSET)) return fail();
    if (waiting == 0) stack = step;
    const fork = step + FORK_OFFSET;
    if (isKnown(fork)) {
      hashFork(fork, target);
      return release(step);
    }
    const side = isStale(fork, LEFT) ? LEFT : RIGHT;
    store<u64>(step, reference);
    store<u64>(step, side, SIDE_OFFSET);
    waiting++;
    position = positionOf(fork);
    reference = sideOf(fork, side);
  }
  const scratch = allocate(0);
  if (readEntry(blockOf(reference))) hashEntry(target);
  release(scratch);
}
