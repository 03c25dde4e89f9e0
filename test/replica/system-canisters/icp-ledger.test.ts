import { describe, expect, test } from '@jest/globals';
import { Principal } from '@dfinity/principal';

import { accountIdentifier } from '../../../src/replica/system-canisters/account.js';
import { errorOf } from '../support.js';
import { account, ALICE, ANONYMOUS, BOB, SystemBench, transferTo } from './support.js';

const FEE = 10_000n;
const INITIAL = 100_000_000_000_000_000n;

function transferArgument(amount: bigint, more: object = {}): object {
  return {
    memo: 0n,
    amount: { e8s: amount },
    fee: { e8s: FEE },
    from_subaccount: [],
    to: accountIdentifier(account(ALICE)),
    created_at_time: [],
    ...more,
  };
}

describe('transfer', () => {
  test('moves tokens between account identifiers, which ICRC-1 sees as accounts', () => {
    const bench = new SystemBench();
    expect(bench.tell('icp', 'transfer', transferArgument(5n))).toEqual({ Ok: 1n });
    expect(bench.balance('icp', ALICE)).toBe(5n);
    expect(bench.balance('icp', ANONYMOUS)).toBe(INITIAL - 5n - FEE);
    const argument = { account: accountIdentifier(account(ALICE)) };
    expect(bench.ask('icp', 'account_balance', argument)).toEqual({ e8s: 5n });
  });

  test('refuses in its own words', () => {
    const bench = new SystemBench();
    const { roundTime } = bench.replica.clock;
    const refused = (argument: object, sender = ALICE): unknown =>
      (bench.tell('icp', 'transfer', argument, sender) as { Err: unknown }).Err;
    expect(refused(transferArgument(5n))).toEqual({ InsufficientFunds: { balance: { e8s: 0n } } });
    expect(refused(transferArgument(5n, { fee: { e8s: 1n } }))).toEqual({
      BadFee: { expected_fee: { e8s: FEE } },
    });
    const at = (timestamp_nanos: bigint): object =>
      transferArgument(5n, { created_at_time: [{ timestamp_nanos }] });
    expect(refused(at(0n))).toEqual({ TxTooOld: { allowed_window_nanos: 86_400_000_000_000n } });
    expect(refused(at(2n * roundTime))).toEqual({ TxCreatedInFuture: null });
    expect(bench.tell('icp', 'transfer', at(roundTime))).toEqual({ Ok: 1n });
    expect(refused(at(roundTime), ANONYMOUS)).toEqual({ TxDuplicate: { duplicate_of: 1n } });
  });

  test.each([
    ['31 bytes', new Uint8Array(31)],
    ['a wrong checksum', new Uint8Array(32)],
  ])('traps on a destination of %s', (_what, to) => {
    const bench = new SystemBench();
    expect(errorOf(bench.respond('icp', 'transfer', transferArgument(5n, { to })))).toBe(503);
    expect(bench.balance('icp', ANONYMOUS)).toBe(INITIAL);
  });
});

describe('the minting account', () => {
  const governance = account(Principal.fromText('rrkah-fqaaa-aaaaa-aaaaq-cai'));

  test('destroys what is sent to it, without a fee but no less than one', () => {
    const bench = new SystemBench();
    const burn = (amount: bigint): unknown =>
      bench.tell('icp', 'icrc1_transfer', transferTo(governance, amount));
    expect(burn(FEE - 1n)).toEqual({ Err: { BadBurn: { min_burn_amount: FEE } } });
    expect(burn(FEE)).toEqual({ Ok: 1n });
    expect(bench.ask('icp', 'icrc1_total_supply')).toBe(INITIAL - FEE);
    expect(bench.balance('icp', governance.owner)).toBe(0n);
  });

  test('creates what it sends, but never more than fits 64 bits', () => {
    const bench = new SystemBench();
    const mint = (amount: bigint): unknown =>
      bench.tell('icp', 'icrc1_transfer', transferTo(account(BOB), amount), governance.owner);
    expect(mint(2n ** 64n - INITIAL)).toMatchObject({ Err: { GenericError: {} } });
    expect(mint(2n ** 64n - 1n - INITIAL)).toEqual({ Ok: 1n });
    expect(bench.ask('icp', 'icrc1_total_supply')).toBe(2n ** 64n - 1n);
  });
});

test('tells what it is', () => {
  const bench = new SystemBench();
  expect(bench.ask('icp', 'name')).toEqual({ name: 'Internet Computer' });
  expect(bench.ask('icp', 'symbol')).toEqual({ symbol: 'ICP' });
  expect(bench.ask('icp', 'decimals')).toEqual({ decimals: 8 });
  expect(bench.ask('icp', 'transfer_fee', {})).toEqual({ transfer_fee: { e8s: FEE } });
  expect(bench.ask('icp', 'icrc1_minting_account')).toEqual([
    { owner: Principal.fromText('rrkah-fqaaa-aaaaa-aaaaq-cai'), subaccount: [] },
  ]);
});
