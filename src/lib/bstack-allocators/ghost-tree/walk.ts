/**
 * A walk over the whole tree of a file that anybody may have written: this library, the original,
 * or the original when it crashed. Each block is found once, however many ways lead to it.
 *
 * The original writes node by node, so a crash of it leaves what the walk has to make sense of:
 *
 *     a node below two others    a removal or a rebuild was half way: one block
 *     a node of zeros            a rebuild had merged it with its neighbour: no block of its own
 *     heights out of date        a change had not come up to the root: told of as a flaw
 *
 * Each of these is a `flaw`, and building the tree anew removes it. Damage is what no crash leaves,
 * a circle, an address or a size that cannot be: `CORRUPTED`.
 *
 * Visits each node once with a path of at most 128 nodes, so it ends on any bytes: O(n).
 *
 * Source: `specs/bstack.md` section 3.3, the table of crash windows.
 */
import type { StackReader } from '../../bstack/stack-edit.js';
import { corrupted } from '../../errors.js';
import { assertFreeBlock, readRoot } from './header.js';
import { DEPTH_MAX, isBefore, readStoredNode, type FreeBlock, type StoredNode } from './node.js';

/** What a walk has found. */
export interface FreeBlocks {
  /** Every free block once; in order of size and address where there is no flaw. */
  readonly blocks: readonly FreeBlock[];
  /** The first rule of an AVL tree that does not hold, in words. */
  readonly flaw: string | undefined;
}

/** A node on the path, how far its visit is, and what is known of its left side. */
interface Visit {
  readonly node: StoredNode;
  phase: 'left' | 'itself' | 'done';
  leftHeight: number;
}

/** Finds all free blocks. Throws `CORRUPTED`. O(n). */
export function findFreeBlocks(source: StackReader): FreeBlocks {
  const walk = new TreeWalk(source);
  walk.enter(readRoot(source));
  while (walk.step());
  return walk;
}

class TreeWalk implements FreeBlocks {
  readonly blocks: FreeBlock[] = [];
  flaw: string | undefined;
  readonly #source: StackReader;
  readonly #path: Visit[] = [];
  readonly #onPath = new Set<number>();
  readonly #seen = new Set<number>();
  /** Height of the tree that was left last. */
  #height = 0;

  constructor(source: StackReader) {
    this.#source = source;
  }

  /** Begins the visit of a tree, or is through with it where there is nothing new. */
  enter(address: number): void {
    this.#height = 0;
    if (address === 0) return;
    if (this.#onPath.has(address) || this.#path.length >= DEPTH_MAX) {
      throw corrupted('the free tree', `paths of at most ${DEPTH_MAX} nodes`, 'a circle');
    }
    if (this.#seen.has(address)) return this.#report(`two ways lead to the block at ${address}`);
    const node = readStoredNode(this.#source, address);
    this.#seen.add(address);
    if (isAllZero(node)) return this.#report(`the node at ${address} is empty`);
    assertFreeBlock(address, node.size, this.#source.length);
    this.#onPath.add(address);
    this.#path.push({ node, phase: 'left', leftHeight: 0 });
  }

  /** Goes on with the node at the end of the path; false once there is none. */
  step(): boolean {
    const visit = this.#path.at(-1);
    if (visit === undefined) return false;
    if (visit.phase === 'left') {
      visit.phase = 'itself';
      this.enter(visit.node.left);
    } else if (visit.phase === 'itself') {
      visit.phase = 'done';
      visit.leftHeight = this.#height;
      this.#take(visit.node);
      this.enter(visit.node.right);
    } else this.#leave(visit);
    return true;
  }

  #take({ address, size, isReservedZero }: StoredNode): void {
    const block = { address, size };
    const last = this.blocks.at(-1);
    if (last !== undefined && !isBefore(last, block)) {
      this.#report(`the block at ${address} is out of order`);
    }
    if (!isReservedZero) this.#report(`the node at ${address} uses reserved bytes`);
    this.blocks.push(block);
  }

  #leave({ node, leftHeight }: Visit): void {
    const rightHeight = this.#height;
    const balance = rightHeight - leftHeight;
    const height = 1 + Math.max(leftHeight, rightHeight);
    if (Math.abs(balance) > 1 || node.balance !== balance || node.height !== height) {
      this.#report(`the block at ${node.address} has other heights below it than it says`);
    }
    this.#path.pop();
    this.#onPath.delete(node.address);
    this.#height = height;
  }

  #report(flaw: string): void {
    this.flaw ??= flaw;
  }
}

/** Whether a node says nothing at all, not even where it was in a tree. */
function isAllZero({ size, balance, height, isReservedZero, left, right }: StoredNode): boolean {
  return isReservedZero && [size, balance, height, left, right].every((field) => field === 0);
}
