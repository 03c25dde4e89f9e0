/**
 * The tree of a certified map: a binary radix tree without forks that have one side only (PATRICIA,
 * or crit-bit tree). A fork branches on the first bit in which the keys below it differ, so the
 * bits between need no nodes, and a walk down compares no keys until it has arrived at one.
 *
 * A new key finds where it first differs from the one that the walk arrived at, and there goes a
 * new fork: two keys and a position say it all. Nothing is ever rotated, split or merged.
 *
 * INVARIANT: the tree follows from the keys alone, whatever was inserted and removed before.
 *
 * What changes is written when all of it is known and all room is taken; blocks are freed last.
 *
 * Source: D. R. Morrison, PATRICIA (1968); D. E. Knuth, TAOCP 3, section 6.3.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import {
  blockOf,
  blockSize,
  Fork,
  isEntry,
  noFork,
  NOTHING,
  readEntry,
  toEntry,
  toFork,
  writeEntry,
  type Entry,
  type Reference,
} from './entry-block.js';
import { bitOf, firstDifference, otherSide, type Side } from './key-bits.js';

/** A fork on the way to an entry, and the side that the way takes. */
export interface Step {
  readonly fork: Fork;
  readonly side: Side;
}

/** Where a key is, or where it would be. */
export interface Place {
  /** The forks from the root to {@link entry}. */
  readonly path: Step[];
  /** The entry that the key's bits lead to; `undefined` in an empty tree. */
  readonly entry: Entry | undefined;
  /** Where the key first differs from that of the entry, or -1 where it is the same. */
  readonly position: number;
}

/** The entry that has the key of a place, if there is one. */
export function entryAt({ entry, position }: Place): Entry | undefined {
  return position < 0 ? entry : undefined;
}

export class RadixTree {
  /** Forks that are to be written. */
  readonly #changed = new Set<Fork>();

  constructor(
    readonly allocator: StableMemoryAllocator,
    public root: Reference,
    /** Number of entries. */
    public length: number,
  ) {}

  /** Where a key is or would be. O(depth). Throws `CORRUPTED`. */
  locate(key: Uint8Array): Place {
    if (this.root === NOTHING) return { path: [], entry: undefined, position: 0 };
    const path: Step[] = [];
    let above = -1;
    let reference = this.root;
    while (!isEntry(reference)) {
      const fork = Fork.read(this.allocator, reference, above);
      above = fork.position;
      const side = bitOf(key, above);
      path.push({ fork, side });
      reference = fork.side(side);
    }
    const entry = readEntry(this.allocator, blockOf(reference));
    return { path, entry, position: firstDifference(key, entry.key) };
  }

  /** How many of a path's forks stay above a new one at `position`. */
  static heightOf({ path, position }: Place): number {
    const index = path.findIndex(({ fork }) => fork.position > position);
    return index < 0 ? path.length : index;
  }

  /**
   * Puts an entry at its place. Takes a block where the entry is new or has outgrown its own;
   * throws `OUT_OF_MEMORY` before anything has changed. `spare` is a block to be used instead.
   */
  put(place: Place, key: Uint8Array, value: Uint8Array, spare?: StablePtr): void {
    const { allocator } = this;
    const size = blockSize(key.length, value.length);
    const entry = entryAt(place);
    if (entry !== undefined && key.length + value.length <= entry.room) {
      allocator.reallocate(allocator.blockAt(entry.ptr), size);
      if (spare !== undefined) allocator.deallocate(allocator.blockAt(spare));
      writeEntry(allocator, entry.ptr, key, value);
      this.#markStale(place.path);
      return this.#flush();
    }
    const ptr = spare ?? allocator.allocate(size).ptr;
    writeEntry(allocator, ptr, key, value);
    if (entry !== undefined) return this.#replace(place.path, entry, ptr);
    this.#add(place, key, ptr);
    this.length += 1;
  }

  /** Takes an entry out of the tree and frees its block. PRECONDITION: the place has it. */
  remove({ path, entry }: Place): void {
    const { allocator } = this;
    const parent = path.pop();
    if (parent === undefined) this.root = NOTHING;
    else this.#closeUp(path, parent, entry!.ptr);
    this.length -= 1;
    this.#flush();
    allocator.deallocate(allocator.blockAt(entry!.ptr));
  }

  #add({ path, entry, position }: Place, key: Uint8Array, ptr: StablePtr): void {
    if (entry === undefined) {
      noFork(ptr).write(this.allocator);
      this.root = toEntry(ptr);
      return;
    }
    const height = RadixTree.heightOf({ path, entry, position });
    const below = height < path.length ? toFork(path[height]!.fork.ptr) : toEntry(entry.ptr);
    const above = path.slice(0, height);
    const side = bitOf(key, position);
    const fork = new Fork(ptr);
    fork.position = position;
    fork.setSide(side, toEntry(ptr));
    fork.setHash(side, undefined);
    fork.setSide(otherSide(side), below);
    fork.setHash(otherSide(side), hashBelow(above));
    this.#changed.add(fork);
    this.#lead(above, toFork(ptr));
    this.#markStale(above);
    this.#flush();
  }

  /** The entry has moved to another block; its old one is freed. */
  #replace(path: readonly Step[], { ptr: old }: Entry, ptr: StablePtr): void {
    const { allocator } = this;
    this.#moveFork(path, old, ptr);
    this.#lead(path, toEntry(ptr));
    this.#markStale(path);
    this.#flush();
    allocator.deallocate(allocator.blockAt(old));
  }

  /** An entry goes, and with it the fork above it; what was beside the entry moves up. */
  #closeUp(path: readonly Step[], { fork, side }: Step, ptr: StablePtr): void {
    const rest = otherSide(side);
    const last = path.at(-1);
    this.#lead(path, fork.side(rest));
    last?.fork.setHash(last.side, fork.isStale(rest) ? undefined : fork.hash(rest));
    this.#markStale(path.slice(0, -1));
    if (fork.ptr !== ptr) this.#moveFork(path, ptr, fork.ptr);
  }

  /**
   * Moves the fork of one block to another, which has none any more. It is on the path to the entry
   * of the first one, if it exists.
   */
  #moveFork(path: readonly Step[], from: StablePtr, to: StablePtr): void {
    const index = path.findIndex(({ fork }) => fork.ptr === from);
    if (index < 0) return noFork(to).write(this.allocator);
    const { fork } = path[index]!;
    fork.ptr = to;
    this.#changed.add(fork);
    this.#lead(path.slice(0, index), toFork(to));
  }

  /** Makes a path, from the root on, lead to another place. */
  #lead(path: readonly Step[], reference: Reference): void {
    const last = path.at(-1);
    if (last === undefined) {
      this.root = reference;
      return;
    }
    last.fork.setSide(last.side, reference);
    this.#changed.add(last.fork);
  }

  /** The hashes along a path are stale. Above one that is stale already, all are. */
  #markStale(path: readonly Step[]): void {
    for (let index = path.length - 1; index >= 0; index--) {
      const { fork, side } = path[index]!;
      if (fork.isStale(side)) return;
      fork.setHash(side, undefined);
      this.#changed.add(fork);
    }
  }

  #flush(): void {
    for (const fork of this.#changed) fork.write(this.allocator);
    this.#changed.clear();
  }
}

/** The hash of what a path leads to; `undefined` where it is stale, or the root's. */
function hashBelow(path: readonly Step[]): Uint8Array | undefined {
  const last = path.at(-1);
  if (last === undefined || last.fork.isStale(last.side)) return undefined;
  return last.fork.hash(last.side);
}
