/** Every kind of message ends at its limit, and what messages use is counted exactly. */
import { describe, expect, test } from '@jest/globals';

import {
  INSTRUCTION_LIMITS,
  limitsOn,
  type InstructionLimits,
} from '../../src/replica/instruction-limits.js';
import {
  Bench,
  bytesOf,
  canister,
  errorOf,
  messageOf,
  numberOf,
  dataOf,
  UPGRADE,
} from './support.js';

const FOREVER = '(loop (br 0))';

const LIMITS: InstructionLimits = {
  update: 100_000n,
  query: 50_000n,
  queryTree: 50_000n,
  installation: 30_000n,
  inspection: 10_000n,
};

const ENDLESS = `
  (func (export "canister_update update") ${FOREVER})
  (func (export "canister_query query") ${FOREVER})
  (func (export "canister_composite_query composite") ${FOREVER})
  (func (export "canister_update alive") (call $msg_reply))`;

/** Calls its own method of the argument's name; what comes back ends in a loop without end. */
const CALLING_BACK = `
  (table 2 funcref) (elem (i32.const 0) $forever $trap_here)
  (func $forever (param i32) ${FOREVER})
  (func $trap_here (param i32) unreachable)
  (func $begin (param $callback i32)
    (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size))
    (call $canister_self_copy (i32.const 100) (i32.const 0) (i32.const 10))
    (call $call_new (i32.const 100) (i32.const 10) (i32.const 0) (call $msg_arg_data_size)
      (local.get $callback) (i32.const 0) (local.get $callback) (i32.const 0)))
  (func $perform (drop (call $call_perform)))
  (func (export "canister_update call") (call $begin (i32.const 0)) (call $perform))
  (func (export "canister_update clean_up")
    (call $begin (i32.const 1))
    (call $call_on_cleanup (i32.const 0) (i32.const 0)) (call $perform))
  (func (export "canister_composite_query ask") (call $begin (i32.const 0)) (call $perform))
  (func (export "canister_update alive") (call $msg_reply))
  (func (export "canister_query alive_too") (call $msg_reply))`;

function limited(): Bench {
  return new Bench({ instructionLimits: LIMITS });
}

function limitText(limit: bigint): string {
  return `Canister exceeded the limit of ${limit} instructions for single message execution.`;
}

test('the limits are those of the Internet Computer', () => {
  expect(INSTRUCTION_LIMITS).toEqual({
    update: 40_000_000_000n,
    query: 5_000_000_000n,
    queryTree: 5_000_000_000n,
    installation: 300_000_000_000n,
    inspection: 200_000_000n,
  });
});

describe('an endless loop ends with IC0522, and the next call is answered:', () => {
  test.each([
    ['an update', 'update', 'update', LIMITS.update],
    ['a query', 'query', 'query', LIMITS.query],
    ['a query that is called as an update', 'update', 'query', LIMITS.update],
    ['a composite query', 'query', 'composite', LIMITS.query],
  ] as const)('%s', (_name, way, method, limit) => {
    const bench = limited();
    const id = bench.deploy(ENDLESS);
    const response = bench[way](id, method);
    expect(errorOf(response)).toBe(522);
    expect(messageOf(response)).toContain(limitText(limit));
    expect(dataOf(bench.update(id, 'alive'))).toEqual(new Uint8Array(0));
  });

  test('an inspection', () => {
    const bench = limited();
    const id = bench.deploy(`(func (export "canister_inspect_message") ${FOREVER})${ENDLESS}`);
    expect(messageOf(bench.update(id, 'alive'))).toContain(limitText(LIMITS.inspection));
  });

  test('a timer', () => {
    const bench = limited();
    const id = bench.deploy(`
      (func (export "canister_init") (drop (call $global_timer_set (i64.const 1))))
      (func (export "canister_global_timer") ${FOREVER})${ENDLESS}`);
    bench.replica.executeRound();
    const { records } = bench.replica.canister(id)!.log;
    expect(new TextDecoder().decode(records[0]!.content)).toContain('100000 instructions');
    dataOf(bench.update(id, 'alive'));
  });

  test('a heartbeat', () => {
    const bench = limited();
    const id = bench.deploy(`(func (export "canister_heartbeat") ${FOREVER})${ENDLESS}`);
    bench.replica.executeRound();
    const { records } = bench.replica.canister(id)!.log;
    expect(new TextDecoder().decode(records[0]!.content)).toContain('100000 instructions');
    dataOf(bench.update(id, 'alive'));
  });

  test.each([
    ['a reply callback', 'update', 'call', 'alive', LIMITS.update],
    ['a reject callback', 'update', 'call', 'missing', LIMITS.update],
    ['a reply callback of a composite query', 'query', 'ask', 'alive_too', LIMITS.query],
    ['a reject callback of a composite query', 'query', 'ask', 'missing', LIMITS.query],
  ] as const)('%s', (_name, way, method, callee, limit) => {
    const bench = limited();
    const id = bench.deploy(CALLING_BACK);
    const response = bench[way](id, method, bytesOf(callee));
    expect(errorOf(response)).toBe(522);
    expect(messageOf(response)).toContain(limitText(limit));
    dataOf(bench.update(id, 'alive'));
  });

  test('a cleanup, after the trap of its callback', () => {
    const bench = limited();
    const id = bench.deploy(CALLING_BACK);
    const response = bench.update(id, 'clean_up', bytesOf('alive'));
    expect(errorOf(response)).toBe(502);
    expect(messageOf(response)).toMatch(
      /call_on_cleanup also failed:\n\n.*limit of 100000 instructions/s,
    );
  });

  test.each([
    ['a start function', `(start $start) (func $start ${FOREVER})`],
    ['an init', `(func (export "canister_init") ${FOREVER})`],
  ])('%s', (_name, body) => {
    const bench = limited();
    const response = bench.install(bench.create(), canister(body));
    expect(messageOf(response)).toContain(limitText(LIMITS.installation));
  });

  test.each([
    ['a pre_upgrade', `(func (export "canister_pre_upgrade") ${FOREVER})`, ''],
    ['a post_upgrade', '', `(func (export "canister_post_upgrade") ${FOREVER})`],
  ])('%s', (_name, before, after) => {
    const bench = limited();
    const id = bench.deploy(before + ENDLESS);
    const response = bench.install(id, canister(after), { mode: UPGRADE });
    expect(messageOf(response)).toContain(limitText(LIMITS.installation));
    dataOf(bench.update(id, 'alive'));
  });
});

test('the stages of an upgrade share one limit', () => {
  // About 20,000 instructions: one stage has room, two have not.
  const WORK = `(local $i i32) (loop $turn
    (br_if $turn (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2500))))`;
  const before = `(func (export "canister_pre_upgrade") ${WORK})`;
  const after = `(func (export "canister_post_upgrade") ${WORK})`;
  const bench = limited();
  const id = bench.deploy(`${before} (func (export "canister_query one") (call $msg_reply))`);
  const upgrade = (body: string) => bench.install(id, canister(body), { mode: UPGRADE });
  expect(errorOf(upgrade(after))).toBe(522);
  dataOf(bench.query(id, 'one'));
  dataOf(upgrade(''));
  dataOf(upgrade(after));
});

describe('on a subnet for benchmarks', () => {
  const instructionConfig = 'Benchmarking';
  /** Well more than all of {@link LIMITS}. */
  const WORK = `(local $i i32) (loop $turn
    (br_if $turn (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50000))))`;
  const WORKING = `
    (func (export "canister_update update") ${WORK} (call $msg_reply))
    (func (export "canister_query query") ${WORK} (call $msg_reply))`;
  const bench = new Bench({
    instructionLimits: LIMITS,
    subnets: [
      { kind: 'Application', costSchedule: 'Free', instructionConfig },
      { kind: 'Application', costSchedule: 'Free' },
    ],
  });
  const deployOn = (subnet: number, body: string) => {
    const id = bench.create(undefined, undefined, bench.replica.subnets[subnet]!.id);
    dataOf(bench.install(id, canister(body)));
    return id;
  };

  test('an update may use more than elsewhere', () => {
    dataOf(bench.update(deployOn(0, WORKING), 'update'));
    expect(errorOf(bench.update(deployOn(1, WORKING), 'update'))).toBe(522);
  });

  test('a single query, an installation and an inspection may not', () => {
    const id = deployOn(0, `(func (export "canister_inspect_message") ${WORK}) ${WORKING}`);
    expect(messageOf(bench.query(id, 'query'))).toContain(limitText(LIMITS.query));
    expect(messageOf(bench.update(id, 'update'))).toContain(limitText(LIMITS.inspection));
    const started = canister(`(start $start) (func $start ${WORK})`);
    const empty = bench.create(undefined, undefined, bench.replica.subnets[0]!.id);
    expect(messageOf(bench.install(empty, started))).toContain(limitText(LIMITS.installation));
  });

  test('the numbers are those of PocketIC', () => {
    expect(limitsOn('Benchmarking', INSTRUCTION_LIMITS)).toEqual({
      ...INSTRUCTION_LIMITS,
      update: 99_999_999_999_999n,
      queryTree: 99_999_999_999_999n,
    });
  });
});

describe('the performance counter', () => {
  const COUNTING = `
    (func $nothing (param i32))
    (table 1 funcref) (elem (i32.const 0) $back)
    (func $back (param i32) (call $reply_i64 (call $performance_counter (i32.const 1))))
    (func (export "canister_query count")
      (call $reply_i64 (call $performance_counter (i32.const 0))))
    (func (export "canister_query copy")
      (call $canister_self_copy (i32.const 0) (i32.const 0) (i32.const 10))
      (call $reply_i64 (call $performance_counter (i32.const 0))))
    (func (export "canister_query write")
      (drop (call $stable64_grow (i64.const 1)))
      (call $stable64_write (i64.const 4090) (i64.const 0) (i64.const 10))
      (call $stable64_write (i64.const 4090) (i64.const 0) (i64.const 10))
      (call $reply_i64 (call $performance_counter (i32.const 0))))
    (func (export "canister_query unknown") (drop (call $performance_counter (i32.const 2))))
    (func (export "canister_update call")
      (call $canister_self_copy (i32.const 0) (i32.const 0) (i32.const 10))
      (i64.store (i32.const 20) (i64.const 0x746e756f63))
      (call $call_new (i32.const 0) (i32.const 10) (i32.const 20) (i32.const 5)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (drop (call $call_perform)))`;
  const bench = new Bench();
  const id = bench.deploy(COUNTING);

  test('is the same on every run', () => {
    // Entry 1, constant 1, two calls 5 each, the system call 200.
    for (let run = 0; run < 3; run++) expect(numberOf(bench.query(id, 'count'))).toBe(212);
  });

  test('counts the bytes that system calls move', () => {
    // Besides the above: three constants and a call, 500, and 1 for each byte.
    expect(numberOf(bench.query(id, 'copy'))).toBe(212 + 3 + 5 + 500 + 10);
  });

  test('counts each page of stable memory that gets dirty, once', () => {
    const grow = 1 + 5 + 100 + 1;
    const write = 3 + 5 + 20 + 10;
    expect(numberOf(bench.query(id, 'write'))).toBe(212 + grow + 2 * write + 2 * 1000);
  });

  test('of the call context goes on in its callbacks', () => {
    // The caller: 730 for its copy of its id and what stands around it, then the call itself.
    const first = 1 + (3 + 5 + 510) + 3 + (8 + 5 + 1500 + 10 + 5) + (5 + 5000 + 1);
    const callback = 1 + 1 + 5 + 200 + 5;
    expect(numberOf(bench.update(id, 'call'))).toBe(first + callback);
  });

  test('knows two kinds', () => {
    expect(errorOf(bench.query(id, 'unknown'))).toBe(504);
  });
});

test('a system call that cannot be paid for is not carried out', () => {
  const bench = limited();
  const id = bench.deploy(`
    (func (export "canister_update print")
      (loop (call $debug_print (i32.const 0) (i32.const 2000)) (br 0)))`);
  expect(errorOf(bench.update(id, 'print'))).toBe(522);
  // The first costs 106,107: more than all that the message has.
  expect(bench.printed).toEqual([]);
});
