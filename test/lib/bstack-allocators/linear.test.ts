import { describe, expect, test } from '@jest/globals';
import { BStack } from '../../../src/lib/bstack.js';
import { LinearBStackAllocator } from '../../../src/lib/bstack-allocators/linear.js';
import { HeapStorage } from '../../../src/lib/heap-storage.js';
import { describeBStackAllocator } from '../../support/bstack-allocator-conformance.js';
import { codeOf } from '../../support/memories.js';

describeBStackAllocator('LinearBStackAllocator', {
  open: (stack) => LinearBStackAllocator.open(stack),
  resizesOnlyTail: true,
});

const create = () => LinearBStackAllocator.open(BStack.open(new HeapStorage()));

describe('LinearBStackAllocator', () => {
  test('does what vector A4 says', () => {
    const allocator = create();
    const [a, b, c] = allocator.allocBulk([3, 0, 5]);
    expect([a, b, c].map((block) => [block!.start, block!.end])).toEqual([
      [0, 3],
      [3, 3],
      [3, 8],
    ]);
    expect(codeOf(() => allocator.realloc(a!, 9))).toBe('UNSUPPORTED_OPERATION');
    allocator.dealloc(a!);
    expect(allocator.length).toBe(8);
    allocator.deallocBulk([c!]);
    expect(allocator.length).toBe(3);
  });

  test('cuts off all blocks at the end that are given back at once, in any order', () => {
    const allocator = create();
    const [, b, c, empty, d] = allocator.allocBulk([10, 20, 30, 0, 40]);
    allocator.deallocBulk([c!, d!, b!, empty!]);
    expect(allocator.length).toBe(10);
    const [e, f, g] = allocator.allocBulk([1, 2, 3]);
    allocator.deallocBulk([e!, g!]);
    expect(allocator.length).toBe(13);
    expect(f!.isLive).toBe(true);
  });

  test('goes on behind whatever lies in the stack', () => {
    const stack = BStack.open(new HeapStorage());
    stack.push(Uint8Array.of(1, 2, 3));
    const allocator = LinearBStackAllocator.open(stack);
    expect(allocator.alloc(4).start).toBe(3);
    expect(allocator.alloc(0).start).toBe(7);
  });
});
