import { IDL } from '@dfinity/candid';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { longBytes, longInteger } from '../../../src/lib/candid/kernel-values.js';
import { toHex } from '../../support/hex.js';
import { checkProperty } from '../../support/property.js';

const HEAD_SIZE = 7;

test('long integers have the bytes that an IDL gives them, and come back', () => {
  checkProperty(
    fc.property(fc.bigInt({ min: -(2n ** 600n), max: 2n ** 600n }), (value) => {
      const bytes = longBytes(value, true);
      expect(toHex(bytes)).toBe(toHex(IDL.encode([IDL.Int], [value]).slice(HEAD_SIZE)));
      expect(longInteger(bytes, true)).toBe(value);
    }),
  );
});

test('and so have long naturals', () => {
  checkProperty(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 600n }), (value) => {
      const bytes = longBytes(value, false);
      expect(toHex(bytes)).toBe(toHex(IDL.encode([IDL.Nat], [value]).slice(HEAD_SIZE)));
      expect(longInteger(bytes, false)).toBe(value);
    }),
  );
});
