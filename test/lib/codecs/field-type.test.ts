import { describe, expect, test } from '@jest/globals';
import { IDL } from '@dfinity/candid';
import type { Codec } from '../../../src/lib/codec.js';
import {
  fieldTypeOf,
  isStoredAs,
  SIZE_IN_1_BYTE,
  SIZE_IS_STORED,
  typeByteOf,
} from '../../../src/lib/codecs/field-type.js';
import * as codecs from '../../../src/lib/codecs/index.js';
import { Principal } from '../../../src/lib/principal.js';

const { blob, bool, bytes, fixedBytes, i64, principal, principalOf, record, text, tuple, unit } =
  codecs;
const { candid, date, enumeration, f32, f64, int, json, list, nat } = codecs;
const { i128, i16, i32, i8, u128, u16, u32, u64, u8 } = codecs;

const CUSTOM: Codec<number> = { ...u8, name: 'mine' };

/** The type byte of each codec, with the size in 1 byte where it varies. Frozen. */
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
  [list(u8), 0xce],
  [date, 0x8c],
  [enumeration('a'), 0x2d],
  [candid(IDL, IDL.Text), 0xcf],
  [json(), 0xd0],
  [CUSTOM, 0x3f],
];

describe('the type of a field', () => {
  for (const [codec, type] of TYPES) {
    test(`${codec.name} is frozen`, () => {
      const { shape } = fieldTypeOf(codec);
      const storedShape = shape === SIZE_IS_STORED ? SIZE_IN_1_BYTE : shape;
      expect(typeByteOf(fieldTypeOf(codec), storedShape)).toBe(type);
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
