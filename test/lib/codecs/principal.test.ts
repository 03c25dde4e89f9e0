import { Principal as OfficialPrincipal } from '@dfinity/principal';
import { describe, expect, test } from '@jest/globals';
import { compareValues } from '../../../src/lib/codec.js';
import { principal, principalOf } from '../../../src/lib/codecs/principal.js';
import { Principal } from '../../../src/lib/principal.js';
import { anyPrincipal } from '../../support/arbitraries.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { comparePrincipals } from '../../support/orders.js';
import { WRONG_PRINCIPALS } from '../../support/wrong-inputs.js';

const TOO_LONG = OfficialPrincipal.fromUint8Array(new Uint8Array(30));

describeCodecLaws({
  codec: principal,
  values: anyPrincipal(),
  compare: comparePrincipals,
  wrongTypes: WRONG_PRINCIPALS,
  wrongValues: [['a principal of 30 bytes', TOO_LONG]],
});

describe('the codec of principals', () => {
  test('takes those of @dfinity/principal and gives ours back', () => {
    const text = 'rrkah-fqaaa-aaaaa-aaaaq-cai';
    const bytes = principal.encode(OfficialPrincipal.fromText(text));
    expect(principal.decode(bytes)).toEqual(Principal.fromText(text));
  });

  test('puts the shorter first, whatever its bytes', () => {
    const canister = Principal.fromUint8Array(new Uint8Array(10).fill(0xff));
    const user = Principal.fromUint8Array(new Uint8Array(29));
    expect(compareValues(principal, canister, user)).toBeLessThan(0);
    expect(canister.compareTo(user)).toBe('gt');
  });
});

describe('principalOf', () => {
  test('gives back the class that it was made for', () => {
    const codec = principalOf(OfficialPrincipal);
    const value: OfficialPrincipal = codec.decode(Uint8Array.of(4));
    expect(value).toBeInstanceOf(OfficialPrincipal);
    expect(value.toText()).toBe('2vxsx-fae');
    expect(codec.encode(value)).toEqual(Uint8Array.of(4));
    expect(() => codec.decode(new Uint8Array(30))).toThrow(/^CORRUPTED/);
  });

  test('gives each value bytes of its own', () => {
    const stored = Uint8Array.of(4);
    const value = principalOf(OfficialPrincipal).decode(stored);
    stored[0] = 5;
    expect(value.isAnonymous()).toBe(true);
  });

  test.each(WRONG_PRINCIPALS)('refuses %s for a class', (_label, type) => {
    expect(() => principalOf(type as typeof Principal)).toThrow(TypeError);
  });
});
