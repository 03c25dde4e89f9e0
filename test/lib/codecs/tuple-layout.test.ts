import { describe, expect, test } from '@jest/globals';
import {
  isFixed,
  locatePart,
  readSize,
  widthOf,
  writeSize,
} from '../../../src/lib/codecs/tuple-layout.js';
import { fromHex, toHex } from '../../support/hex.js';

const WIDTHS: readonly (readonly [size: number, width: number, hex: string])[] = [
  [0, 1, '00'],
  [255, 1, 'ff'],
  [256, 2, '0100'],
  [65_535, 2, 'ffff'],
  [65_536, 4, '00010000'],
  [2 ** 32 - 1, 4, 'ffffffff'],
];

describe('a size field', () => {
  test.each(WIDTHS)('holds %i in %i bytes', (size, width, hex) => {
    expect(widthOf(size)).toBe(width);
    const bytes = new Uint8Array(width);
    writeSize(bytes, 0, width, size);
    expect(toHex(bytes)).toBe(hex);
    expect(readSize(bytes, 0, width)).toBe(size);
  });
});

describe('a part', () => {
  const VARIABLE = { maxSize: 9, fixedSize: false };
  const FIXED = { maxSize: 2, fixedSize: true };

  test('lies behind its size field, or where it is fixed right there', () => {
    expect(locatePart(fromHex('ff 02 6162 ff'), 1, 5, VARIABLE, 1)).toEqual([2, 4]);
    expect(locatePart(fromHex('ff 6162 ff'), 1, 4, FIXED, 1)).toEqual([1, 3]);
  });

  test('must end where the whole ends', () => {
    expect(() => locatePart(fromHex('02 61 62'), 0, 2, VARIABLE, 1)).toThrow(/^CORRUPTED/);
    expect(() => locatePart(fromHex('61'), 0, 1, FIXED, 1)).toThrow(/^CORRUPTED/);
  });

  test('must have a size field no wider than it needs, of a width that exists', () => {
    expect(() => locatePart(fromHex('0001 61'), 0, 3, VARIABLE, 2)).toThrow(/^CORRUPTED/);
    expect(() => locatePart(fromHex('000001 61'), 0, 4, VARIABLE, 3)).toThrow(/^CORRUPTED/);
  });
});

test('only a limited bound can be fixed', () => {
  expect(isFixed('unbounded')).toBe(false);
  expect(isFixed({ maxSize: 8, fixedSize: false })).toBe(false);
  expect(isFixed({ maxSize: 8, fixedSize: true })).toBe(true);
});
