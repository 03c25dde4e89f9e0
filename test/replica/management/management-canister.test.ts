/** The management canister as a whole: unknown methods, bad arguments, status, randomness. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

import { CanisterStatusResult } from '../../../src/replica/management/idl/status.js';
import { Bench, bytesOf, CONTROLLER, dataOf, errorOf, messageOf } from '../support.js';

const MANAGEMENT = Principal.managementCanister();

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

test('a method that nobody knows is rejected, and so is one that a query cannot call', () => {
  expect(errorOf(bench.update(MANAGEMENT, 'toString'))).toBe(407);
  expect(errorOf(bench.query(MANAGEMENT, 'start_canister'))).toBe(536);
});

test('what only a whole network can serve is rejected with the reason', () => {
  const response = bench.update(MANAGEMENT, 'sign_with_ecdsa');
  expect(errorOf(response)).toBe(406);
  expect(messageOf(response)).toContain("cannot serve 'sign_with_ecdsa': it holds no threshold");
});

test('an argument that does not decode is rejected', () => {
  expect(errorOf(bench.update(MANAGEMENT, 'canister_status', bytesOf('nonsense')))).toBe(408);
});

test('some methods are for canisters only', () => {
  for (const method of ['raw_rand', 'create_canister', 'deposit_cycles']) {
    expect(errorOf(bench.update(MANAGEMENT, method))).toBe(406);
  }
});

/** Calls the management method in its argument with the argument's rest, and gives the answer. */
const CLIENT = `
  (table 2 funcref) (elem (i32.const 0) $answer $refuse)
  (func $answer (param i32)
    (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size))
    (call $reply_bytes (i32.const 0) (call $msg_arg_data_size)))
  (func $refuse (param i32) (call $reply_i32 (call $msg_reject_code)))
  (func (export "canister_update call")
    (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size))
    (call $call_new (i32.const 0) (i32.const 0)
      (i32.const 1) (i32.load8_u (i32.const 0))
      (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (call $call_data_append
      (i32.add (i32.const 1) (i32.load8_u (i32.const 0)))
      (i32.sub (call $msg_arg_data_size) (i32.add (i32.const 1) (i32.load8_u (i32.const 0)))))
    (call $call_cycles_add128 (i64.const 0) (i64.const 100))
    (drop (call $call_perform)))`;

describe('called by a canister', () => {
  const call = (id: Principal, method: string, argument: Uint8Array): Uint8Array => {
    const name = bytesOf(method);
    return dataOf(bench.update(id, 'call', Uint8Array.of(name.length, ...name, ...argument)));
  };

  test('raw_rand gives 32 new bytes each time', () => {
    const id = bench.deploy(CLIENT);
    const draw = (): Uint8Array => {
      const data = call(id, 'raw_rand', IDL.encode([], []));
      return IDL.decode([IDL.Vec(IDL.Nat8)], data)[0] as unknown as Uint8Array;
    };
    const [first, second] = [draw(), draw()];
    expect([first.length, second.length]).toEqual([32, 32]);
    expect(first).not.toEqual(second);
    expect(bench.cycles(id)).toBe(1_000_000n);
  });

  test('create_canister makes a canister of the caller’s, with the cycles that came along', () => {
    const id = bench.deploy(CLIENT);
    const settings = IDL.Record({});
    const data = call(id, 'create_canister', IDL.encode([settings], [{}]));
    const created = IDL.decode(
      [IDL.Record({ canister_id: IDL.Principal })],
      data,
    )[0] as unknown as {
      canister_id: Principal;
    };
    const canister = bench.replica.canister(created.canister_id)!;
    expect(canister.cycles).toBe(100n);
    expect(canister.settings.controllers.map((one) => one.toText())).toEqual([id.toText()]);
    expect(bench.cycles(id)).toBe(999_900n);
  });

  test('an unknown method is rejected, and the cycles come back', () => {
    const id = bench.deploy(CLIENT);
    expect(call(id, 'http_request', IDL.encode([], []))[0]).toBe(4);
    expect(bench.cycles(id)).toBe(1_000_000n);
  });
});

test('the status has every field that the strictest client asks for', () => {
  const id = bench.deploy('(func (export "canister_update run") (call $msg_reply))');
  const data = dataOf(bench.manageId('canister_status', id));
  const status = IDL.decode([CanisterStatusResult], data)[0] as unknown as {
    status: unknown;
    version: bigint;
    cycles: bigint;
    module_hash: [Uint8Array];
    settings: { controllers: Principal[] };
    memory_metrics: { wasm_memory_size: bigint };
  };
  expect(status.status).toEqual({ running: null });
  expect(status.version).toBe(1n);
  expect(status.cycles).toBe(1_000_000n);
  expect(status.module_hash[0]).toHaveLength(32);
  expect(status.settings.controllers[0]!.toText()).toBe(CONTROLLER.toText());
  expect(status.memory_metrics.wasm_memory_size).toBe(65_536n);
});
