/**
 * Commits a tree: computes the hashes that are stale, and no others. After n changes those are at
 * most n paths from the root, whose upper parts they share; that is why batches are cheap.
 *
 *     entry     labeled(key, leaf(value))
 *     fork      fork(left, right)
 *
 * Source: `../certification/hash-tree.ts`.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import { forkHash, labeledHash, leafHash } from '../certification/hash-tree.js';
import { blockOf, Fork, isEntry, readEntry, readValue, type Reference } from './entry-block.js';
import { LEFT, RIGHT, type Side } from './key-bits.js';
import type { Step } from './radix-tree.js';

/** The hash of a tree; all hashes in it are then known. O(stale hashes). Throws `CORRUPTED`. */
export function rehash(allocator: StableMemoryAllocator, root: Reference): Uint8Array {
  const waiting: Step[] = [];
  let hash = hashOf(allocator, root, waiting);
  for (let above = waiting.pop(); above !== undefined; above = waiting.pop()) {
    const { fork } = above;
    fork.setHash(above.side, hash);
    const side = staleSide(fork);
    if (side === undefined) {
      fork.write(allocator);
      hash = hashOfFork(fork);
    } else {
      waiting.push({ fork, side });
      hash = hashOf(allocator, fork.side(side), waiting);
    }
  }
  return hash;
}

/**
 * The hash of the first place on the way down whose hash can be had. The forks above it, with the
 * side that is stale, are added to those that wait for it.
 */
function hashOf(allocator: StableMemoryAllocator, from: Reference, waiting: Step[]): Uint8Array {
  let reference = from;
  while (!isEntry(reference)) {
    const fork = Fork.read(allocator, reference, waiting.at(-1)?.fork.position ?? -1);
    const side = staleSide(fork);
    if (side === undefined) return hashOfFork(fork);
    waiting.push({ fork, side });
    reference = fork.side(side);
  }
  return hashOfEntry(allocator, blockOf(reference));
}

function staleSide(fork: Fork): Side | undefined {
  if (fork.isStale(LEFT)) return LEFT;
  return fork.isStale(RIGHT) ? RIGHT : undefined;
}

/** The hash of a fork. PRECONDITION: those of its sides are known. */
export function hashOfFork(fork: Fork): Uint8Array {
  return forkHash(fork.hash(LEFT), fork.hash(RIGHT));
}

/** The hash of the entry in a block. */
export function hashOfEntry(allocator: StableMemoryAllocator, ptr: StablePtr): Uint8Array {
  const entry = readEntry(allocator, ptr);
  return labeledHash(entry.key, leafHash(readValue(allocator, entry)));
}
