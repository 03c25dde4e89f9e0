import { expect, test } from '@jest/globals';
import { bigintCodec, numberCodec } from '../../../src/lib/codecs/integers.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { anyBigint } from '../../support/arbitraries.js';
import { compareNumbers } from '../../support/orders.js';
import { WRONG_BIGINTS, WRONG_NUMBERS } from '../../support/wrong-inputs.js';
import * as fc from 'fast-check';

const dice = numberCodec({
  name: 'dice',
  size: 1,
  min: -3,
  max: 252,
  read: (bytes, offset) => bytes[offset]! - 3,
  write: (bytes, offset, value) => {
    bytes[offset] = value + 3;
  },
});

const large = bigintCodec({
  name: 'large',
  size: 1,
  min: -3n,
  max: 252n,
  read: (bytes, offset) => BigInt(bytes[offset]! - 3),
  write: (bytes, offset, value) => {
    bytes[offset] = Number(value) + 3;
  },
});

describeCodecLaws({
  codec: dice,
  values: fc.integer({ min: -3, max: 252 }),
  compare: compareNumbers,
  wrongTypes: WRONG_NUMBERS,
  wrongValues: [
    ['a number below the least', -4],
    ['a number above the largest', 253],
    ['a fraction', 0.5],
  ],
});

describeCodecLaws({
  codec: large,
  values: anyBigint(-3n, 252n),
  compare: compareNumbers,
  wrongTypes: WRONG_BIGINTS,
  wrongValues: [
    ['a bigint below the least', -4n],
    ['a bigint above the largest', 253n],
  ],
});

test('a number out of range is told what is in range', () => {
  expect(() => dice.encode(253)).toThrow('dice: expected a whole number from -3 to 252, got 253');
  expect(() => large.encode(253n)).toThrow('large: expected a bigint from -3 to 252, got 253');
});
