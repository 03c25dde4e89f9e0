/**
 * What belongs to nobody: the arena without its free blocks and without those that are in use. A
 * crash of the original leaves such blocks, and so does a program that stops between taking a block
 * and writing down where it is. The file does not tell them from blocks in use; their owner can.
 *
 *     arena      [in use][free][lost][in use][lost]
 *     - live     [      ]            [      ]
 *     - free             [    ]
 *     = lost                   [    ]        [    ]
 *
 * Source: `specs/bstack.md` section 6.5, "interval subtraction".
 */
import { BStackRange } from '../../bstack/range.js';
import { notAllocated } from '../block.js';
import { blockSizeOf, GHOST_TREE_HEADER_LAYOUT } from './header.js';
import type { FreeBlock } from './node.js';

/**
 * The blocks in use as ranges of the arena, by address; those of 0 bytes have none. Throws
 * `NOT_ALLOCATED` where two overlap. O(n log n).
 */
export function occupied(ranges: readonly BStackRange[]): FreeBlock[] {
  const blocks = ranges
    .filter(({ length }) => length > 0)
    .map(({ start, length }) => ({ address: start, size: blockSizeOf(length) }))
    .sort((left, right) => left.address - right.address);
  blocks.forEach((block, index) => {
    const last = blocks[index - 1];
    if (last !== undefined) assertBehind(last, block);
  });
  return blocks;
}

/**
 * The gaps between blocks that are free and blocks that are in use, up to the end of the stack.
 * Throws `NOT_ALLOCATED` where one in use overlaps a free one. O(n log n).
 */
export function findOwnerless(
  length: number,
  free: readonly FreeBlock[],
  inUse: readonly FreeBlock[],
): FreeBlock[] {
  const taken = [...free, ...inUse].sort((left, right) => left.address - right.address);
  const gaps: FreeBlock[] = [];
  let last: FreeBlock = { address: 0, size: GHOST_TREE_HEADER_LAYOUT.arena };
  for (const block of [...taken, { address: length, size: 0 }]) {
    assertBehind(last, block);
    const end = last.address + last.size;
    if (end < block.address) gaps.push({ address: end, size: block.address - end });
    last = block;
  }
  return gaps;
}

function assertBehind(last: FreeBlock, { address, size }: FreeBlock): void {
  if (last.address + last.size <= address) return;
  throw notAllocated(
    new BStackRange(address, size),
    `it overlaps the block of ${last.size} bytes at ${last.address}`,
  );
}
