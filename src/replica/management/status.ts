/**
 * `canister_status`: everything that a controller may know about a canister.
 *
 * Nothing is ever reserved here, because this replica has no price for a machine that is full.
 *
 * Source: specs/replica.md section 3.3; IC interface specification, `canister_status`.
 */
import type { CanisterSettings, QueryStats } from '../canister.js';
import { feesOf, idleCost } from '../fees.js';
import { memoryMetrics, totalOf } from '../memory-usage.js';
import { samePrincipal } from '../principals.js';
import { CanisterIdRecord } from './idl.js';
import { CanisterStatusResult } from './idl/status.js';
import { byViewers, canisterMethod, findCanister, type Access } from './method.js';

const DAY_IN_SECONDS = 86_400n;

const byStatusViewers = byViewers('statusVisibility');

/** A canister may always look at itself. */
const access: Access<CanisterIdRecord> = (call, argument) =>
  samePrincipal(call.caller, argument.canister_id)
    ? findCanister(call, argument.canister_id)
    : byStatusViewers(call, argument);

export const canisterStatus = canisterMethod<CanisterIdRecord>(
  [CanisterIdRecord],
  [CanisterStatusResult],
  access,
  ({ state }, canister) => {
    const { code, cycles, settings, status, version } = canister;
    const metrics = memoryMetrics(canister);
    const fees = feesOf(state.subnetOf(canister.id));
    const result = {
      status: { [status]: null },
      ready_for_migration: status === 'stopped',
      version,
      settings: definiteSettings(settings),
      module_hash: code === undefined ? [] : [code.moduleHash],
      memory_size: totalOf(metrics),
      memory_metrics: metrics,
      cycles,
      reserved_cycles: 0n,
      idle_cycles_burned_per_day: idleCost(canister, fees, DAY_IN_SECONDS),
      query_stats: queryStats(canister.queryStats),
    };
    return [result];
  },
);

function definiteSettings(settings: CanisterSettings): Record<string, unknown> {
  const variables = [...settings.environmentVariables];
  return {
    controllers: settings.controllers,
    compute_allocation: settings.computeAllocation,
    memory_allocation: settings.memoryAllocation,
    freezing_threshold: settings.freezingThreshold,
    reserved_cycles_limit: settings.reservedCyclesLimit,
    minimum_incoming_canister_call_cycles: settings.minimumIncomingCallCycles,
    log_visibility: settings.logVisibility,
    log_memory_limit: settings.logMemoryLimit,
    snapshot_visibility: settings.snapshotVisibility,
    status_visibility: settings.statusVisibility,
    wasm_memory_limit: settings.wasmMemoryLimit,
    wasm_memory_threshold: settings.wasmMemoryThreshold,
    environment_variables: variables.map(([name, value]) => ({ name, value })),
  };
}

function queryStats(stats: QueryStats): Record<string, bigint> {
  return {
    num_calls_total: stats.calls,
    num_instructions_total: stats.instructions,
    request_payload_bytes_total: stats.requestBytes,
    response_payload_bytes_total: stats.responseBytes,
  };
}
