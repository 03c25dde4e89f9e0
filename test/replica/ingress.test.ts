/** What is checked before a message is let in, and the limits of what goes in and out. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import { Bench, bytesOf, CONTROLLER, dataOf, errorOf, messageOf, numberOf } from './support.js';

const MIB = 2 ** 20;

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

describe('canister_inspect_message', () => {
  /** Accepts an argument that begins with "y", traps on "t", and counts in vain. */
  const INSPECTING = `
    (global $count (mut i32) (i32.const 0))
    (func (export "canister_inspect_message")
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (call $msg_method_name_copy (i32.const 100) (i32.const 0) (call $msg_method_name_size))
      (if (i32.ne (i32.load8_u (i32.const 100)) (i32.const 0x6f)) (then unreachable))
      (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 1))
      (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x74)) (then unreachable))
      (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x79)) (then (call $accept_message))))
    (func (export "canister_update open") (call $reply_i32 (global.get $count)))`;
  let id: Principal;

  beforeEach(() => {
    id = bench.deploy(INSPECTING);
  });

  test('lets a message in that it accepts, and keeps nothing of its own', () => {
    expect(numberOf(bench.update(id, 'open', bytesOf('yes')))).toBe(0);
    expect(numberOf(bench.update(id, 'open', bytesOf('yes')))).toBe(0);
  });

  test('keeps out what it does not accept', () => {
    const response = bench.update(id, 'open', bytesOf('no'));
    expect(errorOf(response)).toBe(406);
    expect(messageOf(response)).toBe('Canister rejected the message');
  });

  test('keeps out what it traps on, with the trap for an answer', () => {
    expect(errorOf(bench.update(id, 'open', bytesOf('trap')))).toBe(502);
  });

  test('is not asked about queries', () => {
    expect(errorOf(bench.query(id, 'open', bytesOf('no')))).toBe(536);
  });
});

describe('the limits', () => {
  const SIZES = `
    (func $answer
      (drop (memory.grow (i32.const 100)))
      (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 4))
      (call $reply_bytes (i32.const 0) (i32.load (i32.const 0))))
    (func (export "canister_update size")
      (call $reply_i32 (call $msg_arg_data_size)))
    (func (export "canister_update answer") (call $answer))
    (func (export "canister_query answer_query") (call $answer))
    (func (export "canister_update certify")
      (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 4))
      (call $certified_data_set (i32.const 0) (i32.load (i32.const 0)))
      (call $msg_reply))`;
  const size = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
  let id: Principal;

  beforeEach(() => {
    id = bench.deploy(SIZES);
  });

  test('an argument may be 2 MiB, and no byte more', () => {
    expect(numberOf(bench.update(id, 'size', new Uint8Array(2 * MIB)))).toBe(2 * MIB);
    const submitted = bench.replica.submit({
      sender: CONTROLLER,
      canisterId: id,
      method: 'size',
      argument: new Uint8Array(2 * MIB + 1),
    });
    expect(submitted.kind).toBe('malformed');
  });

  test('a replicated reply may be 2 MiB, also that of a query', () => {
    expect(dataOf(bench.update(id, 'answer', size(2 * MIB)))).toHaveLength(2 * MIB);
    const response = bench.update(id, 'answer', size(2 * MIB + 1));
    expect(errorOf(response)).toBe(504);
    expect(messageOf(response)).toContain(
      'application payload size (2097153) cannot be larger than 2097152',
    );
    expect(errorOf(bench.update(id, 'answer_query', size(2 * MIB + 1)))).toBe(504);
  });

  test('a reply to a query may be 3 MiB', () => {
    expect(dataOf(bench.query(id, 'answer_query', size(3 * MIB)))).toHaveLength(3 * MIB);
    expect(errorOf(bench.query(id, 'answer_query', size(3 * MIB + 1)))).toBe(504);
  });

  test('certified data may be 32 bytes', () => {
    dataOf(bench.update(id, 'certify', size(32)));
    expect(bench.replica.canister(id)!.code!.certifiedData).toHaveLength(32);
    expect(errorOf(bench.update(id, 'certify', size(33)))).toBe(504);
  });
});
