import { describe, expect, test } from '@jest/globals';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

import type { ReplicaOptions } from '../../../src/replica/index.js';
import { Settings } from '../../../src/replica/management/idl.js';
import { AccountIdl } from '../../../src/replica/system-canisters/account.js';
import { dataOf, errorOf, messageOf, watString } from '../support.js';
import { account, ALICE, ANONYMOUS, BOB, idOf, SystemBench, transferTo } from './support.js';

const FEE = 100_000_000n;
const TRILLION = 1_000_000_000_000n;
const CREATION_FEE = TRILLION / 2n;

/** A bench where Alice has 10 T cycles. */
function benchOfAlice(options: Partial<ReplicaOptions> = {}): SystemBench {
  const bench = new SystemBench(options);
  bench.tell('cycles', 'icrc1_transfer', transferTo(account(ALICE), 10n * TRILLION));
  return bench;
}

/** Settings of which none is given. */
const NO_SETTINGS = IDL.decode([Settings], IDL.encode([IDL.Record({})], [{}]))[0] as object;

const blank = { from_subaccount: [], created_at_time: [] };

describe('create_canister', () => {
  function create(bench: SystemBench, amount: bigint, more: object = {}): unknown {
    const argument = { ...blank, amount, creation_args: [], ...more };
    return bench.tell('cycles', 'create_canister', argument, ALICE);
  }

  function created(result: unknown): Principal {
    return (result as { Ok: { canister_id: Principal } }).Ok.canister_id;
  }

  test('pays for a canister that the caller controls', () => {
    const bench = benchOfAlice();
    const id = created(create(bench, 2n * TRILLION));
    const canister = bench.replica.canister(id)!;
    expect(canister.settings.controllers.map(String)).toEqual([ALICE.toText()]);
    expect(canister.cycles).toBeGreaterThan(TRILLION);
    expect(canister.cycles).toBeLessThanOrEqual(2n * TRILLION);
    expect(bench.balance('cycles', ALICE)).toBe(8n * TRILLION - FEE);
  });

  test('heeds settings and subnet', () => {
    const bench = benchOfAlice();
    const settings = { ...NO_SETTINGS, controllers: [[BOB]], freezing_threshold: [77n] };
    const subnet = bench.replica.defaultSubnet.id;
    const creation = { settings: [settings], subnet_selection: [{ Subnet: { subnet } }] };
    const id = created(create(bench, 2n * TRILLION, { creation_args: [creation] }));
    const { controllers, freezingThreshold } = bench.replica.canister(id)!.settings;
    expect(controllers.map(String)).toEqual([BOB.toText()]);
    expect(freezingThreshold).toBe(77n);
  });

  test('costs nothing where it fails', () => {
    const bench = benchOfAlice();
    const subnet_selection = [{ Subnet: { subnet: BOB } }];
    const elsewhere = { creation_args: [{ settings: [], subnet_selection }] };
    expect(create(bench, TRILLION, elsewhere)).toMatchObject({ Err: { FailedToCreate: {} } });
    expect(create(bench, 10n * TRILLION)).toEqual({
      Err: { InsufficientFunds: { balance: 10n * TRILLION } },
    });
    expect(bench.balance('cycles', ALICE)).toBe(10n * TRILLION);
  });

  test('pays the fee of a subnet that charges out of the amount, or creates nothing', () => {
    const bench = benchOfAlice({ subnets: [{ kind: 'Application', costSchedule: 'Normal' }] });
    const refusal = { Err: { FailedToCreate: { fee_block: [], refund_block: [] } } };
    expect(create(bench, CREATION_FEE - 1n)).toMatchObject(refusal);
    expect(bench.balance('cycles', ALICE)).toBe(10n * TRILLION);
    const id = created(create(bench, CREATION_FEE + 7n));
    expect(bench.cycles(id)).toBe(7n);
    expect(bench.balance('cycles', ALICE)).toBe(10n * TRILLION - CREATION_FEE - 7n - FEE);
  });

  test('repeated with the same time, names the canister that is there', () => {
    const bench = benchOfAlice();
    const dated = { created_at_time: [bench.replica.clock.roundTime] };
    const id = created(create(bench, TRILLION, dated));
    expect(create(bench, TRILLION, dated)).toEqual({
      Err: { Duplicate: { duplicate_of: 2n, canister_id: [id] } },
    });
  });
});

describe('withdraw', () => {
  function withdraw(bench: SystemBench, to: Principal, amount: bigint): unknown {
    return bench.tell('cycles', 'withdraw', { ...blank, to, amount }, ALICE);
  }

  test('gives cycles to a canister', () => {
    const bench = benchOfAlice();
    const id = bench.create(5n);
    expect(withdraw(bench, id, TRILLION)).toEqual({ Ok: 2n });
    expect(bench.cycles(id)).toBe(5n + TRILLION);
    expect(bench.balance('cycles', ALICE)).toBe(9n * TRILLION - FEE);
  });

  test('gives nothing to a user, to nobody, and no more than there is', () => {
    const bench = benchOfAlice();
    const nobody = Principal.fromText('lxzze-o7777-77777-aaaaa-cai');
    expect(withdraw(bench, BOB, 1n)).toEqual({ Err: { InvalidReceiver: { receiver: BOB } } });
    expect(withdraw(bench, nobody, 1n)).toMatchObject({
      Err: { FailedToWithdraw: { fee_block: [], rejection_code: { DestinationInvalid: null } } },
    });
    expect(withdraw(bench, bench.create(), 10n * TRILLION)).toMatchObject({
      Err: { InsufficientFunds: {} },
    });
    expect(bench.balance('cycles', ALICE)).toBe(10n * TRILLION);
  });
});

describe('deposit', () => {
  /** Sends its argument and `cycles` to `deposit`; the reply is the ledger's. */
  function depositor(cycles: bigint): string {
    const id = watString(idOf('cycles').toUint8Array());
    return `
      (data (i32.const 0) ${id} "deposit")
      (table 2 funcref) (elem (i32.const 0) $replied $rejected)
      (func $replied (param i32) (call $msg_arg_data_copy (i32.const 100) (i32.const 0)
        (call $msg_arg_data_size))
        (call $reply_bytes (i32.const 100) (call $msg_arg_data_size)))
      (func $rejected (param i32) (call $msg_reject_msg_copy (i32.const 100) (i32.const 0)
        (call $msg_reject_msg_size))
        (call $msg_reject (i32.const 100) (call $msg_reject_msg_size)))
      (func (export "canister_update go")
        (call $msg_arg_data_copy (i32.const 100) (i32.const 0) (call $msg_arg_data_size))
        (call $call_new (i32.const 0) (i32.const 10) (i32.const 10) (i32.const 7)
          (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
        (call $call_data_append (i32.const 100) (call $msg_arg_data_size))
        (call $call_cycles_add128 (i64.const 0) (i64.const ${cycles}))
        (drop (call $call_perform)))`;
  }

  function deposit(cycles: bigint): { bench: SystemBench; id: Principal; go: () => unknown } {
    const bench = new SystemBench();
    const id = bench.deploy(depositor(cycles));
    bench.replica.addCycles(id, 1_000n * TRILLION);
    const type = IDL.Record({ to: AccountIdl, memo: IDL.Opt(IDL.Vec(IDL.Nat8)) });
    const argument = IDL.encode([type], [{ to: account(BOB), memo: [] }]);
    return { bench, id, go: () => bench.update(id, 'go', argument) };
  }

  test('takes the cycles of a canister, less the fee', () => {
    const { bench, id, go } = deposit(TRILLION);
    const before = bench.cycles(id);
    dataOf(go() as never);
    expect(bench.balance('cycles', BOB)).toBe(TRILLION - FEE);
    expect(before - bench.cycles(id)).toBeGreaterThanOrEqual(TRILLION);
  });

  test('takes nothing that does not cover the fee, and gives it back', () => {
    const { bench, id, go } = deposit(FEE - 1n);
    const before = bench.cycles(id);
    const response = go() as never;
    expect(errorOf(response)).toBe(406);
    expect(messageOf(response)).toContain('less than the fee');
    expect(bench.balance('cycles', BOB)).toBe(0n);
    expect(before - bench.cycles(id)).toBeLessThan(TRILLION / 100n);
  });
});

test('users have no cycles to deposit', () => {
  const bench = new SystemBench();
  const argument = { to: account(BOB), memo: [] };
  expect(errorOf(bench.respond('cycles', 'deposit', argument, ANONYMOUS))).toBe(503);
});
