import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { KeyCodec } from '../../../src/lib/codec.js';
import { i128, i16, i32, i64, i8 } from '../../../src/lib/codecs/signed.js';
import { anyBigint } from '../../support/arbitraries.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { toHex } from '../../support/hex.js';
import { compareNumbers } from '../../support/orders.js';
import { WRONG_BIGINTS, WRONG_NUMBERS } from '../../support/wrong-inputs.js';

const NUMBERS: readonly (readonly [KeyCodec<number>, size: number])[] = [
  [i8, 1],
  [i16, 2],
  [i32, 4],
];

for (const [codec, size] of NUMBERS) {
  const max = 2 ** (8 * size - 1) - 1;
  const min = -max - 1;
  describeCodecLaws({
    codec,
    values: fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, min + 1, -1, 0, 1, max)),
    compare: compareNumbers,
    wrongTypes: WRONG_NUMBERS,
    wrongValues: [
      ['the first number below the least', min - 1],
      ['the first number above the largest', max + 1],
      ['a fraction', -1.5],
      ['no number', NaN],
      ['minus infinity', -Infinity],
    ],
  });

  test(`${codec.name}: zero lies in the middle of all bytes`, () => {
    expect(toHex(codec.encode(min))).toBe('00'.repeat(size));
    expect(toHex(codec.encode(-1))).toBe(`7f${'ff'.repeat(size - 1)}`);
    expect(toHex(codec.encode(-0))).toBe(`80${'00'.repeat(size - 1)}`);
    expect(toHex(codec.encode(max))).toBe('ff'.repeat(size));
  });
}

const BIGINTS: readonly (readonly [KeyCodec<bigint>, size: number])[] = [
  [i64, 8],
  [i128, 16],
];

for (const [codec, size] of BIGINTS) {
  const max = 2n ** BigInt(8 * size - 1) - 1n;
  const min = -max - 1n;
  describeCodecLaws({
    codec,
    values: anyBigint(min, max),
    compare: compareNumbers,
    wrongTypes: WRONG_BIGINTS,
    wrongValues: [
      ['the first bigint below the least', min - 1n],
      ['the first bigint above the largest', max + 1n],
    ],
  });

  test(`${codec.name}: zero lies in the middle of all bytes`, () => {
    expect(toHex(codec.encode(min))).toBe('00'.repeat(size));
    expect(toHex(codec.encode(-1n))).toBe(`7f${'ff'.repeat(size - 1)}`);
    expect(toHex(codec.encode(0n))).toBe(`80${'00'.repeat(size - 1)}`);
    expect(toHex(codec.encode(max))).toBe('ff'.repeat(size));
  });
}
