import { describe, expect, test } from '@jest/globals';
import {
  locateFixed,
  locateSized,
  putSizeBefore,
  sizeField,
} from '../../../src/lib/codecs/size-field.js';
import { fromHex, toHex } from '../../support/hex.js';

describe('a size field', () => {
  test.each([
    [0, '00'],
    [254, 'fe'],
    [255, 'ff000000ff'],
    [65_536, 'ff00010000'],
    [2 ** 32 - 1, 'ffffffffff'],
  ])('of %i is as short as can be', (size, hex) => {
    expect(toHex(sizeField(size))).toBe(hex);
  });

  test.each([0, 254, 255, 300])(
    'is put before a part of %i bytes that is there already',
    (size) => {
      const part = new Uint8Array(size).fill(7);
      const target = new Uint8Array(2 + size + 5);
      target.set(part, 3);
      const end = putSizeBefore(target, 2, 3 + size);
      expect(toHex(target.subarray(2, end))).toBe(toHex(sizeField(size)) + toHex(part));
    },
  );

  test('has no room where its part must move beyond the end', () => {
    const target = new Uint8Array(259);
    expect(putSizeBefore(target, 0, 256)).toBe(-1);
    expect(putSizeBefore(target, 0, 255)).toBe(255);
    expect(putSizeBefore(new Uint8Array(260), 0, 256)).toBe(260);
  });

  test('says where its part lies, among other bytes', () => {
    expect(locateSized(fromHex('07 02 6162 07'), 1, 5)).toEqual([2, 4]);
    expect(locateSized(fromHex('07 02 6162'), 1, 4)).toEqual([2, 4]);
    const long = new Uint8Array(262);
    long.set(fromHex('07 ff000000ff'));
    expect(locateSized(long, 1, 261)).toEqual([6, 261]);
    expect(locateFixed(3, 2, 5)).toEqual([3, 5]);
  });

  test.each([
    ['that is missing', ''],
    ['of a part that is cut', '0261'],
    ['that is cut', 'ff0000ff'],
    ['of a part beyond the end', 'ffffffffff61'],
    ['that fits one byte', `ff000000fe${'00'.repeat(254)}`],
  ])('%s is damage', (_label, hex) => {
    const bytes = fromHex(`${hex} ffffffffffffffff`);
    expect(() => locateSized(bytes, 0, bytes.length - 8)).toThrow(/^CORRUPTED/);
  });

  test('is not asked for where the size is fixed, but the part must end by the end', () => {
    expect(() => locateFixed(3, 2, 4)).toThrow(/^CORRUPTED/);
  });
});
