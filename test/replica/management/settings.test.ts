/** Settings: what can be changed, by whom, and within which limits. */
import { beforeEach, expect, test } from '@jest/globals';
import { Principal } from '@dfinity/principal';

import type { Response } from '../../../src/replica/index.js';
import {
  CanisterIdRecord,
  ProvisionalCreate,
  UpdateSettings,
  type SettingsArgument,
} from '../../../src/replica/management/idl.js';
import {
  Bench,
  bytesOf,
  CONTROLLER,
  dataOf,
  decoded,
  errorOf,
  messageOf,
  numberOf,
  PROXY,
  STRANGER,
  textOf,
} from '../support.js';

let bench: Bench;
let id: Principal;

beforeEach(() => {
  bench = new Bench();
  id = bench.create();
});

function update(settings: Partial<SettingsArgument>, sender?: Principal): Response {
  const value = { canister_id: id, settings };
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

const many = (count: number): Principal[] =>
  Array.from({ length: count }, (_, index) => Principal.fromUint8Array(Uint8Array.of(index)));
const variables = (count: number): { name: string; value: string }[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${index}`, value: '' }));
const long = (size: number): string => 'ü'.repeat(size / 2);

/** The largest value that a setting takes, the smallest that it does not, and the error then. */
const LIMITS: readonly (readonly [keyof SettingsArgument, unknown, unknown, number])[] = [
  ['controllers', many(10), many(11), 408],
  ['compute_allocation', 100n, 101n, 504],
  ['memory_allocation', 2n ** 64n - 1n, 2n ** 64n, 504],
  ['freezing_threshold', 2n ** 64n - 1n, 2n ** 64n, 504],
  ['reserved_cycles_limit', 2n ** 128n - 1n, 2n ** 128n, 504],
  ['minimum_incoming_canister_call_cycles', 2n ** 128n - 1n, 2n ** 128n, 504],
  ['wasm_memory_limit', 2n ** 48n, 2n ** 48n + 1n, 504],
  ['wasm_memory_threshold', 2n ** 48n, 2n ** 48n + 1n, 504],
  ['log_memory_limit', 2n ** 21n, 2n ** 21n + 1n, 406],
  ['log_memory_limit', 4096n, 4095n, 406],
  ['log_memory_limit', 0n, 1n, 406],
  ['log_visibility', { allowed_viewers: many(10) }, { allowed_viewers: many(11) }, 408],
  ['snapshot_visibility', { allowed_viewers: many(10) }, { allowed_viewers: many(11) }, 408],
  ['status_visibility', { allowed_viewers: many(10) }, { allowed_viewers: many(11) }, 408],
  ['environment_variables', variables(20), variables(21), 408],
  ['environment_variables', variables(1), [...variables(1), ...variables(1)], 408],
  [
    'environment_variables',
    [{ name: long(128), value: long(128) }],
    [{ name: long(130), value: '' }],
    408,
  ],
  ['environment_variables', [], [{ name: '', value: long(130) }], 408],
];

test.each(LIMITS)('%s has a limit', (setting, largest, tooLarge, error) => {
  const before = bench.replica.canister(id);
  expect(errorOf(update({ [setting]: [tooLarge] }))).toBe(error);
  expect(bench.replica.canister(id)).toBe(before);
  dataOf(update({ [setting]: [largest] }));
});

test('controllers that are named twice count once', () => {
  dataOf(update({ controllers: [[CONTROLLER, STRANGER, CONTROLLER]] }));
  expect(bench.replica.canister(id)!.settings.controllers).toHaveLength(2);
});

test('a canister may be created with settings, within the same limits', () => {
  const create = (settings: Partial<SettingsArgument>): Response =>
    bench.manage('provisional_create_canister_with_cycles', ProvisionalCreate, {
      settings: [settings],
    });
  expect(errorOf(create({ freezing_threshold: [2n ** 64n] }))).toBe(504);
  const created = decoded<CanisterIdRecord>(
    CanisterIdRecord,
    create({ freezing_threshold: [7n], status_visibility: [{ public: null }] }),
  );
  const { settings } = bench.replica.canister(created.canister_id)!;
  expect(settings.freezingThreshold).toBe(7n);
  expect(settings.statusVisibility).toEqual({ public: null });
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

test('a canister can ask for cycles with each call of another canister, and of nobody else', () => {
  const other = bench.deploy(PROXY);
  id = bench.deploy(`${PROXY} (func (export "canister_update run") (call $msg_reply))`);
  dataOf(update({ minimum_incoming_canister_call_cycles: [100n] }));
  const call = (from: Principal, cycles: bigint): Response =>
    bench.call(from, id, 'run', { cycles });
  const refused = call(other, 99n);
  expect(errorOf(refused)).toBe(5);
  expect(messageOf(refused)).toContain('at least 100 cycles attached, but 99 were attached');
  expect([bench.cycles(other), bench.cycles(id)]).toEqual([1_000_000n, 1_000_000n]);
  dataOf(call(other, 100n));
  dataOf(call(id, 0n));
  dataOf(bench.update(id, 'run'));
});
