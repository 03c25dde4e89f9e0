/**
 * The rules of a ghost tree's layout, read from the bytes alone.
 *
 * Source: `specs/bstack.md` section 3.3; house style rule 16.
 */
import type { BStack } from '../../bstack.js';
import { assertHeader, GHOST_TREE_HEADER_LAYOUT, GRAIN } from './header.js';
import { NODE_SIZE } from './node.js';
import { mergeNeighbours } from './rebuild.js';
import { findFreeBlocks } from './walk.js';

/** The first rule that is broken, or `undefined`. Throws `CORRUPTED`. O(bytes of the arena). */
export function findViolation(stack: BStack): string | undefined {
  assertHeader(stack);
  const over = (stack.length - GHOST_TREE_HEADER_LAYOUT.arena) % GRAIN;
  if (over > 0) return `the arena ends ${over} bytes into a grain`;
  const { blocks, flaw } = findFreeBlocks(stack);
  if (flaw !== undefined) return flaw;
  mergeNeighbours(blocks);
  for (const { address, size } of blocks) {
    const bytes = stack.get(address + NODE_SIZE, address + size);
    const used = bytes.findIndex((byte) => byte !== 0);
    if (used >= 0) return `the free byte at ${address + NODE_SIZE + used} is not zero`;
  }
  return undefined;
}
