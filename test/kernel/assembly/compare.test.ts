import { beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { anyBytes } from '../../support/arbitraries.js';
import { fromHex } from '../../support/hex.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { checkProperty } from '../../support/property.js';
import { Operation, place, RawFrame } from '../../support/raw-frame.js';

const HERE = 4 * 65_536;
const THERE = 5 * 65_536;

let host: KernelHost;
let frame: RawFrame;

beforeAll(async () => {
  host = await KernelHost.create();
  frame = RawFrame.register(host);
}, COMPILE_TIMEOUT_MS);

test.each([
  ['', '', 0],
  ['', '00', -1],
  ['00', '', 1],
  ['7f', '80', -1],
  ['ff', '01', 1],
  ['0102030405060708', '0102030405060708', 0],
  ['0102030405060709', '0102030405060808', -1],
  ['0100000000000002', '0200000000000001', -1],
  ['ff00000000000000', '7f00000000000000', 1],
  ['010203040506070800', '0102030405060708', 1],
  ['010203040506070809', '01020304050607080a', -1],
])('"%s" against "%s" is %p', (left, right, expected) => {
  expect(compare(fromHex(left), fromHex(right))).toBe(expected);
});

test('orders as Buffer.compare does', () => {
  checkProperty(
    fc.property(anyBytes(24), anyBytes(24), (left, right) => {
      expect(compare(left, right)).toBe(Buffer.compare(left, right));
    }),
    { numRuns: 1000 },
  );
});

test('orders what differs in a single place as Buffer.compare does', () => {
  checkProperty(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), fc.nat(255), differ),
    { numRuns: 1000 },
  );
});

function differ(left: Uint8Array, position: number, byte: number): void {
  const right = left.slice();
  right[position % right.length] = byte;
  expect(compare(left, right)).toBe(Buffer.compare(left, right));
  expect(compare(left, left.slice())).toBe(0);
}

function compare(left: Uint8Array, right: Uint8Array): number {
  frame.ask(Operation.compare);
  host.kernel.certified_data_set(...place(host, HERE, left));
  host.kernel.certified_data_set(...place(host, THERE, right));
  return frame.result;
}
