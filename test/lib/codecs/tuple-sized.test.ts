/** Samples that the Rust crate produced, and the damage that they can suffer. */
import { describe, expect, test } from '@jest/globals';
import type { Codec } from '../../../src/lib/codec.js';
import { blob } from '../../../src/lib/codecs/bytes.js';
import { sizedLayout } from '../../../src/lib/codecs/tuple-sized.js';
import { text } from '../../../src/lib/codecs/text.js';
import { tuple } from '../../../src/lib/codecs/tuple.js';
import { u16, u32, u8 } from '../../../src/lib/codecs/unsigned.js';
import { fromHex, toHex } from '../../support/hex.js';

const BLOBS = tuple(blob(2), blob(300), u8);

const SAMPLES: readonly (readonly [Codec<readonly unknown[]>, readonly unknown[], hex: string])[] =
  [
    [tuple(u8, u16, u32), [1, 2, 3], '01 0002 00000003'],
    [tuple(u8, u16, text), [1, 2, 'hi'], '01 0002 6869'],
    [tuple(u8, text, u16), [1, 'hi', 2], '00 01 02 6869 0002'],
    [tuple(text, u8, u16), ['hi', 1, 2], '00 02 6869 01 0002'],
    [tuple(text, text, text), ['a', 'bb', 'ccc'], '00 01 61 02 6262 636363'],
    [BLOBS, [fromHex('01'), fromHex('02'), 3], '00 01 01 01 02 03'],
  ];

describe('a triple', () => {
  for (const [codec, value, hex] of SAMPLES) {
    test(`${codec.name} has the bytes of Rust`, () => {
      expect(toHex(codec.encode(value))).toBe(hex.replaceAll(' ', ''));
      expect(codec.decode(fromHex(hex))).toEqual(value);
    });
  }

  test('widens its size fields as parts grow', () => {
    const value = ['a'.repeat(300), 'b'.repeat(70_000), 'c'] as const;
    const bytes = tuple(text, text, text).encode(value);
    expect(toHex(bytes.subarray(0, 4))).toBe('07012c61');
    expect(toHex(bytes.subarray(303, 308))).toBe('0001117062');
    expect(tuple(text, text, text).decode(bytes)).toEqual(value);
  });

  test('has the bound that Rust declares', () => {
    expect(BLOBS.bound).toEqual({ maxSize: 307, fixedSize: false });
    expect(tuple(u8, u16, u32).bound).toEqual({ maxSize: 7, fixedSize: true });
    expect(tuple(u8, u16, blob(4)).bound).toEqual({ maxSize: 7, fixedSize: false });
    expect(tuple(u8, u16, text).bound).toBe('unbounded');
  });

  test.each([
    ['empty', ''],
    ['of widths that do not exist', '10 01 61 01 62 63'],
    ['of a size field of three bytes', '08 000001 61 01 62 63'],
    ['of a size field wider than its size', '04 0001 61 01 62 63'],
    ['of a part that is cut', '00 01 61 02 62'],
    ['of a size that is cut', '04 01'],
  ])('that is %s is damage', (_label, hex) => {
    expect(() => tuple(text, text, text).decode(fromHex(hex))).toThrow(/^CORRUPTED/);
  });

  /** The crate ignores them in release builds; here a value has one encoding only. */
  test('with bytes behind a last part of fixed size is damage', () => {
    expect(() => tuple(u8, u16, u8).decode(fromHex('01 0002 03 00'))).toThrow(/^CORRUPTED/);
    expect(() => tuple(u8, u16, u8).decode(fromHex('01 00'))).toThrow(/^CORRUPTED/);
  });

  test('ends where its bytes end, whatever lies behind', () => {
    const { locate } = sizedLayout(u8.bound, u16.bound, 'unbounded');
    const node = fromHex('01 0002 03 ff ff');
    expect(locate(node, 0, 4)).toEqual([0, 1, 1, 3, 3, 4]);
    expect(() => locate(node, 0, 2)).toThrow(/^CORRUPTED/);
    const { locate: locateSized } = sizedLayout('unbounded', 'unbounded', 'unbounded');
    expect(() => locateSized(fromHex('00 00 00'), 0, 0)).toThrow(/^CORRUPTED/);
  });
});
