import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { bytesOfHex, hexOf } from '../../../src/lib/codecs/hex.js';
import { toHex } from '../../support/hex.js';
import { checkProperty } from '../../support/property.js';

test('bytes are two digits each, wherever they lie', () => {
  checkProperty(
    fc.property(fc.uint8Array(), fc.nat({ max: 5 }), (bytes, start) => {
      const around = new Uint8Array(start + bytes.length + 2).fill(0xa5);
      around.set(bytes, start);
      expect(hexOf(around, start, start + bytes.length)).toBe(toHex(bytes));
      expect(bytesOfHex(toHex(bytes))).toEqual(bytes);
    }),
  );
});

test.each(['0', '0g', 'FF', ' 00', '00 ', '0x00', '-1'])('%j is not the text of bytes', (hex) => {
  expect(bytesOfHex(hex)).toBeUndefined();
});
