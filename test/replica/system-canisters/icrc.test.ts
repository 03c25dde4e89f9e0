import { describe, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import { errorOf } from '../support.js';
import { account, ALICE, BOB, SystemBench, transferTo } from './support.js';

const HOUR = 3_600n * 1_000_000_000n;
const MINUTE = 60n * 1_000_000_000n;
const CYCLES_FEE = 100_000_000n;

/** Both ledgers keep the same rules; only the fee differs. */
describe.each([
  ['icp', 10_000n],
  ['cycles', CYCLES_FEE],
] as const)('the ledger %s', (name, fee) => {
  /** A bench where Alice has `amount`. */
  function benchWith(amount: bigint): SystemBench {
    const bench = new SystemBench();
    const ok = bench.tell(name, 'icrc1_transfer', transferTo(account(ALICE), amount));
    expect(ok).toEqual({ Ok: 1n });
    return bench;
  }

  function transfer(bench: SystemBench, amount: bigint, more: object = {}): unknown {
    return bench.tell(name, 'icrc1_transfer', transferTo(account(BOB), amount, more), ALICE);
  }

  test('moves an amount, takes the fee, and counts its blocks', () => {
    const bench = benchWith(10n * fee);
    const supply = bench.ask(name, 'icrc1_total_supply') as bigint;
    expect(transfer(bench, 3n * fee)).toEqual({ Ok: 2n });
    expect(bench.balance(name, ALICE)).toBe(6n * fee);
    expect(bench.balance(name, BOB)).toBe(3n * fee);
    expect(bench.ask(name, 'icrc1_total_supply')).toBe(supply - fee);
  });

  test('refuses more than there is with the fee, to the last unit, and changes nothing', () => {
    const bench = benchWith(10n * fee);
    const refusal = { Err: { InsufficientFunds: { balance: 10n * fee } } };
    expect(transfer(bench, 9n * fee + 1n)).toEqual(refusal);
    expect(bench.balance(name, BOB)).toBe(0n);
    expect(transfer(bench, 9n * fee)).toEqual({ Ok: 2n });
    expect(bench.balance(name, ALICE)).toBe(0n);
  });

  test('refuses a fee that is not the fee', () => {
    const bench = benchWith(10n * fee);
    const refusal = { Err: { BadFee: { expected_fee: fee } } };
    expect(transfer(bench, fee, { fee: [fee - 1n] })).toEqual(refusal);
    expect(transfer(bench, fee, { fee: [fee] })).toEqual({ Ok: 2n });
  });

  test('refuses a transaction that repeats another with the same time, and only then', () => {
    const bench = benchWith(100n * fee);
    const now = bench.replica.clock.roundTime;
    const dated = { created_at_time: [now] };
    expect(transfer(bench, fee, dated)).toEqual({ Ok: 2n });
    expect(transfer(bench, fee, dated)).toEqual({ Err: { Duplicate: { duplicate_of: 2n } } });
    expect(transfer(bench, fee, { created_at_time: [now + 1n] })).toEqual({ Ok: 3n });
    expect(transfer(bench, fee, { ...dated, memo: [Uint8Array.of(1)] })).toEqual({ Ok: 4n });
    expect(transfer(bench, fee)).toEqual({ Ok: 5n });
    expect(transfer(bench, fee)).toEqual({ Ok: 6n });
  });

  test('accepts a transaction for a day and two minutes, and two minutes ahead', () => {
    const bench = benchWith(100n * fee);
    const now = bench.replica.clock.roundTime;
    // Each update call runs one round, which moves the clock on by one nanosecond.
    const oldest = now + 1n - 24n * HOUR - 2n * MINUTE;
    expect(transfer(bench, fee, { created_at_time: [oldest - 1n] })).toEqual({
      Err: { TooOld: null },
    });
    expect(transfer(bench, fee, { created_at_time: [oldest + 1n] })).toEqual({ Ok: 2n });
    expect(transfer(bench, fee, { created_at_time: [now + 3n + 2n * MINUTE] })).toEqual({ Ok: 3n });
    expect(transfer(bench, fee, { created_at_time: [now + 5n + 2n * MINUTE] })).toEqual({
      Err: { CreatedInFuture: { ledger_time: now + 4n } },
    });
  });

  test.each([
    ['a subaccount of 31 bytes', { from_subaccount: [new Uint8Array(31)] }],
    ['a subaccount of 33 bytes', { to: account(BOB, new Uint8Array(33)) }],
    ['a memo of 33 bytes', { memo: [new Uint8Array(33)] }],
  ])('traps on %s', (_what, more) => {
    const bench = benchWith(10n * fee);
    const argument = transferTo(account(BOB), fee, more);
    expect(errorOf(bench.respond(name, 'icrc1_transfer', argument, ALICE))).toBe(503);
    expect(bench.balance(name, ALICE)).toBe(10n * fee);
  });

  describe('lets others spend', () => {
    const blank = { from_subaccount: [], memo: [], created_at_time: [], fee: [] };

    function approve(bench: SystemBench, spender: Principal, amount: bigint, more: object = {}) {
      const optional = { ...blank, expected_allowance: [], expires_at: [] };
      const argument = { ...optional, spender: account(spender), amount, ...more };
      return bench.tell(name, 'icrc2_approve', argument, ALICE);
    }

    function spend(bench: SystemBench, amount: bigint, sender = BOB): unknown {
      const from = account(ALICE);
      const argument = { ...blank, spender_subaccount: [], from, to: account(BOB), amount };
      return bench.tell(name, 'icrc2_transfer_from', argument, sender);
    }

    function allowance(bench: SystemBench): unknown {
      const argument = { account: account(ALICE), spender: account(BOB) };
      return bench.ask(name, 'icrc2_allowance', argument);
    }

    test('what was approved and no more, fees counted', () => {
      const bench = benchWith(100n * fee);
      expect(approve(bench, BOB, 10n * fee)).toEqual({ Ok: 2n });
      expect(bench.balance(name, ALICE)).toBe(99n * fee);
      const refusal = { Err: { InsufficientAllowance: { allowance: 10n * fee } } };
      expect(spend(bench, 9n * fee + 1n)).toEqual(refusal);
      expect(spend(bench, 4n * fee)).toEqual({ Ok: 3n });
      expect(allowance(bench)).toEqual({ allowance: 5n * fee, expires_at: [] });
      expect(spend(bench, 4n * fee)).toEqual({ Ok: 4n });
      expect(spend(bench, 1n)).toEqual({ Err: { InsufficientAllowance: { allowance: 0n } } });
      expect(bench.balance(name, ALICE)).toBe(89n * fee);
    });

    test('until the approval expires', () => {
      const bench = benchWith(100n * fee);
      const expires = bench.replica.clock.roundTime + HOUR;
      expect(approve(bench, BOB, 10n * fee, { expires_at: [expires] })).toEqual({ Ok: 2n });
      expect(allowance(bench)).toEqual({ allowance: 10n * fee, expires_at: [expires] });
      bench.replica.clock.setCertified(expires);
      expect(allowance(bench)).toEqual({ allowance: 0n, expires_at: [] });
      expect(spend(bench, fee)).toEqual({ Err: { InsufficientAllowance: { allowance: 0n } } });
    });

    test('but approves nothing on a wrong premise', () => {
      const bench = benchWith(100n * fee);
      const { roundTime } = bench.replica.clock;
      expect(approve(bench, BOB, fee, { expected_allowance: [1n] })).toEqual({
        Err: { AllowanceChanged: { current_allowance: 0n } },
      });
      expect(approve(bench, BOB, fee, { expires_at: [roundTime] })).toEqual({
        Err: { Expired: { ledger_time: roundTime + 2n } },
      });
      expect(approve(bench, BOB, fee, { fee: [0n] })).toEqual({
        Err: { BadFee: { expected_fee: fee } },
      });
      expect(() => approve(bench, ALICE, fee)).toThrow('self approval');
      expect(bench.balance(name, ALICE)).toBe(100n * fee);
    });
  });
});

test('tells its name, symbol, decimals and fee in one list too', () => {
  const bench = new SystemBench();
  expect(bench.ask('cycles', 'icrc1_metadata')).toEqual([
    ['icrc1:name', { Text: 'Cycles' }],
    ['icrc1:symbol', { Text: 'TCYCLES' }],
    ['icrc1:decimals', { Nat: 12n }],
    ['icrc1:fee', { Nat: CYCLES_FEE }],
  ]);
  expect(bench.ask('icp', 'icrc1_symbol')).toBe('ICP');
  expect(bench.ask('icp', 'icrc1_decimals')).toBe(8);
});
