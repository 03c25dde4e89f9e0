/**
 * Arenas with bytes changed and ends cut off, at random: whatever is done with them either works or
 * fails with a code, and it ends.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BStack } from '../../../../src/lib/bstack.js';
import type { BStackBlock } from '../../../../src/lib/bstack-allocators/block.js';
import { FirstFitBStackAllocator } from '../../../../src/lib/bstack-allocators/first-fit.js';
import { writeU64 } from '../../../../src/lib/bytes.js';
import { StorageError } from '../../../../src/lib/errors.js';
import { HeapStorage } from '../../../../src/lib/heap-storage.js';
import { checkProperty } from '../../../support/property.js';

const LENGTHS = [40, 100, 16, 300, 1, 64, 64, 200, 9];

/** Allocated and free blocks in turn, and handles of all of them. */
function arena() {
  const allocator = FirstFitBStackAllocator.open(BStack.open(new HeapStorage()));
  const blocks = allocator.allocBulk(LENGTHS);
  const ranges = blocks.map(({ range }) => range);
  allocator.deallocBulk(blocks.filter((_, index) => index % 2 === 1));
  return { stack: allocator.intoStack(), ranges };
}

/** Words of the arena set to what a tag or a link could be, bytes set to anything. */
const damages = fc.record({
  words: fc.array(fc.tuple(fc.nat({ max: 130 }), fc.nat({ max: 150 })), { maxLength: 4 }),
  bytes: fc.array(fc.tuple(fc.nat({ max: 1_060 }), fc.nat({ max: 255 })), { maxLength: 3 }),
  cut: fc.oneof(fc.constant(0), fc.nat({ max: 900 })),
  isFlagged: fc.boolean(),
});

/** Whether it worked. What fails must fail with a code. */
function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof StorageError) return false;
    throw error;
  }
}

test('a damaged arena works or fails with a code, and everything ends', () => {
  let opened = 0;
  checkProperty(
    fc.property(damages, ({ words, bytes, cut, isFlagged }) => {
      const { stack, ranges } = arena();
      for (const [index, value] of words) {
        const word = new Uint8Array(8);
        writeU64(word, 0, 8 * value);
        attempt(() => stack.set(8 * index, word));
      }
      for (const [offset, value] of bytes) {
        attempt(() => stack.set(offset, Uint8Array.of(value)));
      }
      if (isFlagged) stack.set(24, Uint8Array.of(1));
      stack.discard(cut);
      attempt(() => {
        const allocator = FirstFitBStackAllocator.open(stack);
        opened += 1;
        allocator.checkInvariants();
        useAll(allocator, ranges);
      });
    }),
    { numRuns: 150 },
  );
  expect(opened).toBeGreaterThan(0);
});

function useAll(allocator: FirstFitBStackAllocator, ranges: readonly BStackBlock['range'][]): void {
  for (const length of [1, 90, 5_000]) attempt(() => allocator.alloc(length));
  ranges.forEach((range, index) => {
    attempt(() => {
      const block = allocator.realloc(allocator.restore(range), 60 * index);
      allocator.dealloc(block);
    });
  });
  attempt(() => allocator.reclaim([]));
}

test('recovery leaves an arena in good order, or leaves it alone', () => {
  checkProperty(
    fc.property(damages, ({ words }) => {
      const { stack } = arena();
      for (const [index, value] of words) {
        const word = new Uint8Array(8);
        writeU64(word, 0, 8 * value);
        // The header is good, and all else may be anything.
        if (index >= 6) attempt(() => stack.set(8 * index, word));
      }
      stack.set(24, Uint8Array.of(1));
      const before = stack.get(0, stack.length);
      const isOpen = attempt(() => {
        const allocator = FirstFitBStackAllocator.open(stack);
        if (allocator.checkInvariants() !== undefined) throw new Error('not in good order');
      });
      if (!isOpen) expect(stack.get(0, stack.length)).toEqual(before);
    }),
    { numRuns: 150 },
  );
});
