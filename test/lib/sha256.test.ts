import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { HASH_SIZE, sha256 } from '../../src/lib/sha256.js';
import { anyBytes } from '../support/arbitraries.js';
import { toHex } from '../support/hex.js';
import { checkProperty } from '../support/property.js';
import { bytesOfLength, NIST_VECTORS } from '../support/sha256-vectors.js';

const expected = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test.each(NIST_VECTORS)('hashes %s as the standard says', (_name, message, hash) => {
  expect(toHex(sha256(message))).toBe(hash);
});

test('hashes what lies on either side of each border as node:crypto does', () => {
  for (let length = 0; length <= 200; length++) {
    const message = bytesOfLength(length);
    expect(toHex(sha256(message))).toBe(expected(message));
  }
});

test('hashes its parts as one', () => {
  checkProperty(
    fc.property(fc.array(anyBytes(100), { maxLength: 5 }), (parts) => {
      expect(toHex(sha256(...parts))).toBe(expected(Buffer.concat(parts)));
    }),
  );
});

test('leaves its message as it was, and hands out an array of its own', () => {
  const message = bytesOfLength(70);
  const first = sha256(message);
  sha256(bytesOfLength(3));
  expect(first).toHaveLength(HASH_SIZE);
  expect(toHex(first)).toBe(expected(message));
  expect(message).toEqual(bytesOfLength(70));
});
