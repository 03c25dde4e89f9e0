/** What a trap undoes, what a query leaves, and what a good message keeps. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import { Bench, dataOf, errorOf, messageOf, numberOf, textOf } from './support.js';

/** Changes every kind of state; `change` keeps it, `change_and_trap` and `change_in_query` do not. */
const CHANGER = `
  (data (i32.const 0) "certified")
  (global $counter (mut i32) (i32.const 0))
  (global $wide (mut f64) (f64.const 0))
  (func $change
    (i32.store (i32.const 100) (i32.add (i32.load (i32.const 100)) (i32.const 1)))
    (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
    (global.set $wide (f64.add (global.get $wide) (f64.const 1)))
    (if (i64.eq (call $stable64_size) (i64.const 0))
      (then (drop (call $stable64_grow (i64.const 1)))))
    (call $stable64_read (i64.const 200) (i64.const 0) (i64.const 8))
    (i32.store (i32.const 200) (i32.add (i32.load (i32.const 200)) (i32.const 1)))
    (call $stable64_write (i64.const 0) (i64.const 200) (i64.const 8)))
  (func $system_change
    (call $certified_data_set (i32.const 0) (i32.const 9))
    (drop (call $global_timer_set (i64.const 9000000000000000000)))
    (call $cycles_burn128 (i64.const 0) (i64.const 10) (i32.const 300)))
  (func (export "canister_update change")
    (call $change) (call $system_change) (call $reply_i32 (i32.const 0)))
  (func (export "canister_update change_and_trap") (call $change) (call $system_change) unreachable)
  (func (export "canister_update reply_and_trap")
    (call $reply_i32 (i32.const 0)) unreachable)
  (func (export "canister_update grow") (drop (memory.grow (i32.const 3)))
    (i32.store (i32.const 100) (i32.const 77)) (call $reply_i32 (i32.const 0)))
  (func (export "canister_update grow_and_trap") (drop (memory.grow (i32.const 3)))
    (i32.store (i32.const 100) (i32.const 99)) unreachable)
  (func (export "canister_query change_in_query") (call $change) (call $reply_i32 (i32.const 0)))
  (func (export "canister_query grow_in_query")
    (drop (memory.grow (i32.const 3))) (call $reply_i32 (memory.size)))
  (func (export "canister_query heap") (call $reply_i32 (i32.load (i32.const 100))))
  (func (export "canister_query global") (call $reply_i32 (global.get $counter)))
  (func (export "canister_query wide") (call $reply_i32 (i32.trunc_f64_s (global.get $wide))))
  (func (export "canister_query pages") (call $reply_i32 (memory.size)))
  (func (export "canister_query stable_pages") (call $reply_i64 (call $stable64_size)))
  (func (export "canister_query stable")
    (call $stable64_read (i64.const 200) (i64.const 0) (i64.const 8))
    (call $reply_i32 (i32.load (i32.const 200))))`;

let bench: Bench;
let id: Principal;

beforeEach(() => {
  bench = new Bench();
  id = bench.deploy(CHANGER);
});

const ask = (method: string): number => numberOf(bench.query(id, method));

function everything(): Record<string, unknown> {
  const { code, cycles, version } = bench.replica.canister(id)!;
  return {
    heap: ask('heap'),
    global: ask('global'),
    wide: ask('wide'),
    pages: ask('pages'),
    stablePages: ask('stable_pages'),
    stable: code!.stable.size > 0 ? ask('stable') : 0,
    certified: textOf(code!.certifiedData),
    timer: code!.globalTimer,
    cycles,
    version,
  };
}

describe('a message that ends well', () => {
  test('keeps all of its changes', () => {
    dataOf(bench.update(id, 'change'));
    dataOf(bench.update(id, 'change'));
    expect(everything()).toEqual({
      heap: 2,
      global: 2,
      wide: 2,
      pages: 1,
      stablePages: 1,
      stable: 2,
      certified: 'certified',
      timer: 9_000_000_000_000_000_000n,
      cycles: 999_980n,
      version: 3n,
    });
  });

  test('keeps a grown heap', () => {
    dataOf(bench.update(id, 'grow'));
    expect([ask('pages'), ask('heap')]).toEqual([4, 77]);
  });
});

describe('a trap', () => {
  test('undoes heap, globals, stable memory, certified data, timer and cycles', () => {
    dataOf(bench.update(id, 'change'));
    const before = everything();
    const response = bench.update(id, 'change_and_trap');
    expect(errorOf(response)).toBe(502);
    expect(messageOf(response)).toContain('Canister trapped: unreachable');
    expect(everything()).toEqual(before);
  });

  test('undoes the first growth of stable memory', () => {
    const before = everything();
    bench.update(id, 'change_and_trap');
    expect(everything()).toEqual(before);
  });

  test('undoes memory.grow, which V8 cannot', () => {
    dataOf(bench.update(id, 'change'));
    const before = everything();
    expect(errorOf(bench.update(id, 'grow_and_trap'))).toBe(502);
    expect(everything()).toEqual(before);
    dataOf(bench.update(id, 'change'));
    expect([ask('heap'), ask('global'), ask('stable')]).toEqual([2, 2, 2]);
  });

  test('undoes a growth after one that was kept', () => {
    dataOf(bench.update(id, 'grow'));
    bench.update(id, 'grow_and_trap');
    expect([ask('pages'), ask('heap')]).toEqual([4, 77]);
  });

  test('takes the reply back', () => {
    expect(errorOf(bench.update(id, 'reply_and_trap'))).toBe(502);
  });
});

describe('a query', () => {
  test('leaves nothing behind, called as a query', () => {
    dataOf(bench.update(id, 'change'));
    const before = everything();
    dataOf(bench.query(id, 'change_in_query'));
    expect(ask('grow_in_query')).toBe(4);
    expect(everything()).toEqual(before);
  });

  test('leaves nothing behind, called as an update, but for the version', () => {
    dataOf(bench.update(id, 'change'));
    const before = everything();
    dataOf(bench.update(id, 'change_in_query'));
    expect(numberOf(bench.update(id, 'grow_in_query'))).toBe(4);
    expect(everything()).toEqual({ ...before, version: 4n });
  });
});

describe('the ways in which Wasm code fails', () => {
  const FAULTS: readonly (readonly [string, string, number, string])[] = [
    ['unreachable', 'unreachable', 502, 'Canister trapped: unreachable'],
    ['heap', '(drop (i32.load (i32.const -4)))', 502, 'Canister trapped: heap out of bounds'],
    [
      'division',
      '(drop (i32.div_u (i32.const 1) (i32.load (i32.const 500))))',
      502,
      'Canister trapped: integer division by 0',
    ],
    ['recursion', '(call $deep)', 502, 'Canister trapped: stack overflow'],
    [
      'indirect',
      '(call_indirect (type $nothing) (i32.const 100))',
      502,
      'Canister trapped: table out of bounds',
    ],
    [
      'null entry',
      '(call_indirect (type $nothing) (i32.const 0))',
      502,
      'Canister trapped: null function or function signature mismatch',
    ],
    [
      'stable memory',
      '(call $stable64_write (i64.const 0) (i64.const 0) (i64.const 1))',
      502,
      'Canister trapped: stable memory out of bounds',
    ],
    [
      'a system call with a bad pointer',
      '(call $msg_reject (i32.const -1) (i32.const 2))',
      502,
      'Canister trapped: heap out of bounds',
    ],
    [
      'ic0.trap',
      '(call $trap (i32.const 0) (i32.const 4))',
      503,
      "Canister called `ic0.trap` with message: 'boom'",
    ],
  ];

  test.each(FAULTS)('%s', (_name, code, errorCode, text) => {
    const faulty = bench.deploy(`
      (type $nothing (func))
      (table 2 funcref)
      (data (i32.const 0) "boom")
      (func $deep (call $deep) (call $deep))
      (func (export "canister_update fail") ${code})`);
    const response = bench.update(faulty, 'fail');
    expect(errorOf(response)).toBe(errorCode);
    expect(messageOf(response)).toContain(`Error from Canister ${faulty.toText()}: ${text}`);
  });
});

test('what a canister prints is heard and logged, even if the message traps', () => {
  const noisy = bench.deploy(`
    (data (i32.const 0) "hello")
    (func (export "canister_update print")
      (call $debug_print (i32.const 0) (i32.const 5)) unreachable)`);
  bench.update(noisy, 'print');
  const { records } = bench.replica.canister(noisy)!.log;
  expect(bench.printed).toEqual(['hello']);
  expect(records.map(({ content }) => textOf(content))).toEqual([
    'hello',
    '[TRAP]: Canister trapped: unreachable',
  ]);
});
