/** What the tests of snapshots share: a canister with something in every part, and its calls. */
import type { Principal } from '@dfinity/principal';

import type { Response } from '../../../src/replica/index.js';
import * as idl from '../../../src/replica/management/idl/snapshots.js';
import { CanisterIdRecord, ProvisionalCreate } from '../../../src/replica/management/idl.js';
import {
  Bench,
  canister,
  CONTROLLER,
  dataOf,
  decoded,
  encoded,
  MANAGEMENT,
  numberOf,
} from '../support.js';

export interface SnapshotInfo {
  readonly id: Uint8Array;
  readonly taken_at_timestamp: bigint;
  readonly total_size: bigint;
}

export interface Metadata extends Omit<idl.UploadMetadata, 'canister_id' | 'replace_snapshot'> {
  readonly source: Readonly<Record<string, null>>;
  readonly taken_at_timestamp: bigint;
  readonly wasm_chunk_store: readonly { readonly hash: Uint8Array }[];
  readonly canister_version: bigint;
}

/** Keeps a number in its heap, a global, its stable memory and its certified data. */
export const STORE = `
  (global $count (export "count") (mut i32) (i32.const 0))
  (global $wide (mut i64) (i64.const -1))
  (global $ratio (mut f64) (f64.const 0.5))
  (global $known (export "known") i32 (i32.const 77))
  (func $read (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 1)))
  (func (export "canister_update store")
    (call $read)
    (global.set $count (i32.load8_u (i32.const 0)))
    (i32.store8 (i32.const 9) (i32.load8_u (i32.const 0)))
    (if (i64.eqz (call $stable64_size)) (then (drop (call $stable64_grow (i64.const 2)))))
    (call $stable64_write (i64.const 65535) (i64.const 0) (i64.const 1))
    (call $certified_data_set (i32.const 0) (i32.const 1))
    (drop (call $global_timer_set (i64.const 9000000000000000000)))
    (call $msg_reply))
  (func (export "canister_update grow") (drop (memory.grow (i32.const 3))) (call $msg_reply))
  (func (export "canister_query heap") (call $reply_i32 (i32.load8_u (i32.const 9))))
  (func (export "canister_query size") (call $reply_i32 (memory.size)))
  (func (export "canister_query global") (call $reply_i32 (global.get $count)))
  (func (export "canister_query stable")
    (call $stable64_read (i64.const 0) (i64.const 65535) (i64.const 1))
    (call $reply_i32 (i32.load8_u (i32.const 0))))`;

export class SnapshotBench extends Bench {
  /** A canister that remembers this number everywhere. */
  storing(value: number): Principal {
    const id = this.deploy(STORE);
    this.store(id, value);
    return id;
  }

  /** A new canister on a subnet of the caller's choice. */
  createOn(subnetId: Principal): Principal {
    const submitted = this.replica.submit({
      sender: CONTROLLER,
      canisterId: MANAGEMENT,
      method: 'provisional_create_canister_with_cycles',
      argument: encoded(ProvisionalCreate, {}),
      subnetId,
    });
    if (submitted.kind !== 'accepted') throw new Error('the creation was refused');
    this.replica.executeRound();
    const response = this.answer(submitted.messageId);
    return decoded<CanisterIdRecord>(CanisterIdRecord, response).canister_id;
  }

  store(id: Principal, value: number): void {
    dataOf(this.update(id, 'store', Uint8Array.of(value)));
  }

  /** What the canister remembers, part by part. */
  stored(id: Principal): number[] {
    const parts = ['heap', 'global', 'stable'].map((part) => numberOf(this.query(id, part)));
    return [...parts, this.replica.canister(id)!.code!.certifiedData[0]!];
  }

  take(id: Principal, options: Partial<idl.TakeSnapshot> = {}, sender?: Principal): Response {
    const value = { canister_id: id, ...options };
    return this.manage('take_canister_snapshot', idl.TakeSnapshot, value, sender);
  }

  taken(id: Principal, options?: Partial<idl.TakeSnapshot>): SnapshotInfo {
    return decoded(idl.Snapshot, this.take(id, options));
  }

  load(id: Principal, snapshot_id: Uint8Array, sender?: Principal): Response {
    const value = { canister_id: id, snapshot_id };
    return this.manage('load_canister_snapshot', idl.LoadSnapshot, value, sender);
  }

  list(id: Principal, sender?: Principal): Response {
    const value = { canister_id: id };
    return this.manage('list_canister_snapshots', CanisterIdRecord, value, sender);
  }

  listed(id: Principal): SnapshotInfo[] {
    return decoded(idl.Snapshots, this.list(id));
  }

  remove(id: Principal, snapshot_id: Uint8Array, sender?: Principal): Response {
    const value = { canister_id: id, snapshot_id };
    return this.manage('delete_canister_snapshot', idl.OneSnapshot, value, sender);
  }

  metadata(id: Principal, snapshot_id: Uint8Array, sender?: Principal): Response {
    const value = { canister_id: id, snapshot_id };
    return this.manage('read_canister_snapshot_metadata', idl.OneSnapshot, value, sender);
  }

  read(id: Principal, snapshot_id: Uint8Array, kind: idl.DataKind, sender?: Principal): Response {
    const value = { canister_id: id, snapshot_id, kind };
    return this.manage('read_canister_snapshot_data', idl.ReadData, value, sender);
  }

  bytes(id: Principal, snapshot_id: Uint8Array, kind: idl.DataKind): Uint8Array {
    const response = this.read(id, snapshot_id, kind);
    return decoded<{ chunk: Uint8Array }>(idl.SnapshotData, response).chunk;
  }

  uploadMetadata(
    id: Principal,
    metadata: Partial<idl.UploadMetadata>,
    sender?: Principal,
  ): Response {
    const value = { ...EMPTY, ...metadata, canister_id: id };
    return this.manage('upload_canister_snapshot_metadata', idl.UploadMetadata, value, sender);
  }

  uploaded(id: Principal, metadata: Partial<idl.UploadMetadata>): Uint8Array {
    const response = this.uploadMetadata(id, metadata);
    return decoded<{ snapshot_id: Uint8Array }>(idl.UploadedMetadata, response).snapshot_id;
  }

  uploadData(
    id: Principal,
    snapshot_id: Uint8Array,
    kind: idl.DataOffset,
    chunk: Uint8Array,
    sender?: Principal,
  ): Response {
    const value = { canister_id: id, snapshot_id, kind, chunk };
    return this.manage('upload_canister_snapshot_data', idl.UploadData, value, sender);
  }
}

/** Metadata of a snapshot with nothing in it. */
const EMPTY = {
  wasm_module_size: 0n,
  globals: [],
  wasm_memory_size: 0n,
  stable_memory_size: 0n,
  certified_data: new Uint8Array(0),
};

export const MODULE = canister(STORE);
