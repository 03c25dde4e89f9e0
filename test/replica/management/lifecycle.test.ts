/** Creating, stopping, starting, deleting, and cycles out of nothing. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

import type { Response } from '../../../src/replica/index.js';
import * as idl from '../../../src/replica/management/idl.js';
import { canisterIdOf } from '../../../src/replica/topology.js';
import {
  Bench,
  bytesOf,
  canister,
  CONTROLLER,
  dataOf,
  decoded,
  encoded,
  errorOf,
  messageOf,
  PROXY,
  STRANGER,
} from '../support.js';

const CREATE = 'provisional_create_canister_with_cycles';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

function create(specified?: Principal): Response {
  return bench.manage(CREATE, idl.ProvisionalCreate, {
    amount: [],
    settings: [],
    specified_id: specified === undefined ? [] : [specified],
  });
}

describe('creating', () => {
  test('gives the next id, 100 T cycles, and the caller for a controller', () => {
    const id = Principal.fromText('lxzze-o7777-77777-aaaaa-cai');
    dataOf(create());
    const canister = bench.replica.canister(id)!;
    expect(canister.cycles).toBe(100_000_000_000_000n);
    expect(canister.settings.controllers.map((one) => one.toText())).toEqual([CONTROLLER.toText()]);
    expect(canister.version).toBe(0n);
  });

  test('takes an id of the caller’s choice, once', () => {
    const chosen = Principal.fromText('rrkah-fqaaa-aaaaa-aaaaq-cai');
    dataOf(create(chosen));
    expect(errorOf(create(chosen))).toBe(205);
    expect(errorOf(create(Principal.managementCanister()))).toBe(405);
  });

  test('refuses ids that are no canister’s, or those of another subnet', () => {
    bench = new Bench({ subnets: ['Application', 'System'] });
    const [here, there] = bench.replica.subnets;
    expect(errorOf(create(Principal.anonymous()))).toBe(405);
    const response = create(canisterIdOf(there!.firstIndex + 5n));
    expect(errorOf(response)).toBe(405);
    expect(messageOf(response)).toContain('Unsuccessful validation of specified ID');
    dataOf(create(canisterIdOf(here!.firstIndex + 5n)));
  });

  test('by a canister costs a fee, which has to come with the call', () => {
    bench = new Bench({ subnets: ['Application'] });
    const creator = bench.create(10n ** 16n);
    dataOf(bench.install(creator, canister(PROXY)));
    const ask = (cycles: bigint): Response =>
      bench.call(creator, Principal.managementCanister(), 'create_canister', {
        argument: encoded(idl.CreateCanister, {}),
        cycles,
      });
    const refused = ask(499_999_999_999n);
    expect(messageOf(refused)).toContain('Creating a canister requires a fee of 500000000000');
    expect(messageOf(refused)).toContain('only 499999999999 cycles were received');
    const { canister_id } = decoded<idl.CanisterIdRecord>(
      idl.CanisterIdRecord,
      ask(500_000_000_007n),
    );
    const created = bench.replica.canister(canister_id)!;
    expect(created.cycles).toBe(7n);
    expect(created.consumed).toEqual({ canister_creation: 500_000_000_000n });
  });

  test('passes over ids that were chosen before', () => {
    const first = Principal.fromText('lxzze-o7777-77777-aaaaa-cai');
    dataOf(create(first));
    expect(bench.create().toText()).not.toBe(first.toText());
  });
});

describe('stopping', () => {
  /** Calls the canister in its argument, and answers when that has. */
  const WAITING = `
    (table 1 funcref) (elem (i32.const 0) $answer)
    (func $answer (param i32) (call $msg_reply))
    (func (export "canister_update quick") (call $msg_reply))
    (func (export "canister_update wait")
      (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 15))
      (call $call_new (i32.const 0) (i32.const 10) (i32.const 10) (i32.const 5)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (drop (call $call_perform)))`;

  test('ends at once where nothing is under way, and start undoes it', () => {
    const id = bench.deploy(WAITING);
    dataOf(bench.manageId('stop_canister', id));
    expect(errorOf(bench.update(id, 'quick'))).toBe(508);
    expect(errorOf(bench.query(id, 'quick'))).toBe(508);
    dataOf(bench.manageId('stop_canister', id));
    dataOf(bench.manageId('start_canister', id));
    dataOf(bench.update(id, 'quick'));
  });

  test('waits for calls that are under way, and start cancels it', () => {
    const looping = bench.deploy(`
      (table 1 funcref) (elem (i32.const 0) $again)
      (data (i32.const 100) "quick")
      (func $call
        (call $canister_self_copy (i32.const 0) (i32.const 0) (i32.const 10))
        (call $call_new (i32.const 0) (i32.const 10) (i32.const 100) (i32.const 5)
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
        (drop (call $call_perform)))
      (func $again (param i32) (call $call))
      (func (export "canister_update quick") (call $msg_reply))
      (func (export "canister_update loop") (call $call))`);
    const submitted = bench.replica.submit({
      sender: CONTROLLER,
      canisterId: looping,
      method: 'loop',
      argument: new Uint8Array(0),
    });
    expect(submitted.kind).toBe('accepted');
    bench.replica.executeRound();
    const stop = bench.replica.submit({
      sender: CONTROLLER,
      canisterId: Principal.managementCanister(),
      method: 'stop_canister',
      argument: IDL.encode([idl.CanisterIdRecord], [{ canister_id: looping }]),
    });
    if (stop.kind !== 'accepted') throw new Error(stop.kind);
    bench.replica.executeRound();
    expect(bench.replica.ingress(stop.messageId)!.status).toBe('processing');
    expect(errorOf(bench.update(looping, 'quick'))).toBe(509);
    dataOf(bench.manageId('start_canister', looping));
    expect(errorOf(bench.replica.ingress(stop.messageId)!.status as Response)).toBe(511);
    dataOf(bench.update(looping, 'quick'));
  });

  test('is answered when the last call has come back', () => {
    const waiting = bench.deploy(WAITING);
    const quick = bench.deploy(WAITING);
    const submit = (canisterId: Principal, method: string, argument: Uint8Array): string => {
      const submitted = bench.replica.submit({ sender: CONTROLLER, canisterId, method, argument });
      if (submitted.kind !== 'accepted') throw new Error(submitted.kind);
      return submitted.messageId;
    };
    const argument = Uint8Array.of(...quick.toUint8Array(), ...bytesOf('quick'));
    const wait = submit(waiting, 'wait', argument);
    const idArgument = IDL.encode([idl.CanisterIdRecord], [{ canister_id: waiting }]);
    const stop = submit(Principal.managementCanister(), 'stop_canister', idArgument);
    bench.replica.executeRound();
    expect(bench.replica.ingress(wait)!.status).toMatchObject({ kind: 'reply' });
    expect(bench.replica.ingress(stop)!.status).toMatchObject({ kind: 'reply' });
    expect(bench.replica.canister(waiting)!.status).toBe('stopped');
  });
});

describe('deleting', () => {
  test('needs a stopped canister', () => {
    const id = bench.create();
    expect(errorOf(bench.manageId('delete_canister', id))).toBe(510);
    dataOf(bench.manageId('stop_canister', id));
    dataOf(bench.manageId('delete_canister', id));
    expect(bench.replica.canister(id)).toBeUndefined();
    expect(errorOf(bench.manageId('start_canister', id))).toBe(301);
  });
});

test('a canister cannot delete itself', () => {
  const id = bench.deploy(PROXY);
  const settings = { controllers: [[id]] };
  dataOf(bench.manage('update_settings', idl.UpdateSettings, { canister_id: id, settings }));
  const argument = encoded(idl.CanisterIdRecord, { canister_id: id });
  const response = bench.call(id, Principal.managementCanister(), 'delete_canister', { argument });
  expect(messageOf(response)).toContain('cannot delete itself');
});

test('a stranger may neither stop, nor start, nor delete', () => {
  const id = bench.create();
  const methods = ['stop_canister', 'start_canister', 'delete_canister', 'canister_status'];
  const codes = methods.map((method) => errorOf(bench.manageId(method, id, STRANGER)));
  expect(codes).toEqual([512, 512, 512, 512]);
});

describe('cycles', () => {
  test('come out of nothing in a provisional top-up, from anybody', () => {
    const id = bench.create();
    const value = { canister_id: id, amount: 5n };
    dataOf(bench.manage('provisional_top_up_canister', idl.ProvisionalTopUp, value, STRANGER));
    expect(bench.cycles(id)).toBe(1_000_005n);
  });

  test('travel with a canister’s call of deposit_cycles', () => {
    const target = bench.create();
    const argument = IDL.encode([idl.CanisterIdRecord], [{ canister_id: target }]);
    const payer = bench.deploy(`
      (table 1 funcref) (elem (i32.const 0) $done)
      (data (i32.const 100) "deposit_cycles")
      (func $done (param i32) (call $msg_reply))
      (func (export "canister_update pay")
        (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size))
        (call $call_new (i32.const 0) (i32.const 0) (i32.const 100) (i32.const 14)
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
        (call $call_data_append (i32.const 0) (call $msg_arg_data_size))
        (call $call_cycles_add128 (i64.const 0) (i64.const 400))
        (drop (call $call_perform)))`);
    dataOf(bench.update(payer, 'pay', argument));
    expect([bench.cycles(payer), bench.cycles(target)]).toEqual([999_600n, 1_000_400n]);
  });
});

test('a canister can be installed again after its code was taken away', () => {
  const id = bench.create();
  const wasm = canister('(func (export "canister_update run") (call $msg_reply))');
  dataOf(bench.install(id, wasm));
  dataOf(bench.manageId('uninstall_code', id));
  dataOf(bench.install(id, wasm));
  dataOf(bench.update(id, 'run'));
});
