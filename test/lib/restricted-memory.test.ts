import { expect, test } from '@jest/globals';
import { WASM_PAGE_SIZE } from '../../src/lib/memory.js';
import { RestrictedMemory } from '../../src/lib/restricted-memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { describeMemory } from '../support/memory-conformance.js';
import { codeOf, imageOf } from '../support/memories.js';

describeMemory('RestrictedMemory over an empty base', () => {
  return new RestrictedMemory(new VectorMemory(100), 3, 13);
});

describeMemory('RestrictedMemory whose base ends before the window', () => {
  const base = new VectorMemory(100);
  base.grow(1);
  return new RestrictedMemory(base, 3, 13);
});

test('two windows of one base do not see each other', () => {
  const base = new VectorMemory();
  const low = new RestrictedMemory(base, 0, 2);
  const high = new RestrictedMemory(base, 2, 4);
  low.grow(2);
  high.grow(2);
  low.write(0, new Uint8Array(2 * WASM_PAGE_SIZE).fill(1));
  high.write(0, new Uint8Array(2 * WASM_PAGE_SIZE).fill(2));
  expect(imageOf(low).every((byte) => byte === 1)).toBe(true);
  expect(imageOf(high).every((byte) => byte === 2)).toBe(true);
});

// The crate's window checks nothing against its end, so that a write lands in pages of others.
test('a write cannot leave the window, although the base goes on behind it', () => {
  const base = new VectorMemory();
  base.grow(10);
  const window = new RestrictedMemory(base, 3, 5);
  const before = imageOf(base);
  expect(codeOf(() => window.write(2 * WASM_PAGE_SIZE - 1, Uint8Array.of(1, 1)))).toBe(
    'OUT_OF_BOUNDS',
  );
  expect(imageOf(base)).toEqual(before);
});

// The crate grows the base to 13 pages here and says 0, as if the window had grown by ten.
test('a grow cannot leave the window where the base has not reached it yet', () => {
  const base = new VectorMemory();
  const window = new RestrictedMemory(base, 3, 5);
  expect(window.grow(10)).toBe(-1);
  expect(base.size()).toBe(0);
  expect(window.grow(2)).toBe(0);
  expect(base.size()).toBe(5);
});

test('its size is the part of the window that the base has reached', () => {
  const base = new VectorMemory();
  const window = new RestrictedMemory(base, 3, 5);
  const sizes = Array.from({ length: 7 }, () => {
    base.grow(1);
    return window.size();
  });
  expect(sizes).toEqual([0, 0, 0, 1, 2, 2, 2]);
});

test('a window that ends before it starts is refused', () => {
  expect(() => new RestrictedMemory(new VectorMemory(), 5, 4)).toThrow(RangeError);
});
