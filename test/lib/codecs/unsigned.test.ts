import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { KeyCodec } from '../../../src/lib/codec.js';
import { u128, u16, u32, u64, u8 } from '../../../src/lib/codecs/unsigned.js';
import { anyBigint } from '../../support/arbitraries.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { toHex } from '../../support/hex.js';
import { compareNumbers } from '../../support/orders.js';
import { WRONG_BIGINTS, WRONG_NUMBERS, WRONG_SIZES } from '../../support/wrong-inputs.js';

const NUMBERS: readonly (readonly [KeyCodec<number>, max: number])[] = [
  [u8, 0xff],
  [u16, 0xffff],
  [u32, 0xffff_ffff],
];

for (const [codec, max] of NUMBERS) {
  describeCodecLaws({
    codec,
    values: fc.oneof(fc.nat({ max }), fc.constantFrom(0, 1, max - 1, max)),
    compare: compareNumbers,
    wrongTypes: WRONG_NUMBERS,
    wrongValues: [...WRONG_SIZES, ['the first number that does not fit', max + 1]],
  });
}

const BIGINTS: readonly (readonly [KeyCodec<bigint>, max: bigint])[] = [
  [u64, 2n ** 64n - 1n],
  [u128, 2n ** 128n - 1n],
];

for (const [codec, max] of BIGINTS) {
  describeCodecLaws({
    codec,
    values: anyBigint(0n, max),
    compare: compareNumbers,
    wrongTypes: WRONG_BIGINTS,
    wrongValues: [
      ['a negative bigint', -1n],
      ['the first bigint that does not fit', max + 1n],
    ],
  });
}

test('numbers are stored big-endian, in as many bytes as their names say', () => {
  expect(toHex(u8.encode(0x12))).toBe('12');
  expect(toHex(u16.encode(0x1234))).toBe('1234');
  expect(toHex(u32.encode(0x1234_5678))).toBe('12345678');
  expect(toHex(u64.encode(0x1234_5678_9abc_def0n))).toBe('123456789abcdef0');
  expect(toHex(u128.encode(1n << 120n))).toBe('01000000000000000000000000000000');
});
