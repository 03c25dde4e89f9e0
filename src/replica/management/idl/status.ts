/**
 * What `canister_status` and `canister_metrics` answer. The `icp` command refuses a status that
 * lacks any of the fields.
 *
 * Source: IC interface specification, `ic.did`; specs/replica.md section 3.3.
 */
import { IDL } from '@dfinity/candid';

import { CYCLES_USES } from '../../cycles-consumed.js';
import { Blob, EnvironmentVariable, VisibilityIdl } from '../idl.js';

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

export const CanisterMetricsResult = IDL.Record({
  cycles_consumed: IDL.Record(Object.fromEntries(CYCLES_USES.map((use) => [use, IDL.Nat]))),
});
