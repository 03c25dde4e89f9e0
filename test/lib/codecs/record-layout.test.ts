import { describe, expect, test } from '@jest/globals';
import { fieldTypeOf } from '../../../src/lib/codecs/field-type.js';
import { fieldHeader, locateFields } from '../../../src/lib/codecs/record-layout.js';
import { text } from '../../../src/lib/codecs/text.js';
import { u64 } from '../../../src/lib/codecs/unsigned.js';
import { fromHex, toHex } from '../../support/hex.js';

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
