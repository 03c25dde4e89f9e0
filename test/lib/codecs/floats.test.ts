import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { f32, f64 } from '../../../src/lib/codecs/floats.js';
import { compareWhole } from '../../../src/lib/codec.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { fromHex, toHex } from '../../support/hex.js';
import { compareFloats } from '../../support/orders.js';
import { WRONG_NUMBERS } from '../../support/wrong-inputs.js';

const TRICKY = fc.constantFrom(-Infinity, -1, -0, 0, 1, Infinity, NaN);

describeCodecLaws({
  codec: f32,
  values: fc.oneof(fc.float(), TRICKY),
  compare: compareFloats,
  wrongTypes: WRONG_NUMBERS,
  wrongValues: [
    ['a number of double precision', 0.1],
    ['a number that is too large', 2 ** 128],
    ['a number that is too small', 2 ** -150],
  ],
});

describeCodecLaws({
  codec: f64,
  values: fc.oneof(fc.double(), TRICKY),
  compare: compareFloats,
  wrongTypes: WRONG_NUMBERS,
});

test('numbers have the bytes that Rust gives them', () => {
  expect(toHex(f32.encode(1.5))).toBe('3fc00000');
  expect(toHex(f64.encode(-1.5))).toBe('bff8000000000000');
  expect(toHex(f32.encode(NaN))).toBe('7fc00000');
  expect(toHex(f64.encode(NaN))).toBe('7ff8000000000000');
});

test('every NaN that Rust may have stored is the one NaN, after all numbers', () => {
  for (const hex of [
    '7ff8000000000001',
    'fff8000000000000',
    '7ff0000000000001',
    'ffffffffffffffff',
  ]) {
    const stored = fromHex(hex);
    expect(f64.decode(stored)).toBeNaN();
    expect(compareWhole(f64.order, stored, f64.encode(NaN))).toBe(0);
    expect(compareWhole(f64.order, stored, f64.encode(Infinity))).toBeGreaterThan(0);
    expect(compareWhole(f64.order, f64.encode(-Infinity), stored)).toBeLessThan(0);
  }
});

test('the two zeros are two keys, the negative one first', () => {
  expect(f64.decode(f64.encode(-0))).toBe(-0);
  expect(compareWhole(f64.order, f64.encode(-0), f64.encode(0))).toBeLessThan(0);
});
