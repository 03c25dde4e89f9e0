/**
 * Building the tree anew: neighbours become one block, and all blocks hang in a tree that is as
 * flat as can be, with the middle one on top. All of it is one edit of the stack, so that a crash
 * leaves the old tree or the new one; and what lies there already is not written.
 *
 *     before    [32 free][64 free][live][32 free]      three nodes
 *     after     [96 free         ][live][32 free]      two; the bytes of the third are zero
 *
 * Source: `specs/bstack.md` section 3.3, "coalesce-and-rebuild".
 */
import type { StackEdit } from '../../bstack/stack-edit.js';
import { corrupted } from '../../errors.js';
import { writeChanged } from './free-tree.js';
import { encodeRoot } from './header.js';
import {
  compareBlocks,
  encodeNode,
  NO_TREE,
  NODE_SIZE,
  type FreeBlock,
  type FreeNode,
  type Subtree,
} from './node.js';

/** Neighbours as one block, by address. Throws `CORRUPTED` where blocks overlap. O(n log n). */
export function mergeNeighbours(blocks: readonly FreeBlock[]): FreeBlock[] {
  const merged: FreeBlock[] = [];
  for (const block of [...blocks].sort((left, right) => left.address - right.address)) {
    const last = merged.at(-1);
    const end = last === undefined ? 0 : last.address + last.size;
    if (end > block.address) {
      throw corrupted('the free blocks', `none before ${end}`, `one at ${block.address}`);
    }
    if (last === undefined || end < block.address) merged.push(block);
    else merged[merged.length - 1] = { address: last.address, size: last.size + block.size };
  }
  return merged;
}

/**
 * Replaces the tree of the nodes `old` by one of the blocks `free`, whose bytes besides those of
 * old nodes are zero. O(n log n).
 */
export function writeTree(
  edit: StackEdit,
  old: readonly FreeBlock[],
  free: readonly FreeBlock[],
): void {
  const ordered = [...free].sort(compareBlocks);
  const root = encodeRoot(treeOf(ordered, 0, ordered.length).address);
  writeChanged(edit, root.offset, root.bytes);
  const nodes = new Map<number, Uint8Array>(
    old.map(({ address }) => [address, new Uint8Array(NODE_SIZE)]),
  );
  for (const node of flatTree(ordered)) nodes.set(node.address, encodeNode(node));
  // In the order of their addresses an edit gathers writes fastest.
  const byAddress = [...nodes].sort(([left], [right]) => left - right);
  for (const [address, bytes] of byAddress) writeChanged(edit, address, bytes);
}

/** The nodes of the flattest tree: the middle of each range is above the two halves around it. */
function* flatTree(ordered: readonly FreeBlock[]): Generator<FreeNode> {
  const ranges = [{ from: 0, to: ordered.length }];
  for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
    const { from, to } = range;
    if (from === to) continue;
    const middle = middleOf(from, to);
    const left = treeOf(ordered, from, middle);
    const right = treeOf(ordered, middle + 1, to);
    yield { ...ordered[middle]!, left, right };
    ranges.push({ from, to: middle }, { from: middle + 1, to });
  }
}

function middleOf(from: number, to: number): number {
  return from + Math.floor((to - from) / 2);
}

/** The tree of a range of the blocks in order: its root, and its height, which the count gives. */
function treeOf(ordered: readonly FreeBlock[], from: number, to: number): Subtree {
  if (from === to) return NO_TREE;
  return { address: ordered[middleOf(from, to)]!.address, height: 32 - Math.clz32(to - from) };
}
