import { expect, test } from '@jest/globals';
import { readStored, reserve, safeWrite, WASM_PAGE_SIZE } from '../../src/lib/memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf } from '../support/memories.js';

test('a safe write grows by the fewest pages', () => {
  const memory = new VectorMemory();
  safeWrite(memory, WASM_PAGE_SIZE - 1, Uint8Array.of(1));
  expect(memory.size()).toBe(1);
  safeWrite(memory, WASM_PAGE_SIZE - 1, Uint8Array.of(1, 2));
  expect(memory.size()).toBe(2);
});

test('a safe write of nothing still covers its offset, as in the crate', () => {
  const memory = new VectorMemory();
  safeWrite(memory, WASM_PAGE_SIZE + 1, new Uint8Array(0));
  expect(memory.size()).toBe(2);
});

test('where the memory refuses to grow, a safe write throws and writes nothing', () => {
  const memory = new VectorMemory(1);
  memory.grow(1);
  expect(codeOf(() => safeWrite(memory, WASM_PAGE_SIZE - 1, Uint8Array.of(1, 2)))).toBe(
    'GROW_FAILED',
  );
  expect(memory.toBytes().every((byte) => byte === 0)).toBe(true);
});

test('the error of a refused grow has the numbers', () => {
  const memory = new VectorMemory(3);
  memory.grow(2);
  expect(() => reserve(memory, 5 * WASM_PAGE_SIZE)).toThrow(
    expect.objectContaining({ details: { sizeInPages: 2, missingPages: 3 } }),
  );
});

test('a stored address beyond the memory is corrupt, not the caller at fault', () => {
  const memory = new VectorMemory();
  memory.grow(1);
  expect(codeOf(() => readStored(memory, WASM_PAGE_SIZE, new Uint8Array(1)))).toBe('CORRUPTED');
});
