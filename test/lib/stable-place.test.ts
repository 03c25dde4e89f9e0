import { beforeAll, expect, test } from '@jest/globals';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { RestrictedMemory } from '../../src/lib/restricted-memory.js';
import { stablePlaceOf } from '../../src/lib/stable-place.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../support/kernel-host.js';
import { kernelMemory } from '../support/kernel-memory.js';

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);

test('stable memory is its own place', () => {
  const { memory } = kernelMemory();
  expect(stablePlaceOf(memory)).toMatchObject({ bucketSizeInPages: 0, firstBucketPage: 0 });
  expect(stablePlaceOf(memory)!.kernel).toBe(memory.identity);
});

test('a virtual memory knows its buckets, also those that it gets later', () => {
  const manager = MemoryManager.init(kernelMemory().memory, { bucketSizeInPages: 2 });
  const [first, second] = [manager.get(0), manager.get(1)];
  const place = stablePlaceOf(second)!;
  expect(place).toMatchObject({ bucketSizeInPages: 2, firstBucketPage: 1, buckets: [] });
  first.grow(2);
  second.grow(1);
  first.grow(1);
  second.grow(2);
  expect(place.buckets).toEqual([1, 3]);
});

test('memories elsewhere, and windows and managers within others, know of no place', () => {
  const { memory } = kernelMemory();
  expect(stablePlaceOf(new VectorMemory())).toBeUndefined();
  expect(stablePlaceOf(new RestrictedMemory(memory, 0, 2))).toBeUndefined();
  expect(stablePlaceOf(MemoryManager.init(new VectorMemory()).get(0))).toBeUndefined();
  const outer = MemoryManager.init(memory);
  expect(stablePlaceOf(MemoryManager.init(outer.get(0)).get(0))).toBeUndefined();
});
