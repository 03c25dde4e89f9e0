import { beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { anyText } from '../../support/arbitraries.js';
import { fromHex } from '../../support/hex.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { checkProperty } from '../../support/property.js';
import { Operation, place, RawFrame } from '../../support/raw-frame.js';

const HERE = 4 * 65_536;

let host: KernelHost;
let frame: RawFrame;

beforeAll(async () => {
  host = await KernelHost.create();
  frame = RawFrame.register(host);
}, COMPILE_TIMEOUT_MS);

/** Each with the number of bytes before the first that is wrong. */
test.each([
  ['a continuation byte alone', '41 80', 1],
  ['an overlong slash', 'c0 af', 0],
  ['an overlong 7f', 'c1 bf', 0],
  ['an overlong 7ff', 'e0 9f bf', 0],
  ['an overlong ffff', 'f0 8f bf bf', 0],
  ['the lowest surrogate', 'ed a0 80', 0],
  ['the highest surrogate', '41 ed bf bf', 1],
  ['one above U+10FFFF', 'f4 90 80 80', 0],
  ['a byte that no sequence begins with', 'f5 80 80 80', 0],
  ['ff', 'ff', 0],
  ['two bytes cut short', '41 42 c3', 2],
  ['three bytes cut short', 'e2 82', 0],
  ['four bytes cut short', 'f0 9f 98', 0],
  ['a wrong third byte', 'e2 82 41', 0],
  ['a wrong fourth byte', 'f0 9f 98 c0', 0],
  ['a wrong byte behind eight of ASCII', '41 42 43 44 45 46 47 48 49 ff', 9],
])('%s is not valid', (_, hex, valid) => {
  expect(validLength(fromHex(hex))).toBe(valid);
});

test.each([
  ['the first and last of one byte', '00 7f'],
  ['the first and last of two', 'c2 80 df bf'],
  ['the first and last of three', 'e0 a0 80 ef bf bf'],
  ['what stands beside the surrogates', 'ed 9f bf ee 80 80'],
  ['the first and last of four', 'f0 90 80 80 f4 8f bf bf'],
  ['nothing', ''],
])('%s is valid', (_, hex) => {
  expect(validLength(fromHex(hex))).toBe(fromHex(hex).length);
});

test('accepts exactly what TextDecoder accepts', () => {
  const edge = fc.constantFrom(0x41, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4);
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.array(edge, { maxLength: 12 }).map((values) => Uint8Array.from(values)),
  );
  checkProperty(
    fc.property(bytes, (value) => {
      expect(validLength(value) === value.length).toBe(isValid(value));
      // And all that is counted as valid is valid by itself.
      expect(isValid(value.subarray(0, validLength(value)))).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('accepts every text, and a text with one byte changed as TextDecoder does', () => {
  checkProperty(
    fc.property(anyText(30), fc.nat(), fc.nat(255), (text, position, byte) => {
      const bytes = Buffer.from(text);
      expect(validLength(bytes)).toBe(bytes.length);
      if (bytes.length === 0) return;
      bytes[position % bytes.length] = byte;
      expect(validLength(bytes) === bytes.length).toBe(isValid(bytes));
    }),
    { numRuns: 300 },
  );
});

function validLength(bytes: Uint8Array): number {
  frame.ask(Operation.decode);
  host.kernel.certified_data_set(...place(host, HERE, bytes));
  return frame.result;
}

function isValid(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
