import { expect, test } from '@jest/globals';
import { WASM_PAGE_SIZE } from '../../src/lib/memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { describeMemory } from '../support/memory-conformance.js';

describeMemory('VectorMemory', () => new VectorMemory(10));

test('an image opens again with the same bytes, as a copy', () => {
  const image = new Uint8Array(2 * WASM_PAGE_SIZE).fill(3);
  const memory = VectorMemory.from(image);
  image.fill(0);
  expect(memory.size()).toBe(2);
  expect(memory.toBytes().every((byte) => byte === 3)).toBe(true);
});

test('an image that is no whole number of pages was cut and is refused', () => {
  expect(() => VectorMemory.from(new Uint8Array(WASM_PAGE_SIZE - 1))).toThrow(RangeError);
});
