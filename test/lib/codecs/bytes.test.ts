import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { encodeChecked } from '../../../src/lib/codec.js';
import { blob, bytes, fixedBytes } from '../../../src/lib/codecs/bytes.js';
import { anyBytes } from '../../support/arbitraries.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { compareArrays } from '../../support/orders.js';
import { WRONG_BYTES, WRONG_NUMBERS, WRONG_SIZES } from '../../support/wrong-inputs.js';

describeCodecLaws({
  codec: bytes,
  values: anyBytes(40),
  compare: compareArrays,
  wrongTypes: WRONG_BYTES,
});

describeCodecLaws({
  codec: blob(6),
  values: anyBytes(6),
  compare: compareArrays,
  wrongTypes: WRONG_BYTES,
});

describeCodecLaws({
  codec: fixedBytes(3),
  values: fc.uint8Array({ minLength: 3, maxLength: 3 }),
  compare: compareArrays,
  wrongTypes: WRONG_BYTES,
  wrongValues: [
    ['bytes that are too few', new Uint8Array(2)],
    ['bytes that are too many', new Uint8Array(4)],
  ],
});

describe('a blob above its bound', () => {
  test('is refused by whoever stores it', () => {
    expect(() => encodeChecked(blob(2), new Uint8Array(3))).toThrow(/^VALUE_TOO_LARGE/);
  });

  test('is damage where it is stored', () => {
    expect(() => blob(2).decode(new Uint8Array(3))).toThrow(/^CORRUPTED/);
  });
});

/** `slice` of a Node `Buffer` shares its memory; a copy must be one all the same. */
test('the bytes of a Buffer are copied', () => {
  const buffer = Buffer.from([1, 2, 3]);
  const encoded = bytes.encode(buffer);
  const decoded = bytes.decode(buffer);
  buffer.fill(0);
  expect([...encoded]).toEqual([1, 2, 3]);
  expect([...decoded]).toEqual([1, 2, 3]);
});

describe.each([
  ['blob', blob],
  ['fixedBytes', fixedBytes],
])('the size of %s', (_name, codecOf) => {
  test.each(WRONG_NUMBERS)('cannot be %s', (_label, size) => {
    expect(() => codecOf(size as number)).toThrow(TypeError);
  });

  test.each([...WRONG_SIZES, ['2^32', 2 ** 32] as const])('cannot be %s', (_label, size) => {
    expect(() => codecOf(size as number)).toThrow(RangeError);
  });
});
