import { describe, expect, test } from '@jest/globals';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { fromJson, toJson } from '../../../scripts/call/json.js';

const Key = IDL.Variant({ text: IDL.Text, nat64: IDL.Nat64, blob: IDL.Vec(IDL.Nat8) });
const Request = IDL.Record({ key: IDL.Opt(Key), limit: IDL.Opt(IDL.Nat32), all: IDL.Bool });

describe('JSON is read by the Candid type', () => {
  test.each([
    ['a number for nat64', IDL.Nat64, 7, 7n],
    ['digits for a large nat64', IDL.Nat64, '18446744073709551615', 2n ** 64n - 1n],
    ['a negative int64', IDL.Int64, -5, -5n],
    ['a number for nat32', IDL.Nat32, 7, 7],
    ['a text', IDL.Text, 'Bern', 'Bern'],
    ['a text for a blob', IDL.Vec(IDL.Nat8), 'é', Buffer.from('é')],
    ['hexadecimal for a blob', IDL.Vec(IDL.Nat8), '0x00ff', Buffer.from([0, 255])],
    ['a list', IDL.Vec(IDL.Text), ['a', 'b'], ['a', 'b']],
    ['a variant', Key, { nat64: 1 }, { nat64: 1n }],
    [
      'a record without its optional fields',
      Request,
      { all: true },
      { key: [], limit: [], all: true },
    ],
    ['null for an optional', IDL.Opt(IDL.Text), null, []],
  ])('%s', (_, type, json, value) => {
    expect(fromJson(type, json)).toEqual(value);
  });

  test('a principal by its text', () => {
    const read = fromJson(IDL.Principal, 'aaaaa-aa') as Principal;
    expect(read.toText()).toBe('aaaaa-aa');
  });

  test.each([
    ['a fraction for nat64', IDL.Nat64, 0.5],
    ['a negative nat64', IDL.Nat64, -1],
    ['a number above nat32', IDL.Nat32, 2 ** 32],
    ['a number for a text', IDL.Text, 7],
    ['a text for a list', IDL.Vec(IDL.Text), 'a'],
    ['a number for a blob', IDL.Vec(IDL.Nat8), 7],
    ['an unknown case', Key, { int64: 1 }],
    ['no case', Key, {}],
    ['a missing field', Request, {}],
    ['no principal', IDL.Principal, 'aaaaa-ab'],
  ])('%s is refused', (_, type, json) => {
    expect(() => fromJson(type, json)).toThrow();
  });
});

test('answers are written for people: numbers and principals as text, blobs as text or hexadecimal', () => {
  const answer = {
    Ok: [
      { id: 2n ** 60n, who: Principal.anonymous(), name: Buffer.from('Zürich') },
      { id: 0n, who: null, name: Uint8Array.of(0, 255) },
      [],
    ],
  };
  expect(toJson(answer)).toEqual({
    Ok: [
      { id: '1152921504606846976', who: '2vxsx-fae', name: 'Zürich' },
      { id: '0', who: null, name: '0x00ff' },
      [],
    ],
  });
});
