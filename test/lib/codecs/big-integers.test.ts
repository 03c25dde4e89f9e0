import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { int, nat } from '../../../src/lib/codecs/big-integers.js';
import { anyBigint } from '../../support/arbitraries.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { fromHex, toHex } from '../../support/hex.js';
import { compareNumbers } from '../../support/orders.js';
import { checkProperty } from '../../support/property.js';
import { WRONG_BIGINTS } from '../../support/wrong-inputs.js';

/** Of every size up to some beyond 127 bytes, where the size moves into a field of its own. */
const naturals = fc.oneof(
  anyBigint(0n, 2n ** 64n),
  fc.nat({ max: 1100 }).map((bits) => 2n ** BigInt(bits)),
  fc.nat({ max: 1100 }).map((bits) => 2n ** BigInt(bits) - 1n),
  fc.bigInt({ min: 0n, max: 2n ** 1100n }),
);
const integers = fc.oneof(
  naturals,
  naturals.map((value) => -value),
);

describeCodecLaws({
  codec: nat,
  values: naturals,
  compare: compareNumbers,
  wrongTypes: WRONG_BIGINTS,
  wrongValues: [['a negative bigint', -1n]],
});

describeCodecLaws({
  codec: int,
  values: integers,
  compare: compareNumbers,
  wrongTypes: WRONG_BIGINTS,
});

describe('an integer of any size', () => {
  test.each([
    [0n, '80'],
    [1n, '8101'],
    [255n, '81ff'],
    [256n, '820100'],
    [-1n, '7f'],
    [-2n, '7efe'],
    [-256n, '7e00'],
    [-257n, '7dfeff'],
    [2n ** 48n - 1n, '86ffffffffffff'],
    [2n ** 56n - 1n, '87ffffffffffffff'],
    [2n ** 1008n - 1n, `fe${'ff'.repeat(126)}`],
    [2n ** 1008n, `ff0000007f01${'00'.repeat(126)}`],
    [-(2n ** 1008n), `01${'00'.repeat(126)}`],
    [-(2n ** 1008n) - 1n, `00ffffff80fe${'ff'.repeat(126)}`],
  ])('%i is stored in the fewest bytes', (value, hex) => {
    expect(toHex(int.encode(value))).toBe(hex);
    expect(int.decode(fromHex(hex))).toBe(value);
  });

  test('can be larger than anybody needs', () => {
    const value = 7n ** 100_000n;
    expect(int.decode(int.encode(value)) === value).toBe(true);
    expect(int.decode(int.encode(-value)) === -value).toBe(true);
  });

  test('from 0 on is stored alike, with a sign and without one', () => {
    checkProperty(
      fc.property(naturals, (value) => expect(nat.encode(value)).toEqual(int.encode(value))),
    );
  });

  test.each([
    ['no bytes', ''],
    ['a digit that is missing', '81'],
    ['a digit that is missing below zero', '7e'],
    ['a digit too many', '8000'],
    ['a leading zero', '8100'],
    ['a leading zero before more digits', '820001'],
    ['a leading zero below zero', '7eff'],
    ['a size that is cut', 'ff000000'],
    ['a size that fits one byte', 'ff0000000101'],
    ['the largest size that fits one byte', `ff0000007e${'01'.repeat(126)}`],
    ['a size beyond the end', 'ffffffffff01'],
    ['a size of nothing', 'ff00000000'],
  ])('with %s is damage', (_label, hex) => {
    expect(() => int.decode(fromHex(hex))).toThrow(/^CORRUPTED/);
    expect(() => nat.decode(fromHex(hex))).toThrow(/^CORRUPTED/);
  });

  test('below zero is damage where none can be', () => {
    expect(() => nat.decode(int.encode(-1n))).toThrow(/^CORRUPTED: nat/);
  });
});
