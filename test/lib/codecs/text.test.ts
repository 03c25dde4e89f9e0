import { describe, expect, test } from '@jest/globals';
import { compareValues } from '../../../src/lib/codec.js';
import { text } from '../../../src/lib/codecs/text.js';
import { anyText } from '../../support/arbitraries.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { fromHex, toHex } from '../../support/hex.js';
import { compareTexts } from '../../support/orders.js';
import { WRONG_TEXTS } from '../../support/wrong-inputs.js';

describeCodecLaws({
  codec: text,
  values: anyText(40),
  compare: compareTexts,
  wrongTypes: WRONG_TEXTS,
  wrongValues: [
    ['the first half of a surrogate pair', 'a\ud83d'],
    ['the second half of a surrogate pair', '\ude00a'],
  ],
});

describe('text', () => {
  test('is stored as UTF-8', () => {
    expect(toHex(text.encode('aé€😀'))).toBe('61c3a9e282acf09f9880');
  });

  test('is ordered by code points, unlike the text of JavaScript', () => {
    expect('\u{10000}' < '\uffff').toBe(true);
    expect(compareValues(text, '\u{10000}', '\uffff')).toBeGreaterThan(0);
  });

  test.each([
    ['a byte that never occurs', 'ff'],
    ['a character that is cut', 'f09f98'],
    ['a character longer than it need be', 'c080'],
    ['a surrogate', 'eda080'],
    ['a code point above all', 'f4908080'],
  ])('of %s is damage', (_label, hex) => {
    expect(() => text.decode(fromHex(hex))).toThrow(/^CORRUPTED/);
  });
});
