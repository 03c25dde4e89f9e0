/** Waiting that ends: best-effort calls, stops that take too long, messages that come too late. */
import { IDL } from '@dfinity/candid';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import {
  Bench,
  bytesOf,
  CONTROLLER,
  dataOf,
  errorOf,
  MANAGEMENT,
  messageOf,
  numberOf,
  PROXY,
  proxied,
  proxyArgument,
} from './support.js';

const SECOND = 1_000_000_000n;

const Request = IDL.Record({
  url: IDL.Text,
  method: IDL.Variant({ get: IDL.Null }),
  headers: IDL.Vec(IDL.Record({ name: IDL.Text, value: IDL.Text })),
});

/** `slow` is answered when an outcall is, which a test decides; `deadline` tells its own. */
const CALLEE = `${PROXY}
  (func (export "canister_update accept")
    (call $msg_cycles_accept128 (i64.const 0) (i64.const 300) (i32.const 0))
    (call $msg_reply))
  (func (export "canister_update deadline") (call $reply_i64 (call $msg_deadline)))
  (func (export "canister_query ask_deadline") (call $reply_i64 (call $msg_deadline)))`;

let bench: Bench;
let caller: Principal;
let callee: Principal;

beforeEach(() => {
  bench = new Bench();
  caller = bench.deploy(CALLEE);
  callee = bench.deploy(CALLEE);
});

const later = (seconds: bigint): void => {
  bench.replica.clock.set(bench.replica.clock.now + seconds * SECOND);
  bench.replica.executeRound();
};

const deadlineOf = (data: Uint8Array): bigint => new BigUint64Array(data.slice().buffer)[0]!;

/** Has the caller call a method that waits for an outcall. */
function callSlowly(timeoutInSeconds: number, cycles = 0n): string {
  const outcall = requestOf('https://example.com/');
  const argument = proxyArgument(MANAGEMENT, 'http_request', { argument: outcall });
  const options = { argument, timeoutInSeconds, cycles };
  const message = bench.submit(caller, 'proxy', proxyArgument(callee, 'proxy', options));
  bench.replica.executeRound();
  expect(bench.replica.pendingOutcalls()).toHaveLength(1);
  return message;
}

/** Candid of a request that says nothing but its address. */
function requestOf(url: string): Uint8Array {
  return new Uint8Array(IDL.encode([Request], [{ url, method: { get: null }, headers: [] }]));
}

describe('a best-effort call', () => {
  test.each([
    [10, 10n],
    [300, 300n],
    [301, 300n],
    [2 ** 32 - 1, 300n],
  ])('with a timeout of %d seconds has a deadline in %d seconds', (timeoutInSeconds, seconds) => {
    const response = bench.call(caller, callee, 'deadline', { timeoutInSeconds });
    const sent = bench.replica.clock.roundTime / SECOND;
    expect(deadlineOf(dataOf(response))).toBe((sent + seconds) * SECOND);
  });

  test('without a timeout, or of a query, has none', () => {
    expect(numberOf(bench.call(caller, callee, 'deadline'))).toBe(0);
    const response = bench.call(caller, callee, 'ask_deadline', { timeoutInSeconds: 10 });
    expect(numberOf(response)).toBe(0);
  });

  test('that is not answered in time is ended with SYS_UNKNOWN', () => {
    const message = callSlowly(10);
    later(8n);
    expect(bench.replica.ingress(message)!.status).toBe('processing');
    later(2n);
    const response = proxied(bench.answer(message));
    expect(errorOf(response)).toBe(6);
    expect(messageOf(response)).toBe('Deadline expired.');
  });

  test('brings back the cycles of an answer that comes too late, and nothing else', () => {
    const before = bench.cycles(caller);
    const message = callSlowly(10, 1000n);
    later(11n);
    proxied(bench.answer(message));
    expect(bench.cycles(caller)).toBe(before - 1000n);
    const { id } = bench.replica.pendingOutcalls()[0]!;
    bench.replica.answerOutcall(id, { kind: 'reject', rejectCode: 1, message: '' });
    bench.replica.executeRound();
    expect(bench.cycles(caller)).toBe(before);
    dataOf(bench.manageId('stop_canister', caller));
  });

  test('that was not begun in time is never begun', () => {
    dataOf(bench.manageId('stop_canister', caller));
    dataOf(bench.manageId('start_canister', caller));
    const options = { timeoutInSeconds: 10, cycles: 1000n };
    const argument = proxyArgument(callee, 'accept', options);
    const before = [bench.cycles(caller), bench.cycles(callee)];
    // The queue of a round is filled before, so that the call has to wait for the next one.
    for (let count = 0; count < 999; count++) bench.submit(callee, 'deadline');
    const message = bench.submit(caller, 'proxy', argument);
    bench.replica.executeRound();
    later(10n);
    bench.replica.executeRound();
    expect(errorOf(proxied(bench.answer(message)))).toBe(6);
    expect([bench.cycles(caller), bench.cycles(callee)]).toEqual(before);
  });
});

/** Makes the outcall of its argument, and again whenever it is answered. */
const PATIENT = `
  (table 1 funcref) (elem (i32.const 0) $wait)
  (data (i32.const 100) "http_request")
  (func $wait (param i32)
    (call $call_new (i32.const 0) (i32.const 0) (i32.const 100) (i32.const 12)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $call_data_append (i32.const 1000) (i32.load (i32.const 0)))
    (drop (call $call_perform)))
  (func (export "canister_update wait")
    (i32.store (i32.const 0) (call $msg_arg_data_size))
    (call $msg_arg_data_copy (i32.const 1000) (i32.const 0) (call $msg_arg_data_size))
    (call $wait (i32.const 0)))`;

test('a stop that takes more than 5 minutes is given up; the canister goes on stopping', () => {
  caller = bench.deploy(PATIENT);
  bench.submit(caller, 'wait', requestOf('https://example.com/'));
  const argument = new Uint8Array(
    IDL.encode([IDL.Record({ canister_id: IDL.Principal })], [{ canister_id: caller }]),
  );
  const stop = bench.submit(MANAGEMENT, 'stop_canister', argument);
  bench.replica.executeRound();
  later(299n);
  expect(bench.replica.ingress(stop)!.status).toBe('processing');
  later(1n);
  expect(errorOf(bench.answer(stop))).toBe(206);
  expect(messageOf(bench.answer(stop))).toBe('Stop canister request timed out');
  expect(bench.replica.canister(caller)!.status).toBe('stopping');
  expect(errorOf(bench.update(caller, 'wait'))).toBe(509);
});

test.each([
  ['at', 0n, 'reply'],
  ['after', -1n, 'reject'],
])('a message that is taken up %s its expiry ends in a %3$s', (_, past, kind) => {
  const { replica } = bench;
  const expiry = replica.clock.now + 1n + past;
  const call = {
    sender: CONTROLLER,
    canisterId: callee,
    method: 'deadline',
    argument: bytesOf(''),
  };
  const submitted = replica.submit({ ...call, expiry });
  if (submitted.kind !== 'accepted') throw new Error('not accepted');
  replica.executeRound();
  const answer = bench.answer(submitted.messageId);
  expect(answer.kind).toBe(kind);
  if (answer.kind === 'reject') {
    expect(errorOf(answer)).toBe(202);
    expect(messageOf(answer)).toContain('timed out waiting to start executing.');
  }
});
