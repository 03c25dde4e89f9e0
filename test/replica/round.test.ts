/** Rounds: timers, heartbeats, and how much happens in one. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import type { InstallMode } from '../../src/replica/management/idl.js';
import { Bench, canister, dataOf, MANAGEMENT, numberOf, textOf, UPGRADE } from './support.js';

const CLOCKWORK = `
  (global $ticks (mut i32) (i32.const 0))
  (global $last (mut i64) (i64.const 0))
  (func (export "canister_global_timer")
    (global.set $ticks (i32.add (global.get $ticks) (i32.const 1)))
    (global.set $last (call $time)))
  (func (export "canister_update set")
    (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 8))
    (call $reply_i64 (call $global_timer_set (i64.load (i32.const 0)))))
  (func (export "canister_query ticks") (call $reply_i32 (global.get $ticks)))
  (func (export "canister_query last") (call $reply_i64 (global.get $last)))`;

const SECOND = 1_000_000_000n;

let bench: Bench;
let id: Principal;

beforeEach(() => {
  bench = new Bench();
  id = bench.deploy(CLOCKWORK);
});

const ticks = (): number => numberOf(bench.query(id, 'ticks'));
const argumentOf = (time: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(time).buffer);

/** Sets the timer and gives the old value. */
function setTimer(time: bigint): bigint {
  const data = dataOf(bench.update(id, 'set', argumentOf(time)));
  return new DataView(data.buffer).getBigUint64(0, true);
}

function install(mode: InstallMode, body = CLOCKWORK): void {
  dataOf(bench.install(id, canister(body), { mode }));
}

test('a timer fires in the first round at or after its time, once', () => {
  const due = bench.replica.clock.now + 10n * SECOND;
  setTimer(due);
  bench.replica.executeRound();
  expect(ticks()).toBe(0);
  bench.replica.clock.set(due);
  expect(ticks()).toBe(0);
  bench.replica.executeRound();
  bench.replica.executeRound();
  expect(ticks()).toBe(1);
  const data = dataOf(bench.query(id, 'last'));
  expect(new DataView(data.buffer).getBigUint64(0, true)).toBe(due);
});

test('a timer in the past fires in the next round', () => {
  setTimer(1n);
  bench.replica.executeRound();
  expect(ticks()).toBe(1);
});

test('setting a timer gives the old value, and 0 switches it off', () => {
  const due = bench.replica.clock.now + 10n * SECOND;
  expect(setTimer(due)).toBe(0n);
  expect(setTimer(0n)).toBe(due);
  bench.replica.clock.set(due + 1n);
  bench.replica.executeRound();
  expect(ticks()).toBe(0);
});

test.each<[string, () => void]>([
  ['an upgrade', () => void install(UPGRADE)],
  ['a reinstallation', () => void install({ reinstall: null })],
  [
    'a removal and an installation',
    () => {
      dataOf(bench.manageId('uninstall_code', id));
      install({ install: null });
    },
  ],
])('a timer is off after %s', (_name, act) => {
  setTimer(bench.replica.clock.now + 10n * SECOND);
  act();
  expect(bench.replica.canister(id)!.code!.globalTimer).toBe(0n);
});

test('a timer that pre_upgrade sets is lost, one that init or post_upgrade sets is kept', () => {
  const setting = (entry: string, time: bigint): string =>
    `(func (export "${entry}") (drop (call $global_timer_set (i64.const ${time}))))`;
  const timer = (): bigint => bench.replica.canister(id)!.code!.globalTimer;
  const due = 8_000_000_000_000_000_000n;
  id = bench.deploy(setting('canister_init', due) + setting('canister_pre_upgrade', 7n));
  expect(timer()).toBe(due);
  install(UPGRADE, '');
  expect(timer()).toBe(0n);
  install(UPGRADE, setting('canister_post_upgrade', due + 1n));
  expect(timer()).toBe(due + 1n);
});

test('a timer is off when it fires, and one that sets itself again fires once in a round', () => {
  id = bench.deploy(`
    (global $ticks (mut i32) (i32.const 0))
    (global $old (mut i64) (i64.const 5))
    (func (export "canister_init") (drop (call $global_timer_set (i64.const 1))))
    (func (export "canister_global_timer")
      (global.set $ticks (i32.add (global.get $ticks) (i32.const 1)))
      (global.set $old (call $global_timer_set (i64.const 1))))
    (func (export "canister_query old") (call $reply_i64 (global.get $old)))
    (func (export "canister_query ticks") (call $reply_i32 (global.get $ticks)))`);
  bench.replica.executeRound();
  expect([ticks(), numberOf(bench.query(id, 'old'))]).toEqual([1, 0]);
  bench.replica.executeRound();
  expect(ticks()).toBe(2);
});

test('a timer that traps is undone, and does not fire again', () => {
  id = bench.deploy(`
    (global $ticks (mut i32) (i32.const 0))
    (func (export "canister_init") (drop (call $global_timer_set (i64.const 1))))
    (func (export "canister_global_timer")
      (global.set $ticks (i32.const 1)) (drop (call $global_timer_set (i64.const 1))) unreachable)
    (func (export "canister_query ticks") (call $reply_i32 (global.get $ticks)))`);
  bench.replica.executeRound();
  expect(ticks()).toBe(0);
  expect(bench.replica.canister(id)!.code!.globalTimer).toBe(0n);
});

test('a stopped canister keeps its timer until it runs again', () => {
  setTimer(1n);
  const { code } = bench.replica.canister(id)!;
  expect(code!.globalTimer).toBe(1n);
  bench.replica.executeRound();
  setTimer(bench.replica.clock.now + SECOND);
  dataOf(bench.manageId('stop_canister', id));
  bench.replica.clock.set(bench.replica.clock.now + 2n * SECOND);
  bench.replica.executeRound();
  dataOf(bench.manageId('start_canister', id));
  bench.replica.executeRound();
  expect(ticks()).toBe(2);
});

test('a heartbeat comes once in every round', () => {
  id = bench.deploy(`
    (global $ticks (mut i32) (i32.const 0))
    (func (export "canister_heartbeat")
      (global.set $ticks (i32.add (global.get $ticks) (i32.const 1))))
    (func (export "canister_query ticks") (call $reply_i32 (global.get $ticks)))`);
  const before = ticks();
  bench.replica.executeRound();
  bench.replica.executeRound();
  expect(ticks()).toBe(before + 2);
});

test.each(['canister_heartbeat', 'canister_global_timer'])('%s is called by aaaaa-aa', (entry) => {
  id = bench.deploy(`
    (global $ticks (mut i32) (i32.const 99))
    (func (export "canister_init") (drop (call $global_timer_set (i64.const 1))))
    (func (export "${entry}") (global.set $ticks (call $msg_caller_size)))
    (func (export "canister_query ticks") (call $reply_i32 (global.get $ticks)))`);
  bench.replica.executeRound();
  expect(ticks()).toBe(MANAGEMENT.toUint8Array().length);
});

test.each([
  ['canister_heartbeat', 'heartbeat'],
  ['canister_global_timer', 'global timer'],
])('%s has nobody to answer to', (entry, word) => {
  id = bench.deploy(`
    (func (export "canister_init") (drop (call $global_timer_set (i64.const 1))))
    (func (export "${entry}") (call $msg_reply))`);
  bench.replica.executeRound();
  const { records } = bench.replica.canister(id)!.log;
  const last = textOf(records.at(-1)!.content);
  expect(last).toContain(`"ic0_msg_reply" cannot be executed in ${word} mode`);
});

test('canisters that call themselves for ever do not hold up a round', () => {
  id = bench.deploy(`
    (table 1 funcref) (elem (i32.const 0) $nothing)
    (data (i32.const 100) "run")
    (global $runs (mut i32) (i32.const 0))
    (func $nothing (param i32))
    (func (export "canister_update run")
      (global.set $runs (i32.add (global.get $runs) (i32.const 1)))
      (call $canister_self_copy (i32.const 0) (i32.const 0) (i32.const 10))
      (call $call_new (i32.const 0) (i32.const 10) (i32.const 100) (i32.const 3)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (drop (call $call_perform)) (call $msg_reply))
    (func (export "canister_query runs") (call $reply_i32 (global.get $runs)))`);
  dataOf(bench.update(id, 'run'));
  const runs = numberOf(bench.query(id, 'runs'));
  expect(runs).toBeGreaterThan(100);
  bench.replica.executeRound();
  expect(numberOf(bench.query(id, 'runs'))).toBeGreaterThan(runs);
});
