/** The part `heap` of the benchmark: the heaps are as they are said to be, and all work is done. */
import { describe, expect, test } from '@jest/globals';
import { LiveHeap, SIZE_MAX, SIZE_MIN } from '../../../scripts/bench/heap/live-heap.js';
import { measureBlocks } from '../../../scripts/bench/heap/measure-blocks.js';
import {
  CERTIFIED_MAPS,
  LISTS,
  ORDERED_MAPS,
  UNORDERED_MAPS,
} from '../../../scripts/bench/heap/subjects.js';
import { freeBlocksByTags } from '../../../scripts/bench/heap/tag-walk.js';
import { measureBeside } from '../../../scripts/bench/steps.js';
import { duration } from '../../../scripts/bench/table.js';
import { VectorMemory } from '../../../src/lib/index.js';

describe('a heap of live blocks', () => {
  test('has as many as are asked for, and half as many free ones', () => {
    const { heap, blocks } = LiveHeap.in(new VectorMemory(), 2_000, 1);
    const { allocatedBlockCount, freeBlockCount, leaked } = heap.verify();
    expect(heap.checkInvariants()).toBeUndefined();
    expect(allocatedBlockCount).toBe(2_000);
    expect(blocks.map(({ ptr }) => ptr).toSorted((a, b) => a - b)).toEqual(leaked);
    expect(freeBlockCount / 2_000).toBeCloseTo(0.5, 1);
  });

  test('has blocks of all sizes, on average of the middle one', () => {
    const live = LiveHeap.in(new VectorMemory(), 1, 1);
    const sizes = Array.from({ length: 10_000 }, () => live.drawSize());
    expect(Math.min(...sizes)).toBe(SIZE_MIN);
    expect(Math.max(...sizes)).toBe(SIZE_MAX);
    const mean = sizes.reduce((sum, size) => sum + size) / sizes.length;
    expect(mean / ((SIZE_MIN + SIZE_MAX) / 2)).toBeCloseTo(1, 1);
  });

  test('follows from the seed', () => {
    const bytesOf = (seed: number): Uint8Array => {
      const memory = new VectorMemory();
      LiveHeap.in(memory, 100, seed);
      return memory.toBytes();
    };
    expect(bytesOf(1)).toEqual(bytesOf(1));
    expect(bytesOf(1)).not.toEqual(bytesOf(2));
  });

  test('gives each of its blocks away once', () => {
    const live = LiveHeap.in(new VectorMemory(), 50, 1);
    const taken = Array.from({ length: 50 }, () => live.takeBlock());
    expect(new Set(taken).size).toBe(50);
    expect(live.blocks).toEqual([]);
    for (const block of taken) live.heap.deallocate(block);
    expect(live.heap.allocatedSize).toBe(0);
  });
});

test('the walk over all tags finds every free block, in the order of best fit', () => {
  const { heap } = LiveHeap.in(new VectorMemory(), 300, 1);
  const free = freeBlocksByTags(heap);
  expect(free).toHaveLength(heap.verify().freeBlockCount);
  expect(free.reduce((sum, { totalSize }) => sum + totalSize, 0)).toBe(heap.freeSize);
  for (const [index, block] of free.slice(1).entries()) {
    const before = free[index]!;
    const isOrdered =
      before.size < block.size || (before.size === block.size && before.ptr > block.ptr);
    expect(isOrdered).toBe(true);
  }
});

test.each([1, 10, 500])('all operations have figures at %i live blocks', (count) => {
  const { figures } = measureBlocks(count, 1, 1);
  expect(figures.map(({ operation }) => operation)).toEqual(['allocate', 'free', 'open', 'walk']);
});

describe.each([UNORDERED_MAPS, ORDERED_MAPS, LISTS, CERTIFIED_MAPS])('$title', ({ subjects }) => {
  test.each([1, 25])('do the same operations on %i entries, and answer rightly', (count) => {
    const figures = measureBeside(Object.values(subjects), count, 1, 1);
    const operations = figures.map((each) => each.map(({ operation }) => operation));
    expect(operations[0]!.length).toBeGreaterThanOrEqual(3);
    for (const each of operations) expect(each).toEqual(operations[0]);
  });
});

test.each([
  [1_230, '1.23 us'],
  [99_940, '99.9 us'],
  [415_000, '415 us'],
  [857_444_000, '857 ms'],
  [12_345_000_000, '12,345 ms'],
])('%i nanoseconds are %s', (time, words) => {
  expect(duration(time)).toBe(words);
});
