import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { encodeChecked, type Codec } from '../../../src/lib/codec.js';
import { blob } from '../../../src/lib/codecs/bytes.js';
import { optional } from '../../../src/lib/codecs/optional.js';
import { record } from '../../../src/lib/codecs/record.js';
import { isKeyCodec } from '../../../src/lib/codecs/refusals.js';
import { text } from '../../../src/lib/codecs/text.js';
import { tuple } from '../../../src/lib/codecs/tuple.js';
import { unit } from '../../../src/lib/codecs/unit.js';
import { u16, u64, u8 } from '../../../src/lib/codecs/unsigned.js';
import { anyBytes, anyText, anyU64 } from '../../support/arbitraries.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { fromHex, toHex } from '../../support/hex.js';
import { compareArrays, compareNumbers, comparePairs, compareTexts } from '../../support/orders.js';
import {
  WRONG_ARRAYS,
  WRONG_BIGINTS,
  WRONG_BYTES,
  WRONG_CODECS,
  WRONG_TEXTS,
  type WrongInput,
} from '../../support/wrong-inputs.js';

function orMissing<T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(values, { nil: undefined });
}

function missingFirst<T>(compare: (left: T, right: T) => number) {
  return (left: T | undefined, right: T | undefined): number => {
    if (left !== undefined && right !== undefined) return compare(left, right);
    return Number(left !== undefined) - Number(right !== undefined);
  };
}

const isDefined = ([, value]: WrongInput): boolean => value !== undefined;

describeCodecLaws({
  codec: optional(u64),
  values: orMissing(anyU64()),
  compare: missingFirst(compareNumbers),
  wrongTypes: WRONG_BIGINTS.filter(isDefined),
  wrongValues: [['a value that the codec within refuses', -1n]],
});

describeCodecLaws({
  codec: optional(blob(3)),
  values: orMissing(anyBytes(3)),
  compare: missingFirst(compareArrays),
  wrongTypes: WRONG_BYTES.filter(isDefined),
});

describeCodecLaws({
  codec: optional(text),
  values: orMissing(anyText()),
  compare: missingFirst(compareTexts),
  wrongTypes: WRONG_TEXTS.filter(isDefined),
});

describeCodecLaws({
  codec: optional(tuple(text, u8)),
  values: orMissing(fc.tuple(anyText(2), fc.nat({ max: 3 }))),
  compare: missingFirst(comparePairs(compareTexts, compareNumbers)),
  wrongTypes: WRONG_ARRAYS.filter(isDefined),
});

describe('an optional value', () => {
  test('that is there has the bytes of Rust: the mark comes last', () => {
    expect(toHex(optional(u16).encode(258))).toBe('010201');
    expect(toHex(optional(text).encode('ab'))).toBe('616201');
    expect(toHex(optional(text).encode(undefined))).toBe('00');
  });

  test('that is missing is padded where the size is fixed, so that it can be stored', () => {
    const codec = optional(u16);
    expect(codec.bound).toEqual({ maxSize: 3, fixedSize: true });
    expect(toHex(encodeChecked(codec, undefined))).toBe('000000');
  });

  test('that is missing is also read from the single byte of cells and logs of Rust', () => {
    expect(optional(u16).decode(fromHex('00'))).toBeUndefined();
  });

  test.each([
    ['nothing at all', ''],
    ['another mark', '010202'],
    ['too few zeros', '0000'],
    ['something else than zeros', '010000'],
    ['a mark without its value', '01'],
  ])('of %s is damage', (_label, hex) => {
    expect(() => optional(u16).decode(fromHex(hex))).toThrow(/^CORRUPTED/);
  });

  test('has the bound of its codec and one byte more', () => {
    expect(optional(blob(3)).bound).toEqual({ maxSize: 4, fixedSize: false });
    expect(optional(text).bound).toBe('unbounded');
  });

  test('above its bound is refused', () => {
    expect(() => optional(blob(3)).encode(new Uint8Array(4))).toThrow(/^VALUE_TOO_LARGE/);
  });

  test('is no key where its codec has no order', () => {
    expect(isKeyCodec(optional(record({ a: u8 })))).toBe(false);
  });
});

/** Rust has Some(()) = 01 beside None = 00; in JavaScript both would be undefined. */
test('a codec that already has undefined is refused, since nobody could tell which', () => {
  expect(() => optional(unit)).toThrow(TypeError);
  expect(() => optional(optional(u8))).toThrow(TypeError);
});

test.each(WRONG_CODECS)('optional refuses %s for a codec', (_label, codec) => {
  expect(() => optional(codec as Codec<number>)).toThrow(TypeError);
});
