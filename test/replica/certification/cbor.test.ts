/** CBOR from outside: what is read, and what is refused before it can do harm. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { CborError, decodeCbor, encodeCbor } from '../../../src/replica/certification/cbor.js';
import { checkProperty } from '../../support/property.js';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

test('is written with the tag that describes it, and read with and without', () => {
  expect(encodeCbor({ a: 1n })).toEqual(bytes('d9d9f7a1616101'));
  expect(decodeCbor(bytes('d9d9f7a1616101'))).toEqual(new Map([['a', 1]]));
  expect(decodeCbor(bytes('a1616101'))).toEqual(new Map([['a', 1]]));
});

test('has integers of 64 bits', () => {
  expect(decodeCbor(bytes('1bffffffffffffffff'))).toBe(2n ** 64n - 1n);
});

test('may leave lengths open, as some encoders do', () => {
  expect(decodeCbor(bytes('bf6161 9f0102ff ff'.replaceAll(' ', '')))).toEqual(
    new Map([['a', [1, 2]]]),
  );
});

test.each([
  ['nothing', ''],
  ['with more after its end', '0101'],
  ['that ends too early', '8201'],
  ['a byte string that ends too early', '5affffffff'],
  ['an array of more elements than there are bytes', '9bffffffffffffffff'],
  ['a map with a key twice', 'a2616101616102'],
  ['a float', 'fb3ff0000000000000'],
  ['undefined', 'f7'],
  ['with a tag inside', '81d9d9f700'],
  ['with a tag that nobody knows', 'c200'],
  ['a break without a beginning', 'ff'],
  ['reserved', '1c'],
])('is refused that is %s', (_, hex) => {
  expect(() => decodeCbor(bytes(hex))).toThrow(CborError);
});

describe('the bounds', () => {
  const nested = (depth: number): Uint8Array => {
    const value = new Uint8Array(depth + 1).fill(0x81);
    value[depth] = 0;
    return value;
  };

  test('of depth', () => {
    expect(() => decodeCbor(nested(200))).not.toThrow();
    expect(() => decodeCbor(nested(201))).toThrow('nested deeper than 200');
    expect(() => decodeCbor(nested(4_000_000))).toThrow('nested deeper than 200');
  });

  test('of the number of items', () => {
    const flat = (count: number) =>
      Uint8Array.of(
        0x9a,
        0,
        count >> 16,
        (count >> 8) & 255,
        count & 255,
        ...new Uint8Array(count),
      );
    expect(decodeCbor(flat(60_000))).toHaveLength(60_000);
    const long = new Uint8Array(200_005);
    long.set([0x9a, 0, 200_000 >> 16, (200_000 >> 8) & 255, 200_000 & 255]);
    expect(() => decodeCbor(long)).toThrow('more than 200000 items');
  });
});

test('noise is read or refused, and nothing else happens', () => {
  checkProperty(
    fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
      try {
        decodeCbor(noise);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(CborError);
      }
    }),
    { numRuns: 2000 },
  );
});
