/** The checksum of journals, against its published check value and the division it stands for. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { crc64 } from '../../src/lib/crc64.js';
import { encodeUtf8 } from '../../src/lib/utf8.js';
import { checkProperty } from '../support/property.js';

/** The division itself, bit by bit. */
function divided(bytes: Uint8Array): bigint {
  let remainder = 0xffff_ffff_ffff_ffffn;
  for (const byte of bytes) {
    remainder ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = (remainder & 1n) === 1n;
      remainder = (remainder >> 1n) ^ (isOdd ? 0xc96c_5795_d787_0f42n : 0n);
    }
  }
  return remainder ^ 0xffff_ffff_ffff_ffffn;
}

test('has the check value of CRC-64/XZ', () => {
  expect(crc64(encodeUtf8('123456789'))).toBe(0x995d_c9bb_df19_39fan);
});

test('of nothing is zero', () => {
  expect(crc64(new Uint8Array(0))).toBe(0n);
});

test('is the remainder of the division, of any part of an array', () => {
  checkProperty(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(9), (bytes, start) => {
      const from = Math.min(start, bytes.length);
      expect(crc64(bytes, from)).toBe(divided(bytes.subarray(from)));
      expect(crc64(bytes, 0, from)).toBe(divided(bytes.subarray(0, from)));
    }),
  );
});

test('differs where one bit does, and where zeros are put behind', () => {
  const bytes = Uint8Array.from({ length: 40 }, (_, index) => index * 7);
  const sums = new Set([crc64(bytes)]);
  for (let bit = 0; bit < 320; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    sums.add(crc64(flipped));
  }
  for (let more = 1; more <= 20; more++) {
    const longer = new Uint8Array(40 + more);
    longer.set(bytes);
    sums.add(crc64(longer));
  }
  expect(sums.size).toBe(341);
});
