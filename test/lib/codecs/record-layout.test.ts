import { describe, expect, test } from '@jest/globals';
import type { Codec } from '../../../src/lib/codec.js';
import * as codecs from '../../../src/lib/codecs/index.js';
import {
  fieldHeader,
  fieldTypeOf,
  isStoredAs,
  locateFields,
} from '../../../src/lib/codecs/record-layout.js';
import { Principal } from '../../../src/lib/principal.js';
import { fromHex, toHex } from '../../support/hex.js';

const { blob, bool, bytes, fixedBytes, i64, principal, principalOf, record, text, tuple, unit } =
  codecs;
const { date, enumeration, f32, f64, int, nat } = codecs;
const { i128, i16, i32, i8, u128, u16, u32, u64, u8 } = codecs;

const CUSTOM: Codec<number> = { ...u8, name: 'mine' };

/** The type byte of each codec, with a value of 8 bytes where the size varies. Frozen. */
const TYPES: readonly (readonly [Codec<unknown>, type: number])[] = [
  [u8, 0x21],
  [u16, 0x41],
  [u32, 0x61],
  [u64, 0x81],
  [u128, 0xa1],
  [i8, 0x22],
  [i16, 0x42],
  [i32, 0x62],
  [i64, 0x82],
  [i128, 0xa2],
  [f32, 0x63],
  [f64, 0x83],
  [bool, 0x24],
  [unit, 0xc5],
  [text, 0xc6],
  [bytes, 0xc7],
  [blob(9), 0xc7],
  [fixedBytes(9), 0xc7],
  [fixedBytes(8), 0x87],
  [principal, 0xc8],
  [principalOf(Principal), 0xc8],
  [tuple(text, u8), 0xc9],
  [tuple(u8, u8), 0x49],
  [record({ a: u8 }), 0xca],
  [nat, 0xcb],
  [int, 0xcb],
  [date, 0x8c],
  [enumeration('a'), 0x2d],
  [CUSTOM, 0x3f],
];

describe('the type of a field', () => {
  for (const [codec, type] of TYPES) {
    test(`${codec.name} is frozen`, () => {
      expect(fieldHeader(1, fieldTypeOf(codec), 8)[1]).toBe(type);
      expect(isStoredAs(fieldTypeOf(codec), type)).toBe(true);
    });
  }

  test('is of no kind that a name finds in every object', () => {
    expect(fieldTypeOf({ ...u8, name: 'constructor' }).kind).toBe(31);
  });

  test('tells kinds of one size apart, and sizes of one kind', () => {
    expect(isStoredAs(fieldTypeOf(i64), 0x81)).toBe(false);
    expect(isStoredAs(fieldTypeOf(u32), 0x81)).toBe(false);
    expect(isStoredAs(fieldTypeOf(bytes), 0xc6)).toBe(false);
  });

  test('allows a fixed size to become a variable one, and not the other way', () => {
    expect(isStoredAs(fieldTypeOf(bytes), 0x87)).toBe(true);
    expect(isStoredAs(fieldTypeOf(fixedBytes(8)), 0xc7)).toBe(false);
  });
});

describe('the header of a field', () => {
  test('has the size in 1 byte up to 255, above in 4, little-endian', () => {
    const type = fieldTypeOf(text);
    expect(toHex(fieldHeader(7, type, 255))).toBe('07c6ff');
    expect(toHex(fieldHeader(7, type, 256))).toBe('07e600010000');
  });

  test('has no size where the shape says it', () => {
    expect(toHex(fieldHeader(7, fieldTypeOf(u64), 8))).toBe('0781');
  });
});

describe('the fields of a record', () => {
  test('are found without knowing their kinds', () => {
    const fields = locateFields(fromHex('01 02 9d 1122334455667788 05 dd 01 aa'));
    expect([...fields]).toEqual([
      [2, { type: 0x9d, start: 3, end: 11 }],
      [5, { type: 0xdd, start: 14, end: 15 }],
    ]);
  });

  test.each([
    ['no bytes', ''],
    ['a field number 0', '01 00 21 07'],
    ['a field twice', '01 01 21 07 01 21 07'],
    ['fields out of order', '01 02 21 07 01 21 07'],
    ['a number without a type', '01 01'],
    ['a shape 0', '01 01 01 07'],
    ['a size that is missing', '01 01 c6'],
    ['a size that is cut', '01 01 e6 0000'],
    ['a value that is cut', '01 01 41 07'],
    ['a size beyond the end', '01 01 c6 02 07'],
  ])('with %s are damage', (_label, hex) => {
    expect(() => locateFields(fromHex(hex))).toThrow(/^CORRUPTED/);
  });

  test.each(['00', '02'])('of layout version %s are left to other releases', (version) => {
    expect(() => locateFields(fromHex(version))).toThrow(/^UNSUPPORTED_VERSION/);
  });
});
