/** Stable memory as a value: sparse, shared, and compared with a plain array. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { WASM_PAGE_SIZE } from '../../src/lib/memory.js';
import {
  STABLE_PAGES_MAX,
  StableMemory,
  StableMemoryOverlay,
} from '../../src/replica/stable-memory.js';
import { checkProperty } from '../support/property.js';

const GIB = 2 ** 30;
const PAGES_PER_GIB = GIB / WASM_PAGE_SIZE;

function read(memory: StableMemory, offset: number, length: number): Uint8Array {
  const target = new Uint8Array(length).fill(0xee);
  new StableMemoryOverlay(memory).read(offset, target);
  return target;
}

describe('a large memory', () => {
  test('of 100 GiB with three bytes in it costs three pages', () => {
    const overlay = new StableMemoryOverlay(StableMemory.empty);
    expect(overlay.grow(100 * PAGES_PER_GIB)).toBe(0);
    for (const offset of [0, 50 * GIB, 100 * GIB - 1]) overlay.write(offset, Uint8Array.of(7));
    const memory = overlay.commit();
    expect(memory.size).toBe(100 * PAGES_PER_GIB);
    expect(memory.pagesWritten).toBe(3);
    expect(read(memory, 50 * GIB - 1, 3)).toEqual(Uint8Array.of(0, 7, 0));
    expect(read(memory, 70 * GIB, 2)).toEqual(Uint8Array.of(0, 0));
  });

  test('grows to 500 GiB and no further', () => {
    const overlay = new StableMemoryOverlay(StableMemory.empty);
    expect(overlay.grow(STABLE_PAGES_MAX)).toBe(0);
    expect(overlay.grow(1)).toBe(-1);
    expect(overlay.grow(0)).toBe(STABLE_PAGES_MAX);
    expect(overlay.contains(500 * GIB - 1, 1)).toBe(true);
    expect(overlay.contains(500 * GIB, 1)).toBe(false);
  });
});

describe('an overlay', () => {
  const base = StableMemory.fromBytes(new Uint8Array(3 * WASM_PAGE_SIZE).fill(1));

  test('changes nothing until it is committed, and then makes a new memory', () => {
    const overlay = new StableMemoryOverlay(base);
    overlay.write(WASM_PAGE_SIZE - 1, Uint8Array.of(8, 9));
    const target = new Uint8Array(4);
    overlay.read(WASM_PAGE_SIZE - 2, target);
    expect(target).toEqual(Uint8Array.of(1, 8, 9, 1));
    expect(read(base, WASM_PAGE_SIZE - 2, 4)).toEqual(Uint8Array.of(1, 1, 1, 1));
    expect(read(overlay.commit(), WASM_PAGE_SIZE - 2, 4)).toEqual(Uint8Array.of(1, 8, 9, 1));
    expect(read(base, WASM_PAGE_SIZE - 2, 4)).toEqual(Uint8Array.of(1, 1, 1, 1));
  });

  test('shares the pages that it did not write', () => {
    const overlay = new StableMemoryOverlay(base);
    overlay.write(0, Uint8Array.of(5));
    const memory = overlay.commit();
    expect(memory.page(1)).toBe(base.page(1));
    expect(memory.page(0)).not.toBe(base.page(0));
  });

  test('that changed nothing gives the very same memory', () => {
    expect(new StableMemoryOverlay(base).commit()).toBe(base);
  });
});

test('a memory from bytes gives them back, in whole pages', () => {
  const bytes = Uint8Array.from({ length: WASM_PAGE_SIZE + 3 }, (_, index) => index % 251);
  const back = StableMemory.fromBytes(bytes).toBytes();
  expect(back).toHaveLength(2 * WASM_PAGE_SIZE);
  expect(Buffer.from(back.subarray(0, bytes.length)).equals(bytes)).toBe(true);
});

test('behaves as an array does, through any number of messages kept or undone', () => {
  const size = 4 * WASM_PAGE_SIZE;
  const write = fc.record({
    offset: fc.integer({ min: 0, max: size - 1 }),
    length: fc.integer({ min: 0, max: 2 * WASM_PAGE_SIZE }),
    value: fc.integer({ min: 1, max: 255 }),
  });
  const message = fc.record({ writes: fc.array(write, { maxLength: 4 }), keep: fc.boolean() });
  checkProperty(
    fc.property(fc.array(message, { maxLength: 6 }), (messages) => {
      let memory = StableMemory.fromBytes(new Uint8Array(size));
      const model = new Uint8Array(size);
      for (const { writes, keep } of messages) {
        const overlay = new StableMemoryOverlay(memory);
        for (const { offset, length, value } of writes) {
          const source = new Uint8Array(Math.min(length, size - offset)).fill(value);
          overlay.write(offset, source);
          if (keep) model.set(source, offset);
        }
        if (keep) memory = overlay.commit();
      }
      return Buffer.from(memory.toBytes()).equals(model);
    }),
    { numRuns: 50 },
  );
});
