import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { compareBytes } from '../../../src/lib/bytes.js';
import { blob, fixedBytes } from '../../../src/lib/codecs/bytes.js';
import { descending } from '../../../src/lib/codecs/descending.js';
import { list } from '../../../src/lib/codecs/list.js';
import { principal } from '../../../src/lib/codecs/principal.js';
import { record } from '../../../src/lib/codecs/record.js';
import { isKeyCodec } from '../../../src/lib/codecs/refusals.js';
import { i64 } from '../../../src/lib/codecs/signed.js';
import { text } from '../../../src/lib/codecs/text.js';
import { unit } from '../../../src/lib/codecs/unit.js';
import { u64, u8 } from '../../../src/lib/codecs/unsigned.js';
import type { Codec } from '../../../src/lib/codec.js';
import { anyPrincipal, anyText, anyU64 } from '../../support/arbitraries.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { fromHex, toHex } from '../../support/hex.js';
import {
  compareArrays,
  compareLists,
  compareNumbers,
  comparePrincipals,
  compareTexts,
} from '../../support/orders.js';
import { WRONG_ARRAYS, WRONG_CODECS } from '../../support/wrong-inputs.js';

function few<T>(values: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> {
  return fc.array(values, { maxLength: 4 });
}

describeCodecLaws({
  codec: list(u64),
  values: few(fc.oneof(fc.bigInt({ min: 0n, max: 2n }), anyU64())),
  compare: compareLists<bigint>(compareNumbers),
  wrongTypes: WRONG_ARRAYS,
  wrongValues: [['an element that its codec refuses', [1n, -1n]]],
});

describeCodecLaws({
  codec: list(descending(u8)),
  values: few(fc.nat({ max: 3 })),
  compare: compareLists<number>((left, right) => compareNumbers(right, left)),
  wrongTypes: WRONG_ARRAYS,
});

describeCodecLaws({
  codec: list(text),
  values: few(anyText(3)),
  compare: compareLists(compareTexts),
  wrongTypes: WRONG_ARRAYS,
});

describeCodecLaws({
  codec: list(principal),
  values: few(anyPrincipal()),
  compare: compareLists(comparePrincipals),
  wrongTypes: WRONG_ARRAYS,
});

describeCodecLaws({
  codec: list(fixedBytes(3)),
  values: few(fc.uint8Array({ minLength: 3, maxLength: 3, max: 2 })),
  compare: compareLists(compareArrays),
  wrongTypes: WRONG_ARRAYS,
});

describeCodecLaws({
  codec: list(list(u8)),
  values: few(few(fc.nat({ max: 2 }))),
  compare: compareLists<readonly number[]>(compareLists<number>(compareNumbers)),
  wrongTypes: WRONG_ARRAYS,
});

describeCodecLaws({
  codec: list(unit),
  values: few(fc.constant(undefined)),
  compare: compareLists(() => 0),
  wrongTypes: WRONG_ARRAYS,
});

describeCodecLaws({
  codec: list(record({ name: text })),
  values: few(fc.record({ name: anyText(300) })),
  wrongTypes: WRONG_ARRAYS,
});

describe('a list', () => {
  test('is stored as the type of its elements and the elements, with sizes where they vary', () => {
    expect(toHex(list(u8).encode([1, 2, 3]))).toBe('21010203');
    expect(toHex(list(text).encode(['', 'ab']))).toBe('0600026162');
    expect(toHex(list(text).encode([]))).toBe('06');
  });

  test('is compared in one go where its elements are', () => {
    expect(list(u8).order).toBe(compareBytes);
    expect(list(text).order).not.toBe(compareBytes);
    expect(isKeyCodec(list(record({ a: u8 })))).toBe(false);
  });

  test('refuses a hole and an element above its bound', () => {
    expect(() => list(u8).encode(new Array<number>(1))).toThrow(TypeError);
    expect(() => list(blob(1)).encode([new Uint8Array(2)])).toThrow(/^VALUE_TOO_LARGE/);
  });

  test.each<[string, Codec<unknown>]>([
    ['another kind of the same size', list(i64)],
    ['another size of the same kind', list(u8)],
    ['elements that vary in size', list(text)],
  ])('is refused by a list of %s', (_label, other) => {
    expect(() => other.decode(list(u64).encode([1n]))).toThrow(/^INCOMPATIBLE_TYPE/);
  });

  test.each([
    ['no bytes', list(u8), ''],
    ['an element that is cut', list(u64), '8100'],
    ['an element beyond the end', list(text), '060261'],
  ])('with %s is damage', (_label, codec: Codec<unknown>, hex) => {
    expect(() => codec.decode(fromHex(hex))).toThrow(/^CORRUPTED/);
  });

  test('can be long', () => {
    const numbers = Array.from({ length: 150_000 }, (_, index) => index % 256);
    expect(list(u8).decode(list(u8).encode(numbers))).toEqual(numbers);
    const texts = numbers.map(String);
    expect(list(text).decode(list(text).encode(texts))).toEqual(texts);
  });

  test.each(WRONG_CODECS)('refuses %s for a codec', (_label, codec) => {
    expect(() => list(codec as Codec<unknown>)).toThrow(TypeError);
  });
});
