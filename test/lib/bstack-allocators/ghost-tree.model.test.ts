/**
 * Ghost trees against a map of what their blocks hold: after every operation the tree is an AVL
 * tree, what is free is zero, and every byte of the arena is either in use or free.
 *
 * Source: house style rule 24.
 */
import { expect, test } from '@jest/globals';
import { BStack } from '../../../src/lib/bstack.js';
import { GhostTreeBStackAllocator } from '../../../src/lib/bstack-allocators/ghost-tree.js';
import { HeapStorage } from '../../../src/lib/heap-storage.js';
import { checkAllocatorModel } from '../../support/bstack-allocator-model.js';
import { Chance } from '../../support/crash/chance.js';
import { lostBytes } from '../../support/ghost-tree.js';

test('a ghost tree is its model after every operation', () => {
  checkAllocatorModel({
    open: (stack) => GhostTreeBStackAllocator.open(stack),
    checkWhole: ({ stack }, live) => expect(lostBytes(stack, live)).toBe(0),
  });
});

test('a ghost tree that is merged now and then, and not when it is opened, is its model', () => {
  let count = 0;
  checkAllocatorModel({
    open: (stack) => GhostTreeBStackAllocator.open(stack, { coalesce: false }),
    checkWhole(allocator, live) {
      expect(lostBytes(allocator.stack, live)).toBe(0);
      count += 1;
      if (count % 5 === 0) (allocator as GhostTreeBStackAllocator).coalesce();
      if (count % 7 === 0) expect((allocator as GhostTreeBStackAllocator).reclaim(live)).toBe(0);
    },
  });
});

test('a tree of hundreds of free blocks stays in balance', () => {
  const allocator = GhostTreeBStackAllocator.open(BStack.open(new HeapStorage()));
  const chance = new Chance(11);
  const live = allocator.allocBulk(Array.from({ length: 400 }, () => 1 + chance.below(300)));
  // Deallocations alone make the tree large, allocations that fit make it small again.
  for (const share of [90, 10, 60]) {
    for (let count = 0; count < 150; count++) {
      const index = chance.below(live.length);
      if (chance.below(100) < share) allocator.dealloc(live.splice(index, 1)[0]!);
      else live.push(allocator.alloc(1 + chance.below(300)));
      if (count % 5 === 0) expect(allocator.checkInvariants()).toBeUndefined();
    }
  }
  expect(lostBytes(allocator.stack, live)).toBe(0);
});
