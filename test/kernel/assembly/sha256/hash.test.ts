import { createHash } from 'node:crypto';
import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Kernel } from '../../../../src/lib/kernel-client.js';
import { FakeAzle } from '../../../support/fake-azle.js';
import { toHex } from '../../../support/hex.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../../support/kernel-host.js';
import { checkProperty } from '../../../support/property.js';
import { bytesOfLength, NIST_VECTORS } from '../../../support/sha256-vectors.js';

let client: Kernel;

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);
beforeEach(() => {
  client = new Kernel(new FakeAzle());
});

const hash = (bytes: Uint8Array) => toHex(client.sha256(bytes)!);
const expected = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test.each(NIST_VECTORS)('hashes %s as the standard says', (_name, message, expectedHash) => {
  expect(hash(message)).toBe(expectedHash);
});

test('hashes what lies on either side of each border as node:crypto does', () => {
  for (let length = 0; length <= 200; length++) {
    expect(hash(bytesOfLength(length))).toBe(expected(bytesOfLength(length)));
  }
});

test('hashes any bytes as node:crypto does', () => {
  checkProperty(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      expect(hash(bytes)).toBe(expected(bytes));
    }),
  );
});

test('answers that JavaScript must hash where the heap has no room', () => {
  const full = new Kernel(new FakeAzle(KernelHost.createNow(20, 256)));
  expect(full.sha256(bytesOfLength(3))).toBeUndefined();
});
