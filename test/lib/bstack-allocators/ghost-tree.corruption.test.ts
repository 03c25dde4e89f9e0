/**
 * Ghost trees that somebody has damaged, and those that a crash of the original has left: damage is
 * an error with a code and never a loop, what a crash leaves is repaired.
 *
 * Source: `specs/bstack.md` section 3.3; house style rule 13.
 */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BStack } from '../../../src/lib/bstack.js';
import { GhostTreeBStackAllocator } from '../../../src/lib/bstack-allocators/ghost-tree.js';
import { StorageError } from '../../../src/lib/errors.js';
import { HeapStorage } from '../../../src/lib/heap-storage.js';
import { IS_SLOW } from '../../support/model.js';
import { freeBlocksOf, putNode, putRoot } from '../../support/ghost-tree.js';
import { codeOf } from '../../support/memories.js';
import { checkProperty } from '../../support/property.js';

/** An arena of 20 grains, from 48 to 688, that are all in use. */
function fullArena(): BStack {
  const allocator = GhostTreeBStackAllocator.open(BStack.open(new HeapStorage()));
  allocator.alloc(640);
  return allocator.intoStack();
}

/** What the damage is, and the trees that have it. */
const DAMAGES: [string, (stack: BStack) => void][] = [
  ['a root beyond the end', (stack) => putRoot(stack, 688)],
  ['a root before the arena', (stack) => putRoot(stack, 16)],
  ['a root within a grain', (stack) => putRoot(stack, 49)],
  ['a size of nothing', leaf(0)],
  ['a size that is no multiple of a grain', leaf(40)],
  ['a size that reaches beyond the end', leaf(672)],
  ['a size that is none', leaf(2n ** 63n)],
  [
    'a node that is its own child',
    (stack) => {
      putRoot(stack, 48);
      putNode(stack, 48, { size: 32, balance: 1, height: 2, right: 48 });
    },
  ],
  [
    'two nodes that are each other’s child',
    (stack) => {
      putRoot(stack, 48);
      putNode(stack, 48, { size: 32, balance: 1, height: 2, right: 112 });
      putNode(stack, 112, { size: 32, balance: -1, height: 2, left: 48 });
    },
  ],
  [
    'a child beyond the end',
    (stack) => {
      putRoot(stack, 48);
      putNode(stack, 48, { size: 32, balance: 1, height: 2, right: 4_096 });
    },
  ],
  [
    'an empty node that has children',
    (stack) => {
      putRoot(stack, 48);
      putNode(stack, 48, { size: 0, height: 0, left: 112 });
      putNode(stack, 112, { size: 32 });
    },
  ],
];

function leaf(size: number | bigint): (stack: BStack) => void {
  return (stack) => {
    putRoot(stack, 48);
    putNode(stack, 48, { size });
  };
}

describe('damage', () => {
  test.each(DAMAGES)('is found when it is opened: %s', (_, damage) => {
    const stack = fullArena();
    damage(stack);
    const before = stack.get(0, stack.length);
    expect(codeOf(() => GhostTreeBStackAllocator.open(stack))).toBe('CORRUPTED');
    expect(stack.get(0, stack.length)).toEqual(before);
  });

  test.each(DAMAGES)('is found where it is met, and nothing is written: %s', (_, damage) => {
    const stack = fullArena();
    const allocator = GhostTreeBStackAllocator.open(stack);
    const block = allocator.restore({ start: 560, length: 100 });
    damage(stack);
    const before = stack.get(0, stack.length);
    const uses = [() => allocator.coalesce(), () => allocator.reclaim([])];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'CORRUPTED'));
    expect(allocator.checkInvariants()).toMatch(/CORRUPTED/);
    expect(stack.get(0, stack.length)).toEqual(before);
    // A search that does not meet the damage goes on; none may go on for ever.
    for (const length of [33, 1, 65, 33, 1]) tolerate('CORRUPTED', () => allocator.alloc(length));
    tolerate('CORRUPTED', () => allocator.dealloc(block));
  });

  function tolerate(code: string, action: () => unknown): void {
    try {
      action();
    } catch (error) {
      expect((error as StorageError).code).toBe(code);
    }
  }

  test('is found when it is opened: blocks that overlap', () => {
    const stack = fullArena();
    putRoot(stack, 48);
    putNode(stack, 48, { size: 64, balance: 1, height: 2, right: 80 });
    putNode(stack, 80, { size: 96 });
    expect(codeOf(() => GhostTreeBStackAllocator.open(stack))).toBe('CORRUPTED');
  });

  test('defect: a path without end is not followed: deeper than 128 nodes is damage', () => {
    const chain = (count: number): BStack => {
      const allocator = GhostTreeBStackAllocator.open(BStack.open(new HeapStorage()));
      allocator.alloc(64 * count);
      const stack = allocator.intoStack();
      putRoot(stack, 48);
      for (let index = 0; index < count; index++) {
        const right = index + 1 < count ? 48 + 64 * (index + 1) : 0;
        putNode(stack, 48 + 64 * index, { size: 32, right });
      }
      return stack;
    };
    expect(codeOf(() => GhostTreeBStackAllocator.open(chain(129)))).toBe('CORRUPTED');
    const allocator = GhostTreeBStackAllocator.open(chain(128));
    // Not in balance, so it is built anew.
    expect(freeBlocksOf(allocator.stack)).toHaveLength(128);
  });

  test('defect: a node of which both sides say otherwise is not believed', () => {
    const stack = fullArena();
    putRoot(stack, 48);
    putNode(stack, 48, { size: 64, balance: 2, height: 3, right: 176 });
    putNode(stack, 176, { size: 96 });
    const allocator = GhostTreeBStackAllocator.open(stack, { coalesce: false });
    expect(codeOf(() => allocator.alloc(33))).toBe('CORRUPTED');
    expect(allocator.checkInvariants()).toMatch(/heights/);
  });

  const CODES = ['BAD_MAGIC', 'UNSUPPORTED_VERSION', 'CORRUPTED', 'NOT_ALLOCATED', undefined];

  test('of any bytes of header and nodes is an error with a code, or free space', () => {
    const damage = fc.record({ offset: fc.nat(1_500), byte: fc.nat(255) });
    checkProperty(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 6 }), (damages) => {
        const allocator = GhostTreeBStackAllocator.open(BStack.open(new HeapStorage()));
        const blocks = allocator.allocBulk(Array.from({ length: 24 }, (_, at) => 32 + 2 * at));
        allocator.deallocBulk(blocks.filter((_, index) => index % 2 === 0));
        const stack = allocator.intoStack();
        for (const { offset, byte } of damages) {
          stack.set(32 + (offset % (stack.length - 32)), Uint8Array.of(byte));
        }
        expect(CODES).toContain(useOf(stack));
      }),
      { numRuns: IS_SLOW ? 2_000 : 25 },
    );
  });

  /** Opens and uses an arena; gives the code of the error that ended it. */
  function useOf(stack: BStack): string | undefined {
    try {
      const allocator = GhostTreeBStackAllocator.open(stack);
      const blocks = Array.from({ length: 30 }, (_, index) => allocator.alloc(10 * index));
      for (const block of blocks) allocator.dealloc(allocator.realloc(block, block.length + 20));
      allocator.coalesce();
      return undefined;
    } catch (error) {
      if (error instanceof StorageError) return error.code;
      throw error;
    }
  }
});

describe('what a crash of the original leaves is repaired', () => {
  test('defect: a removed node and its heir that share a child are two blocks, not three', () => {
    const stack = fullArena();
    putRoot(stack, 176);
    putNode(stack, 176, { size: 96, balance: 0, height: 2, left: 48, right: 336 });
    putNode(stack, 48, { size: 64 });
    putNode(stack, 336, { size: 128, balance: -1, height: 2, left: 48 });
    const allocator = GhostTreeBStackAllocator.open(stack);
    expect(allocator.checkInvariants()).toBeUndefined();
    expect(freeBlocksOf(stack)).toEqual([
      [48, 64],
      [176, 96],
      [336, 128],
    ]);
    const starts = [60, 90, 120].map((length) => allocator.alloc(length).start);
    expect(new Set(starts).size).toBe(3);
  });

  test('a node of zeros, which a rebuild had merged with its neighbour, is no block', () => {
    const stack = fullArena();
    putRoot(stack, 176);
    putNode(stack, 176, { size: 96, balance: -1, height: 2, left: 48 });
    expect(freeBlocksOf(GhostTreeBStackAllocator.open(stack).stack)).toEqual([[176, 96]]);
  });

  test('heights that had not come up to the root are set right', () => {
    const stack = fullArena();
    putRoot(stack, 48);
    putNode(stack, 48, { size: 32, right: 112 });
    putNode(stack, 112, { size: 32, right: 176 });
    putNode(stack, 176, { size: 32 });
    const allocator = GhostTreeBStackAllocator.open(stack);
    expect(allocator.checkInvariants()).toBeUndefined();
    expect(freeBlocksOf(stack)).toHaveLength(3);
  });

  test('blocks out of order find their places', () => {
    const stack = fullArena();
    putRoot(stack, 48);
    putNode(stack, 48, { size: 96, balance: 1, height: 2, right: 176 });
    putNode(stack, 176, { size: 32 });
    const allocator = GhostTreeBStackAllocator.open(stack);
    expect(allocator.checkInvariants()).toBeUndefined();
    expect(allocator.alloc(90).start).toBe(48);
  });
});
