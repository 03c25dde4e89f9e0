import { expect, test } from '@jest/globals';
import { isReserved, reserved } from '../../../src/lib/codecs/reserved.js';
import { u8 } from '../../../src/lib/codecs/unsigned.js';

test('a reserved place has no value', () => {
  expect(() => reserved.encode(undefined as never)).toThrow(TypeError);
  expect(() => reserved.decode(new Uint8Array(0))).toThrow(/^CORRUPTED: reserved/);
});

test('a reserved place can be told from a codec', () => {
  expect(isReserved(reserved)).toBe(true);
  expect(isReserved(u8)).toBe(false);
});
