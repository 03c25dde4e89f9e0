import { expect, test } from '@jest/globals';
import { fieldsOf } from '../../../src/lib/codecs/record-field.js';
import { writeRecord } from '../../../src/lib/codecs/record-writer.js';
import { text } from '../../../src/lib/codecs/text.js';
import { u8 } from '../../../src/lib/codecs/unsigned.js';
import { toHex } from '../../support/hex.js';

const FIELDS = fieldsOf({ name: text, age: u8 });

test('a size is in 1 byte up to 255, above in 4, little-endian', () => {
  expect(write(255).slice(0, 8)).toBe('0101c6ff');
  expect(write(255)).toHaveLength(2 * (1 + 3 + 255 + 3));
  expect(write(256).slice(0, 14)).toBe('0101e600010000');
  expect(write(256)).toHaveLength(2 * (1 + 6 + 256 + 3));
  expect(write(256).slice(14)).toBe('78'.repeat(256) + '022107');
});

test('a value that would just fit with a short header has no room with a long one', () => {
  const value = { name: 'x'.repeat(256), age: 7 };
  const needed = 1 + 6 + 256 + 3;
  expect(writeRecord(FIELDS, value, new Uint8Array(needed), 0)).toBe(needed);
  for (const missing of [1, 3, 4, 5, 6, 7]) {
    expect(writeRecord(FIELDS, value, new Uint8Array(needed - missing), 0)).toBe(-1);
  }
});

function write(length: number): string {
  const target = new Uint8Array(300);
  const end = writeRecord(FIELDS, { name: 'x'.repeat(length), age: 7 }, target, 0);
  return toHex(target.subarray(0, end));
}
