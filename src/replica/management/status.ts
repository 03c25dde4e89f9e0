/**
 * `canister_status`: everything that a controller may know about a canister.
 *
 * What this replica does not measure is 0: cycles burned by idling, query statistics, history,
 * snapshots. The `icp` command refuses a status that lacks any of the fields, so all are there.
 *
 * Source: specs/replica.md section 3.3.
 */
import type { CanisterSettings } from '../canister.js';
import { memoryMetrics, totalOf } from '../memory-usage.js';
import { CanisterIdRecord, CanisterStatusResult } from './idl.js';
import { method, ownCanister } from './method.js';

const LOG_MEMORY_LIMIT = 4096n;

export const canisterStatus = method<CanisterIdRecord>(
  [CanisterIdRecord],
  [CanisterStatusResult],
  (call, argument) => {
    const canister = ownCanister(call, argument.canister_id);
    if ('errorCode' in canister) return canister;
    const { code, cycles, settings, status, version } = canister;
    const metrics = memoryMetrics(canister);
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
      idle_cycles_burned_per_day: 0n,
      query_stats: {
        num_calls_total: 0n,
        num_instructions_total: 0n,
        request_payload_bytes_total: 0n,
        response_payload_bytes_total: 0n,
      },
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
    minimum_incoming_canister_call_cycles: 0n,
    log_visibility: settings.logVisibility,
    log_memory_limit: LOG_MEMORY_LIMIT,
    snapshot_visibility: settings.snapshotVisibility,
    status_visibility: { controllers: null },
    wasm_memory_limit: settings.wasmMemoryLimit,
    wasm_memory_threshold: settings.wasmMemoryThreshold,
    environment_variables: variables.map(([name, value]) => ({ name, value })),
  };
}
