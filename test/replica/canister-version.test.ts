/** What makes a canister's version higher, and by how much. */
import { describe, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import * as idl from '../../src/replica/management/idl.js';
import {
  LoadSnapshot,
  Snapshot,
  TakeSnapshot,
} from '../../src/replica/management/idl/snapshots.js';
import { Bench, bytesOf, canister, dataOf, decoded, UPGRADE } from './support.js';

/** Calls itself where told to; a callback, a callback that traps, a cleanup. */
const CALLING = `
  (table 3 funcref) (elem (i32.const 0) $answer $fail $clean)
  (data (i32.const 0) "okno")
  (func $answer (param i32) (call $msg_reply))
  (func $fail (param i32) unreachable)
  (func $clean (param i32))
  (func $call (param $name i32) (param $callback i32)
    (call $canister_self_copy (i32.const 100) (i32.const 0) (i32.const 10))
    (call $call_new (i32.const 100) (i32.const 10) (local.get $name) (i32.const 2)
      (local.get $callback) (i32.const 0) (local.get $callback) (i32.const 0)))
  (func $perform (drop (call $call_perform)))
  (func (export "canister_update call") (call $call (i32.const 0) (i32.const 0)) (call $perform))
  (func (export "canister_update refused") (call $call (i32.const 2) (i32.const 0)) (call $perform))
  (func (export "canister_update fail") (call $call (i32.const 0) (i32.const 1)) (call $perform))
  (func (export "canister_update fail_and_clean")
    (call $call (i32.const 0) (i32.const 1))
    (call $call_on_cleanup (i32.const 2) (i32.const 0)) (call $perform))
  (func (export "canister_update ok") (call $msg_reply))
  (func (export "canister_update no") (call $msg_reject (i32.const 0) (i32.const 0)))
  (func (export "canister_update trap") unreachable)
  (func (export "canister_query ask") (call $msg_reply))
  (func (export "canister_composite_query ask_around") (call $msg_reply))`;

const TRAPPING = (name: string): string => `(func (export "${name}") unreachable)`;

function versionAfter(bench: Bench, id: Principal, act: () => unknown): bigint {
  const before = bench.replica.canister(id)!.version;
  act();
  return bench.replica.canister(id)!.version - before;
}

test('is 0 at creation', () => {
  const bench = new Bench();
  expect(bench.replica.canister(bench.create())!.version).toBe(0n);
});

describe('a message makes it higher:', () => {
  test.each([
    ['call', 3n, 'an update, the update that it calls, and its callback'],
    ['refused', 3n, 'an update, an update that rejects, and the callback for that'],
    ['fail', 2n, 'an update and the one that it calls, not a callback that traps'],
    ['fail_and_clean', 3n, 'the cleanup after that'],
    ['ok', 1n, 'an update'],
    ['no', 1n, 'an update that rejects'],
    ['trap', 0n, 'not an update that traps'],
    ['missing', 0n, 'not an update that is not there'],
    ['ask', 1n, 'a query that is called as an update'],
  ])('%s by %d: %s', (method, more) => {
    const bench = new Bench();
    const id = bench.deploy(CALLING);
    expect(versionAfter(bench, id, () => bench.update(id, method))).toBe(more);
  });

  test.each(['ask', 'ask_around'])('but not a query: %s', (method) => {
    const bench = new Bench();
    const id = bench.deploy(CALLING);
    expect(versionAfter(bench, id, () => dataOf(bench.query(id, method)))).toBe(0n);
  });

  test.each([
    ['a heartbeat', '(func (export "canister_heartbeat"))', 1n],
    ['a heartbeat that traps', TRAPPING('canister_heartbeat'), 0n],
    ['a timer', '(func (export "canister_global_timer"))', 1n],
    ['a timer that traps', TRAPPING('canister_global_timer'), 0n],
    ['nothing', '', 0n],
  ])('in a round with %s', (_name, task, more) => {
    const bench = new Bench();
    const id = bench.deploy(`${task}
      (func (export "canister_init") (drop (call $global_timer_set (i64.const 1))))`);
    expect(versionAfter(bench, id, () => bench.replica.executeRound())).toBe(more);
  });
});

describe('the management canister makes it higher:', () => {
  const settings = { freezing_threshold: [1n] };
  const wasm = canister(CALLING);
  const trapping = canister(TRAPPING('canister_init') + TRAPPING('canister_post_upgrade'));

  test.each<[string, bigint, (bench: Bench, id: Principal) => unknown]>([
    [
      'update_settings',
      1n,
      (bench, canister_id) =>
        dataOf(bench.manage('update_settings', idl.UpdateSettings, { canister_id, settings })),
    ],
    ['an upgrade', 1n, (bench, id) => dataOf(bench.install(id, wasm, { mode: UPGRADE }))],
    ['an upgrade that fails', 0n, (bench, id) => bench.install(id, trapping, { mode: UPGRADE })],
    [
      'a reinstallation',
      1n,
      (bench, id) => dataOf(bench.install(id, wasm, { mode: { reinstall: null } })),
    ],
    [
      'a reinstallation that fails',
      0n,
      (bench, id) => bench.install(id, trapping, { mode: { reinstall: null } }),
    ],
    ['uninstall_code', 1n, (bench, id) => dataOf(bench.manageId('uninstall_code', id))],
    ['a stop, in two steps', 2n, (bench, id) => dataOf(bench.manageId('stop_canister', id))],
    ['a start', 1n, (bench, id) => dataOf(bench.manageId('start_canister', id))],
    ['canister_status', 0n, (bench, id) => dataOf(bench.manageId('canister_status', id))],
    [
      'upload_chunk',
      0n,
      (bench, canister_id) =>
        dataOf(
          bench.manage('upload_chunk', idl.UploadChunk, { canister_id, chunk: bytesOf('chunk') }),
        ),
    ],
  ])('%s by %d', (_name, more, act) => {
    const bench = new Bench();
    const id = bench.deploy(CALLING);
    expect(versionAfter(bench, id, () => act(bench, id))).toBe(more);
  });

  test('a first installation', () => {
    const bench = new Bench();
    const id = bench.create();
    expect(versionAfter(bench, id, () => dataOf(bench.install(id, wasm)))).toBe(1n);
  });

  test('a snapshot that is loaded, not one that is taken', () => {
    const bench = new Bench();
    const id = bench.deploy(CALLING);
    let snapshot_id = new Uint8Array(0);
    const take = (): void => {
      const taken = bench.manage('take_canister_snapshot', TakeSnapshot, { canister_id: id });
      snapshot_id = decoded<{ id: Uint8Array }>(Snapshot, taken).id.slice();
    };
    const load = (): unknown =>
      dataOf(
        bench.manage('load_canister_snapshot', LoadSnapshot, { canister_id: id, snapshot_id }),
      );
    expect(versionAfter(bench, id, take)).toBe(0n);
    dataOf(bench.update(id, 'ok'));
    expect(versionAfter(bench, id, load)).toBe(1n);
  });
});

test('in an upgrade pre_upgrade sees the old one, start, post_upgrade and init the new one', () => {
  const bench = new Bench();
  const KEEPER = `
    (func $keep (param $offset i64)
      (if (i64.eq (call $stable64_size) (i64.const 0))
        (then (drop (call $stable64_grow (i64.const 1)))))
      (i64.store (i32.const 0) (call $canister_version))
      (call $stable64_write (local.get $offset) (i64.const 0) (i64.const 8)))
    (func (export "canister_init") (call $keep (i64.const 0)))
    (func (export "canister_pre_upgrade") (call $keep (i64.const 8)))
    (func (export "canister_post_upgrade") (call $keep (i64.const 16)))`;
  const id = bench.deploy(KEEPER);
  const settings = {};
  dataOf(bench.manage('update_settings', idl.UpdateSettings, { canister_id: id, settings }));
  dataOf(bench.install(id, canister(KEEPER), { mode: UPGRADE }));
  const { stable } = bench.replica.canister(id)!.code!;
  expect([...new BigUint64Array(stable.read(0, 24).slice().buffer)]).toEqual([1n, 2n, 3n]);
});
