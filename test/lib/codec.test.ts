import { describe, expect, test } from '@jest/globals';
import { encodeChecked, encodeCheckedInto, type Codec } from '../../src/lib/codec.js';
import { blob } from '../../src/lib/codecs/bytes.js';
import { text } from '../../src/lib/codecs/text.js';
import { u32 } from '../../src/lib/codecs/unsigned.js';

/** A codec of somebody else's, which says what it likes about its bound. */
const loose: Codec<Uint8Array> = {
  name: 'loose',
  bound: { maxSize: 3, fixedSize: true },
  encode: (value) => value,
  decode: (bytes) => bytes,
};

const writing: Codec<Uint8Array> = {
  ...loose,
  encodeInto: (value, target, offset) => {
    const end = offset + value.length;
    if (end <= target.length) target.set(value, offset);
    return end <= target.length ? end : -1;
  },
};

describe.each([
  ['that only encodes', loose],
  ['that writes where it is told', writing],
])('a codec %s', (_label, codec) => {
  test('is held to its bound', () => {
    const target = new Uint8Array(8);
    for (const size of [2, 4]) {
      const use = () => encodeCheckedInto(codec, new Uint8Array(size), target, 1);
      expect(use).toThrow(`VALUE_TOO_LARGE: loose: expected exactly 3 bytes, found ${size}.`);
    }
    expect(encodeCheckedInto(codec, Uint8Array.of(1, 2, 3), target, 1)).toBe(4);
    expect([...target]).toEqual([0, 1, 2, 3, 0, 0, 0, 0]);
  });

  test('says where there is no room', () => {
    expect(encodeCheckedInto(codec, new Uint8Array(3), new Uint8Array(3), 1)).toBe(-1);
    expect(encodeCheckedInto(codec, new Uint8Array(3), new Uint8Array(4), 1)).toBe(4);
  });
});

test('a value above its bound is refused in the same words', () => {
  const use = () => encodeCheckedInto(blob(2), new Uint8Array(3), new Uint8Array(9), 0);
  expect(() => encodeChecked(blob(2), new Uint8Array(3))).toThrow('expected at most 2 bytes');
  expect(use).toThrow('VALUE_TOO_LARGE: blob(2): expected at most 2 bytes, found 3.');
});

test('values follow each other, each where the last one ended', () => {
  const target = new Uint8Array(9);
  let end = encodeCheckedInto(u32, 7, target, 0);
  end = encodeCheckedInto(text, 'Ada', target, end);
  expect(end).toBe(7);
  expect([...target]).toEqual([0, 0, 0, 7, 0x41, 0x64, 0x61, 0, 0]);
  expect(encodeCheckedInto(u32, 7, target, end)).toBe(-1);
});
