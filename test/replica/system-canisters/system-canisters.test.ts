import { IDL } from '@dfinity/candid';
import { describe, expect, test } from '@jest/globals';

import { readValue } from '../../../src/replica/archive/value-reader.js';
import { writeValue } from '../../../src/replica/archive/value-writer.js';
import { ProvisionalCreate } from '../../../src/replica/management/idl.js';
import { readInstanceConfig } from '../../../src/replica/server/instance-config.js';
import { Bench, dataOf, errorOf, messageOf } from '../support.js';
import { account, ALICE, ANONYMOUS, idOf, SystemBench, transferTo, type Name } from './support.js';

const ICP = idOf('icp');
const NO_ARGUMENT = IDL.encode([], []);

test('a replica has system canisters only where it was asked for them', () => {
  const bench = new Bench();
  expect(errorOf(bench.query(ICP, 'icrc1_name'))).toBe(301);
  expect(bench.replica.canister(ICP)).toBeUndefined();
});

test('a method that is not there is refused, as on any canister', () => {
  const bench = new SystemBench();
  expect(messageOf(bench.query(ICP, 'toString'))).toContain("no query method 'toString'");
  expect(errorOf(bench.query(ICP, 'icrc1_transfer'))).toBe(536);
  expect(errorOf(bench.update(ICP, 'nothing'))).toBe(536);
});

test('a query may be called as an update', () => {
  const bench = new SystemBench();
  expect(bench.tell('icp', 'icrc1_name', undefined)).toBe('Internet Computer');
});

test.each([
  ['no bytes', []],
  ['no Candid', [1, 2, 3]],
  ['a type that ends early', [0x44, 0x49, 0x44, 0x4c, 1, 0x6c]],
  ['a number', [0x44, 0x49, 0x44, 0x4c, 0, 1, 0x7d, 1]],
])('an argument of %s is a trap', (_what, bytes) => {
  const bench = new SystemBench();
  const argument = Uint8Array.from(bytes);
  expect(errorOf(bench.update(ICP, 'icrc1_transfer', argument))).toBe(503);
  expect(errorOf(bench.query(ICP, 'icrc1_balance_of', argument))).toBe(503);
});

test('nobody takes the id of a system canister, or controls it', () => {
  const bench = new SystemBench();
  const argument = { amount: [], settings: [], specified_id: [ICP] };
  const method = 'provisional_create_canister_with_cycles';
  expect(errorOf(bench.manage(method, ProvisionalCreate, argument))).toBe(205);
  expect(errorOf(bench.manageId('stop_canister', ICP))).toBe(512);
  expect(errorOf(bench.manageId('canister_status', ICP, ANONYMOUS))).toBe(512);
});

test('two replicas share no books', () => {
  const [one, other] = [new SystemBench(), new SystemBench()];
  one.tell('icp', 'icrc1_transfer', transferTo(account(ALICE), 5n));
  expect(one.balance('icp', ALICE)).toBe(5n);
  expect(other.balance('icp', ALICE)).toBe(0n);
});

test('a heir goes on with the books that it is given', () => {
  const bench = new SystemBench();
  bench.tell('icp', 'icrc1_transfer', transferTo(account(ALICE), 5n));
  const bytes = writeValue(bench.replica.values()['system'], []);
  const heir = new SystemBench({ values: { system: readValue(bytes, []) } });
  expect(heir.balance('icp', ALICE)).toBe(5n);
});

test('a watcher hears of calls and queries', () => {
  const bench = new SystemBench();
  const heard: string[] = [];
  bench.replica.watch(({ mode, method }) => ({ result }) => {
    heard.push(`${mode} ${method}: ${result}`);
  });
  bench.ask('icp', 'icrc1_name');
  bench.tell('icp', 'icrc1_name', undefined);
  expect(heard).toEqual(['non replicated query icrc1_name: replied', 'update icrc1_name: replied']);
});

describe('an instance of PocketIC', () => {
  const config = (icp_features: object): boolean =>
    readInstanceConfig({
      subnet_config_set: { application: [{ state_config: 'New' }] },
      icp_features,
    }).systemCanisters;

  test.each(['cycles_minting', 'icp_token', 'cycles_token'])('has them for %s', (feature) => {
    expect(config({})).toBe(false);
    expect(config({ [feature]: 'DefaultConfig' })).toBe(true);
    expect(() => config({ [feature]: 'OwnConfig' })).toThrow('expected one of DefaultConfig');
  });
});

test('each tells its interface', () => {
  const bench = new SystemBench();
  const method = '__get_candid_interface_tmp_hack';
  const text = (name: Name): string => {
    const [candid] = IDL.decode([IDL.Text], dataOf(bench.query(idOf(name), method, NO_ARGUMENT)));
    return candid as string;
  };
  expect(text('icp')).toContain('account_balance : (record {account:vec nat8}) ->');
  expect(text('cycles')).toContain('icrc1_decimals : () -> (nat8) query;');
  expect(text('minting')).toContain('get_default_subnets : () -> (vec principal) query;');
});
