import { expect, test } from '@jest/globals';
import { int64 } from '../../../src/lib/codecs/int64.js';
import { anyBigint } from '../../support/arbitraries.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { toHex } from '../../support/hex.js';
import { compareNumbers } from '../../support/orders.js';
import { WRONG_BIGINTS } from '../../support/wrong-inputs.js';

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

describeCodecLaws({
  codec: int64,
  values: anyBigint(MIN, MAX),
  compare: compareNumbers,
  wrongTypes: WRONG_BIGINTS,
  wrongValues: [
    ['a bigint below -2^63', MIN - 1n],
    ['a bigint above 2^63 - 1', MAX + 1n],
  ],
});

test('zero lies in the middle of all bytes', () => {
  expect(toHex(int64.encode(MIN))).toBe('0000000000000000');
  expect(toHex(int64.encode(-1n))).toBe('7fffffffffffffff');
  expect(toHex(int64.encode(0n))).toBe('8000000000000000');
  expect(toHex(int64.encode(MAX))).toBe('ffffffffffffffff');
});
