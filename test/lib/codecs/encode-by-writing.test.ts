import { expect, test } from '@jest/globals';
import { putBytes } from '../../../src/lib/codec.js';
import { encodeByWriting } from '../../../src/lib/codecs/encode-by-writing.js';

test.each([0, 1, 4095, 4096, 4097, 100_000])('makes an array of %d bytes', (length) => {
  const value = new Uint8Array(length).fill(7);
  const encoded = encodeByWriting(putBytes, value);
  expect(encoded).toHaveLength(length);
  expect(Buffer.compare(encoded, value)).toBe(0);
});

test('what was encoded is not changed by what comes after', () => {
  const first = encodeByWriting(putBytes, Uint8Array.of(1, 2));
  encodeByWriting(putBytes, Uint8Array.of(3, 4));
  expect([...first]).toEqual([1, 2]);
});

test('a value may be encoded while another one is', () => {
  const outer = encodeByWriting((value: number, target, offset) => {
    target[offset] = value;
    const inner = encodeByWriting(putBytes, Uint8Array.of(9, 9, 9));
    return putBytes(inner, target, offset + 1);
  }, 5);
  expect([...outer]).toEqual([5, 9, 9, 9]);
});

test('a value that is refused is refused, and the next one encoded', () => {
  const refuse = () => {
    throw new TypeError('no');
  };
  expect(() => encodeByWriting(refuse, 1)).toThrow(TypeError);
  expect([...encodeByWriting(putBytes, Uint8Array.of(1))]).toEqual([1]);
});
