/** The limits of calls and of the texts that come back, and the words of each refusal. */
import { describe, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import { heard, reject, ErrorCode } from '../../src/replica/rejection.js';
import {
  Bench,
  bytesOf,
  canister,
  CONTROLLER,
  dataOf,
  errorOf,
  messageOf,
  PROXY,
  proxyArgument,
  STRANGER,
} from './support.js';

const MIB = 2 ** 20;
const FREE = { kind: 'Application', costSchedule: 'Free' } as const;

/** Makes a call with as many bytes as it is told, to the canister named in the argument. */
const SENDER = `${PROXY}
  (func (export "canister_init") (drop (memory.grow (i32.const 200))))
  (func (export "canister_update size") (call $reply_i32 (call $msg_arg_data_size)))
  (func (export "canister_update send")
    (call $msg_arg_data_copy (i32.const 1000) (i32.const 0) (call $msg_arg_data_size))
    (i32.store (i32.const 2000) (i32.const 0x657a6973))
    (call $call_new (i32.const 1004) (i32.const 10) (i32.const 2000) (i32.const 4)
      (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (call $call_data_append (i32.const 0) (i32.load (i32.const 1000)))
    (drop (call $call_perform)))
  (func (export "canister_update long_name")
    (call $msg_arg_data_copy (i32.const 1000) (i32.const 0) (i32.const 4))
    (memory.fill (i32.const 2000) (i32.const 97) (i32.const 30000))
    (call $call_new (i32.const 0) (i32.const 0) (i32.const 2000) (i32.load (i32.const 1000))
      (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (call $msg_reply))
  (func (export "canister_update bad_text")
    (i32.store (i32.const 0) (i32.const 0xff)) (call $msg_reject (i32.const 0) (i32.const 1)))
  (func (export "canister_update out_of_order") (drop (call $call_perform)))
  (func (export "canister_composite_query composite") (call $msg_reply))`;

describe('the argument of a call', () => {
  const bench = new Bench({ subnets: [FREE, FREE] });
  const near = bench.deploy(SENDER);
  const far = bench.create(undefined, undefined, bench.replica.subnets[1]!.id);
  dataOf(bench.install(far, canister(SENDER)));
  const send = (to: Principal, size: number): ReturnType<Bench['update']> => {
    const head = new Uint8Array(Uint32Array.of(size).buffer);
    return bench.update(near, 'send', Uint8Array.of(...head, ...to.toUint8Array()));
  };
  const received = (to: Principal, size: number): number => {
    const data = dataOf(send(to, size)).slice(1);
    return new Uint32Array(data.buffer)[0]!;
  };

  test('may be 10 MiB on the same subnet', () => {
    expect(received(near, 10 * MIB)).toBe(10 * MIB);
    const response = send(near, 10 * MIB + 1);
    expect(errorOf(response)).toBe(504);
    expect(messageOf(response)).toContain(
      'ic0.call_data_append: application payload size (10485761) cannot be larger than 10485760',
    );
  });

  test('may be 2 MiB on another subnet', () => {
    expect(received(far, 2 * MIB)).toBe(2 * MIB);
    const response = send(far, 2 * MIB + 1);
    expect(errorOf(response)).toBe(504);
    expect(messageOf(response)).toContain(
      'ic0.call_perform: application payload size (2097153) cannot be larger than 2097152',
    );
  });

  test('goes with a name of 20,000 bytes at most', () => {
    const size = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
    dataOf(bench.update(near, 'long_name', size(20_000)));
    expect(errorOf(bench.update(near, 'long_name', size(20_001)))).toBe(504);
  });
});

describe('what a canister hears of an error', () => {
  const textOf = (message: string): string => {
    const response = heard(reject(ErrorCode.didNotReply, message));
    return messageOf(response);
  };

  test('begins with the code', () => {
    expect(textOf('no')).toBe('IC0506: no');
    expect(messageOf(heard(reject(ErrorCode.subnetFull, 'no')))).toBe('IC0101: no');
  });

  test('is kept up to 8 KiB, beyond that without its middle', () => {
    const room = 8192 - 'IC0506: '.length;
    expect(textOf('x'.repeat(room))).toHaveLength(8192);
    expect(textOf('x'.repeat(room))).not.toContain('...');
    const cut = textOf(`${'x'.repeat(room)}y`);
    expect(cut).toHaveLength(8192);
    expect(cut).toMatch(/^IC0506: x+\.\.\.x+y$/);
  });

  test('has no character cut in two', () => {
    const cut = textOf('é'.repeat(9000));
    expect(cut).toMatch(/^IC0506: é+\.\.\.é+$/);
    expect(new TextEncoder().encode(cut).length).toBeLessThanOrEqual(8192);
  });
});

describe('a refusal, by code and words', () => {
  const bench = new Bench();
  const id = bench.deploy(SENDER);
  const empty = bench.create();
  const stopped = bench.deploy(SENDER);
  dataOf(bench.manageId('stop_canister', stopped));
  const error = (what: string): string => `Error from Canister ${id.toText()}: ${what}`;

  test.each([
    [536, 'missing', error("Canister has no update method 'missing'.")],
    [527, 'composite', 'Composite query cannot be called in replicated mode'],
    [504, 'bad_text', error('Canister violated contract: ic0.msg_reject: ')],
    [504, 'out_of_order', 'ic0.call_perform called when no call is under construction.'],
  ])('IC0%d: %s', (code, method, text) => {
    const response = bench.update(id, method);
    expect(errorOf(response)).toBe(code);
    expect(messageOf(response)).toContain(text);
  });

  test('IC0537: no code', () => {
    const response = bench.update(empty, 'x');
    expect(errorOf(response)).toBe(537);
    expect(messageOf(response)).toContain(
      'Attempted to execute a message, but the canister contains no Wasm module',
    );
  });

  test('IC0508: stopped', () => {
    const response = bench.update(stopped, 'size');
    expect(errorOf(response)).toBe(508);
    expect(messageOf(response)).toBe(`Canister ${stopped.toText()} is stopped`);
  });

  test('IC0512: not a controller', () => {
    const response = bench.manageId('stop_canister', id, STRANGER);
    expect(errorOf(response)).toBe(512);
    expect(messageOf(response)).toContain(`Only controllers of canister ${id.toText()} can call`);
  });

  test('IC0203: a canister with messages is not deleted', () => {
    const doomed = bench.deploy(SENDER);
    dataOf(bench.manageId('stop_canister', doomed));
    const argument = proxyArgument(doomed, 'size', { argument: bytesOf('') });
    const before = bench.replica.canister(doomed)!.status;
    expect(before).toBe('stopped');
    // In the order of the queue: the proxy sends its call, then the deletion finds it waiting.
    bench.submit(id, 'proxy', argument);
    const response = bench.manageId('delete_canister', doomed, CONTROLLER);
    expect(errorOf(response)).toBe(203);
    expect(messageOf(response)).toContain('has messages in its queues and cannot be deleted now.');
    dataOf(bench.manageId('delete_canister', doomed));
  });
});
