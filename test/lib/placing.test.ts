import { expect, test } from '@jest/globals';
import { placing, sizesOf } from '../../src/lib/placing.js';
import type { Codec } from '../../src/lib/codec.js';
import { blob, bytes, u64 } from '../../src/lib/codecs/index.js';

/** Only what a codec must have. */
const plain: Codec<number> = {
  name: 'plain',
  bound: 'unbounded',
  encode: (value) => Uint8Array.of(value, value),
  decode: (stored) => stored[0]! + stored.length,
};

test('a codec that can do it is taken as it is', () => {
  expect(placing(u64)).toBe(u64);
});

test('another one gets the methods that it lacks', () => {
  const target = new Uint8Array(5);
  const { encodeInto, decodeAt } = placing(plain);
  expect(encodeInto(7, target, 2)).toBe(4);
  expect([...target]).toEqual([0, 0, 7, 7, 0]);
  expect(encodeInto(7, target, 4)).toBe(-1);
  expect(decodeAt(target, 2, 4)).toBe(9);
});

test('a codec with one of the methods keeps it', () => {
  const half = placing({ ...plain, encodeInto: () => 3 });
  expect(half.encodeInto(7, new Uint8Array(1), 0)).toBe(3);
  expect(half.decodeAt(Uint8Array.of(0, 5, 0), 1, 2)).toBe(6);
});

test.each([
  ['any size', bytes, { min: 0, max: Infinity }],
  ['a largest size', blob(9), { min: 0, max: 9 }],
  ['one size', u64, { min: 8, max: 8 }],
])('a bound of %s', (_, { bound }, expected) => {
  expect(sizesOf(bound)).toEqual(expected);
});
