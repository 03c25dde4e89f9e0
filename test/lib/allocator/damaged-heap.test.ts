/**
 * A heap whose bytes were damaged at random, then used: it may go on or refuse, but only with errors
 * of its own, and it comes to an end.
 *
 * Source: house style rule 13.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { StableMemoryAllocator } from '../../../src/lib/allocator.js';
import { HEAP_OFFSET } from '../../../src/lib/allocator/header.js';
import type { SSlice } from '../../../src/lib/allocator/s-slice.js';
import { StorageError } from '../../../src/lib/errors.js';
import type { Memory } from '../../../src/lib/memory.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { restarted } from '../../support/memories.js';
import { checkProperty } from '../../support/property.js';

const SIZES = [16, 100, 24, 300, 16, 64, 64, 1_000, 40, 64];

/** A heap with blocks and holes close together, so that a random byte is likely to be a tag or link. */
function damaged(damage: readonly (readonly [number, number])[]): {
  memory: Memory;
  slices: SSlice[];
} {
  const memory = new VectorMemory();
  const heap = StableMemoryAllocator.create(memory, { maxPages: 3 });
  const slices = SIZES.map((size) => heap.allocate(size));
  for (const index of [1, 3, 5, 8]) heap.deallocate(slices[index]!);
  for (const [address, byte] of damage) memory.write(address, Uint8Array.of(byte));
  return { memory: restarted(memory), slices };
}

/** Uses everything once; what is refused must be refused with an error of ours. */
function use(memory: Memory, slices: readonly SSlice[]): number {
  let refused = 0;
  const tried = (action: () => unknown): void => {
    try {
      action();
    } catch (error) {
      expect(error).toBeInstanceOf(StorageError);
      refused += 1;
    }
  };
  tried(() => {
    const heap = StableMemoryAllocator.load(memory);
    tried(() => heap.checkInvariants());
    tried(() => heap.verify());
    for (const slice of slices) tried(() => heap.reallocate(slice, slice.size + 100));
    for (const size of SIZES) tried(() => heap.allocate(size));
    for (const slice of slices) tried(() => heap.deallocate(slice));
    tried(() => heap.makeSureCanAllocate(70_000));
  });
  return refused;
}

const someAddress = fc.oneof(
  fc.nat(130),
  fc.integer({ min: HEAP_OFFSET, max: HEAP_OFFSET + 2_000 }),
);
const someByte = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 8, 16, 0x80, 0xff));

test('a damaged heap refuses or goes on, but does not crash nor run for ever', () => {
  checkProperty(
    fc.property(
      fc.array(fc.tuple(someAddress, someByte), { minLength: 1, maxLength: 6 }),
      (damage) => {
        const { memory, slices } = damaged(damage);
        use(memory, slices);
      },
    ),
    { numRuns: 400 },
  );
});

test('the same uses of a heap that is whole refuse only what was freed before', () => {
  const { memory, slices } = damaged([]);
  // The four holes, each reallocated and freed once more, and the blocks that have moved.
  expect(use(memory, slices)).toBeGreaterThanOrEqual(8);
});
