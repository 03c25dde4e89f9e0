import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { KeyCodec } from '../../../src/lib/codec.js';
import { descending } from '../../../src/lib/codecs/descending.js';
import { principal } from '../../../src/lib/codecs/principal.js';
import { record } from '../../../src/lib/codecs/record.js';
import { text } from '../../../src/lib/codecs/text.js';
import { tuple } from '../../../src/lib/codecs/tuple.js';
import { u64, u8 } from '../../../src/lib/codecs/unsigned.js';
import { anyPrincipal, anyText, anyU64 } from '../../support/arbitraries.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import {
  compareNumbers,
  comparePairs,
  comparePrincipals,
  compareTexts,
} from '../../support/orders.js';
import {
  WRONG_ARRAYS,
  WRONG_BIGINTS,
  WRONG_CODECS,
  WRONG_PRINCIPALS,
  WRONG_TEXTS,
} from '../../support/wrong-inputs.js';

function reversed<T>(compare: (left: T, right: T) => number) {
  return (left: T, right: T): number => compare(right, left);
}

describeCodecLaws({
  codec: descending(u64),
  values: anyU64(),
  compare: reversed(compareNumbers),
  wrongTypes: WRONG_BIGINTS,
  wrongValues: [['a value that the codec within refuses', -1n]],
});

describeCodecLaws({
  codec: descending(text),
  values: anyText(),
  compare: reversed(compareTexts),
  wrongTypes: WRONG_TEXTS,
});

describeCodecLaws({
  codec: descending(principal),
  values: anyPrincipal(),
  compare: reversed(comparePrincipals),
  wrongTypes: WRONG_PRINCIPALS,
});

describeCodecLaws({
  codec: tuple(descending(u8), text),
  values: fc.tuple(fc.nat({ max: 3 }), anyText(3)),
  compare: comparePairs(reversed(compareNumbers), compareTexts),
  wrongTypes: WRONG_ARRAYS,
});

describe('a descending codec', () => {
  test('has the bytes and the bound of the codec within', () => {
    expect(descending(u64).encode(7n)).toEqual(u64.encode(7n));
    expect(descending(u64).bound).toEqual(u64.bound);
  });

  test('finds the keys of one beginning, behind those that are larger', () => {
    const probe = descending(text).beginningWith?.('b');
    const found = ['c', 'ba', 'b', 'a'].map((key) => probe?.(text.encode(key), 0, key.length));
    expect(found.map((sign) => Math.sign(sign ?? NaN))).toEqual([-1, 0, 0, 1]);
    expect(descending(u8).beginningWith).toBeUndefined();
  });

  test('turned twice is ascending again', () => {
    const again = descending(descending(u8));
    expect(again.order(Uint8Array.of(1), 0, 1, Uint8Array.of(2), 0, 1)).toBeLessThan(0);
  });

  test.each(WRONG_CODECS)('refuses %s for a codec', (_label, codec) => {
    expect(() => descending(codec as KeyCodec<unknown>)).toThrow(TypeError);
  });

  test('refuses a codec of values that have no order', () => {
    expect(() => descending(record({ a: u8 }) as unknown as KeyCodec<unknown>)).toThrow(TypeError);
  });
});
