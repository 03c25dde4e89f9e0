/**
 * Situations in which something goes wrong, each of which leads to one error code: what
 * `errors.test.ts` puts into its table.
 */
import type { Principal } from '@dfinity/principal';

import type { Response } from '../../src/replica/index.js';
import * as idl from '../../src/replica/management/idl.js';
import { Snapshot, TakeSnapshot, UploadData } from '../../src/replica/management/idl/snapshots.js';
import { keyOf } from '../../src/replica/principals.js';
import { reject, type ErrorCode } from '../../src/replica/rejection.js';
import {
  Bench,
  bytesOf,
  canister,
  CONTROLLER,
  dataOf,
  decoded,
  encoded,
  MANAGEMENT,
  messageOf,
  PROXY,
  proxyArgument,
  type ProxyOptions,
} from './support.js';

/** Small, so that a loop without end ends soon. */
export const UPDATE_LIMIT = 200_000_000n;

export const SUBJECT = `
  (table 3 funcref) (elem (i32.const 0) $nothing $again)
  (type $callback (func (param i32)))
  (data (i32.const 0) "boom") (data (i32.const 40) "forever") (data (i32.const 60) "deeper")
  (func $nothing (param i32))
  (func $ask (param $name i32) (param $size i32) (param $callback i32)
    (call $canister_self_copy (i32.const 100) (i32.const 0) (i32.const 10))
    (call $call_new (i32.const 100) (i32.const 10) (local.get $name) (local.get $size)
      (local.get $callback) (i32.const 0) (local.get $callback) (i32.const 0)))
  (func $again (param i32)
    (call $ask (i32.const 40) (i32.const 7) (i32.const 1)) (drop (call $call_perform)))
  (func $deep (call $deep) (call $deep))
  (func (export "canister_update reply") (call $msg_reply))
  (func (export "canister_update reject") (call $msg_reject (i32.const 0) (i32.const 4)))
  (func (export "canister_update silence"))
  (func (export "canister_update unreachable") unreachable)
  (func (export "canister_update heap") (drop (i32.load (i32.const -4))))
  (func (export "canister_update divide")
    (drop (i32.div_u (i32.const 1) (i32.load (i32.const 500)))))
  (func (export "canister_update stable")
    (call $stable64_write (i64.const 0) (i64.const 0) (i64.const 1)))
  (func (export "canister_update table")
    (call_indirect (type $callback) (i32.const 0) (i32.const 99)))
  (func (export "canister_update stack") (call $deep))
  (func (export "canister_update trap") (call $trap (i32.const 0) (i32.const 4)))
  (func (export "canister_update mode") (call $accept_message))
  (func (export "canister_update large_reply")
    (drop (memory.grow (i32.const 40)))
    (call $msg_reply_data_append (i32.const 0) (i32.const 2097153)))
  (func (export "canister_update certify")
    (call $certified_data_set (i32.const 0) (i32.const 33)))
  (func (export "canister_update grow") (drop (memory.grow (i32.const 5))) (call $msg_reply))
  (func (export "canister_update forever") (call $again (i32.const 0)))
  (func (export "canister_update loop") (loop (br 0)))
  (func (export "canister_update no_callback")
    (call $ask (i32.const 0) (i32.const 4) (i32.const 77)) (drop (call $call_perform)))
  (func (export "canister_update overspend")
    (call $ask (i32.const 0) (i32.const 4) (i32.const 0))
    (call $call_cycles_add128 (i64.const 1) (i64.const 0)))
  (func (export "canister_query read_much")
    (drop (memory.grow (i32.const 1024)))
    (drop (call $stable64_grow (i64.const 20000)))
    (call $read (i64.const 0)))
  (func $read (param $offset i64)
    (loop $next
      (call $stable64_read (i64.const 0) (local.get $offset) (i64.const 67108864))
      (local.set $offset (i64.add (local.get $offset) (i64.const 67108864)))
      (br_if $next (i64.le_u (local.get $offset) (i64.const 1073741824)))))
  (func (export "canister_composite_query composite") (call $msg_reply))
  (func (export "canister_composite_query deeper")
    (call $ask (i32.const 60) (i32.const 6) (i32.const 0)) (drop (call $call_perform)))
  (func (export "canister_composite_query many") (local $count i32)
    (loop $next
      (call $ask (i32.const 0) (i32.const 4) (i32.const 0)) (drop (call $call_perform))
      (br_if $next (i32.lt_u
        (local.tee $count (i32.add (local.get $count) (i32.const 1))) (i32.const 101)))))`;

/** A replica with a canister on it. */
export class Scene {
  readonly id: Principal;

  readonly bench = new Bench({
    subnets: ['Application'],
    instructionLimits: { update: UPDATE_LIMIT },
  });

  constructor() {
    this.id = this.deploy(SUBJECT);
  }

  /** Deploys a canister that can pay for everything. */
  deploy(body: string): Principal {
    const id = this.bench.create(10n ** 16n);
    dataOf(this.bench.install(id, canister(body)));
    return id;
  }
}

export type Situation = (scene: Scene) => Response;

export const call =
  (method: string): Situation =>
  ({ bench, id }) =>
    bench.update(id, method);

export const query =
  (method: string): Situation =>
  ({ bench, id }) =>
    bench.query(id, method);

export const set = ({ bench, id }: Scene, settings: object): Response =>
  bench.manage('update_settings', idl.UpdateSettings, { canister_id: id, settings });

export const idArgument = (canister_id: Principal): Uint8Array =>
  encoded(idl.CanisterIdRecord, { canister_id });

/** Keeps the canister busy, then has it stopped: it cannot, and goes on stopping. */
function stopWhileBusy({ bench, id }: Scene): string {
  bench.submit(id, 'forever');
  const stop = bench.submit(MANAGEMENT, 'stop_canister', idArgument(id));
  bench.replica.executeRound();
  return stop;
}

export function stopForTooLong(scene: Scene): Response {
  const stop = stopWhileBusy(scene);
  const { clock } = scene.bench.replica;
  clock.set(clock.now + 301_000_000_000n);
  scene.bench.replica.executeRound();
  return scene.bench.answer(stop);
}

export function callOffStop(scene: Scene): Response {
  const stop = stopWhileBusy(scene);
  scene.bench.manageId('start_canister', scene.id);
  return scene.bench.answer(stop);
}

export function callTooLate({ bench, id }: Scene): Response {
  const call = { sender: CONTROLLER, canisterId: id, method: 'reply', argument: bytesOf('') };
  const submitted = bench.replica.submit({ ...call, expiry: bench.replica.clock.now - 1n });
  bench.replica.executeRound();
  return bench.answer((submitted as { messageId: string }).messageId);
}

export function deleteWithMessages(scene: Scene): Response {
  const { bench, id } = scene;
  const proxy = scene.deploy(PROXY);
  bench.manageId('stop_canister', id);
  bench.submit(proxy, 'proxy', proxyArgument(id, 'reply'));
  return bench.manageId('delete_canister', id);
}

export function createAs({ bench }: Scene, id: Principal): Response {
  const value = { amount: [], settings: [], specified_id: [id] };
  return bench.manage('provisional_create_canister_with_cycles', idl.ProvisionalCreate, value);
}

/** Creates a canister where all ids of the subnet are given away. */
export function createOneTooMany({ bench }: Scene): Response {
  const { id, lastIndex } = bench.replica.defaultSubnet;
  const nextIndices = new Map([[keyOf(id), lastIndex + 1n]]);
  const full = new Bench({ values: { ...bench.replica.values(), nextIndices } });
  const value = { amount: [], settings: [], specified_id: [] };
  return full.manage('provisional_create_canister_with_cycles', idl.ProvisionalCreate, value);
}

export function rejectInspection(scene: Scene): Response {
  const strict = `(func (export "canister_inspect_message")) (func (export "canister_update any"))`;
  return scene.bench.update(scene.deploy(strict), 'any');
}

export function freeze(scene: Scene): Scene {
  dataOf(set(scene, { freezing_threshold: [10n ** 17n] }));
  return scene;
}

export const stopped = (scene: Scene): Scene => {
  dataOf(scene.bench.manageId('stop_canister', scene.id));
  return scene;
};

export const stopping = (scene: Scene): Scene => {
  stopWhileBusy(scene);
  return scene;
};

const UPLOAD = {
  snapshot_id: Uint8Array.of(1, 2, 3),
  kind: { wasm_memory: { offset: 0n } },
  chunk: Uint8Array.of(1),
};

export function uploadTo({ bench, id }: Scene, snapshot_id: Uint8Array): Response {
  const value = { ...UPLOAD, canister_id: id, snapshot_id };
  return bench.manage('upload_canister_snapshot_data', UploadData, value);
}

export function uploadToTaken(scene: Scene): Response {
  const value = { canister_id: scene.id, replace_snapshot: [], uninstall_code: [] };
  const taken = scene.bench.manage('take_canister_snapshot', TakeSnapshot, value);
  return uploadTo(scene, decoded<{ id: Uint8Array }>(Snapshot, taken).id);
}

/** What a canister hears that calls this method: the text begins with the code. */
export function heard(
  scene: Scene,
  callee: Principal,
  method: string,
  options?: ProxyOptions,
): Response {
  const message = messageOf(scene.bench.call(scene.deploy(PROXY), callee, method, options));
  const [, code = '0', text = message] = /^IC0(\d+): (.*)$/s.exec(message) ?? [];
  return reject(Number(code) as ErrorCode, text);
}
