import { expect, test } from '@jest/globals';
import { fieldsOf } from '../../../src/lib/codecs/record-field.js';
import { readRecord } from '../../../src/lib/codecs/record-reader.js';
import { optional } from '../../../src/lib/codecs/optional.js';
import { bool } from '../../../src/lib/codecs/bool.js';
import { text } from '../../../src/lib/codecs/text.js';
import { u8 } from '../../../src/lib/codecs/unsigned.js';
import { fromHex } from '../../support/hex.js';

const FIELDS = fieldsOf({ isPaid: bool, note: optional(text), level: u8 });

test.each([
  ['as it is declared', '01 0124 01 02c6 02 4869 0321 07', { isPaid: true, note: 'Hi', level: 7 }],
  ['without an optional field', '01 0124 01 0321 07', { isPaid: true, level: 7 }],
  [
    'with a short value and a long size',
    '01 0124 01 02e6 02000000 4869 0321 07',
    {
      isPaid: true,
      note: 'Hi',
      level: 7,
    },
  ],
  ['with a field that is not declared', '01 0124 00 0321 07 0421 07', { isPaid: false, level: 7 }],
])('reads a record %s', (_label, hex, value) => {
  expect(read(hex)).toEqual(value);
});

/** As if every record were read field by field: a value is looked at when all are found. */
test.each([
  ['a damaged value', '01 0124 02 0321 07', 'CORRUPTED: bool: expected 0 or 1, found 2'],
  ['a cut field behind a damaged value', '01 0124 02 0321', 'end of a field'],
  ['a missing field', '01 0124 01', 'INCOMPATIBLE_TYPE: record: field level (number 3, u8) is'],
  [
    'another type',
    '01 0124 01 0322 07',
    'INCOMPATIBLE_TYPE: record: field level (number 3, u8) has',
  ],
  ['a size that is cut', '01 0124 01 02c6', 'end of a field: expected at least 7, found 6'],
  ['a text that is cut', '01 0124 01 02c6 02 48', 'end of a field: expected at most 8, found 9'],
  ['no bytes', '', 'CORRUPTED: record: expected at least 1 byte, found 0'],
  ['another version', '02', 'UNSUPPORTED_VERSION'],
])('refuses a record with %s', (_label, hex, message) => {
  expect(() => read(hex)).toThrow(message);
});

/** Among other bytes, which look like more of it. */
function read(hex: string): unknown {
  const bytes = fromHex(`01 ${hex} 0321 07`);
  return readRecord(FIELDS, bytes, 1, bytes.length - 3);
}
