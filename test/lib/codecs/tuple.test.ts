import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { compareBytes } from '../../../src/lib/bytes.js';
import { encodeChecked, type Codec } from '../../../src/lib/codec.js';
import { blob, bytes } from '../../../src/lib/codecs/bytes.js';
import { descending } from '../../../src/lib/codecs/descending.js';
import { principal } from '../../../src/lib/codecs/principal.js';
import { record } from '../../../src/lib/codecs/record.js';
import { isKeyCodec } from '../../../src/lib/codecs/refusals.js';
import { text } from '../../../src/lib/codecs/text.js';
import { tuple } from '../../../src/lib/codecs/tuple.js';
import { unit } from '../../../src/lib/codecs/unit.js';
import { u32, u64, u8 } from '../../../src/lib/codecs/unsigned.js';
import type { Principal } from '../../../src/lib/principal.js';
import { anyBytes, anyPrincipal, anyText, anyU64 } from '../../support/arbitraries.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import {
  compareAll,
  compareArrays,
  compareNumbers,
  comparePairs,
  comparePrincipals,
  compareTexts,
  compareTriples,
} from '../../support/orders.js';
import { WRONG_ARRAYS, WRONG_CODECS } from '../../support/wrong-inputs.js';

const WRONG_LENGTHS = [
  ['an empty array', []],
  ['an array of one', [1n]],
  ['an array of four', [1n, 2n, 3n, 4n]],
] as const;

const SHARED = { wrongTypes: WRONG_ARRAYS, wrongValues: WRONG_LENGTHS };
const few = fc.nat({ max: 3 });
const fewU64 = fc.oneof(fc.bigInt({ min: 0n, max: 3n }), anyU64());

describeCodecLaws({
  ...SHARED,
  codec: tuple(u64, u32),
  values: fc.tuple(fewU64, few),
  compare: comparePairs(compareNumbers, compareNumbers),
});

describeCodecLaws({
  ...SHARED,
  codec: tuple(u8, blob(3)),
  values: fc.tuple(few, anyBytes(3)),
  compare: comparePairs(compareNumbers, compareArrays),
});

describeCodecLaws({
  ...SHARED,
  codec: tuple(blob(3), u8),
  values: fc.tuple(anyBytes(3), few),
  compare: comparePairs(compareArrays, compareNumbers),
});

describeCodecLaws({
  ...SHARED,
  codec: tuple(principal, principal),
  values: fc.tuple(anyPrincipal(), anyPrincipal()),
  compare: comparePairs(comparePrincipals, comparePrincipals),
});

describeCodecLaws({
  ...SHARED,
  codec: tuple(text, u64),
  values: fc.tuple(anyText(3), fewU64),
  compare: comparePairs(compareTexts, compareNumbers),
});

describeCodecLaws({
  ...SHARED,
  codec: tuple(u8, text),
  values: fc.tuple(few, anyText(3)),
  compare: comparePairs(compareNumbers, compareTexts),
});

describeCodecLaws({
  ...SHARED,
  codec: tuple(bytes, unit, principal),
  values: fc.tuple(anyBytes(3), fc.constant(undefined), anyPrincipal()),
  compare: compareTriples(compareArrays, () => 0, comparePrincipals),
});

describeCodecLaws({
  ...SHARED,
  codec: tuple(u8, u64, text),
  values: fc.tuple(few, fewU64, anyText(3)),
  compare: compareTriples(compareNumbers, compareNumbers, compareTexts),
});

describeCodecLaws({
  ...SHARED,
  codec: tuple(blob(3), u8, u8),
  values: fc.tuple(anyBytes(3), few, few),
  compare: compareTriples(compareArrays, compareNumbers, compareNumbers),
});

describeCodecLaws({
  ...SHARED,
  codec: tuple(tuple(text, u8), tuple(u8, text)),
  values: fc.tuple(fc.tuple(anyText(2), few), fc.tuple(few, anyText(2))),
  compare: comparePairs(
    comparePairs(compareTexts, compareNumbers),
    comparePairs(compareNumbers, compareTexts),
  ),
});

describeCodecLaws({
  codec: tuple(principal),
  values: fc.tuple(anyPrincipal()),
  compare: ([left], [right]) => comparePrincipals(left, right),
  wrongTypes: WRONG_ARRAYS,
  wrongValues: [
    ['an empty array', []],
    ['an array of two', [1n, 2n]],
  ],
});

describeCodecLaws({
  codec: tuple(u8, text, principal, blob(300), descending(u64)),
  values: fc.tuple(few, anyText(3), anyPrincipal(), anyBytes(300), fewU64),
  compare: compareAll<[number, string, Principal, Uint8Array, bigint]>(
    compareNumbers,
    compareTexts,
    comparePrincipals,
    compareArrays,
    (left, right) => compareNumbers(right, left),
  ),
  wrongTypes: WRONG_ARRAYS,
  wrongValues: WRONG_LENGTHS,
});

describeCodecLaws({
  codec: tuple(u8, u8, u64, text),
  values: fc.tuple(few, few, fewU64, anyText(3)),
  compare: compareAll<[number, number, bigint, string]>(
    compareNumbers,
    compareNumbers,
    compareNumbers,
    compareTexts,
  ),
  wrongTypes: WRONG_ARRAYS,
  wrongValues: WRONG_LENGTHS.slice(0, 2),
});

describe('a tuple', () => {
  test('is compared in one go where only its last part varies in size', () => {
    expect(tuple(u64, u32).order).toBe(compareBytes);
    expect(tuple(u8, text).order).toBe(compareBytes);
    expect(tuple(u8, u64, bytes).order).toBe(compareBytes);
    expect(tuple(u8, u8, u8, u8, bytes).order).toBe(compareBytes);
    expect(tuple(text).order).toBe(compareBytes);
    expect(tuple(u8, u8, text, u8).order).not.toBe(compareBytes);
    expect(tuple(u8, principal).order).not.toBe(compareBytes);
    expect(tuple(blob(3), u8).order).not.toBe(compareBytes);
  });

  test('is no key where a part is none', () => {
    expect(isKeyCodec(tuple(u8, record({ a: u8 })))).toBe(false);
    expect(isKeyCodec(tuple(u8, u8))).toBe(true);
  });

  test('refuses a part above its bound before a byte is joined', () => {
    const value = [new Uint8Array(4), 1] as const;
    expect(() => encodeChecked(tuple(blob(3), u8), value)).toThrow(/^VALUE_TOO_LARGE/);
    expect(() => encodeChecked(tuple(u8, blob(3), u8), [1, value[0], 1])).toThrow(
      /^VALUE_TOO_LARGE/,
    );
  });

  test.each(WRONG_CODECS)('refuses %s for a part', (_label, codec) => {
    expect(() => tuple(u8, codec as Codec<unknown>)).toThrow(TypeError);
  });

  test('has one part at least', () => {
    const tupleOf = tuple as (...parts: Codec<unknown>[]) => unknown;
    expect(() => tupleOf()).toThrow(RangeError);
  });
});
