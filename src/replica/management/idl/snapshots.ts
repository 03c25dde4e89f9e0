/**
 * The types of the eight methods for snapshots.
 *
 * Source: IC interface specification, `ic.did`.
 */
import { IDL } from '@dfinity/candid';

import type { LowMemoryHook } from '../../canister.js';
import { Blob, type CanisterIdRecord, type FromVersion, type Opt } from '../idl.js';

const SnapshotId = Blob;

export const Snapshot = IDL.Record({
  id: SnapshotId,
  taken_at_timestamp: IDL.Nat64,
  total_size: IDL.Nat64,
});

export const Snapshots = IDL.Vec(Snapshot);

export interface TakeSnapshot extends CanisterIdRecord, FromVersion {
  readonly replace_snapshot: Opt<Uint8Array>;
  readonly uninstall_code: Opt<boolean>;
}

export const TakeSnapshot = IDL.Record({
  canister_id: IDL.Principal,
  replace_snapshot: IDL.Opt(SnapshotId),
  uninstall_code: IDL.Opt(IDL.Bool),
  sender_canister_version: IDL.Opt(IDL.Nat64),
});

/** One snapshot of one canister. */
export interface OneSnapshot extends CanisterIdRecord {
  readonly snapshot_id: Uint8Array;
}

export const OneSnapshot = IDL.Record({ canister_id: IDL.Principal, snapshot_id: SnapshotId });

export interface LoadSnapshot extends OneSnapshot, FromVersion {}

export const LoadSnapshot = IDL.Record({
  canister_id: IDL.Principal,
  snapshot_id: SnapshotId,
  sender_canister_version: IDL.Opt(IDL.Nat64),
});

/** A variant with one field: the type of the global. */
export type GlobalArgument = Readonly<Record<string, number | bigint>>;

const Globals = IDL.Vec(
  IDL.Variant({
    i32: IDL.Int32,
    i64: IDL.Int64,
    f32: IDL.Float32,
    f64: IDL.Float64,
    v128: IDL.Nat,
  }),
);

export type TimerArgument = { readonly inactive: null } | { readonly active: bigint };
export type HookArgument = Readonly<Partial<Record<LowMemoryHook, null>>>;

/** What a reader learns about a snapshot, and what an uploader says about it. */
const CONTENT = {
  wasm_module_size: IDL.Nat64,
  globals: Globals,
  wasm_memory_size: IDL.Nat64,
  stable_memory_size: IDL.Nat64,
  certified_data: Blob,
  global_timer: IDL.Opt(IDL.Variant({ inactive: IDL.Null, active: IDL.Nat64 })),
  on_low_wasm_memory_hook_status: IDL.Opt(
    IDL.Variant({
      condition_not_satisfied: IDL.Null,
      ready: IDL.Null,
      executed: IDL.Null,
    }),
  ),
};

export const SnapshotSource = IDL.Variant({
  taken_from_canister: IDL.Reserved,
  metadata_upload: IDL.Reserved,
});

export const SnapshotMetadata = IDL.Record({
  ...CONTENT,
  source: SnapshotSource,
  taken_at_timestamp: IDL.Nat64,
  wasm_chunk_store: IDL.Vec(IDL.Record({ hash: Blob })),
  canister_version: IDL.Nat64,
});

export interface UploadMetadata extends CanisterIdRecord {
  readonly replace_snapshot: Opt<Uint8Array>;
  readonly wasm_module_size: bigint;
  readonly globals: readonly GlobalArgument[];
  readonly wasm_memory_size: bigint;
  readonly stable_memory_size: bigint;
  readonly certified_data: Uint8Array;
  readonly global_timer: Opt<TimerArgument>;
  readonly on_low_wasm_memory_hook_status: Opt<HookArgument>;
}

export const UploadMetadata = IDL.Record({
  ...CONTENT,
  canister_id: IDL.Principal,
  replace_snapshot: IDL.Opt(SnapshotId),
});

export const UploadedMetadata = IDL.Record({ snapshot_id: SnapshotId });

interface Slice {
  readonly offset: bigint;
  readonly size: bigint;
}

export type DataKind =
  | { readonly wasm_module: Slice }
  | { readonly wasm_memory: Slice }
  | { readonly stable_memory: Slice }
  | { readonly wasm_chunk: { readonly hash: Uint8Array } };

export interface ReadData extends OneSnapshot {
  readonly kind: DataKind;
}

const SliceIdl = IDL.Record({ offset: IDL.Nat64, size: IDL.Nat64 });

export const ReadData = IDL.Record({
  canister_id: IDL.Principal,
  snapshot_id: SnapshotId,
  kind: IDL.Variant({
    wasm_module: SliceIdl,
    wasm_memory: SliceIdl,
    stable_memory: SliceIdl,
    wasm_chunk: IDL.Record({ hash: Blob }),
  }),
});

export const SnapshotData = IDL.Record({ chunk: Blob });

interface Offset {
  readonly offset: bigint;
}

export type DataOffset =
  | { readonly wasm_module: Offset }
  | { readonly wasm_memory: Offset }
  | { readonly stable_memory: Offset }
  | { readonly wasm_chunk: null };

export interface UploadData extends OneSnapshot {
  readonly kind: DataOffset;
  readonly chunk: Uint8Array;
}

const OffsetIdl = IDL.Record({ offset: IDL.Nat64 });

export const UploadData = IDL.Record({
  canister_id: IDL.Principal,
  snapshot_id: SnapshotId,
  kind: IDL.Variant({
    wasm_module: OffsetIdl,
    wasm_memory: OffsetIdl,
    stable_memory: OffsetIdl,
    wasm_chunk: IDL.Null,
  }),
  chunk: Blob,
});
