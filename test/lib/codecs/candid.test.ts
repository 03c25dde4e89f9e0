import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { candid, type CandidIdl, type CandidType } from '../../../src/lib/codecs/candid.js';
import { isKeyCodec } from '../../../src/lib/codecs/refusals.js';
import { anyBytes } from '../../support/arbitraries.js';
import { describeCodecLaws } from '../../support/codec-laws.js';
import { fromHex, toHex } from '../../support/hex.js';

interface User {
  name: string;
  owner: Principal;
  avatar: Uint8Array;
  bio: [] | [string];
  status: { open: null } | { closed: bigint };
}

const USER = IDL.Record({
  name: IDL.Text,
  owner: IDL.Principal,
  avatar: IDL.Vec(IDL.Nat8),
  bio: IDL.Opt(IDL.Text),
  status: IDL.Variant({ open: IDL.Null, closed: IDL.Nat64 }),
});

const TEXT_ONLY = fc.string({ maxLength: 12 });

describeCodecLaws<User>({
  codec: candid<User>(IDL, USER),
  // The reader asks values for `hasOwnProperty`.
  values: fc.record(
    {
      name: TEXT_ONLY,
      owner: anyBytes(29).map((bytes) => Principal.fromUint8Array(bytes)),
      avatar: anyBytes(),
      bio: fc.oneof(fc.constant<[]>([]), fc.tuple(TEXT_ONLY)),
      status: fc.oneof(
        fc.constant<User['status']>({ open: null }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((closed) => ({ closed })),
      ),
    },
    { noNullPrototype: true },
  ),
  wrongTypes: [],
  wrongValues: [
    ['nothing', undefined],
    ['a record without its fields', {}],
    ['a text', 'Ada'],
  ],
});

describeCodecLaws({
  codec: candid(IDL, IDL.Vec(IDL.Int)),
  values: fc.array(fc.bigInt(), { maxLength: 4 }),
  wrongTypes: [],
  wrongValues: [['an element of another type', ['1']]],
});

describe('a Candid value', () => {
  test('is stored as a message with one argument', () => {
    expect(toHex(candid(IDL, IDL.Text).encode('hi'))).toBe('4449444c000171026869');
    expect(candid(IDL, IDL.Text).name).toBe('candid(text)');
  });

  test('is no key, since Candid does not say how values are ordered', () => {
    expect(isKeyCodec(candid(IDL, IDL.Nat))).toBe(false);
  });

  test('is read where it lies behind other bytes', () => {
    const around = fromHex('ffff 4449444c000171026869 ffff');
    expect(candid(IDL, IDL.Text).decode(around.subarray(2, 12))).toBe('hi');
  });

  test('changes as Candid interfaces do', () => {
    const stored = candid(IDL, IDL.Record({ a: IDL.Nat, b: IDL.Text })).encode({ a: 7n, b: '' });
    const changed = IDL.Record({ a: IDL.Nat, c: IDL.Opt(IDL.Text) });
    expect(candid(IDL, changed).decode(stored)).toEqual({ a: 7n, c: [] });
  });

  test('of another type is refused, in the words of the reader', () => {
    const stored = candid(IDL, IDL.Nat).encode(7n);
    expect(() => candid(IDL, IDL.Text).decode(stored)).toThrow(
      /^CORRUPTED: candid\(text\): expected a value of its type, found .*text/,
    );
  });

  test.each([
    ['no IDL', undefined],
    ['an IDL that only encodes', { encode: () => new Uint8Array(0) }],
    ['a type for the IDL', IDL.Text],
  ])('needs an IDL: %s is refused', (_label, idl) => {
    expect(() => candid(idl as unknown as CandidIdl, IDL.Text)).toThrow(TypeError);
  });

  test.each([
    ['nothing', undefined],
    ['the name of a type', 'text'],
    ['an unfinished type', IDL.Vec],
  ])('needs a type: %s is refused', (_label, type) => {
    expect(() => candid(IDL, type as unknown as CandidType<unknown>)).toThrow(TypeError);
  });
});
