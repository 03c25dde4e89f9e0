/**
 * The rules of an arena, checked one after another. Complete and slow; for tests and tools.
 *
 *     the magic is ours, and no operation stopped half-way
 *     block follows block up to the end of the stack, and the two tags of each agree
 *     the free list holds each free block once, and its links agree in both directions
 *
 * Free blocks side by side, or at the end, break no rule: upstream leaves them in some versions.
 *
 * Source: `specs/bstack.md` section 3.2; house style rule 16.
 */
import type { StackReader } from '../../bstack/stack-edit.js';
import { blocksOf } from './blocks.js';
import { freeBlocks } from './free-list.js';
import { assertHeader, isRecoveryNeeded } from './header.js';

/** The first rule that is broken, or `undefined`. Throws `CORRUPTED` for one as well. O(blocks). */
export function firstBrokenRule(reader: StackReader): string | undefined {
  assertHeader(reader);
  if (isRecoveryNeeded(reader)) return 'the recovery flag is set, or the free head leads nowhere';
  const free = new Set<number>();
  for (const block of blocksOf(reader)) if (block.isFree) free.add(block.start);
  for (const { start } of freeBlocks(reader)) {
    if (!free.delete(start)) return `the free list leads to ${start}, where no free block starts`;
  }
  const [missing] = free;
  return missing === undefined ? undefined : `free block ${missing} is not in the free list`;
}
