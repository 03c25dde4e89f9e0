/**
 * The vector against an array, for elements of one size and for elements that have a size of their
 * own; over a manager, so that slots lie across buckets.
 *
 * Source: house style rule 24.
 */
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Codec } from '../../src/lib/codec.js';
import { text, tuple, u32, u64 } from '../../src/lib/codecs/index.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import type { Memory } from '../../src/lib/memory.js';
import { Vec } from '../../src/lib/vec.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { checkVecModel, type VecUnderTest } from '../support/vec-model.js';

function underTest<T>(memory: Memory, codec: Codec<T>): VecUnderTest<T> {
  const vec = Vec.init(memory, codec);
  return { vec, reopen: () => underTest(vec.intoMemory(), codec) };
}

/** Texts of up to so many bytes: their slots have 1 or 2 bytes for the size. */
function shortText(maxSize: number): Codec<string> {
  return { ...text, bound: { maxSize, fixedSize: false } };
}

function caseOf<T>(codec: Codec<T>, value: fc.Arbitrary<T>) {
  return [codec, value] as [Codec<unknown>, fc.Arbitrary<unknown>];
}

const textUpTo = (size: number) => fc.nat(size).map((length) => 'x'.repeat(length));

test.each([
  ['numbers', caseOf(u64, fc.bigInt(0n, 2n ** 64n - 1n))],
  ['pairs', caseOf(tuple(u32, shortText(3)), fc.tuple(fc.nat(9), textUpTo(3)))],
  ['short texts', caseOf(shortText(255), textUpTo(255))],
  ['longer texts', caseOf(shortText(1_500), textUpTo(1_500))],
])('a vector of %s is its model after every operation', (_, [codec, value]) => {
  checkVecModel(value, () => {
    const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 });
    manager.get(1).grow(1);
    return underTest(manager.get(0), codec);
  });
});
