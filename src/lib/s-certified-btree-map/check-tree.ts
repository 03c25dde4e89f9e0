/**
 * The invariants of the tree of a certified map, checked as a whole; for tests and tools.
 *
 * Read from left to right, entries and forks take turns, and the fork between two neighbours is
 * where their ways part. So it is enough to look at each such pair: their keys ascend, and the fork
 * branches on the first bit in which they differ. A fork of another shape there cannot be.
 *
 * Source: the layout in `entry-block.ts`.
 */
import { compareBytes, equalBytes } from '../bytes.js';
import { blockOf, Fork, isEntry, NOTHING, readEntry, type Reference } from './entry-block.js';
import { firstDifference, LEFT, RIGHT, type Side } from './key-bits.js';
import type { RadixTree } from './radix-tree.js';
import { hashOfEntry, hashOfFork } from './rehash.js';

/** The first rule that does not hold, in words, or `undefined`. Throws `CORRUPTED`. O(n). */
export function firstTreeViolation(tree: RadixTree): string | undefined {
  const check = new TreeCheck(tree);
  if (tree.root !== NOTHING) check.visit(tree.root, []);
  if (check.count !== tree.length) return `${check.count} entries, the header says ${tree.length}`;
  return check.violation;
}

class TreeCheck {
  count = 0;
  violation: string | undefined;
  /** The key of the entry to the left, and the fork that was passed since. */
  #left: Uint8Array | undefined;
  #between: Fork | undefined;

  constructor(private readonly tree: RadixTree) {}

  /** Visits what lies below a place; `above` are the blocks of the forks above it. */
  visit(reference: Reference, above: readonly Fork[]): void {
    if (isEntry(reference)) return this.#visitEntry(blockOf(reference), above);
    const position = above.at(-1)?.position ?? -1;
    const fork = Fork.read(this.tree.allocator, reference, position);
    const below = [...above, fork];
    this.visit(fork.side(LEFT), below);
    this.#between = fork;
    this.visit(fork.side(RIGHT), below);
    this.#checkHash(fork, LEFT);
    this.#checkHash(fork, RIGHT);
  }

  #visitEntry(ptr: number, above: readonly Fork[]): void {
    const { key } = readEntry(this.tree.allocator, ptr);
    this.count += 1;
    const left = this.#left;
    if (left !== undefined) this.#checkPair(left, key);
    this.#left = key;
    const hasOwnFork = above.some((fork) => fork.ptr === ptr);
    if (!hasOwnFork && !this.#isWithoutFork(ptr)) this.#report(`a fork at ${ptr} is in no path`);
  }

  #checkPair(left: Uint8Array, right: Uint8Array): void {
    if (compareBytes(left, 0, left.length, right, 0, right.length) >= 0) {
      this.#report(`keys ${String(left)} and ${String(right)} do not ascend`);
    }
    const expected = firstDifference(left, right);
    const found = this.#between?.position;
    if (found !== expected) this.#report(`a fork at bit ${found} where keys part at ${expected}`);
  }

  #checkHash(fork: Fork, side: Side): void {
    const reference = fork.side(side);
    const { allocator } = this.tree;
    if (isEntry(reference)) {
      const hash = hashOfEntry(allocator, blockOf(reference));
      const isWrong = !fork.isStale(side) && !equalBytes(hash, fork.hash(side));
      return isWrong ? this.#report(`the hash of the entry at ${reference} is wrong`) : undefined;
    }
    const below = Fork.read(allocator, reference, fork.position);
    const isStaleBelow = below.isStale(LEFT) || below.isStale(RIGHT);
    if (fork.isStale(side)) return;
    if (isStaleBelow) return this.#report(`a stale hash below one at ${fork.ptr} that is not`);
    const isWrong = !equalBytes(hashOfFork(below), fork.hash(side));
    if (isWrong) this.#report(`the hash of the fork at ${reference} is wrong`);
  }

  #isWithoutFork(ptr: number): boolean {
    return !Fork.isAt(this.tree.allocator, ptr);
  }

  #report(violation: string): void {
    this.violation ??= violation;
  }
}
