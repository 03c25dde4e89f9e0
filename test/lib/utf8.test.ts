import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { decodeUtf8, encodeUtf8 } from '../../src/lib/utf8.js';
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
