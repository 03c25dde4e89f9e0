/**
 * The unbounded vector against an array: elements that grow and shrink within few chunks, so that
 * chunks go back and forth between elements; and none may be left over.
 *
 * Source: house style rule 24.
 */
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Codec } from '../../src/lib/codec.js';
import { text } from '../../src/lib/codecs/index.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import type { Memory } from '../../src/lib/memory.js';
import { UnboundedVec } from '../../src/lib/unbounded-vec.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { checkVecModel, type VecUnderTest } from '../support/vec-model.js';

function underTest<T>(
  memories: [Memory, Memory],
  codec: Codec<T>,
  chunkSizeInBytes: number,
): VecUnderTest<T> {
  const vec = UnboundedVec.init(...memories, codec, { chunkSizeInBytes });
  return { vec, reopen: () => underTest(vec.intoMemories(), codec, chunkSizeInBytes) };
}

const textUpTo = (size: number) => fc.nat(size).map((length) => 'x'.repeat(length));

test.each([
  ['texts over some chunks', text, textUpTo(40), 10],
  ['texts that nearly fit a chunk', text, textUpTo(22), 20],
] as [string, Codec<unknown>, fc.Arbitrary<unknown>, number][])(
  'an unbounded vector of %s is its model after every operation',
  (_, codec, value, chunkSize) => {
    checkVecModel(value, () => {
      const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 });
      return underTest([manager.get(0), manager.get(1)], codec, chunkSize);
    });
  },
);
