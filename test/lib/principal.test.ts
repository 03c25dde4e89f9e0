import { IDL } from '@dfinity/candid';
import { Principal as OfficialPrincipal } from '@dfinity/principal';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Principal } from '../../src/lib/principal.js';
import { anyBytes } from '../support/arbitraries.js';
import { checkProperty } from '../support/property.js';
import { WRONG_BYTES, WRONG_PRINCIPAL_TEXTS } from '../support/wrong-inputs.js';

describe('Principal', () => {
  test('knows the two principals that have names', () => {
    expect(Principal.anonymous().toText()).toBe('2vxsx-fae');
    expect(Principal.anonymous().isAnonymous()).toBe(true);
    expect(Principal.managementCanister().toText()).toBe('aaaaa-aa');
    expect(Principal.managementCanister().isAnonymous()).toBe(false);
  });

  test('is made from its text form, and shows it in a template string', () => {
    const ledger = Principal.fromText('ryjl3-tyaaa-aaaaa-aaaba-cai');
    expect(ledger.toUint8Array()).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 2, 1, 1));
    expect(`${ledger}`).toBe('ryjl3-tyaaa-aaaaa-aaaba-cai');
  });

  test('compares as @dfinity/principal does, and with it', () => {
    const property = fc.property(anyBytes(4), anyBytes(4), (left, right) => {
      const officialRight = OfficialPrincipal.fromUint8Array(right);
      const expected = OfficialPrincipal.fromUint8Array(left).compareTo(officialRight);
      const ours = Principal.fromUint8Array(left);
      expect(ours.compareTo(Principal.fromUint8Array(right))).toBe(expected);
      expect(ours.compareTo(officialRight)).toBe(expected);
    });
    checkProperty(property, { numRuns: 300 });
  });

  test('is accepted by Candid', () => {
    const principal = Principal.fromText('rrkah-fqaaa-aaaaa-aaaaq-cai');
    const argument = IDL.encode([IDL.Principal], [principal]);
    const [decoded] = IDL.decode([IDL.Principal], argument);
    expect(String(decoded)).toBe('rrkah-fqaaa-aaaaa-aaaaq-cai');
  });

  test('is equal to another one with the same bytes, and only to that', () => {
    expect(Principal.fromText('2vxsx-fae')).toEqual(Principal.anonymous());
    expect(Principal.fromText('aaaaa-aa')).not.toEqual(Principal.anonymous());
  });

  test('keeps its bytes when the array that it was made from changes', () => {
    const bytes = Uint8Array.of(4);
    const principal = Principal.fromUint8Array(bytes);
    bytes[0] = 5;
    expect(principal.isAnonymous()).toBe(true);
  });

  test.each(WRONG_BYTES)('refuses %s for bytes', (_label, value) => {
    expect(() => Principal.fromUint8Array(value as Uint8Array)).toThrow(TypeError);
  });

  test('refuses more than 29 bytes, also in the text form', () => {
    const bytes = new Uint8Array(30);
    expect(() => Principal.fromUint8Array(bytes)).toThrow(RangeError);
    const text = OfficialPrincipal.fromUint8Array(bytes).toText();
    expect(() => Principal.fromText(text)).toThrow(RangeError);
  });

  test.each(WRONG_PRINCIPAL_TEXTS)('refuses %s for a text form', (_label, text) => {
    expect(() => Principal.fromText(text as string)).toThrow(RangeError);
  });
});

test('the principal of another library is one of ours to the compiler', () => {
  const official: Principal = OfficialPrincipal.anonymous();
  expect(official.toText()).toBe(Principal.anonymous().toText());
});
