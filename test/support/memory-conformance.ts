/**
 * What every memory promises, as one suite: each implementation runs it from its own test file.
 *
 * Source: house style rules 9 and 10.
 */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { WASM_PAGE_SIZE, type Memory } from '../../src/lib/memory.js';
import { codeOf, imageOf } from './memories.js';
import { checkProperty } from './property.js';
import { WRONG_BYTES } from './wrong-inputs.js';

/** Where a memory is told to stop growing, in pages, at most. */
const PAGES_MAX = 12;

/** `create` makes an empty memory that can grow to at least 8 and at most 12 pages. */
export function describeMemory(name: string, create: () => Memory): void {
  describe(`${name} is a memory`, () => {
    test('starts with no pages', () => {
      expect(create().size()).toBe(0);
    });

    test('grow returns the old size and adds zeroed pages', () => {
      const memory = create();
      expect(memory.grow(2)).toBe(0);
      expect(memory.grow(1)).toBe(2);
      expect(memory.size()).toBe(3);
      expect(imageOf(memory).every((byte) => byte === 0)).toBe(true);
    });

    test('grow by nothing returns the size and changes nothing', () => {
      const memory = create();
      expect(memory.grow(0)).toBe(0);
      memory.grow(1);
      expect(memory.grow(0)).toBe(1);
      expect(memory.size()).toBe(1);
    });

    test('a refused grow returns -1 and leaves everything as it was', () => {
      const memory = create();
      memory.grow(1);
      memory.write(0, Uint8Array.of(1, 2, 3));
      expect(memory.grow(PAGES_MAX)).toBe(-1);
      expect(memory.grow(2 ** 40)).toBe(-1);
      expect(memory.size()).toBe(1);
      expect([...imageOf(memory).subarray(0, 3)]).toEqual([1, 2, 3]);
      expect(memory.grow(1)).toBe(1);
    });

    test('grow keeps what was written', () => {
      const memory = create();
      memory.grow(1);
      memory.write(WASM_PAGE_SIZE - 2, Uint8Array.of(7, 8));
      memory.grow(3);
      expect([...imageOf(memory).subarray(WASM_PAGE_SIZE - 2, WASM_PAGE_SIZE + 1)]).toEqual([
        7, 8, 0,
      ]);
    });

    test('reads back what was written, also across pages', () => {
      const memory = create();
      memory.grow(8);
      const written = Uint8Array.from({ length: 2 * WASM_PAGE_SIZE + 77 }, (_, index) => index * 7);
      memory.write(WASM_PAGE_SIZE - 33, written);
      const read = new Uint8Array(written.length);
      memory.read(WASM_PAGE_SIZE - 33, read);
      expect(Buffer.compare(read, written)).toBe(0);
    });

    test('accesses of no bytes are fine up to the end, and refused behind it', () => {
      const memory = create();
      const nothing = new Uint8Array(0);
      memory.read(0, nothing);
      memory.write(0, nothing);
      memory.grow(1);
      memory.read(WASM_PAGE_SIZE, nothing);
      memory.write(WASM_PAGE_SIZE, nothing);
      expect(codeOf(() => memory.read(WASM_PAGE_SIZE + 1, nothing))).toBe('OUT_OF_BOUNDS');
      expect(codeOf(() => memory.write(WASM_PAGE_SIZE + 1, nothing))).toBe('OUT_OF_BOUNDS');
    });

    test.each([
      ['before the start', -1],
      ['across the end', 2 * WASM_PAGE_SIZE - 3],
      ['behind the end', 2 * WASM_PAGE_SIZE],
      ['far behind the end', 2 ** 52],
      ['at a fraction', 0.5],
      ['at no number', NaN],
    ])('refuses to read or write %s and touches nothing', (_, offset) => {
      const memory = create();
      memory.grow(2);
      memory.write(0, new Uint8Array(2 * WASM_PAGE_SIZE).fill(5));
      const target = new Uint8Array(4).fill(9);
      expect(codeOf(() => memory.read(offset, target))).toBe('OUT_OF_BOUNDS');
      expect([...target]).toEqual([9, 9, 9, 9]);
      expect(codeOf(() => memory.write(offset, target))).toBe('OUT_OF_BOUNDS');
      expect(imageOf(memory).every((byte) => byte === 5)).toBe(true);
    });

    test.each(WRONG_BYTES)('refuses to read into or write %s', (_, value) => {
      const memory = create();
      memory.grow(1);
      expect(() => memory.read(0, value as Uint8Array)).toThrow(TypeError);
      expect(() => memory.write(0, value as Uint8Array)).toThrow(TypeError);
    });

    test.each([-1, 0.5, NaN, Infinity, 2 ** 53])('refuses to grow by %p pages', (pages) => {
      const memory = create();
      expect(() => memory.grow(pages)).toThrow(RangeError);
      expect(memory.size()).toBe(0);
    });

    test('behaves as an array of bytes does', () => {
      checkProperty(
        fc.property(fc.array(operation(), { maxLength: 40 }), (operations) => {
          const memory = create();
          let model = new Uint8Array(0);
          for (const { pages, offset, bytes } of operations) {
            if (pages > 0 && model.length / WASM_PAGE_SIZE + pages <= 8) {
              expect(memory.grow(pages)).toBe(model.length / WASM_PAGE_SIZE);
              const larger = new Uint8Array(model.length + pages * WASM_PAGE_SIZE);
              larger.set(model);
              model = larger;
            } else if (offset + bytes.length <= model.length) {
              memory.write(offset, bytes);
              model.set(bytes, offset);
            }
          }
          expect(Buffer.compare(imageOf(memory), model)).toBe(0);
        }),
        { numRuns: 15 },
      );
    });
  });
}

function operation() {
  return fc.record({
    pages: fc.constantFrom(0, 0, 0, 1, 2),
    offset: fc.nat(4 * WASM_PAGE_SIZE),
    bytes: fc.uint8Array({ maxLength: 300 }),
  });
}
