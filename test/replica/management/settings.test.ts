/** Settings: what can be changed, by whom, and within which limits. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import type { Response } from '../../../src/replica/index.js';
import { UpdateSettings, type SettingsArgument } from '../../../src/replica/management/idl.js';
import {
  Bench,
  bytesOf,
  CONTROLLER,
  dataOf,
  errorOf,
  numberOf,
  STRANGER,
  textOf,
} from '../support.js';

const NOTHING: SettingsArgument = {
  controllers: [],
  compute_allocation: [],
  memory_allocation: [],
  freezing_threshold: [],
  reserved_cycles_limit: [],
  log_visibility: [],
  snapshot_visibility: [],
  wasm_memory_limit: [],
  wasm_memory_threshold: [],
  environment_variables: [],
};

let bench: Bench;
let id: Principal;

beforeEach(() => {
  bench = new Bench();
  id = bench.create();
});

function update(settings: Partial<SettingsArgument>, sender?: Principal): Response {
  const value = { canister_id: id, settings: { ...NOTHING, ...settings } };
  return bench.manage('update_settings', UpdateSettings, value, sender);
}

test('what is not given stays', () => {
  dataOf(update({ freezing_threshold: [7n] }));
  const { settings, version } = bench.replica.canister(id)!;
  expect(settings.freezingThreshold).toBe(7n);
  expect(settings.reservedCyclesLimit).toBe(5_000_000_000_000n);
  expect(settings.controllers).toHaveLength(1);
  expect(version).toBe(1n);
});

test('controllers hand over, and the old ones are out', () => {
  expect(errorOf(update({ controllers: [[STRANGER]] }, STRANGER))).toBe(512);
  dataOf(update({ controllers: [[STRANGER]] }));
  expect(errorOf(update({ controllers: [[CONTROLLER]] }))).toBe(512);
  dataOf(update({ controllers: [[CONTROLLER, STRANGER]] }, STRANGER));
  dataOf(update({}));
});

test.each([
  ['eleven controllers', { controllers: [Array.from({ length: 11 }, () => CONTROLLER)] }],
  ['more than all of the compute', { compute_allocation: [101n] }],
  [
    '21 environment variables',
    {
      environment_variables: [Array.from({ length: 21 }, (_, i) => ({ name: `${i}`, value: '' }))],
    },
  ],
  ['a long variable', { environment_variables: [[{ name: 'a', value: 'x'.repeat(129) }]] }],
  [
    'a variable twice',
    {
      environment_variables: [
        [
          { name: 'a', value: '' },
          { name: 'a', value: '' },
        ],
      ],
    },
  ],
] as unknown as [string, Partial<SettingsArgument>][])('%s is refused', (_name, settings) => {
  const before = bench.replica.canister(id);
  expect(errorOf(update(settings))).toBe(408);
  expect(bench.replica.canister(id)).toBe(before);
});

test('environment variables reach the canister', () => {
  id = bench.deploy(`
    (func (export "canister_query count") (call $reply_i32 (call $env_var_count)))
    (func (export "canister_query value") (local $size i32)
      (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size))
      (local.set $size (call $env_var_value_size (i32.const 0) (call $msg_arg_data_size)))
      (call $env_var_value_copy (i32.const 0) (call $msg_arg_data_size)
        (i32.const 100) (i32.const 0) (local.get $size))
      (call $reply_bytes (i32.const 100) (local.get $size)))`);
  dataOf(update({ environment_variables: [[{ name: 'greeting', value: 'hello' }]] }));
  expect(numberOf(bench.query(id, 'count'))).toBe(1);
  expect(textOf(dataOf(bench.query(id, 'value', bytesOf('greeting'))))).toBe('hello');
  expect(errorOf(bench.query(id, 'value', bytesOf('nothing')))).toBe(504);
});
