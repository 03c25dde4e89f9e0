import { IDL } from '@dfinity/candid';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  putLargeSigned,
  putLargeUnsigned,
  putSigned,
  putUnsigned,
} from '../../../src/lib/candid/numbers.js';
import { anyBigint } from '../../support/arbitraries.js';
import { toHex } from '../../support/hex.js';
import { checkProperty } from '../../support/property.js';

const HEAD_SIZE = 7;

/** What `put` writes into an array that is long enough, and where it says that it ends. */
function written<T>(put: (target: Uint8Array, offset: number, value: T) => number, value: T) {
  const target = new Uint8Array(300);
  return toHex(target.subarray(1, put(target, 1, value)));
}

const byIdl = (type: IDL.Type, value: unknown) =>
  toHex(IDL.encode([type], [value]).subarray(HEAD_SIZE));

describe('a whole number is written as an IDL writes it', () => {
  test('from 0 to 2^53 - 1', () => {
    checkProperty(
      fc.property(fc.oneof(fc.nat(300), fc.nat(), fc.maxSafeNat()), (value) => {
        expect(written(putUnsigned, value)).toBe(byIdl(IDL.Nat, value));
      }),
    );
  });

  test('of either sign', () => {
    const small = fc.integer({ min: -300, max: 300 });
    checkProperty(
      fc.property(fc.oneof(small, fc.integer(), fc.maxSafeInteger()), (value) => {
        expect(written(putSigned, value)).toBe(byIdl(IDL.Int, value));
      }),
    );
  });

  test('of any size', () => {
    checkProperty(
      fc.property(anyBigint(-(2n ** 600n), 2n ** 600n), (value) => {
        expect(written(putLargeSigned, value)).toBe(byIdl(IDL.Int, value));
        const magnitude = value < 0n ? -value : value;
        expect(written(putLargeUnsigned, magnitude)).toBe(byIdl(IDL.Nat, magnitude));
      }),
    );
  });

  test.each([0, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 35 - 1, 2 ** 53 - 1])(
    'at the border %p',
    (value) => {
      expect(written(putUnsigned, value)).toBe(byIdl(IDL.Nat, value));
      for (const signed of [value, -value, -value - 1]) {
        if (!Number.isSafeInteger(signed)) continue;
        expect(written(putSigned, signed)).toBe(byIdl(IDL.Int, signed));
      }
    },
  );

  test('and where there is no room, its end is told all the same', () => {
    const target = new Uint8Array(1);
    expect(putUnsigned(target, 0, 2 ** 40)).toBe(6);
    expect(putLargeUnsigned(target, 1, 2n ** 70n)).toBe(12);
  });

  test('in time that grows with its length, not with its square', () => {
    const target = new Uint8Array(200_000);
    expect(putLargeSigned(target, 0, -(2n ** 1_000_000n))).toBe(142_858);
  });
});
