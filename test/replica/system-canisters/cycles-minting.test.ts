import { describe, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import { accountIdentifier, subaccountOf } from '../../../src/replica/system-canisters/account.js';
import { account, ALICE, BOB, idOf, SystemBench } from './support.js';

const E8S_PER_ICP = 100_000_000n;
const CYCLES_PER_ICP = 3_520_000_000_000n;
const FEE = 100_000_000n;
const MINT = 0x544e494dn;
const TOP_UP = 0x50555054n;
const CREATE = 0x41455243n;

/** Pays so many e8s to the minting canister on behalf of a principal; the index of the block. */
function pay(bench: SystemBench, owner: Principal, memo: bigint, e8s = E8S_PER_ICP): bigint {
  const to = accountIdentifier(account(idOf('minting'), subaccountOf(owner)));
  const optional = { from_subaccount: [], created_at_time: [] };
  const argument = { ...optional, memo, amount: { e8s }, fee: { e8s: 10_000n }, to };
  return (bench.tell('icp', 'transfer', argument) as { Ok: bigint }).Ok;
}

describe('notify_mint_cycles', () => {
  function notify(bench: SystemBench, block_index: bigint, sender = ALICE): unknown {
    const argument = { block_index, to_subaccount: [], deposit_memo: [] };
    return bench.tell('minting', 'notify_mint_cycles', argument, sender);
  }

  test('turns one ICP into 3.52 T cycles, and burns it', () => {
    const bench = new SystemBench();
    const block = pay(bench, ALICE, MINT);
    const supply = bench.ask('icp', 'icrc1_total_supply') as bigint;
    const balance = CYCLES_PER_ICP - FEE;
    const minted = { Ok: { minted: CYCLES_PER_ICP, balance, block_index: 1n } };
    expect(notify(bench, block)).toEqual(minted);
    expect(bench.balance('cycles', ALICE)).toBe(balance);
    expect(bench.ask('icp', 'icrc1_total_supply')).toBe(supply - E8S_PER_ICP);
  });

  test('pays once and repeats its answer', () => {
    const bench = new SystemBench();
    const block = pay(bench, ALICE, MINT);
    expect(notify(bench, block)).toEqual(notify(bench, block));
    expect(bench.balance('cycles', ALICE)).toBe(CYCLES_PER_ICP - FEE);
  });

  test.each([
    ['of somebody else', (bench: SystemBench) => pay(bench, BOB, MINT)],
    ['for another purpose', (bench: SystemBench) => pay(bench, ALICE, TOP_UP)],
    ['that is no transfer', () => 0n],
    ['that is not there', () => 99n],
    ['beyond all counting', () => 2n ** 64n - 1n],
  ])('gives nothing for a block %s', (_what, blockOf) => {
    const bench = new SystemBench();
    expect(notify(bench, blockOf(bench))).toMatchObject({
      Err: { InvalidTransaction: expect.any(String) },
    });
    expect(bench.balance('cycles', ALICE)).toBe(0n);
  });

  test('leaves a payment that is too small where it is', () => {
    const bench = new SystemBench();
    const block = pay(bench, ALICE, MINT, 1n);
    expect(notify(bench, block)).toMatchObject({ Err: { Other: {} } });
    expect(
      bench.ask('icp', 'icrc1_balance_of', account(idOf('minting'), subaccountOf(ALICE))),
    ).toBe(1n);
  });
});

test('notify_top_up gives the cycles to the canister that was paid for', () => {
  const bench = new SystemBench();
  const id = bench.create(7n);
  const argument = { block_index: pay(bench, id, TOP_UP), canister_id: id };
  expect(bench.tell('minting', 'notify_top_up', argument, BOB)).toEqual({ Ok: CYCLES_PER_ICP });
  expect(bench.cycles(id)).toBe(7n + CYCLES_PER_ICP);
});

describe('notify_create_canister', () => {
  function notify(bench: SystemBench, block_index: bigint, controller = ALICE): unknown {
    const argument = { block_index, controller, settings: [], subnet_selection: [] };
    return bench.tell('minting', 'notify_create_canister', argument, ALICE);
  }

  test('creates a canister, once for each payment', () => {
    const bench = new SystemBench();
    const block = pay(bench, ALICE, CREATE);
    const { Ok: id } = notify(bench, block) as { Ok: Principal };
    const [controller] = bench.replica.canister(id)!.settings.controllers;
    expect(controller!.toText()).toBe(ALICE.toText());
    expect(notify(bench, block)).toEqual({ Ok: id });
  });

  test('is for the controller alone', () => {
    const bench = new SystemBench();
    const block = pay(bench, BOB, CREATE);
    expect(notify(bench, block, BOB)).toMatchObject({
      Err: { InvalidTransaction: expect.any(String) },
    });
  });
});

test.each([
  [['Application'], [0]],
  [
    ['NNS', 'Application', 'System', 'Application'],
    [1, 3],
  ],
  [['NNS', 'System'], [0]],
] as const)('of the subnets %j the places for new canisters are %j', (kinds, places) => {
  const bench = new SystemBench({ subnets: kinds });
  const subnets = bench.ask('minting', 'get_default_subnets') as Principal[];
  const expected = places.map((place) => bench.replica.subnets[place]!.id.toText());
  expect(subnets.map(String)).toEqual(expected);
});

test('says what ICP is worth', () => {
  const bench = new SystemBench();
  expect(bench.ask('minting', 'get_icp_xdr_conversion_rate')).toMatchObject({
    data: { xdr_permyriad_per_icp: 35_200n },
  });
});
