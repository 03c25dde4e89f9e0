/** Installing, upgrading and removing code: whole, or not at all. */
import { gzipSync } from 'node:zlib';

import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import type { InstallMode } from '../../src/replica/management/idl.js';
import { nodeHost } from '../../src/replica/index.js';
import {
  assemble,
  Bench,
  bytesOf,
  canister,
  dataOf,
  errorOf,
  messageOf,
  numberOf,
  textOf,
  UPGRADE,
} from './support.js';

/** Remembers where it was: in the heap, in stable memory, in certified data and in the timer. */
const KEEPER = `
  (data (i32.const 16) "certified")
  (global $heap (mut i32) (i32.const 0))
  (func (export "canister_update remember")
    (global.set $heap (i32.const 5))
    (drop (call $stable64_grow (i64.const 1)))
    (i32.store (i32.const 0) (i32.const 6))
    (call $stable64_write (i64.const 0) (i64.const 0) (i64.const 4))
    (call $certified_data_set (i32.const 16) (i32.const 9))
    (drop (call $global_timer_set (i64.const 9000000000000000000)))
    (call $msg_reply))
  (func (export "canister_query heap") (call $reply_i32 (global.get $heap)))
  (func (export "canister_query stable_pages") (call $reply_i64 (call $stable64_size)))
  (func (export "canister_query stable")
    (call $stable64_read (i64.const 8) (i64.const 0) (i64.const 4))
    (call $reply_i32 (i32.load (i32.const 8))))
  (func (export "canister_query from_pre_upgrade")
    (call $stable64_read (i64.const 8) (i64.const 100) (i64.const 8))
    (call $reply_i64 (i64.load (i32.const 8))))`;

/** Writes its version into stable memory and then changes the heap. */
const PRE_UPGRADE = `
  (func (export "canister_pre_upgrade")
    (i64.store (i32.const 32) (call $canister_version))
    (call $stable64_write (i64.const 100) (i64.const 32) (i64.const 8))
    (global.set $heap (i32.const 99)))`;

let bench: Bench;
let id: Principal;

beforeEach(() => {
  bench = new Bench();
  id = bench.deploy(KEEPER + PRE_UPGRADE);
  dataOf(bench.update(id, 'remember'));
});

const ask = (method: string): number => numberOf(bench.query(id, method));

describe('an upgrade', () => {
  test('keeps stable memory and certified data, and drops heap and timer', () => {
    dataOf(bench.install(id, canister(KEEPER), { mode: UPGRADE }));
    expect([ask('heap'), ask('stable'), ask('stable_pages')]).toEqual([0, 6, 1]);
    const { code } = bench.replica.canister(id)!;
    expect(textOf(code!.certifiedData)).toBe('certified');
    expect(code!.globalTimer).toBe(0n);
  });

  test('runs pre_upgrade under the old version number', () => {
    const version = bench.replica.canister(id)!.version;
    dataOf(bench.install(id, canister(KEEPER), { mode: UPGRADE }));
    expect(ask('from_pre_upgrade')).toBe(Number(version));
    expect(bench.replica.canister(id)!.version).toBe(version + 1n);
  });

  test('can leave pre_upgrade out', () => {
    const mode: InstallMode = {
      upgrade: [{ skip_pre_upgrade: [true], wasm_memory_persistence: [] }],
    };
    dataOf(bench.install(id, canister(KEEPER), { mode }));
    expect(ask('from_pre_upgrade')).toBe(0);
  });

  test('hands its argument to post_upgrade', () => {
    const wasm = canister(`${KEEPER}
      (func (export "canister_post_upgrade")
        (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size))
        (global.set $heap (i32.load8_u (i32.const 0))))`);
    dataOf(bench.install(id, wasm, { mode: UPGRADE, argument: Uint8Array.of(33) }));
    expect(ask('heap')).toBe(33);
  });

  test('needs code to upgrade', () => {
    expect(errorOf(bench.install(bench.create(), canister(KEEPER), { mode: UPGRADE }))).toBe(537);
  });

  test.each([
    ['post_upgrade', '(func (export "canister_post_upgrade") $WRITE unreachable)'],
    ['start', '(start $begin) (func $begin $WRITE unreachable)'],
  ])('whose %s traps changes nothing', (_name, text) => {
    const write = '(call $stable64_write (i64.const 0) (i64.const 0) (i64.const 4))';
    const hashBefore = bench.replica.canister(id)!.code!.moduleHash;
    const wasm = canister(KEEPER + text.replace('$WRITE', write));
    const response = bench.install(id, wasm, { mode: UPGRADE });
    expect(errorOf(response)).toBe(502);
    const { code } = bench.replica.canister(id)!;
    expect(code!.moduleHash).toEqual(hashBefore);
    expect(code!.globalTimer).toBe(9_000_000_000_000_000_000n);
    expect([ask('heap'), ask('stable'), ask('from_pre_upgrade')]).toEqual([5, 6, 0]);
  });

  test('whose pre_upgrade traps changes nothing', () => {
    const stuck = bench.deploy(`${KEEPER}
      (func (export "canister_pre_upgrade") (global.set $heap (i32.const 1)) unreachable)`);
    id = stuck;
    dataOf(bench.update(id, 'remember'));
    expect(errorOf(bench.install(id, canister(KEEPER), { mode: UPGRADE }))).toBe(502);
    expect([ask('heap'), ask('stable')]).toEqual([5, 6]);
  });

  test('whose data does not fit its memory changes nothing', () => {
    const wasm = assemble(`(module (memory 1) (data (i32.const 65535) "too far"))`);
    const response = bench.install(id, wasm, { mode: UPGRADE });
    expect(messageOf(response)).toContain('heap out of bounds');
    expect([ask('heap'), ask('stable')]).toEqual([5, 6]);
  });

  test('can keep the heap of a module that is made for it', () => {
    const section = bytesOf('icp:private enhanced-orthogonal-persistence');
    const body = `
      (func (export "canister_update set") (i32.store (i32.const 0) (i32.const 8)) (call $msg_reply))
      (func (export "canister_query get") (call $reply_i32 (i32.load (i32.const 0))))`;
    const wasm = Uint8Array.of(
      ...canister(body),
      0,
      section.length + 1,
      section.length,
      ...section,
    );
    id = bench.create();
    dataOf(bench.install(id, wasm));
    dataOf(bench.update(id, 'set'));
    const missing = bench.install(id, wasm, { mode: UPGRADE });
    expect(errorOf(missing)).toBe(504);
    expect(messageOf(missing)).toBe(
      'Missing upgrade option: Enhanced orthogonal persistence requires the ' +
        '`wasm_memory_persistence` upgrade option.',
    );
    const keep = (persistence: { keep: null } | { replace: null }): InstallMode => ({
      upgrade: [{ skip_pre_upgrade: [], wasm_memory_persistence: [persistence] }],
    });
    const invalid = bench.install(id, canister(body), { mode: keep({ keep: null }) });
    expect(errorOf(invalid)).toBe(504);
    expect(messageOf(invalid)).toContain(
      'Invalid upgrade option: The `wasm_memory_persistence: opt',
    );
    dataOf(bench.install(id, wasm, { mode: keep({ keep: null }) }));
    expect(ask('get')).toBe(8);
    dataOf(bench.install(id, wasm, { mode: keep({ replace: null }) }));
    expect(ask('get')).toBe(0);
  });
});

describe('whatever fails, and wherever, everything is as it was:', () => {
  const WRITE = `
    (drop (call $stable64_grow (i64.const 1)))
    (call $stable64_write (i64.const 0) (i64.const 0) (i64.const 4))
    (call $certified_data_set (i32.const 0) (i32.const 1))
    (drop (call $global_timer_set (i64.const 5)))
    unreachable`;
  const STUCK = `(func (export "canister_pre_upgrade")
    (global.set $heap (i32.const 1)) (drop (memory.grow (i32.const 1))) ${WRITE})`;

  test.each([
    ['a module that is none', KEEPER, UPGRADE, bytesOf('nonsense')],
    [
      'data that do not fit',
      KEEPER,
      UPGRADE,
      assemble('(module (memory 1) (data (i32.const 65535) "far"))'),
    ],
    ['pre_upgrade', KEEPER + STUCK, UPGRADE, canister(KEEPER)],
    ['post_upgrade', KEEPER, UPGRADE, canister(`(func (export "canister_post_upgrade") ${WRITE})`)],
    [
      'init, after a reinstallation',
      KEEPER,
      { reinstall: null },
      canister(`(func (export "canister_init") ${WRITE})`),
    ],
    [
      'start, after a reinstallation',
      KEEPER,
      { reinstall: null },
      canister('(start $begin) (func $begin unreachable)'),
    ],
    ['an installation where code is', KEEPER, { install: null }, canister(KEEPER)],
  ] as [string, string, InstallMode, Uint8Array][])('%s', (_name, old, mode, wasm) => {
    id = bench.deploy(old);
    dataOf(bench.update(id, 'remember'));
    const { log, ...before } = bench.replica.canister(id)!;
    expect(bench.install(id, wasm, { mode }).kind).toBe('reject');
    const { log: logAfter, ...after } = bench.replica.canister(id)!;
    expect(after).toEqual(before);
    expect(after.code).toBe(before.code);
    expect(logAfter.records.slice(0, log.records.length)).toEqual(log.records);
    expect([ask('heap'), ask('stable'), ask('stable_pages')]).toEqual([5, 6, 1]);
    dataOf(bench.update(id, 'remember'));
  });
});

describe('an installation', () => {
  test('needs an empty canister', () => {
    const response = bench.install(id, canister(KEEPER));
    expect(errorOf(response)).toBe(514);
    expect([ask('heap'), ask('stable')]).toEqual([5, 6]);
  });

  test('again, with reinstall, wipes everything', () => {
    dataOf(bench.install(id, canister(KEEPER), { mode: { reinstall: null } }));
    expect([ask('heap'), ask('stable_pages')]).toEqual([0, 0]);
    const { code, log } = bench.replica.canister(id)!;
    expect([code!.certifiedData.length, code!.globalTimer, log.records.length]).toEqual([0, 0n, 0]);
  });

  test('runs start once, then init', () => {
    const other = bench.deploy(
      `
      (global $count (mut i32) (i32.const 0))
      (start $begin)
      (func $begin (global.set $count (i32.add (global.get $count) (i32.const 1))))
      (func (export "canister_init")
        (global.set $count (i32.mul (global.get $count) (call $msg_arg_data_size))))
      (func (export "canister_update grow_and_trap") (drop (memory.grow (i32.const 1))) unreachable)
      (func (export "canister_query count") (call $reply_i32 (global.get $count)))`,
      new Uint8Array(10),
    );
    expect(numberOf(bench.query(other, 'count'))).toBe(10);
    bench.update(other, 'grow_and_trap');
    expect(numberOf(bench.query(other, 'count'))).toBe(10);
  });

  test('whose init traps leaves the canister empty', () => {
    const empty = bench.create();
    const response = bench.install(empty, canister('(func (export "canister_init") unreachable)'));
    expect(errorOf(response)).toBe(502);
    expect(bench.replica.canister(empty)!.code).toBeUndefined();
  });

  test('takes compressed modules; the hash is that of the upload', () => {
    const compressed = new Uint8Array(gzipSync(canister(KEEPER)));
    const other = bench.create();
    dataOf(bench.install(other, compressed));
    expect(numberOf(bench.query(other, 'heap'))).toBe(0);
    expect(bench.replica.canister(other)!.code!.moduleHash).toEqual(nodeHost.sha256(compressed));
  });

  test.each([
    ['no module', bytesOf('nonsense')],
    ['an empty upload', new Uint8Array(0)],
    ['a damaged module', canister(KEEPER).subarray(0, 400)],
    ['damaged compression', Uint8Array.of(0x1f, 0x8b, 0x08, 1, 2, 3)],
    ['an unknown import', assemble('(module (import "ic0" "teleport" (func)))')],
    ['an import from elsewhere', assemble('(module (import "env" "time" (func)))')],
    ['an unknown export', assemble('(module (func (export "canister_dance")))')],
    [
      'a method twice',
      assemble('(module (func (export "canister_update a")) (func (export "canister_query a")))'),
    ],
  ])('refuses %s with IC0505', (_name, wasm) => {
    expect(errorOf(bench.install(bench.create(), wasm))).toBe(505);
  });

  test('refuses a compressed module that would unpack to more than 100 MiB', () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(101 * 2 ** 20)));
    expect(errorOf(bench.install(bench.create(), bomb))).toBe(505);
  });

  test('needs no memory, no table and no globals', () => {
    const other = bench.create();
    dataOf(
      bench.install(
        other,
        assemble(`(module
          (import "ic0" "msg_reply" (func $msg_reply))
          (func (export "canister_update run") (call $msg_reply)))`),
      ),
    );
    expect(dataOf(bench.update(other, 'run'))).toHaveLength(0);
  });
});

describe('uninstalling', () => {
  test('takes the code and its state away, and rejects whoever waits', () => {
    dataOf(bench.manageId('uninstall_code', id));
    expect(errorOf(bench.query(id, 'heap'))).toBe(537);
    dataOf(bench.install(id, canister(KEEPER)));
    expect([ask('heap'), ask('stable_pages')]).toEqual([0, 0]);
  });
});
