/** The hook for low memory: when it is due, and how often. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import * as idl from '../../src/replica/management/idl.js';
import { Bench, dataOf, numberOf, textOf } from './support.js';

const PAGE = 65_536n;

/** Counts its hooks, and notes how many there were when an update ran. */
const HOOKED = `
  (global $hooks (mut i32) (i32.const 0))
  (global $seen (mut i32) (i32.const -1))
  (func (export "canister_on_low_wasm_memory")
    (global.set $hooks (i32.add (global.get $hooks) (i32.const 1))))
  (func (export "canister_update grow")
    (global.set $seen (global.get $hooks))
    (drop (memory.grow (i32.const 4))) (call $msg_reply))
  (func (export "canister_query hooks") (call $reply_i32 (global.get $hooks)))
  (func (export "canister_query seen") (call $reply_i32 (global.get $seen)))`;

let bench: Bench;
let id: Principal;

beforeEach(() => {
  bench = new Bench();
  id = bench.deploy(HOOKED);
});

function limit(pages: bigint, threshold: bigint): void {
  const settings = { wasm_memory_limit: [pages * PAGE], wasm_memory_threshold: [threshold * PAGE] };
  dataOf(bench.manage('update_settings', idl.UpdateSettings, { canister_id: id, settings }));
}

const hooks = (): number => numberOf(bench.query(id, 'hooks'));

test('is due when less than the threshold is left, and runs once', () => {
  limit(10n, 5n);
  dataOf(bench.update(id, 'grow'));
  expect(hooks()).toBe(0);
  limit(10n, 6n);
  bench.replica.executeRound();
  expect(hooks()).toBe(1);
  bench.replica.executeRound();
  expect(hooks()).toBe(1);
  expect(bench.replica.canister(id)!.lowMemoryHook).toBe('executed');
});

test('runs before the next message of the canister', () => {
  limit(20n, 16n);
  const messages = [bench.submit(id, 'grow'), bench.submit(id, 'grow')];
  bench.replica.executeRound();
  for (const message of messages) dataOf(bench.answer(message));
  expect(numberOf(bench.query(id, 'seen'))).toBe(1);
});

test('waits again when there is room again', () => {
  limit(10n, 6n);
  dataOf(bench.update(id, 'grow'));
  expect(hooks()).toBe(1);
  limit(100n, 6n);
  bench.replica.executeRound();
  expect(bench.replica.canister(id)!.lowMemoryHook).toBe('condition_not_satisfied');
  limit(10n, 6n);
  bench.replica.executeRound();
  expect(hooks()).toBe(2);
});

test('without a threshold never runs', () => {
  limit(5n, 0n);
  dataOf(bench.update(id, 'grow'));
  bench.replica.executeRound();
  expect(hooks()).toBe(0);
});

test('has nobody to answer to', () => {
  id = bench.deploy('(func (export "canister_on_low_wasm_memory") (call $msg_reply))');
  limit(1n, 1n);
  bench.replica.executeRound();
  const { records } = bench.replica.canister(id)!.log;
  expect(textOf(records.at(-1)!.content)).toContain(
    '"ic0_msg_reply" cannot be executed in on low Wasm memory mode',
  );
});
