import { describe, expect, test } from '@jest/globals';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';

const newHeap = (): StableMemoryAllocator => StableMemoryAllocator.init(new VectorMemory());

describe('a heap', () => {
  test('deals out blocks as the specification has it (vector 1)', () => {
    const heap = newHeap();
    const requests = [0, 1, 8, 15, 16, 17, 100, 104, 105];
    const first = heap.allocate(requests[0]!);
    expect([heap.availableSize, heap.freeSize, heap.allocatedSize]).toEqual([65_528, 65_496, 32]);
    const slices = [first, ...requests.slice(1).map((size) => heap.allocate(size))];
    expect(slices.map(({ ptr }) => ptr)).toEqual([8, 40, 72, 104, 136, 168, 208, 328, 448]);
    expect(slices.map(({ size }) => size)).toEqual([16, 16, 16, 16, 16, 24, 104, 104, 112]);
    expect([heap.freeSize, heap.allocatedSize]).toEqual([64_960, 568]);
  });
});
