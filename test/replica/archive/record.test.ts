/** Records: each piece of a journal or a checkpoint can be checked by itself. */
import { expect, test } from '@jest/globals';

import {
  isBodyOf,
  readRecordHeader,
  RECORD_HEADER_SIZE,
  writeRecordHeader,
} from '../../../src/replica/archive/record.js';

const BODY = new TextEncoder().encode('greet');

test('the header is the one of the table', () => {
  expect(Buffer.from(writeRecordHeader(BODY)).toString('hex')).toBe(
    '05000000' + '2e2f9a16' + '5b17f82d',
  );
});

test('a header is read as it was written, and knows its body', () => {
  const header = readRecordHeader(writeRecordHeader(BODY))!;
  expect(header.length).toBe(5);
  expect(isBodyOf(header, BODY)).toBe(true);
  expect(isBodyOf(header, BODY.subarray(1))).toBe(false);
});

test('every flipped bit is found', () => {
  const written = writeRecordHeader(BODY);
  for (let bit = 0; bit < 8 * RECORD_HEADER_SIZE; bit++) {
    const header = written.slice();
    header[bit >> 3]! ^= 1 << (bit & 7);
    const read = readRecordHeader(header);
    expect(read !== undefined && isBodyOf(read, BODY)).toBe(false);
  }
});
