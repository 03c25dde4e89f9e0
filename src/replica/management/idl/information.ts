/**
 * The types of the methods that tell something about a canister or its subnet and change nothing:
 * history, metadata, logs, the list of canisters.
 *
 * Source: IC interface specification, `ic.did`.
 */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

import { Blob, type CanisterIdRecord, type Opt } from '../idl.js';
import { SnapshotSource } from './snapshots.js';

const Controllers = IDL.Vec(IDL.Principal);

const ChangeOrigin = IDL.Variant({
  from_user: IDL.Record({ user_id: IDL.Principal }),
  from_canister: IDL.Record({
    canister_id: IDL.Principal,
    canister_version: IDL.Opt(IDL.Nat64),
  }),
});

const Renaming = IDL.Record({
  canister_id: IDL.Principal,
  total_num_changes: IDL.Nat64,
  rename_to: IDL.Record({
    canister_id: IDL.Principal,
    version: IDL.Nat64,
    total_num_changes: IDL.Nat64,
  }),
  requested_by: IDL.Principal,
});

const ChangeDetails = IDL.Variant({
  creation: IDL.Record({
    controllers: Controllers,
    environment_variables_hash: IDL.Opt(Blob),
  }),
  code_uninstall: IDL.Null,
  code_deployment: IDL.Record({
    mode: IDL.Variant({ install: IDL.Null, reinstall: IDL.Null, upgrade: IDL.Null }),
    module_hash: Blob,
  }),
  load_snapshot: IDL.Record({
    from_canister_id: IDL.Opt(IDL.Principal),
    snapshot_id: Blob,
    canister_version: IDL.Nat64,
    taken_at_timestamp: IDL.Nat64,
    source: SnapshotSource,
  }),
  controllers_change: IDL.Record({ controllers: Controllers }),
  rename_canister: Renaming,
});

export const Changes = IDL.Vec(
  IDL.Record({
    timestamp_nanos: IDL.Nat64,
    canister_version: IDL.Nat64,
    origin: ChangeOrigin,
    details: ChangeDetails,
  }),
);

export interface CanisterInfo extends CanisterIdRecord {
  readonly num_requested_changes: Opt<bigint>;
}

export const CanisterInfo = IDL.Record({
  canister_id: IDL.Principal,
  num_requested_changes: IDL.Opt(IDL.Nat64),
});

export const CanisterInfoResult = IDL.Record({
  total_num_changes: IDL.Nat64,
  recent_changes: Changes,
  module_hash: IDL.Opt(Blob),
  controllers: Controllers,
});

export interface CanisterMetadata extends CanisterIdRecord {
  readonly name: string;
}

export const CanisterMetadata = IDL.Record({ canister_id: IDL.Principal, name: IDL.Text });

export const CanisterMetadataResult = IDL.Record({ value: Blob });

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

export type LogFilter = { readonly by_idx: Range } | { readonly by_timestamp_nanos: Range };

export interface FetchLogs extends CanisterIdRecord {
  readonly filter: Opt<LogFilter>;
}

const RangeIdl = IDL.Record({ start: IDL.Nat64, end: IDL.Nat64 });

export const FetchLogs = IDL.Record({
  canister_id: IDL.Principal,
  filter: IDL.Opt(IDL.Variant({ by_idx: RangeIdl, by_timestamp_nanos: RangeIdl })),
});

export const Logs = IDL.Record({
  canister_log_records: IDL.Vec(
    IDL.Record({ idx: IDL.Nat64, timestamp_nanos: IDL.Nat64, content: Blob }),
  ),
});

export const CanisterRanges = IDL.Record({
  canisters: IDL.Vec(IDL.Record({ start: IDL.Principal, end: IDL.Principal })),
});

export interface SubnetIdRecord {
  readonly subnet_id: Principal;
}

export const SubnetIdRecord = IDL.Record({ subnet_id: IDL.Principal });

export const SubnetInfo = IDL.Record({ replica_version: IDL.Text, registry_version: IDL.Nat64 });
