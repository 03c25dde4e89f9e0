/**
 * The settings of a canister: what a caller asks for, checked, and merged into what there was.
 *
 * Source: IC interface specification, `canister_settings`; specs/replica.md section 4.3.
 */
import type { CanisterSettings } from '../canister.js';
import { ErrorCode, rejection, type Rejection } from '../rejection.js';
import { UpdateSettings, type SettingsArgument } from './idl.js';
import { controlledCanister, method } from './method.js';
import { nextVersion } from '../canister.js';

const CONTROLLERS_MAX = 10;
const COMPUTE_ALLOCATION_MAX = 100n;
const ENVIRONMENT_VARIABLES_MAX = 20;
const ENVIRONMENT_TEXT_SIZE_MAX = 128;

export const updateSettings = method<UpdateSettings>([UpdateSettings], [], (call, argument) => {
  const canister = controlledCanister(call, argument.canister_id);
  if ('errorCode' in canister) return canister;
  const settings = mergeSettings(canister.settings, argument.settings);
  if ('errorCode' in settings) return settings;
  call.state.put(nextVersion({ ...canister, settings }));
  return [];
});

/** The old settings with what the caller gave; a rejection where that breaks a limit. */
export function mergeSettings(
  old: CanisterSettings,
  given: SettingsArgument,
): CanisterSettings | Rejection {
  const variables = given.environment_variables[0];
  const wrong = wrongSetting(given);
  if (wrong !== undefined) return rejection(ErrorCode.invalidManagementArgument, wrong);
  return {
    controllers: given.controllers[0] ?? old.controllers,
    computeAllocation: given.compute_allocation[0] ?? old.computeAllocation,
    memoryAllocation: given.memory_allocation[0] ?? old.memoryAllocation,
    freezingThreshold: given.freezing_threshold[0] ?? old.freezingThreshold,
    reservedCyclesLimit: given.reserved_cycles_limit[0] ?? old.reservedCyclesLimit,
    wasmMemoryLimit: given.wasm_memory_limit[0] ?? old.wasmMemoryLimit,
    wasmMemoryThreshold: given.wasm_memory_threshold[0] ?? old.wasmMemoryThreshold,
    logVisibility: given.log_visibility[0] ?? old.logVisibility,
    snapshotVisibility: given.snapshot_visibility[0] ?? old.snapshotVisibility,
    environmentVariables:
      variables === undefined
        ? old.environmentVariables
        : new Map(variables.map(({ name, value }) => [name, value])),
  };
}

function wrongSetting(given: SettingsArgument): string | undefined {
  const controllers = given.controllers[0]?.length ?? 0;
  if (controllers > CONTROLLERS_MAX) {
    return `${controllers} controllers exceed the limit of ${CONTROLLERS_MAX}`;
  }
  const compute = given.compute_allocation[0] ?? 0n;
  if (compute > COMPUTE_ALLOCATION_MAX) {
    return `a compute allocation of ${compute} exceeds ${COMPUTE_ALLOCATION_MAX} percent`;
  }
  const variables = given.environment_variables[0] ?? [];
  if (variables.length > ENVIRONMENT_VARIABLES_MAX) {
    return `${variables.length} environment variables exceed ${ENVIRONMENT_VARIABLES_MAX}`;
  }
  const names = new Set(variables.map(({ name }) => name));
  if (names.size < variables.length) return 'two environment variables have the same name';
  const long = variables.flatMap(({ name, value }) => [name, value]).find(isTooLong);
  return long === undefined ? undefined : `the environment variable text '${long}' is too long`;
}

function isTooLong(text: string): boolean {
  return new TextEncoder().encode(text).length > ENVIRONMENT_TEXT_SIZE_MAX;
}
