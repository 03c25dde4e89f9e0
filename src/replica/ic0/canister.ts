/**
 * The canister and its place: who it is, how it stands, what time it is, and the variables that its
 * controllers set.
 *
 * Source: IC interface specification, "Self-identification" to "Controller check", "System time"
 * and "Environment Variables".
 */
import { Principal } from '@dfinity/principal';

import { isController } from '../canister.js';
import type { MessageExecution as Message } from '../message-execution.js';
import { ANY, ANY_AND_START, blob, on, type SystemCalls } from './system-call.js';

const TIMER_MODES = 'I G U Ry Rt C T';
const PRINCIPAL_SIZE_MAX = 29;
const VARIABLE_NAME_SIZE_MAX = 128;
const STATUS_NUMBERS = { running: 1, stopping: 2, stopped: 3 } as const;

const utf8 = new TextEncoder();

export const CANISTER_CALLS: SystemCalls = {
  ...blob('canister_self', ANY, (m) => m.canister.id.toUint8Array()),
  canister_status: on('() -> i32', ANY, (m) => STATUS_NUMBERS[m.canister.status]),
  canister_version: on('() -> i64', ANY, (m) => m.canister.version),
  ...blob('subnet_self', ANY, (m) => m.input.subnetId.toUint8Array()),
  is_controller: on('(I I) -> i32', ANY_AND_START, (m, pointer: number, size: number) => {
    if (size > PRINCIPAL_SIZE_MAX) m.violate(`ic0.is_controller: ${size} bytes are no principal`);
    return isController(m.canister, Principal.fromUint8Array(m.load(pointer, size))) ? 1 : 0;
  }),
  in_replicated_execution: on('() -> i32', ANY_AND_START, (m) => (m.isReplicated ? 1 : 0)),

  time: on('() -> i64', ANY, (m) => m.input.time),
  global_timer_set: on('(i64) -> i64', TIMER_MODES, (m, timestamp: bigint) => {
    const old = m.globalTimer ?? m.canister.code?.globalTimer ?? 0n;
    m.globalTimer = timestamp;
    return old;
  }),
  performance_counter: on('(i32) -> i64', ANY_AND_START, (m, kind: number) => {
    if (kind === 0) return m.instructions;
    if (kind === 1) return m.input.contextCounter + m.instructions;
    return m.violate(`ic0.performance_counter: there is no counter ${kind}`);
  }),

  env_var_count: on('() -> I', ANY, (m) => variables(m).size),
  env_var_name_size: on('(I) -> I', ANY, (m, index: number) => variableName(m, index).length),
  env_var_name_copy: on(
    '(I I I I) -> ()',
    ANY,
    (m, index: number, target: number, offset: number, size: number) => {
      m.store('ic0.env_var_name_copy', variableName(m, index), target, offset, size);
    },
  ),
  env_var_name_exists: on('(I I) -> i32', ANY, (m, name: number, nameSize: number) =>
    variables(m).has(loadName(m, 'env_var_name_exists', name, nameSize)) ? 1 : 0,
  ),
  env_var_value_size: on(
    '(I I) -> I',
    ANY,
    (m, name: number, nameSize: number) =>
      variableValue(m, 'env_var_value_size', name, nameSize).length,
  ),
  env_var_value_copy: on(
    '(I I I I I) -> ()',
    ANY,
    (m, name: number, nameSize: number, target: number, offset: number, size: number) => {
      const value = variableValue(m, 'env_var_value_copy', name, nameSize);
      m.store('ic0.env_var_value_copy', value, target, offset, size);
    },
  ),
};

function variables(m: Message): ReadonlyMap<string, string> {
  return m.canister.settings.environmentVariables;
}

function variableName(m: Message, index: number): Uint8Array {
  const name = [...variables(m).keys()][index];
  return utf8.encode(name ?? m.violate(`there is no environment variable ${index}`));
}

function variableValue(m: Message, call: string, pointer: number, size: number): Uint8Array {
  const name = loadName(m, call, pointer, size);
  const value = variables(m).get(name);
  return utf8.encode(value ?? m.violate(`there is no environment variable '${name}'`));
}

function loadName(m: Message, call: string, pointer: number, size: number): string {
  if (size > VARIABLE_NAME_SIZE_MAX) {
    m.violate(`ic0.${call}: a name of ${size} bytes exceeds ${VARIABLE_NAME_SIZE_MAX}`);
  }
  return m.loadText(`ic0.${call}`, pointer, size);
}
