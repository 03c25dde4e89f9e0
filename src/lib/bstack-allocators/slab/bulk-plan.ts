/**
 * Which blocks many allocations get at once: each that fits into one block takes a free one as far
 * as the list goes, and for the others the stack is lengthened, once for all of them.
 *
 *     counts 1, 3, 0, 1     one block is free: 8
 *     starts 8, n, 0, n+3   n is where the new blocks begin; no blocks are nowhere
 *
 * Source: `specs/bstack.md` sections 2.5 and 3.4.
 */
import type { BStack } from '../../bstack.js';
import type { SlabBlocks } from './blocks.js';

/** Where an allocation of no blocks starts. */
export const NOWHERE = 0;

/** What is to be taken from the list and added to the stack. */
export interface BulkPlan {
  /** Free blocks to take. */
  readonly reused: readonly number[];
  /** What the head of the list is to be then. */
  readonly head: number;
  /** How many blocks to add. */
  readonly added: number;
  /** Where each allocation starts, with the first new block at `start`. */
  place(start: number): number[];
}

/** Plans an allocation of each of these numbers of blocks. Changes nothing. O(counts). */
export function planBulk(stack: BStack, blocks: SlabBlocks, counts: readonly number[]): BulkPlan {
  const singles = counts.filter((count) => count === 1).length;
  const { starts: reused, next: head } = blocks.peek(stack, singles);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const place = (start: number): number[] => {
    let reusedCount = 0;
    let end = start;
    return counts.map((count) => {
      if (count === 0) return NOWHERE;
      if (count === 1 && reusedCount < reused.length) return reused[reusedCount++]!;
      end += count * blocks.size;
      return end - count * blocks.size;
    });
  };
  return { reused, head, added: total - reused.length, place };
}
