/** Answers, calls between canisters, callbacks, cleanup, and the cycles that travel along. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Principal } from '@dfinity/principal';

import { Bench, bytesOf, dataOf, errorOf, messageOf, numberOf, textOf } from './support.js';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

describe('an answer', () => {
  const ANSWERS = `
    (data (i32.const 0) "hello")
    (func (export "canister_update reply") (call $reply_bytes (i32.const 0) (i32.const 5)))
    (func (export "canister_update reply_in_pieces")
      (call $msg_reply_data_append (i32.const 0) (i32.const 2))
      (call $msg_reply_data_append (i32.const 2) (i32.const 3))
      (call $msg_reply))
    (func (export "canister_update reject") (call $msg_reject (i32.const 0) (i32.const 5)))
    (func (export "canister_update silence"))
    (func (export "canister_update twice") (call $msg_reply) (call $msg_reply))
    (func (export "canister_update echo")
      (drop (memory.grow (i32.const 100)))
      (call $msg_arg_data_copy (i32.const 1000) (i32.const 0) (call $msg_arg_data_size))
      (call $reply_bytes (i32.const 1000) (call $msg_arg_data_size)))
    (func (export "canister_update caller")
      (call $msg_caller_copy (i32.const 1000) (i32.const 0) (call $msg_caller_size))
      (call $reply_bytes (i32.const 1000) (call $msg_caller_size)))
    (func (export "canister_query silent_query"))`;
  let id: Principal;

  beforeEach(() => {
    id = bench.deploy(ANSWERS);
  });

  test('is a reply, in one piece or in several', () => {
    expect(textOf(dataOf(bench.update(id, 'reply')))).toBe('hello');
    expect(textOf(dataOf(bench.update(id, 'reply_in_pieces')))).toBe('hello');
  });

  test('is a rejection in the canister’s own words', () => {
    const response = bench.update(id, 'reject');
    expect(response).toEqual({
      kind: 'reject',
      rejection: { rejectCode: 4, errorCode: 406, message: 'hello', verbatim: true },
    });
  });

  test('is given by the system where the canister gives none', () => {
    expect(errorOf(bench.update(id, 'silence'))).toBe(506);
    expect(errorOf(bench.query(id, 'silent_query'))).toBe(506);
  });

  test('cannot be given twice', () => {
    const response = bench.update(id, 'twice');
    expect(errorOf(response)).toBe(504);
    expect(messageOf(response)).toContain('ic0.msg_reply: the call is already replied');
  });

  test('carries megabytes', () => {
    const argument = new Uint8Array(2 * 2 ** 20).map((_, index) => index % 251);
    expect(Buffer.from(dataOf(bench.update(id, 'echo', argument))).equals(argument)).toBe(true);
  });

  test('depends on who asks', () => {
    const sender = Principal.anonymous();
    expect(dataOf(bench.update(id, 'caller', undefined, sender))).toEqual(sender.toUint8Array());
  });

  test('is a rejection where the canister or the method is missing', () => {
    const nowhere = Principal.fromUint8Array(Uint8Array.of(9));
    expect(errorOf(bench.update(nowhere, 'reply'))).toBe(301);
    expect(errorOf(bench.update(bench.create(), 'reply'))).toBe(537);
    expect(errorOf(bench.update(id, 'nothing'))).toBe(536);
    expect(messageOf(bench.query(id, 'reply'))).toContain("no query method 'reply'");
  });
});

/**
 * Calls the method named in the argument's rest on the canister whose id is its first 10 bytes,
 * with 1000 cycles. Table: 0 nothing, 1 reply with the answer, 2 reply with the reject code, 3
 * trap, 4 cleanup that counts, 5 cleanup that traps.
 */
const CALLER = `
  (type $callback (func (param i32)))
  (table 8 funcref)
  (elem (i32.const 1) $on_reply $on_reject $fail $clean $fail $refunded)
  (global $cleaned (mut i32) (i32.const 0))
  (global $touched (mut i32) (i32.const 0))
  (func $on_reply (param $env i32)
    (call $msg_arg_data_copy (i32.const 2000) (i32.const 0) (call $msg_arg_data_size))
    (call $reply_bytes (i32.const 2000) (call $msg_arg_data_size)))
  (func $on_reject (param $env i32)
    (i32.store (i32.const 2000) (call $msg_reject_code))
    (call $msg_reject_msg_copy (i32.const 2004) (i32.const 0) (call $msg_reject_msg_size))
    (call $reply_bytes (i32.const 2000) (i32.add (i32.const 4) (call $msg_reject_msg_size))))
  (func $refunded (param $env i32)
    (call $msg_cycles_refunded128 (i32.const 2000))
    (i32.store (i32.const 2016) (local.get $env))
    (call $reply_bytes (i32.const 2000) (i32.const 20)))
  (func $fail (param $env i32) (global.set $touched (i32.const 1)) unreachable)
  (func $clean (param $env i32)
    (global.set $cleaned (i32.add (global.get $cleaned) (local.get $env))))
  (func $start_call (param $reply i32) (param $reject i32)
    (call $msg_arg_data_copy (i32.const 1000) (i32.const 0) (call $msg_arg_data_size))
    (call $call_new (i32.const 1000) (i32.const 10)
      (i32.const 1010) (i32.sub (call $msg_arg_data_size) (i32.const 10))
      (local.get $reply) (i32.const 42) (local.get $reject) (i32.const 42))
    (call $call_data_append (i32.const 1000) (i32.const 10))
    (call $call_cycles_add128 (i64.const 0) (i64.const 1000)))
  (func $perform (drop (call $call_perform)))
  (func (export "canister_update call")
    (call $start_call (i32.const 1) (i32.const 2)) (call $perform))
  (func (export "canister_update call_for_refund")
    (call $start_call (i32.const 6) (i32.const 6)) (call $perform))
  (func (export "canister_update call_and_trap")
    (call $start_call (i32.const 1) (i32.const 2)) (call $perform) unreachable)
  (func (export "canister_update call_and_drop")
    (call $start_call (i32.const 1) (i32.const 2)) (call $reply_i32 (i32.const 0)))
  (func (export "canister_update trap_in_callback")
    (call $start_call (i32.const 3) (i32.const 3)) (call $perform))
  (func (export "canister_update trap_and_clean")
    (call $start_call (i32.const 3) (i32.const 3))
    (call $call_on_cleanup (i32.const 4) (i32.const 7)) (call $perform))
  (func (export "canister_update trap_and_trap")
    (call $start_call (i32.const 3) (i32.const 3))
    (call $call_on_cleanup (i32.const 5) (i32.const 7)) (call $perform))
  (func (export "canister_update no_callback")
    (call $start_call (i32.const 0) (i32.const 0)) (call $perform))
  (func (export "canister_update wrong_callback")
    (call $start_call (i32.const 700) (i32.const 700)) (call $perform))
  (func (export "canister_update fill_queue") (local $count i32)
    (loop $again
      (call $start_call (i32.const 1) (i32.const 2))
      (if (i32.eqz (call $call_perform))
        (then (local.set $count (i32.add (local.get $count) (i32.const 1))) (br $again))))
    (call $reply_i32 (local.get $count)))
  (func (export "canister_query cleaned") (call $reply_i32 (global.get $cleaned)))
  (func (export "canister_query touched") (call $reply_i32 (global.get $touched)))`;

const CALLEE = `
  (func (export "canister_update greet")
    (i64.store (i32.const 0) (i64.const 0x6f6c6c6568))
    (call $reply_bytes (i32.const 0) (i32.const 5)))
  (func (export "canister_update refuse") (call $msg_reject (i32.const 100) (i32.const 0)))
  (func (export "canister_update fail") unreachable)
  (func (export "canister_query ask") (call $reply_i32 (i32.const 7)))
  (func (export "canister_update accept")
    (call $msg_cycles_accept128 (i64.const 0) (i64.const 300) (i32.const 0))
    (call $reply_bytes (i32.const 0) (i32.const 16)))
  (func (export "canister_update accept_and_trap")
    (call $msg_cycles_accept128 (i64.const 0) (i64.const 300) (i32.const 0)) unreachable)`;

describe('a call between canisters', () => {
  let caller: Principal;
  let callee: Principal;

  beforeEach(() => {
    caller = bench.deploy(CALLER);
    callee = bench.deploy(CALLEE);
  });

  const call = (how: string, method: string, to = callee): ReturnType<Bench['update']> =>
    bench.update(caller, how, Uint8Array.of(...to.toUint8Array(), ...bytesOf(method)));

  test('brings the reply to the reply callback', () => {
    expect(textOf(dataOf(call('call', 'greet')))).toBe('hello');
    expect(numberOf(call('call', 'ask'))).toBe(7);
  });

  test.each([
    ['refuse', 4, ''],
    ['fail', 5, 'Canister trapped: unreachable'],
    ['missing', 5, "Canister has no update method 'missing'"],
  ])('brings the rejection of %p to the reject callback', (method, code, text) => {
    const data = dataOf(call('call', method));
    expect(data[0]).toBe(code);
    expect(textOf(data.subarray(4))).toContain(text);
  });

  test('to a canister that is not there is rejected', () => {
    const nowhere = Principal.fromUint8Array(new Uint8Array(10));
    const data = dataOf(call('call', 'greet', nowhere));
    expect(data[0]).toBe(3);
    expect(textOf(data.subarray(4))).toBe(`IC0301: Canister ${nowhere.toText()} not found`);
  });

  test('to oneself works like any other', () => {
    const data = dataOf(call('call', 'call_and_drop', caller));
    expect(data).toEqual(new Uint8Array(4));
  });

  test('is never sent where the message traps', () => {
    expect(errorOf(call('call_and_trap', 'accept'))).toBe(502);
    bench.replica.executeRound();
    expect([bench.cycles(caller), bench.cycles(callee)]).toEqual([1_000_000n, 1_000_000n]);
  });

  test('that is begun and not performed costs nothing', () => {
    dataOf(call('call_and_drop', 'accept'));
    expect([bench.cycles(caller), bench.cycles(callee)]).toEqual([1_000_000n, 1_000_000n]);
  });

  test('pays what the callee accepts, and returns the rest with the environment', () => {
    const data = dataOf(call('call_for_refund', 'accept'));
    expect(data[0]! + 256 * data[1]!).toBe(700);
    expect(data[16]).toBe(42);
    expect([bench.cycles(caller), bench.cycles(callee)]).toEqual([999_700n, 1_000_300n]);
  });

  test('returns all cycles where the callee accepts and traps', () => {
    const data = dataOf(call('call_for_refund', 'accept_and_trap'));
    expect(data[0]! + 256 * data[1]!).toBe(1000);
    expect([bench.cycles(caller), bench.cycles(callee)]).toEqual([1_000_000n, 1_000_000n]);
  });

  test('whose callback traps is rejected with that trap, and the callback is undone', () => {
    const response = call('trap_in_callback', 'greet');
    expect(errorOf(response)).toBe(502);
    expect(numberOf(bench.query(caller, 'touched'))).toBe(0);
    expect(bench.cycles(caller)).toBe(1_000_000n);
  });

  test('whose callback traps is cleaned up, on the state before the callback', () => {
    expect(errorOf(call('trap_and_clean', 'greet'))).toBe(502);
    expect(numberOf(bench.query(caller, 'cleaned'))).toBe(7);
    expect(numberOf(bench.query(caller, 'touched'))).toBe(0);
  });

  test('whose cleanup traps too says both', () => {
    const message = messageOf(call('trap_and_trap', 'greet'));
    expect(message).toContain('Canister trapped: unreachable');
    expect(message).toContain('call_on_cleanup also failed');
    expect(numberOf(bench.query(caller, 'touched'))).toBe(0);
  });

  test.each(['no_callback', 'wrong_callback'])('with %p ends in IC0513', (how) => {
    expect(errorOf(call(how, 'greet'))).toBe(513);
  });

  test('is refused when 500 are under way to the same canister', () => {
    expect(numberOf(call('fill_queue', 'greet'))).toBe(500);
    expect(textOf(dataOf(call('call', 'greet')))).toBe('hello');
  });

  test('leaves no context behind', () => {
    dataOf(call('call', 'greet'));
    call('trap_and_trap', 'greet');
    const stopped = bench.manageId('stop_canister', caller);
    expect(stopped.kind).toBe('reply');
  });
});
