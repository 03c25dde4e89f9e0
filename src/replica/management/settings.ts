/**
 * The settings of a canister: what a caller asks for, checked, and merged into what there was.
 *
 * Source: IC interface specification, `canister_settings`; specs/replica.md section 4.3.
 */
import { resizedLog } from '../canister-log.js';
import { LOG_SIZE_MAX, LOG_SIZE_MIN } from '../canister-log.js';
import { nextVersion, type CanisterSettings, type Visibility } from '../canister.js';
import { withChange } from '../install.js';
import { keyOf } from '../principals.js';
import { ErrorCode, rejection, type Rejection } from '../rejection.js';
import { wrongVariable } from './environment.js';
import { UpdateSettings, type Opt, type SettingsArgument } from './idl.js';
import { byControllers, canisterMethod, changeOrigin } from './method.js';

const CONTROLLERS_MAX = 10;
const VIEWERS_MAX = 10;

export const updateSettings = canisterMethod<UpdateSettings>(
  [UpdateSettings],
  [],
  byControllers,
  (call, canister, argument) => {
    const settings = mergeSettings(canister.settings, argument.settings);
    if ('errorCode' in settings) return settings;
    const log = resizedLog(canister.log, settings.logMemoryLimit);
    const changed = nextVersion({ ...canister, settings, log });
    const { controllers } = settings;
    const details = { kind: 'controllers change', controllers } as const;
    const given = argument.settings.controllers[0] !== undefined;
    const origin = changeOrigin(call, argument);
    call.state.put(given ? withChange(call.state, changed, origin, details) : changed);
    return [];
  },
);

/** The old settings with what the caller gave; a rejection where that breaks a limit. */
export function mergeSettings(
  old: CanisterSettings,
  given: SettingsArgument,
): CanisterSettings | Rejection {
  const wrong = wrongRange(given) ?? wrongList(given) ?? wrongLogLimit(given);
  if (wrong !== undefined) return wrong;
  const controllers = given.controllers[0];
  const variables = given.environment_variables[0];
  return {
    controllers:
      controllers === undefined
        ? old.controllers
        : [...new Map(controllers.map((one) => [keyOf(one), one])).values()],
    computeAllocation: given.compute_allocation[0] ?? old.computeAllocation,
    memoryAllocation: given.memory_allocation[0] ?? old.memoryAllocation,
    freezingThreshold: given.freezing_threshold[0] ?? old.freezingThreshold,
    reservedCyclesLimit: given.reserved_cycles_limit[0] ?? old.reservedCyclesLimit,
    minimumIncomingCallCycles:
      given.minimum_incoming_canister_call_cycles[0] ?? old.minimumIncomingCallCycles,
    wasmMemoryLimit: given.wasm_memory_limit[0] ?? old.wasmMemoryLimit,
    wasmMemoryThreshold: given.wasm_memory_threshold[0] ?? old.wasmMemoryThreshold,
    logVisibility: given.log_visibility[0] ?? old.logVisibility,
    logMemoryLimit: given.log_memory_limit[0] ?? old.logMemoryLimit,
    snapshotVisibility: given.snapshot_visibility[0] ?? old.snapshotVisibility,
    statusVisibility: given.status_visibility[0] ?? old.statusVisibility,
    environmentVariables:
      variables === undefined
        ? old.environmentVariables
        : new Map(variables.map(({ name, value }) => [name, value])),
  };
}

type NumberSetting = {
  [Name in keyof SettingsArgument]: SettingsArgument[Name] extends Opt<bigint> ? Name : never;
}[keyof SettingsArgument];

/** Settings that are numbers, with the name in error texts, the largest value and its name. */
const RANGES: readonly (readonly [NumberSetting, string, bigint, string])[] = [
  ['compute_allocation', 'ComputeAllocation', 100n, '100'],
  ['memory_allocation', 'MemoryAllocation', 2n ** 64n - 1n, '2^64-1'],
  ['freezing_threshold', 'Freezing threshold', 2n ** 64n - 1n, '2^64-1'],
  ['reserved_cycles_limit', 'Reserved cycles limit', 2n ** 128n - 1n, '2^128-1'],
  [
    'minimum_incoming_canister_call_cycles',
    'Minimum incoming canister call cycles',
    2n ** 128n - 1n,
    '2^128-1',
  ],
  ['wasm_memory_limit', 'Wasm memory limit', 2n ** 48n, '2^48'],
  ['wasm_memory_threshold', 'Wasm memory threshold', 2n ** 48n, '2^48'],
];

function wrongRange(given: SettingsArgument): Rejection | undefined {
  for (const [setting, name, max, maxName] of RANGES) {
    const value = given[setting][0];
    if (value === undefined || value <= max) continue;
    const text = `${name} expected to be in the range of [0..${maxName}], got ${value}`;
    return rejection(ErrorCode.contractViolation, text);
  }
  return undefined;
}

function wrongList(given: SettingsArgument): Rejection | undefined {
  const refuse = (text: string): Rejection => rejection(ErrorCode.invalidManagementArgument, text);
  const tooMany = (name: string, count: number, max: number): Rejection =>
    refuse(`Invalid settings: '${name}' has ${count} elements, the maximum allowed is ${max}.`);
  const controllers = given.controllers[0]?.length ?? 0;
  if (controllers > CONTROLLERS_MAX) return tooMany('controllers', controllers, CONTROLLERS_MAX);
  for (const name of ['log_visibility', 'snapshot_visibility', 'status_visibility'] as const) {
    const viewers = viewersIn(given[name]);
    if (viewers > VIEWERS_MAX) return tooMany(name, viewers, VIEWERS_MAX);
  }
  const wrong = wrongVariable(given.environment_variables[0] ?? []);
  return wrong === undefined ? undefined : refuse(wrong);
}

function viewersIn([visibility]: Opt<Visibility>): number {
  if (visibility === undefined || !('allowed_viewers' in visibility)) return 0;
  return visibility.allowed_viewers.length;
}

/** A log is either off or has a page at least. */
function wrongLogLimit({ log_memory_limit: [limit] }: SettingsArgument): Rejection | undefined {
  if (limit === undefined || limit === 0n) return undefined;
  const refuse = (what: string): Rejection =>
    rejection(ErrorCode.rejected, `The canister log memory limit ${limit} is ${what}.`);
  if (limit < LOG_SIZE_MIN) return refuse(`too low. It must be at least ${LOG_SIZE_MIN}`);
  if (limit > LOG_SIZE_MAX) return refuse(`too high. It must be at most ${LOG_SIZE_MAX}`);
  return undefined;
}
