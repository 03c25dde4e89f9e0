/**
 * Ghost trees against a map of what their blocks hold: after every operation the tree is an AVL
 * tree, what is free is zero, and every byte of the arena is either in use or free.
 *
 * Source: house style rule 24.
 */
import { expect, test } from '@jest/globals';
import { GhostTreeBStackAllocator } from '../../../src/lib/bstack-allocators/ghost-tree.js';
import { checkAllocatorModel } from '../../support/bstack-allocator-model.js';
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
