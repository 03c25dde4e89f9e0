/** Each system call is allowed exactly where the specification says. */
import { describe, expect, test } from '@jest/globals';

import { Clock } from '../../src/replica/clock.js';
import { exported, ExportName, MODE_WORDS, type Mode } from '../../src/replica/entry-point.js';
import { execute } from '../../src/replica/execution.js';
import { IC0 } from '../../src/replica/ic0.js';
import { nodeHost } from '../../src/replica/index.js';
import { messageInput } from '../../src/replica/messages.js';
import { Randomness } from '../../src/replica/randomness.js';
import type { Response } from '../../src/replica/rejection.js';
import { ReplicaState } from '../../src/replica/state.js';
import { makeSubnets } from '../../src/replica/topology.js';
import { modesOf, SPECIFICATION } from './specification.js';
import {
  Bench,
  bytesOf,
  callWithZeroes,
  canister,
  CONTROLLER,
  dataOf,
  errorOf,
  messageOf,
  numberOf,
  SYSTEM_CALLS,
  textOf,
} from './support.js';

/** A canister that makes each system call, with zeroes, in a method of its name. */
const EACH = SYSTEM_CALLS.map(
  (name) => `(func (export "canister_update ${name}") ${callWithZeroes(name)})`,
).join('\n');

describe('the table', () => {
  test('has what the specification has, and nothing else', () => {
    expect(Object.keys(IC0).sort()).toEqual(SPECIFICATION.map(([name]) => name).sort());
  });

  test.each(SPECIFICATION)('gives %s the type %s and the modes %s', (name, type, modes) => {
    const { parameters, results, modes: allowed } = IC0[name]!;
    expect(`(${parameters.join(' ')}) -> ${results[0] ?? '()'}`).toBe(type);
    expect([...allowed].sort()).toEqual(modesOf(modes));
  });

  test.each(Object.keys(MODE_WORDS) as Mode[])('holds in mode %s', (mode) => {
    const state = new ReplicaState(
      nodeHost,
      new Clock(1n),
      new Randomness(nodeHost, Uint8Array.of(1)),
      makeSubnets(nodeHost, Uint8Array.of(1), ['Application']),
      () => undefined,
    );
    const bench = new Bench();
    const installed = bench.replica.canister(bench.deploy(EACH))!;
    const allowed = SPECIFICATION.filter(([name]) => {
      const facts = { mode, method: MODE_WORDS[mode] };
      const input = messageInput(state, installed.id, CONTROLLER, facts);
      const entry = exported(ExportName.update(name));
      const { trap } = execute(installed, installed.code!, entry, input);
      const text = `"ic0_${name}" cannot be executed in ${MODE_WORDS[mode]} mode`;
      return !trap?.text.includes(text);
    });
    const specified = SPECIFICATION.filter(([, , modes]) => modesOf(modes).includes(mode));
    expect(allowed).toEqual(specified);
  });
});

/** Makes the system call whose number in {@link SYSTEM_CALLS} is the first byte of the argument. */
const SELECT = `
  (func $select (local $number i32)
    (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 1))
    (local.set $number (i32.load8_u (i32.const 0)))
    ${SYSTEM_CALLS.map(
      (name, number) => `(if (i32.eq (local.get $number) (i32.const ${number}))
        (then ${callWithZeroes(name)}))`,
    ).join('\n    ')})`;

/** Calls itself with its own argument, which comes back to the reply callback. */
const CALLBACK = `
  (table 1 funcref) (elem (i32.const 0) $callback)
  (data (i32.const 100) "other")
  (func $callback (param i32) (call $select))
  (func (export "canister_update other")
    (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 1))
    (call $reply_bytes (i32.const 0) (i32.const 1)))
  (func (export "canister_update run")
    (call $canister_self_copy (i32.const 0) (i32.const 0) (i32.const 10))
    (call $call_new (i32.const 0) (i32.const 10) (i32.const 100) (i32.const 5)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 1))
    (call $call_data_append (i32.const 0) (i32.const 1))
    (drop (call $call_perform)))`;

/** For each mode a canister that makes the selected call in it, and the way to have it do so. */
const MODES: readonly (readonly [Mode, string, 'install' | 'update' | 'query'])[] = [
  ['I', '(func (export "canister_init") (call $select))', 'install'],
  ['U', '(func (export "canister_update run") (call $select))', 'update'],
  ['RQ', '(func (export "canister_query run") (call $select))', 'update'],
  ['NRQ', '(func (export "canister_query run") (call $select))', 'query'],
  ['CQ', '(func (export "canister_composite_query run") (call $select))', 'query'],
  [
    'F',
    `(func (export "canister_inspect_message") (call $select))
     (func (export "canister_update run"))`,
    'update',
  ],
  ['Ry', CALLBACK, 'update'],
];

function refused(mode: Mode, name: string, response: Response): boolean {
  const text = `"ic0_${name}" cannot be executed in ${MODE_WORDS[mode]} mode`;
  return response.kind === 'reject' && response.rejection.message.includes(text);
}

describe.each(MODES)('in mode %s', (mode, body, way) => {
  const bench = new Bench();
  const installed = way === 'install' ? undefined : bench.deploy(SELECT + body);

  test.each(SYSTEM_CALLS)('%s', (name) => {
    const argument = Uint8Array.of(SYSTEM_CALLS.indexOf(name));
    const response =
      installed === undefined
        ? bench.install(bench.create(), canister(SELECT + body), { argument })
        : bench[way as 'update' | 'query'](installed, 'run', argument);
    expect(refused(mode, name, response)).toBe(!IC0[name]!.modes.has(mode));
  });
});

test.each(['stable64_size', 'debug_print', 'time', 'msg_reply', 'canister_version', 'trap'])(
  'in the start function: %s',
  (name) => {
    const bench = new Bench();
    const wasm = canister(`(start $start) (func $start ${callWithZeroes(name)})`);
    const response = bench.install(bench.create(), wasm);
    expect(refused('s', name, response)).toBe(!IC0[name]!.modes.has('s'));
  },
);

test('a call in the wrong mode is IC0504', () => {
  const bench = new Bench();
  const id = bench.deploy(`(func (export "canister_query run") ${callWithZeroes('call_perform')})`);
  expect(errorOf(bench.query(id, 'run'))).toBe(504);
});

describe('the canister about itself', () => {
  const SELF = `
    (func (export "canister_query version") (call $reply_i64 (call $canister_version)))
    (func (export "canister_query time") (call $reply_i64 (call $time)))
    (func (export "canister_query replicated") (call $reply_i32 (call $in_replicated_execution)))
    (func (export "canister_query status") (call $reply_i32 (call $canister_status)))
    (func (export "canister_query counter") (local $first i64)
      (local.set $first (call $performance_counter (i32.const 0)))
      (call $reply_i64 (i64.sub (call $performance_counter (i32.const 0)) (local.get $first))))
    (func (export "canister_query controls")
      (call $msg_caller_copy (i32.const 0) (i32.const 0) (call $msg_caller_size))
      (call $reply_i32 (call $is_controller (i32.const 0) (call $msg_caller_size))))
    (func (export "canister_query id")
      (call $canister_self_copy (i32.const 0) (i32.const 0) (call $canister_self_size))
      (call $reply_bytes (i32.const 0) (call $canister_self_size)))
    (func (export "canister_query balance")
      (call $canister_cycle_balance128 (i32.const 0)) (call $reply_bytes (i32.const 0) (i32.const 16)))
    (func (export "canister_query copy_too_much")
      (call $canister_self_copy (i32.const 0) (i32.const 1) (i32.const 10)) (call $msg_reply))
    (func (export "canister_query echo_name") (call $reply_i32 (call $env_var_count)))`;
  const bench = new Bench();
  const id = bench.deploy(SELF);

  test('knows its version, status, id, balance and controllers', () => {
    expect(numberOf(bench.query(id, 'version'))).toBe(1);
    expect(numberOf(bench.query(id, 'status'))).toBe(1);
    expect(dataOf(bench.query(id, 'id'))).toEqual(id.toUint8Array());
    expect(numberOf(bench.query(id, 'balance'))).toBe(1_000_000);
    expect(numberOf(bench.query(id, 'controls', undefined, CONTROLLER))).toBe(1);
    expect(numberOf(bench.query(id, 'controls', undefined, id))).toBe(0);
  });

  test('knows whether it is replicated, and what time it is', () => {
    expect(numberOf(bench.query(id, 'replicated'))).toBe(0);
    expect(numberOf(bench.update(id, 'replicated'))).toBe(1);
    const data = dataOf(bench.query(id, 'time'));
    expect(new DataView(data.buffer).getBigUint64(0, true)).toBe(bench.replica.clock.roundTime);
  });

  test('counts its system calls', () => {
    expect(numberOf(bench.query(id, 'counter'))).toBe(200);
  });

  test('copies no byte beyond the source', () => {
    expect(errorOf(bench.query(id, 'copy_too_much'))).toBe(504);
  });
});

test('a canister reads back what it printed last in its log only', () => {
  const bench = new Bench();
  const id = bench.deploy(`
    (func (export "canister_update print")
      (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size))
      (call $debug_print (i32.const 0) (call $msg_arg_data_size)) (call $msg_reply))`);
  for (let index = 0; index < 5; index++) {
    dataOf(bench.update(id, 'print', bytesOf(String(index).repeat(1000))));
  }
  const { records, nextIndex } = bench.replica.canister(id)!.log;
  expect(nextIndex).toBe(5n);
  expect(records.map(({ content }) => textOf(content)[0])).toEqual(['1', '2', '3', '4']);
});

describe('a text of the whole heap', () => {
  const bench = new Bench();
  const PAGES = 64;
  const id = bench.deploy(`
    (func (export "canister_update print")
      (drop (memory.grow (i32.const ${PAGES})))
      (call $debug_print (i32.const 0) (i32.const ${PAGES * 65_536}))
      (call $msg_reply))
    (func (export "canister_update trap")
      (drop (memory.grow (i32.const ${PAGES})))
      (call $trap (i32.const 0) (i32.const ${PAGES * 65_536})))
    (func (export "canister_update beyond") (call $trap (i32.const 0) (i32.const -1)))`);

  test('is printed as far as anything could carry it', () => {
    dataOf(bench.update(id, 'print'));
    expect(bench.printed[0]!.length).toBe(2 * 2 ** 20);
  });

  test('ends a message with as much of it', () => {
    const response = bench.update(id, 'trap');
    expect(errorOf(response)).toBe(503);
    expect(messageOf(response).length).toBeLessThan(2 * 2 ** 20 + 500);
  });

  test('is replaced by another where it is not in the heap', () => {
    const response = bench.update(id, 'beyond');
    expect(messageOf(response)).toContain('(trap message out of memory bounds)');
  });
});
