/**
 * Opening an arena: a new one is given its header, one of the original or one with free neighbours
 * is given a new tree, and any other is left alone.
 *
 *     state of the stack                  what is done                   syncs
 *     empty                               push of the whole header           2
 *     end within a grain of 32 bytes      extend                             1
 *     tree with a flaw, free neighbours   one edit                           4
 *     otherwise                           nothing                            0
 *
 * The original writes its header in two calls, so a crash of it can leave 48 zero bytes, which are
 * `BAD_MAGIC` here as there. Ours is written at once.
 *
 * Source: `specs/bstack.md` section 3.3, "new".
 */
import type { BStack } from '../../bstack.js';
import { assertHeader, encodeHeader, GHOST_TREE_HEADER_LAYOUT, GRAIN } from './header.js';
import { mergeNeighbours, writeTree } from './rebuild.js';
import { findFreeBlocks } from './walk.js';

/** Makes or checks the header, and makes the arena a whole number of grains. O(1). */
export function mountArena(stack: BStack): void {
  if (stack.isEmpty) stack.push(encodeHeader());
  assertHeader(stack);
  const over = (stack.length - GHOST_TREE_HEADER_LAYOUT.arena) % GRAIN;
  if (over > 0) stack.extend(GRAIN - over);
}

/** Merges free neighbours and repairs what a crash of the original left of the tree. O(n log n). */
export function mountTree(stack: BStack): void {
  const { blocks, flaw } = findFreeBlocks(stack);
  const merged = mergeNeighbours(blocks);
  if (flaw === undefined && merged.length === blocks.length) return;
  stack.edit((edit) => writeTree(edit, blocks, merged));
}
