/** Queries that call queries: what they may call, how far, and what remains of it. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import { canisterIdOf } from '../../src/replica/topology.js';
import {
  Bench,
  canister,
  dataOf,
  errorOf,
  messageOf,
  numberOf,
  PROXY,
  proxied,
  proxyArgument,
} from './support.js';

/**
 * Calls its own `count` in composite queries. Table: 0 and 1 of the proxy, 2 calls once more or
 * replies with the count, 3 says nothing, 4 counts, 5 counts and traps, 6 breaks a rule.
 */
const TREE = `${PROXY}
  (data (i32.const 500) "count")
  (global $count (mut i32) (i32.const 0))
  (global $calls (mut i32) (i32.const 0))
  (elem (i32.const 2) $again $silent $clean $give_up $rule)
  (func $ask (param $reply i32) (param $cleanup i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (call $canister_self_copy (i32.const 600) (i32.const 0) (i32.const 10))
    (call $call_new (i32.const 600) (i32.const 10) (i32.const 500) (i32.const 5)
      (local.get $reply) (i32.const 0) (local.get $reply) (i32.const 0))
    (call $call_on_cleanup (local.get $cleanup) (i32.const 0))
    (drop (call $call_perform)))
  (func $count_one (global.set $count (i32.add (global.get $count) (i32.const 1))))
  (func $again (param i32)
    (call $count_one)
    (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 4))
    (i32.store (i32.const 4) (i32.add (i32.load (i32.const 4)) (i32.load (i32.const 0))))
    (if (i32.lt_u (global.get $calls) (i32.const 3))
      (then (call $ask (i32.const 2) (i32.const 4)))
      (else (i32.store (i32.const 0) (global.get $count))
        (call $reply_bytes (i32.const 0) (i32.const 8)))))
  (func $clean (param i32) (call $count_one))
  (func $give_up (param i32) (call $count_one) unreachable)
  (func $silent (param i32))
  (func $rule (param i32) (call $msg_cycles_available128 (i32.const 0)))
  (func (export "canister_query count") (call $reply_i32 (global.get $count)))
  (func (export "canister_composite_query thrice")
    (call $count_one) (call $ask (i32.const 2) (i32.const 4)))
  (func (export "canister_composite_query reply_first")
    (call $ask (i32.const 5) (i32.const 5)) (call $reply_i32 (i32.const 7)))
  (func (export "canister_composite_query fail_then_reply")
    (call $ask (i32.const 5) (i32.const 4)) (call $ask (i32.const 4) (i32.const 4))
    (call $ask (i32.const 2) (i32.const 4)))
  (func (export "canister_composite_query fail") (call $ask (i32.const 5) (i32.const 4)))
  (func (export "canister_composite_query fail_twice") (call $ask (i32.const 5) (i32.const 5)))
  (func (export "canister_composite_query rule") (call $ask (i32.const 6) (i32.const 4)))
  (func (export "canister_composite_query rule_of_cleanup")
    (call $ask (i32.const 5) (i32.const 6)))
  (func (export "canister_composite_query silent") (call $ask (i32.const 3) (i32.const 4)))
  (func (export "canister_composite_query many") (local $left i32)
    (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 4))
    (local.set $left (i32.load (i32.const 0)))
    (loop $next
      (call $ask (i32.const 4) (i32.const 4))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left))))
  (func (export "canister_update touch") (call $count_one) (call $reply_i32 (i32.const 0)))
  (func (export "canister_composite_query pay") (call $call_cycles_add128 (i64.const 0) (i64.const 1)))`.replace(
  '(table 2 funcref)',
  '(table 7 funcref)',
);

let bench: Bench;
let id: Principal;

beforeEach(() => {
  bench = new Bench();
  id = bench.deploy(TREE);
});

const number = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);

/** A chain of so many composite queries above one query. */
function chain(calls: number): ReturnType<typeof proxied> {
  let argument = proxyArgument(id, 'count');
  for (let call = 1; call < calls; call++) {
    argument = proxyArgument(id, 'proxy_query', { argument });
  }
  return bench.query(id, 'proxy_query', argument);
}

describe('a composite query', () => {
  test('hears what the queries say that it calls', () => {
    dataOf(bench.update(id, 'touch'));
    const response = bench.query(id, 'proxy_query', proxyArgument(id, 'count'));
    expect(numberOf(proxied(response))).toBe(1);
  });

  test('keeps its changes between its callbacks, while its callees see none of them', () => {
    const data = dataOf(bench.query(id, 'thrice'));
    const [count, seen] = new Uint32Array(data.slice().buffer);
    expect([count, seen]).toEqual([4, 0]);
  });

  test('leaves nothing behind', () => {
    dataOf(bench.query(id, 'thrice'));
    dataOf(bench.query(id, 'thrice'));
    expect(numberOf(bench.query(id, 'count'))).toBe(0);
    dataOf(bench.update(id, 'touch'));
    expect(numberOf(bench.query(id, 'count'))).toBe(1);
  });

  test('that has replied does not make its calls', () => {
    expect(numberOf(bench.query(id, 'reply_first'))).toBe(7);
  });

  test('goes on after a callback that trapped, without its changes but with those of cleanup', () => {
    const [count] = new Uint32Array(dataOf(bench.query(id, 'fail_then_reply')).slice().buffer);
    expect(count).toBe(3);
  });

  test.each([
    ['fail', 502, 'Canister trapped: unreachable'],
    ['fail_twice', 502, 'call_on_cleanup also failed:'],
    ['silent', 506, 'Canister did not reply to the call'],
    ['rule', 504, 'cannot be executed in composite reply callback mode'],
    ['rule_of_cleanup', 502, 'cannot be executed in composite cleanup mode'],
    ['pay', 504, '"ic0_call_cycles_add128" cannot be executed in composite query mode'],
  ])('without an answer is rejected: %s', (method, code, text) => {
    const response = bench.query(id, method);
    expect(errorOf(response)).toBe(code);
    expect(messageOf(response)).toContain(text);
  });

  test('hears why a callee does not answer', () => {
    const response = bench.query(id, 'proxy_query', proxyArgument(id, 'touch'));
    expect(messageOf(proxied(response))).toBe(
      `IC0536: Error from Canister ${id.toText()}: Canister has no query method 'touch'.\n` +
        'Check the name of the method and whether it is a query.',
    );
  });

  test.each(['no canister', 'another subnet'])('cannot call %s', (where) => {
    const free = { kind: 'Application', costSchedule: 'Free' } as const;
    bench = new Bench({ subnets: [free, free] });
    id = bench.deploy(TREE);
    const callee = {
      'no canister': canisterIdOf(bench.replica.subnets[0]!.lastIndex),
      'another subnet': deployOn(1),
    }[where]!;
    const response = proxied(bench.query(id, 'proxy_query', proxyArgument(callee, 'count')));
    expect(messageOf(response)).toBe(`IC0301: Canister ${callee.toText()} not found`);
  });

  function deployOn(subnet: number): Principal {
    const other = bench.create(undefined, undefined, bench.replica.subnets[subnet]!.id);
    dataOf(bench.install(other, canister(TREE)));
    return other;
  }

  test('cannot be called as an update, by a user or by a canister', () => {
    const response = bench.update(id, 'thrice');
    expect(errorOf(response)).toBe(527);
    expect(messageOf(response)).toBe('Composite query cannot be called in replicated mode');
    expect(messageOf(bench.call(id, id, 'thrice'))).toBe(
      'IC0527: Composite query cannot be called in replicated mode',
    );
  });
});

describe('the limits of a tree', () => {
  test('6 calls deep, and no deeper', () => {
    const deep = chain(6);
    expect(deep.kind).toBe('reply');
    expect(dataOf(deep)).toHaveLength(6 + 4);
    const tooDeep = chain(7);
    expect(errorOf(tooDeep)).toBe(525);
    expect(messageOf(tooDeep)).toBe('Composite query calls exceeded the maximum call depth.');
  });

  test('5 billion instructions, of which each call costs 50 million', () => {
    expect(errorOf(bench.query(id, 'many', number(99)))).toBe(506);
    const response = bench.query(id, 'many', number(101));
    expect(errorOf(response)).toBe(526);
    expect(messageOf(response)).toBe('Composite query calls exceeded the instruction limit.');
  });
});

test('a canister that is stopped answers no queries', () => {
  dataOf(bench.manageId('stop_canister', id));
  expect(errorOf(bench.query(id, 'count'))).toBe(508);
  expect(messageOf(bench.query(id, 'thrice'))).toContain('is stopped');
});
