import { describe, expect, test } from '@jest/globals';
import type { Codec } from '../../../src/lib/codec.js';
import { blob, bytes } from '../../../src/lib/codecs/bytes.js';
import { principal } from '../../../src/lib/codecs/principal.js';
import { text } from '../../../src/lib/codecs/text.js';
import { openLayout } from '../../../src/lib/codecs/tuple-open.js';
import { tuple } from '../../../src/lib/codecs/tuple.js';
import { u64, u8 } from '../../../src/lib/codecs/unsigned.js';
import { Principal } from '../../../src/lib/principal.js';
import { fromHex, toHex } from '../../support/hex.js';

const SAMPLES: readonly (readonly [Codec<readonly unknown[]>, readonly unknown[], hex: string])[] =
  [
    [tuple(text, u8), ['hi', 7], 'fc 02 6869 07'],
    [tuple(u8, text), [7, 'hi'], 'fe 07 6869'],
    [tuple(text, text), ['', ''], 'fc 00'],
  ];

const WRONG_MARK = expect.objectContaining({
  code: 'CORRUPTED',
  details: expect.objectContaining({ what: 'mark of a pair' }),
}) as unknown as Error;

describe('an open pair', () => {
  for (const [codec, value, hex] of SAMPLES) {
    test(`${codec.name} is a mark, the size of what varies, and the parts`, () => {
      expect(toHex(codec.encode(value))).toBe(hex.replaceAll(' ', ''));
      expect(codec.decode(fromHex(hex))).toEqual(value);
      expect(codec.bound).toBe('unbounded');
    });
  }

  test.each([
    [255, 'fcff61'],
    [256, 'fd010061'],
    [65_536, 'ff0001000061'],
  ])('widens its size field for a part of %i bytes', (size, start) => {
    const value = ['a'.repeat(size), 7] as const;
    const encoded = tuple(text, u8).encode(value);
    expect(toHex(encoded.subarray(0, start.length / 2))).toBe(start);
    expect(tuple(text, u8).decode(encoded)).toEqual(value);
  });

  test.each([
    ['empty', ''],
    ['without a mark', '00 02 6869 07'],
    ['of a mark without its size', 'fe 02 6869 07'],
    ['of a size field wider than its size', 'fd 0002 6869 07'],
    ['cut in its first part', 'fc 02 68'],
  ])('that is %s is damage', (_label, hex) => {
    expect(() => tuple(text, u8).decode(fromHex(hex))).toThrow(/^CORRUPTED/);
  });

  test.each([
    ['cut in its first part', 'fe'],
    ['of another mark', 'fc 07 6869'],
  ])('with a fixed first part, that is %s is damage', (_label, hex) => {
    expect(() => tuple(u8, text).decode(fromHex(hex))).toThrow(/^CORRUPTED/);
  });

  /**
   * Upstream merged a layout of its own and took it back, because turning a bounded part into an
   * unbounded one made stored pairs read as other ones, silently.
   */
  test('does not read the padded pairs that were stored before a bound was lifted', () => {
    const counted = tuple(u64, blob(10)).encode([5n, fromHex('0102')]);
    expect(() => tuple(u64, bytes).decode(counted)).toThrow(WRONG_MARK);
    const canister = Principal.fromText('ryjl3-tyaaa-aaaaa-aaaba-cai');
    const owned = tuple(principal, blob(10)).encode([canister, fromHex('0102')]);
    expect(() => tuple(principal, bytes).decode(owned)).toThrow(WRONG_MARK);
  });

  test('ends where its bytes end, whatever lies behind', () => {
    const { locate } = openLayout(u8.bound);
    const node = fromHex('fe 07 68 ff');
    expect(locate(node, 0, 3)).toEqual([1, 2, 2, 3]);
    expect(() => locate(node, 0, 1)).toThrow(/^CORRUPTED/);
    expect(() => openLayout('unbounded').locate(fromHex('fc 00'), 0, 0)).toThrow(/^CORRUPTED/);
  });
});
