import { describe, expect, test } from '@jest/globals';
import type { Bound } from '../../../src/lib/codec.js';
import { joinParts } from '../../../src/lib/codecs/tuple-layout.js';
import { longLayout } from '../../../src/lib/codecs/tuple-long.js';
import { fromHex, toHex } from '../../support/hex.js';

const ONE: Bound = { maxSize: 1, fixedSize: true };
const UP_TO_254: Bound = { maxSize: 254, fixedSize: false };
const UP_TO_255: Bound = { maxSize: 255, fixedSize: false };
const ANY: Bound = 'unbounded';

describe('the layout of a long tuple', () => {
  test('puts the size before each part that varies, but for the last', () => {
    const layout = longLayout([ANY, ONE, UP_TO_254, ANY]);
    const bytes = joinParts(layout, ['6162', '07', '', '63'].map(fromHex));
    expect(toHex(bytes)).toBe(['02', '6162', '07', '00', '63'].join(''));
    expect(layout.locate(bytes, 0, bytes.length)).toEqual([1, 3, 3, 4, 5, 5, 5, 6]);
  });

  test('has a size in 1 byte below 255, above in 4 more', () => {
    const layout = longLayout([ANY, ANY]);
    const short = joinParts(layout, [new Uint8Array(254), new Uint8Array(0)]);
    const long = joinParts(layout, [new Uint8Array(255), new Uint8Array(0)]);
    expect(toHex(short.subarray(0, 2))).toBe('fe00');
    expect(toHex(long.subarray(0, 6))).toBe('ff000000ff00');
    expect(layout.locate(short, 0, 255)).toEqual([1, 255, 255, 255]);
    expect(layout.locate(long, 0, 260)).toEqual([5, 260, 260, 260]);
  });

  test('is found among other bytes', () => {
    const layout = longLayout([ANY, ONE, ONE, ONE]);
    const bytes = fromHex('ff ff 02 6162 01 02 03 ff');
    expect(layout.locate(bytes, 2, 8)).toEqual([3, 5, 5, 6, 6, 7, 7, 8]);
  });

  test('of one part is that part', () => {
    const layout = longLayout([UP_TO_255]);
    expect(layout.bound).toEqual(UP_TO_255);
    expect(toHex(joinParts(layout, [fromHex('6162')]))).toBe('6162');
    expect(layout.locate(fromHex('6162'), 0, 2)).toEqual([0, 2]);
  });

  test.each<[string, Bound[], Bound]>([
    ['of fixed parts', [ONE, ONE, ONE, ONE], { maxSize: 4, fixedSize: true }],
    ['with a part that varies', [ONE, UP_TO_254, ONE], { maxSize: 257, fixedSize: false }],
    ['with a part of 255 bytes', [UP_TO_255, ONE], { maxSize: 261, fixedSize: false }],
    ['with a last part that varies', [ONE, UP_TO_255], { maxSize: 256, fixedSize: false }],
    ['with an unbounded part', [ONE, ANY, ONE, ONE], 'unbounded'],
  ])('%s is as long as its parts and sizes', (_label, bounds, bound) => {
    expect(longLayout(bounds).bound).toEqual(bound);
  });

  test.each<[string, Bound[], string]>([
    ['a fixed part that is missing', [ONE, ONE, ANY], '01'],
    ['a size that is missing', [ONE, ANY, ANY], '01'],
    ['a part that is cut', [ANY, ANY], '0261'],
    ['a long size that is cut', [ANY, ANY], 'ff0000ff'],
    ['a long size beyond the end', [ANY, ANY], 'ffffffffff61'],
    ['a long size that fits one byte', [ANY, ANY], `ff000000fe${'00'.repeat(254)}`],
  ])('with %s is damage', (_label, bounds, hex) => {
    const bytes = fromHex(`${hex} ffffffffffffffff`);
    const end = bytes.length - 8;
    expect(() => longLayout(bounds).locate(bytes, 0, end)).toThrow(/^CORRUPTED/);
  });
});
