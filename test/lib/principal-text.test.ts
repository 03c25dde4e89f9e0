import { Principal as OfficialPrincipal } from '@dfinity/principal';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { crc32, principalFromText, principalToText } from '../../src/lib/principal-text.js';
import { anyBytes } from '../support/arbitraries.js';
import { checkProperty } from '../support/property.js';
import { WRONG_PRINCIPAL_TEXTS, WRONG_TEXTS } from '../support/wrong-inputs.js';

describe('the text form of a principal', () => {
  test('is the one of @dfinity/principal, both ways', () => {
    const property = fc.property(anyBytes(29), (bytes) => {
      const text = OfficialPrincipal.fromUint8Array(bytes).toText();
      expect(principalToText(bytes)).toBe(text);
      expect(principalFromText(text)).toEqual(bytes);
    });
    checkProperty(property, { numRuns: 300 });
  });

  test.each(WRONG_PRINCIPAL_TEXTS)('refuses %s', (_label, text) => {
    expect(() => principalFromText(text as string)).toThrow(RangeError);
  });

  test.each(WRONG_TEXTS)('refuses %s', (_label, text) => {
    expect(() => principalFromText(text as string)).toThrow(TypeError);
  });

  test('refuses every change of one character', () => {
    const text = 'rrkah-fqaaa-aaaaa-aaaaq-cai';
    const property = fc.property(
      fc.nat({ max: text.length - 1 }),
      fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }),
      (index, character) => {
        fc.pre(text[index] !== character);
        const changed = text.slice(0, index) + character + text.slice(index + 1);
        expect(() => principalFromText(changed)).toThrow(RangeError);
      },
    );
    checkProperty(property, { numRuns: 500 });
  });
});

test('the checksum is the CRC-32 that everyone uses', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf4_3926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});
