import { IDL } from '@dfinity/candid';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { pushSigned, pushUnsigned } from '../../../src/lib/candid/leb128.js';
import { toHex } from '../../support/hex.js';
import { checkProperty } from '../../support/property.js';

const HEAD_SIZE = 7;

function pushed(push: (bytes: number[], value: number) => void, value: number): string {
  const bytes: number[] = [];
  push(bytes, value);
  return toHex(Uint8Array.from(bytes));
}

const byIdl = (type: IDL.Type, value: number) =>
  toHex(IDL.encode([type], [value]).subarray(HEAD_SIZE));

describe('a whole number in groups of seven bits', () => {
  test('is that of an IDL, without a sign', () => {
    checkProperty(
      fc.property(fc.oneof(fc.nat(300), fc.maxSafeNat()), (value) => {
        expect(pushed(pushUnsigned, value)).toBe(byIdl(IDL.Nat, value));
      }),
    );
  });

  test('is that of an IDL, with a sign', () => {
    checkProperty(
      fc.property(fc.oneof(fc.integer({ min: -300, max: 300 }), fc.maxSafeInteger()), (value) => {
        expect(pushed(pushSigned, value)).toBe(byIdl(IDL.Int, value));
      }),
    );
  });

  test.each([
    [0, '00'],
    [63, '3f'],
    [64, 'c000'],
    [-1, '7f'],
    [-64, '40'],
    [-65, 'bf7f'],
  ])('of %p has its sign in bit 6 of the last byte', (value, hex) => {
    expect(pushed(pushSigned, value)).toBe(hex);
  });
});
