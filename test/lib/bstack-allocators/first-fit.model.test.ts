/**
 * FirstFit beside a map of what its blocks hold. After each operation the arena is in its strict
 * form: nothing free side by side, nothing free at the end.
 */
import { test } from '@jest/globals';
import type { BStack } from '../../../src/lib/bstack.js';
import { FirstFitBStackAllocator } from '../../../src/lib/bstack-allocators/first-fit.js';
import { blocksOf } from '../../../src/lib/bstack-allocators/first-fit/blocks.js';
import { checkAllocatorModel } from '../../support/bstack-allocator-model.js';

test('random operations, compared with a map', () => {
  checkAllocatorModel({
    open(stack) {
      const allocator = FirstFitBStackAllocator.open(stack);
      const checkRules = allocator.checkInvariants.bind(allocator);
      allocator.checkInvariants = () => checkRules() ?? firstLooseness(stack);
      return allocator;
    },
  });
});

function firstLooseness(stack: BStack): string | undefined {
  let isAfterFree = false;
  for (const { start, isFree } of blocksOf(stack)) {
    if (isFree && isAfterFree) return `${start} lies behind a free block, and is free`;
    isAfterFree = isFree;
  }
  return isAfterFree ? 'the last block is free' : undefined;
}
