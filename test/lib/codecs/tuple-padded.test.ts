/** Samples that the Rust crate produced, and the damage that they can suffer. */
import { describe, expect, test } from '@jest/globals';
import type { Codec } from '../../../src/lib/codec.js';
import { blob } from '../../../src/lib/codecs/bytes.js';
import { principal } from '../../../src/lib/codecs/principal.js';
import { paddedLayout } from '../../../src/lib/codecs/tuple-padded.js';
import { tuple } from '../../../src/lib/codecs/tuple.js';
import { unit } from '../../../src/lib/codecs/unit.js';
import { u16, u64, u8 } from '../../../src/lib/codecs/unsigned.js';
import { Principal } from '../../../src/lib/principal.js';
import { fromHex, toHex } from '../../support/hex.js';

const OWNER = Principal.fromUint8Array(Uint8Array.of(1));

const SAMPLES: readonly (readonly [Codec<readonly unknown[]>, readonly unknown[], hex: string])[] =
  [
    [tuple(u8, u16), [1, 2], '01 0002'],
    [tuple(blob(3), u16), [fromHex('09'), 258], '090000 0102 01'],
    [tuple(u16, blob(300)), [5, fromHex('0102')], `0005 0102 ${'00'.repeat(298)} 0002`],
    [tuple(principal, u64), [OWNER, 1n], `01 ${'00'.repeat(28)} 0000000000000001 01`],
    [tuple(unit, u8), [undefined, 7], '07 00'],
  ];

describe('a padded pair', () => {
  for (const [codec, value, hex] of SAMPLES) {
    test(`${codec.name} has the bytes of Rust`, () => {
      expect(toHex(codec.encode(value))).toBe(hex.replaceAll(' ', ''));
      expect(codec.decode(fromHex(hex))).toEqual(value);
    });
  }

  test('is declared fixed only where both parts are', () => {
    expect(tuple(u8, u16).bound).toEqual({ maxSize: 3, fixedSize: true });
    expect(tuple(principal, u64).bound).toEqual({ maxSize: 38, fixedSize: false });
    expect(tuple(u16, blob(300)).bound).toEqual({ maxSize: 304, fixedSize: false });
  });

  test.each([
    ['one byte short', '090000 0102'],
    ['one byte long', '090000 0102 01 00'],
    ['with a part above its bound', '090000 0102 04'],
  ])('that is %s is damage', (_label, hex) => {
    expect(() => tuple(blob(3), u16).decode(fromHex(hex))).toThrow(/^CORRUPTED/);
  });

  test('holds no part above its bound, first or second', () => {
    const part = { maxSize: 1, fixedSize: false };
    const { locate } = paddedLayout(part, part);
    expect(locate(fromHex('61 62 01 00'), 0, 4)).toEqual([0, 1, 1, 1]);
    expect(() => locate(fromHex('61 62 02 01'), 0, 4)).toThrow(/^CORRUPTED/);
    expect(() => locate(fromHex('61 62 01 02'), 0, 4)).toThrow(/^CORRUPTED/);
  });
});
