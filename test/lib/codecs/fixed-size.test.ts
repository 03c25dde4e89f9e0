import { expect, test } from '@jest/globals';
import { assertStoredSize, fixedSizeParts } from '../../../src/lib/codecs/fixed-size.js';

const pair = fixedSizeParts('pair', 2, (bytes, offset) => [bytes[offset], bytes[offset + 1]]);

test('values of one size have that bound', () => {
  expect(pair.name).toBe('pair');
  expect(pair.bound).toEqual({ maxSize: 2, fixedSize: true });
});

test('a value is read where it lies', () => {
  expect(pair.decode(Uint8Array.of(1, 2))).toEqual([1, 2]);
  expect(pair.decodeAt?.(Uint8Array.of(9, 1, 2, 9), 1, 3)).toEqual([1, 2]);
});

test.each([0, 1, 3])('%i stored bytes instead of 2 are damage, wherever they lie', (size) => {
  const bytes = new Uint8Array(8);
  expect(() => pair.decode(bytes.subarray(0, size))).toThrow(/^CORRUPTED: pair/);
  expect(() => pair.decodeAt?.(bytes, 4, 4 + size)).toThrow(/^CORRUPTED: pair/);
  expect(() => assertStoredSize('pair', size, 2)).toThrow(/^CORRUPTED: pair/);
});
