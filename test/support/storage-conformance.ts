/**
 * What every storage promises, as one suite: each implementation runs it from its own test file.
 *
 * Source: house style rules 9 and 10.
 */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Storage } from '../../src/lib/storage.js';
import { codeOf } from './memories.js';
import { checkProperty } from './property.js';
import { WRONG_BYTES } from './wrong-inputs.js';

/** `create` makes an empty storage that has room for at least 300,000 bytes. */
export function describeStorage(name: string, create: () => Storage): void {
  const with3 = (): Storage => {
    const storage = create();
    storage.write(0, Uint8Array.of(1, 2, 3));
    return storage;
  };

  describe(`${name} is a storage`, () => {
    test('starts empty', () => {
      expect(create().length()).toBe(0);
    });

    test('is lengthened by what is written at its end, or over it', () => {
      const storage = with3();
      storage.write(3, Uint8Array.of(4));
      storage.write(2, Uint8Array.of(8, 9, 10));
      expect(bytesOf(storage)).toEqual([1, 2, 8, 9, 10]);
    });

    test('reads zeros where its length was set', () => {
      const storage = with3();
      storage.setLength(6);
      expect(bytesOf(storage)).toEqual([1, 2, 3, 0, 0, 0]);
    });

    test('forgets what was cut off', () => {
      const storage = with3();
      storage.setLength(1);
      expect(storage.length()).toBe(1);
      storage.setLength(4);
      expect(bytesOf(storage)).toEqual([1, 0, 0, 0]);
      storage.setLength(0);
      storage.write(0, Uint8Array.of(5));
      storage.setLength(3);
      expect(bytesOf(storage)).toEqual([5, 0, 0]);
    });

    test.each([
      [0, 4],
      [3, 1],
      [4, 0],
      [-1, 1],
      [0.5, 1],
      [2 ** 53, 1],
    ])('refuses to read %d and %d bytes on, and leaves the target alone', (offset, count) => {
      const target = new Uint8Array(count).fill(7);
      expect(codeOf(() => with3().read(offset, target))).toBe('OUT_OF_BOUNDS');
      expect(target.every((byte) => byte === 7)).toBe(true);
    });

    test.each([4, -1, 0.5, 2 ** 53])('refuses to write from %d on', (offset) => {
      const storage = with3();
      expect(codeOf(() => storage.write(offset, Uint8Array.of(9)))).toBe('OUT_OF_BOUNDS');
      expect(bytesOf(storage)).toEqual([1, 2, 3]);
    });

    test('reads and writes nothing, up to its very end', () => {
      const storage = with3();
      storage.read(3, new Uint8Array(0));
      storage.write(3, new Uint8Array(0));
      expect(bytesOf(storage)).toEqual([1, 2, 3]);
    });

    test.each(WRONG_BYTES)('refuses %p in place of bytes', (wrong) => {
      expect(() => with3().read(0, wrong as unknown as Uint8Array)).toThrow(TypeError);
      expect(() => with3().write(0, wrong as unknown as Uint8Array)).toThrow(TypeError);
    });

    test.each([-1, 1.5, NaN])('refuses the length %p', (length) => {
      const storage = with3();
      expect(() => storage.setLength(length)).toThrow(RangeError);
      expect(storage.length()).toBe(3);
    });

    test('refuses everything once it is closed', () => {
      const storage = with3();
      storage.sync();
      storage.close();
      const uses = [
        () => storage.length(),
        () => storage.read(0, new Uint8Array(1)),
        () => storage.write(0, new Uint8Array(1)),
        () => storage.setLength(0),
        () => storage.sync(),
        () => storage.close(),
      ];
      expect(uses.map(codeOf)).toEqual(uses.map(() => 'HANDLE_CLOSED'));
    });

    test('does what an array does', () => {
      const change = fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        bytes: fc.uint8Array({ maxLength: 400 }),
        resize: fc.boolean(),
      });
      checkProperty(
        fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
          const storage = create();
          let model: number[] = [];
          for (const { at, bytes, resize } of changes) {
            const offset = Math.floor(at * model.length);
            if (resize) {
              const length = offset + bytes.length;
              storage.setLength(length);
              model = Array.from({ length }, (_, index) => model[index] ?? 0);
            } else {
              storage.write(offset, bytes);
              bytes.forEach((byte, index) => (model[offset + index] = byte));
            }
            expect(bytesOf(storage)).toEqual(model);
          }
        }),
        { numRuns: 30 },
      );
    });
  });
}

function bytesOf(storage: Storage): number[] {
  const bytes = new Uint8Array(storage.length());
  storage.read(0, bytes);
  return [...bytes];
}
