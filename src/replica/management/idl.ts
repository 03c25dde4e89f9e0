/**
 * The Candid interface of the management canister and the TypeScript shapes that decoding gives:
 * here settings, creation and code, in `idl/` the rest. Callers may leave out `opt` fields and send
 * fields that are not listed here; Candid allows both.
 *
 * Source: IC interface specification, `ic.did`; specs/replica.md sections 3.3 and 4.2.
 */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

import type { Visibility } from '../canister.js';

export type Opt<T> = [] | [T];

export const Blob = IDL.Vec(IDL.Nat8);

/** What the callers of methods that leave a trace say of themselves, if they are canisters. */
export interface FromVersion {
  readonly sender_canister_version: Opt<bigint>;
}

const SENDER_VERSION = { sender_canister_version: IDL.Opt(IDL.Nat64) };

export const VisibilityIdl = IDL.Variant({
  controllers: IDL.Null,
  public: IDL.Null,
  allowed_viewers: IDL.Vec(IDL.Principal),
});

export const EnvironmentVariable = IDL.Record({ name: IDL.Text, value: IDL.Text });

export interface SettingsArgument {
  readonly controllers: Opt<Principal[]>;
  readonly compute_allocation: Opt<bigint>;
  readonly memory_allocation: Opt<bigint>;
  readonly freezing_threshold: Opt<bigint>;
  readonly reserved_cycles_limit: Opt<bigint>;
  readonly minimum_incoming_canister_call_cycles: Opt<bigint>;
  readonly log_visibility: Opt<Visibility>;
  readonly log_memory_limit: Opt<bigint>;
  readonly snapshot_visibility: Opt<Visibility>;
  readonly status_visibility: Opt<Visibility>;
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
  minimum_incoming_canister_call_cycles: IDL.Opt(IDL.Nat),
  log_visibility: IDL.Opt(VisibilityIdl),
  log_memory_limit: IDL.Opt(IDL.Nat),
  snapshot_visibility: IDL.Opt(VisibilityIdl),
  status_visibility: IDL.Opt(VisibilityIdl),
  wasm_memory_limit: IDL.Opt(IDL.Nat),
  wasm_memory_threshold: IDL.Opt(IDL.Nat),
  environment_variables: IDL.Opt(IDL.Vec(EnvironmentVariable)),
});

export interface CanisterIdRecord {
  readonly canister_id: Principal;
}

export const CanisterIdRecord = IDL.Record({ canister_id: IDL.Principal });

export interface UninstallCode extends CanisterIdRecord, FromVersion {}

export const UninstallCode = IDL.Record({ canister_id: IDL.Principal, ...SENDER_VERSION });

export interface CreateCanister extends FromVersion {
  readonly settings: Opt<SettingsArgument>;
}

export const CreateCanister = IDL.Record({ settings: IDL.Opt(Settings), ...SENDER_VERSION });

export interface ProvisionalCreate extends CreateCanister {
  readonly amount: Opt<bigint>;
  readonly specified_id: Opt<Principal>;
}

export const ProvisionalCreate = IDL.Record({
  amount: IDL.Opt(IDL.Nat),
  settings: IDL.Opt(Settings),
  specified_id: IDL.Opt(IDL.Principal),
  ...SENDER_VERSION,
});

export interface ProvisionalTopUp extends CanisterIdRecord {
  readonly amount: bigint;
}

export const ProvisionalTopUp = IDL.Record({ canister_id: IDL.Principal, amount: IDL.Nat });

export interface UpdateSettings extends CanisterIdRecord, FromVersion {
  readonly settings: SettingsArgument;
}

export const UpdateSettings = IDL.Record({
  canister_id: IDL.Principal,
  settings: Settings,
  ...SENDER_VERSION,
});

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

export interface InstallCode extends CanisterIdRecord, FromVersion {
  readonly mode: InstallMode;
  readonly wasm_module: Uint8Array;
  readonly arg: Uint8Array;
}

export const InstallCode = IDL.Record({
  mode: InstallModeIdl,
  canister_id: IDL.Principal,
  wasm_module: Blob,
  arg: Blob,
  ...SENDER_VERSION,
});

export const ChunkHash = IDL.Record({ hash: Blob });

export interface InstallChunkedCode extends FromVersion {
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
  ...SENDER_VERSION,
});

export interface UploadChunk extends CanisterIdRecord {
  readonly chunk: Uint8Array;
}

export const UploadChunk = IDL.Record({ canister_id: IDL.Principal, chunk: Blob });

export const Chunks = IDL.Vec(ChunkHash);

export const RandomBytes = Blob;
