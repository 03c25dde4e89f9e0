import { describe, expect, test } from '@jest/globals';
import { locateFields } from '../../../src/lib/codecs/record-layout.js';
import { fromHex } from '../../support/hex.js';

describe('the fields of a record', () => {
  test('are found without knowing their kinds', () => {
    const fields = locate('01 02 9d 1122334455667788 05 dd 01 aa');
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
    expect(() => locate(hex)).toThrow(/^CORRUPTED/);
  });

  test.each(['00', '02'])('of layout version %s are left to other releases', (version) => {
    expect(() => locate(version)).toThrow(/^UNSUPPORTED_VERSION/);
  });
});

test('places in messages are counted from the start of the record', () => {
  const bytes = fromHex('aaaaaa 01 01 c6 02 07 aaaaaa');
  expect(() => locateFields(bytes, 3, 8)).toThrow('end of a field: expected at most 5, found 6');
  expect(() => locateFields(bytes, 3, 6)).toThrow('end of a field: expected at least 4, found 3');
});

function locate(hex: string): ReturnType<typeof locateFields> {
  const bytes = fromHex(hex);
  return locateFields(bytes, 0, bytes.length);
}
