import { expect, test } from '@jest/globals';
import { Principal } from '@dfinity/principal';

import {
  accountIdentifier,
  accountKey,
  keyOfIdentifier,
  subaccountOf,
} from '../../../src/replica/system-canisters/account.js';

const ANONYMOUS = '1c7a48ba6a562aa9eaa2481a9049cdf0433b9738c992d698c31d8abf89cadc79';

test('the account of the anonymous principal has the identifier that the world knows', () => {
  expect(accountKey({ owner: Principal.anonymous(), subaccount: [] })).toBe(ANONYMOUS);
});

test('no subaccount is the subaccount of zeroes, and any other makes another account', () => {
  const owner = Principal.anonymous();
  const zeroes = new Uint8Array(32);
  expect(accountKey({ owner, subaccount: [zeroes] })).toBe(ANONYMOUS);
  const one = Uint8Array.from(zeroes, (_, index) => (index === 31 ? 1 : 0));
  expect(accountKey({ owner, subaccount: [one] })).not.toBe(ANONYMOUS);
});

test('an identifier from outside counts only with its checksum right and of the right size', () => {
  const identifier = accountIdentifier({ owner: Principal.anonymous(), subaccount: [] });
  expect(keyOfIdentifier(identifier)).toBe(ANONYMOUS);
  expect(keyOfIdentifier(identifier.subarray(1))).toBeUndefined();
  expect(keyOfIdentifier(Uint8Array.of(...identifier, 0))).toBeUndefined();
  const flipped = identifier.slice();
  flipped[31]! ^= 1;
  expect(keyOfIdentifier(flipped)).toBeUndefined();
});

test("a canister's subaccount for a principal begins with the principal's length", () => {
  const subaccount = subaccountOf(Principal.fromText('rrkah-fqaaa-aaaaa-aaaaq-cai'));
  expect([...subaccount.subarray(0, 12)]).toEqual([10, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0]);
  expect(subaccount).toHaveLength(32);
});
