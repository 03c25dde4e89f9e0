/**
 * The Candid interface of the management canister, as far as this replica serves it, and the
 * TypeScript shapes that decoding gives. Callers may leave out `opt` fields and send fields that
 * are not listed here; Candid allows both.
 *
 * Source: IC interface specification, `ic.did`; specs/replica.md sections 3.3 and 4.2.
 */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

import type { Visibility } from '../canister.js';

export type Opt<T> = [] | [T];

const Blob = IDL.Vec(IDL.Nat8);

const VisibilityIdl = IDL.Variant({
  controllers: IDL.Null,
  public: IDL.Null,
  allowed_viewers: IDL.Vec(IDL.Principal),
});

const EnvironmentVariable = IDL.Record({ name: IDL.Text, value: IDL.Text });

export interface SettingsArgument {
  readonly controllers: Opt<Principal[]>;
  readonly compute_allocation: Opt<bigint>;
  readonly memory_allocation: Opt<bigint>;
  readonly freezing_threshold: Opt<bigint>;
  readonly reserved_cycles_limit: Opt<bigint>;
  readonly log_visibility: Opt<Visibility>;
  readonly snapshot_visibility: Opt<Visibility>;
  readonly wasm_memory_limit: Opt<bigint>;
  readonly wasm_memory_threshold: Opt<bigint>;
  readonly environment_variables: Opt<{ name: string; value: string }[]>;
}

export const Settings = IDL.Record({
  controllers: IDL.Opt(IDL.Vec(IDL.Principal)),
  compute_allocation: IDL.Opt(IDL.Nat),
  memory_allocation: IDL.Opt(IDL.Nat),
  freezing_threshold: IDL.Opt(IDL.Nat),
  reserved_cycles_limit: IDL.Opt(IDL.Nat),
  log_visibility: IDL.Opt(VisibilityIdl),
  snapshot_visibility: IDL.Opt(VisibilityIdl),
  wasm_memory_limit: IDL.Opt(IDL.Nat),
  wasm_memory_threshold: IDL.Opt(IDL.Nat),
  environment_variables: IDL.Opt(IDL.Vec(EnvironmentVariable)),
});

export interface CanisterIdRecord {
  readonly canister_id: Principal;
}

export const CanisterIdRecord = IDL.Record({ canister_id: IDL.Principal });

export interface CreateCanister {
  readonly settings: Opt<SettingsArgument>;
}

export const CreateCanister = IDL.Record({ settings: IDL.Opt(Settings) });

export interface ProvisionalCreate extends CreateCanister {
  readonly amount: Opt<bigint>;
  readonly specified_id: Opt<Principal>;
}

export const ProvisionalCreate = IDL.Record({
  amount: IDL.Opt(IDL.Nat),
  settings: IDL.Opt(Settings),
  specified_id: IDL.Opt(IDL.Principal),
});

export interface ProvisionalTopUp extends CanisterIdRecord {
  readonly amount: bigint;
}

export const ProvisionalTopUp = IDL.Record({ canister_id: IDL.Principal, amount: IDL.Nat });

export interface UpdateSettings extends CanisterIdRecord {
  readonly settings: SettingsArgument;
}

export const UpdateSettings = IDL.Record({ canister_id: IDL.Principal, settings: Settings });

interface UpgradeOptions {
  readonly skip_pre_upgrade: Opt<boolean>;
  readonly wasm_memory_persistence: Opt<{ keep: null } | { replace: null }>;
}

export type InstallMode =
  | { readonly install: null }
  | { readonly reinstall: null }
  | { readonly upgrade: Opt<UpgradeOptions> };

const InstallModeIdl = IDL.Variant({
  install: IDL.Null,
  reinstall: IDL.Null,
  upgrade: IDL.Opt(
    IDL.Record({
      skip_pre_upgrade: IDL.Opt(IDL.Bool),
      wasm_memory_persistence: IDL.Opt(IDL.Variant({ keep: IDL.Null, replace: IDL.Null })),
    }),
  ),
});

export interface InstallCode extends CanisterIdRecord {
  readonly mode: InstallMode;
  readonly wasm_module: Uint8Array;
  readonly arg: Uint8Array;
}

export const InstallCode = IDL.Record({
  mode: InstallModeIdl,
  canister_id: IDL.Principal,
  wasm_module: Blob,
  arg: Blob,
});

export const ChunkHash = IDL.Record({ hash: Blob });

export interface InstallChunkedCode {
  readonly mode: InstallMode;
  readonly target_canister: Principal;
  readonly store_canister: Opt<Principal>;
  readonly chunk_hashes_list: { hash: Uint8Array }[];
  readonly wasm_module_hash: Uint8Array;
  readonly arg: Uint8Array;
}

export const InstallChunkedCode = IDL.Record({
  mode: InstallModeIdl,
  target_canister: IDL.Principal,
  store_canister: IDL.Opt(IDL.Principal),
  chunk_hashes_list: IDL.Vec(ChunkHash),
  wasm_module_hash: Blob,
  arg: Blob,
});

export interface UploadChunk extends CanisterIdRecord {
  readonly chunk: Uint8Array;
}

export const UploadChunk = IDL.Record({ canister_id: IDL.Principal, chunk: Blob });

export const Chunks = IDL.Vec(ChunkHash);

export const RandomBytes = Blob;

const DefiniteSettings = IDL.Record({
  controllers: IDL.Vec(IDL.Principal),
  compute_allocation: IDL.Nat,
  memory_allocation: IDL.Nat,
  freezing_threshold: IDL.Nat,
  reserved_cycles_limit: IDL.Nat,
  minimum_incoming_canister_call_cycles: IDL.Nat,
  log_visibility: VisibilityIdl,
  log_memory_limit: IDL.Nat,
  snapshot_visibility: VisibilityIdl,
  status_visibility: VisibilityIdl,
  wasm_memory_limit: IDL.Nat,
  wasm_memory_threshold: IDL.Nat,
  environment_variables: IDL.Vec(EnvironmentVariable),
});

const MemoryMetrics = IDL.Record({
  wasm_memory_size: IDL.Nat,
  stable_memory_size: IDL.Nat,
  global_memory_size: IDL.Nat,
  wasm_binary_size: IDL.Nat,
  custom_sections_size: IDL.Nat,
  canister_history_size: IDL.Nat,
  wasm_chunk_store_size: IDL.Nat,
  snapshots_size: IDL.Nat,
  log_memory_store_size: IDL.Nat,
});

const QueryStats = IDL.Record({
  num_calls_total: IDL.Nat,
  num_instructions_total: IDL.Nat,
  request_payload_bytes_total: IDL.Nat,
  response_payload_bytes_total: IDL.Nat,
});

export const CanisterStatusResult = IDL.Record({
  status: IDL.Variant({ running: IDL.Null, stopping: IDL.Null, stopped: IDL.Null }),
  ready_for_migration: IDL.Bool,
  version: IDL.Nat64,
  settings: DefiniteSettings,
  module_hash: IDL.Opt(Blob),
  memory_size: IDL.Nat,
  memory_metrics: MemoryMetrics,
  cycles: IDL.Nat,
  reserved_cycles: IDL.Nat,
  idle_cycles_burned_per_day: IDL.Nat,
  query_stats: QueryStats,
});
