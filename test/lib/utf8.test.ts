import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { NOT_UNICODE } from '../../src/lib/kernel-client.js';
import { decodeUtf8, encodeUtf8, encodeUtf8Into } from '../../src/lib/utf8.js';
import { anyText } from '../support/arbitraries.js';
import { fromHex, toHex } from '../support/hex.js';
import { codeOf } from '../support/memories.js';
import { checkProperty } from '../support/property.js';

describe('outside a canister', () => {
  test.each([
    ['', ''],
    ['A\0', '4100'],
    ['é', 'c3a9'],
    ['日', 'e697a5'],
    ['😀', 'f09f9880'],
    ['\ufeffA', 'efbbbf41'],
  ])('%j is %s, in both directions', (text, hex) => {
    expect(toHex(encodeUtf8(text))).toBe(hex);
    expect(decodeUtf8(fromHex(hex))).toBe(text);
  });

  test('an unpaired surrogate becomes U+FFFD', () => {
    expect(toHex(encodeUtf8('\ud800'))).toBe('efbfbd');
  });

  test('a text is encoded into an array, if it has room and is Unicode', () => {
    const target = new Uint8Array(6);
    expect(encodeUtf8Into('é', target, 2)).toBe(4);
    expect([...target]).toEqual([0, 0, 0xc3, 0xa9, 0, 0]);
    expect(encodeUtf8Into('日', target, 4)).toBe(-1);
    expect(encodeUtf8Into('', target, 6)).toBe(6);
    expect(encodeUtf8Into('', target, 7)).toBe(-1);
    expect(encodeUtf8Into('a\ud800', target, 0)).toBe(NOT_UNICODE);
  });

  test.each(['80', 'c0af', 'eda080', 'f4908080', '41ff', 'e282'])(
    '%s is refused, and the next text is decoded',
    (hex) => {
      expect(codeOf(() => decodeUtf8(fromHex(hex)))).toBe('CORRUPTED');
      expect(decodeUtf8(fromHex('41'))).toBe('A');
    },
  );

  test('the bytes of texts are ordered by code points, where UTF-16 is not', () => {
    const [low, high] = ['\uffff', '\u{10000}'];
    expect(high < low).toBe(true);
    expect(Buffer.compare(encodeUtf8(low), encodeUtf8(high))).toBe(-1);
  });

  test('every text survives', () => {
    checkProperty(
      fc.property(anyText(30), (text) => {
        expect(decodeUtf8(encodeUtf8(text))).toBe(text);
      }),
    );
  });
});
