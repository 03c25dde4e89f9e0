import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { date, dateAt, dateFromText, isDate, textOfDate } from '../../../src/lib/codecs/date.js';
import { i64 } from '../../../src/lib/codecs/signed.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { compareNumbers } from '../../support/orders.js';
import { WRONG_DATES } from '../../support/wrong-inputs.js';

const MAX = 8_640_000_000_000_000;

describeCodecLaws({
  codec: date,
  values: fc.oneof(
    fc.date({ noInvalidDate: true }),
    fc.constantFrom(-MAX, -1, 0, 1, MAX).map((milliseconds) => new Date(milliseconds)),
  ),
  compare: (left, right) => compareNumbers(left.getTime(), right.getTime()),
  wrongTypes: WRONG_DATES,
  wrongValues: [['a date that is none', new Date('tomorrow')]],
});

test.each([BigInt(MAX) + 1n, -BigInt(MAX) - 1n, 2n ** 63n - 1n, -(2n ** 63n)])(
  '%i milliseconds from 1970 are damage: no date is so far away',
  (milliseconds) => {
    expect(() => date.decode(i64.encode(milliseconds))).toThrow(/^CORRUPTED: date/);
  },
);

test('a date can be told from what merely looks like one', () => {
  expect(isDate(new Date(NaN))).toBe(true);
  expect(isDate({ getTime: () => 0 })).toBe(false);
});

test.each([NaN, 0.5, MAX + 1, Infinity])('there is no date at %d milliseconds', (milliseconds) => {
  expect(dateAt(milliseconds)).toBeUndefined();
});

test.each([-MAX, -1, 0, 1_709_208_000_000, MAX])('the date at %d has a text of its own', (at) => {
  const text = textOfDate(new Date(at));
  expect(dateFromText(text)).toEqual(new Date(at));
});

test('a date that is none has no text, and other texts are no dates', () => {
  expect(textOfDate(new Date(NaN))).toBeUndefined();
  for (const text of ['tomorrow', '1970-01-01', '1970-01-01T00:00:00Z', 0, null, undefined]) {
    expect(dateFromText(text)).toBeUndefined();
  }
});
