/** What a canister's status and its metrics say, and to whom. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import type { Visibility } from '../../../src/replica/canister.js';
import { feesOf, freezingThreshold } from '../../../src/replica/fees.js';
import type { Response } from '../../../src/replica/index.js';
import {
  CanisterIdRecord,
  UpdateSettings,
  UploadChunk,
} from '../../../src/replica/management/idl.js';
import {
  CanisterMetricsResult,
  CanisterStatusResult,
} from '../../../src/replica/management/idl/status.js';
import { customSection, readSections, writeSections } from '../../../src/wasm/module.js';
import {
  bytesOf,
  CONTROLLER,
  dataOf,
  decoded,
  encoded,
  errorOf,
  MANAGEMENT,
  messageOf,
  proxyArgument,
  PROXY,
  STRANGER,
} from '../support.js';
import { MODULE, SnapshotBench, STORE } from './snapshot-bench.js';

interface Status {
  readonly memory_size: bigint;
  readonly memory_metrics: Readonly<Record<string, bigint>>;
  readonly idle_cycles_burned_per_day: bigint;
  readonly query_stats: Readonly<Record<string, bigint>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

let bench: SnapshotBench;
let id: Principal;

beforeEach(() => {
  bench = new SnapshotBench();
  id = bench.create();
});

const status = (): Status =>
  decoded<Status>(CanisterStatusResult, bench.manageId('canister_status', id));

function inquire(method: string, sender?: Principal): Response {
  return bench.inquire(method, CanisterIdRecord, { canister_id: id }, sender);
}

test('an empty canister takes only the room of its history', () => {
  const { memory_size, memory_metrics } = status();
  const { canister_history_size, ...others } = memory_metrics;
  expect(memory_size).toBe(canister_history_size);
  expect(canister_history_size).toBeGreaterThan(0n);
  expect(new Set(Object.values(others))).toEqual(new Set([0n]));
});

test('every part of the memory is measured, and the whole is their sum', () => {
  const section = bytesOf('a service');
  const wasm = writeSections([
    ...readSections(MODULE),
    customSection('icp:public candid:service', section),
  ]);
  dataOf(bench.install(id, wasm));
  bench.store(id, 5);
  const chunk = Uint8Array.of(1);
  dataOf(bench.manage('upload_chunk', UploadChunk, { canister_id: id, chunk }));
  bench.update(id, 'fail');
  const { total_size } = bench.taken(id);
  const { memory_size, memory_metrics } = status();
  expect(memory_metrics).toMatchObject({
    wasm_memory_size: 65_536n,
    stable_memory_size: 131_072n,
    global_memory_size: 32n,
    wasm_binary_size: BigInt(wasm.length),
    custom_sections_size: BigInt(section.length),
    wasm_chunk_store_size: 1_048_576n,
    snapshots_size: total_size,
    log_memory_store_size: 0n,
  });
  const sum = Object.values(memory_metrics).reduce((total, size) => total + size, 0n);
  expect(memory_size).toBe(sum);
});

test('a day of idling costs what the freezing threshold is made of', () => {
  bench = new SnapshotBench({ subnets: ['Application'] });
  id = bench.create(10n ** 15n);
  const settings = { freezing_threshold: [86_400n], compute_allocation: [1n] };
  dataOf(bench.manage('update_settings', UpdateSettings, { canister_id: id, settings }));
  const canister = bench.replica.canister(id)!;
  const expected = freezingThreshold(canister, feesOf(bench.replica.subnetOf(id)));
  expect(status().idle_cycles_burned_per_day).toBe(expected);
  expect(expected).toBeGreaterThan(86_400n * 10_000_000n);
});

describe('the status is', () => {
  test('given to queries as well', () => {
    const asked = decoded<Status>(CanisterStatusResult, inquire('canister_status'));
    expect(asked).toEqual(status());
  });

  test.each([
    ['for controllers', { controllers: null }, false],
    ['for everybody', { public: null }, true],
    ['for those in a list', { allowed_viewers: [STRANGER] }, true],
    ['not for those outside of it', { allowed_viewers: [MANAGEMENT] }, false],
  ] as [string, Visibility, boolean][])('%s', (_name, visibility, visible) => {
    const settings = { status_visibility: [visibility] };
    dataOf(bench.manage('update_settings', UpdateSettings, { canister_id: id, settings }));
    const responses = [
      bench.manageId('canister_status', id, STRANGER),
      inquire('canister_status', STRANGER),
    ];
    const results = responses.map((one) => (one.kind === 'reply' ? 0 : errorOf(one)));
    expect(results).toEqual(visible ? [0, 0] : [512, 512]);
    dataOf(inquire('canister_status', CONTROLLER));
  });

  test('the canister’s own to read', () => {
    id = bench.deploy(PROXY);
    const argument = encoded(CanisterIdRecord, { canister_id: id });
    dataOf(bench.call(id, MANAGEMENT, 'canister_status', { argument }));
    const other = bench.create();
    const theirs = encoded(CanisterIdRecord, { canister_id: other });
    const refused = bench.call(id, MANAGEMENT, 'canister_status', { argument: theirs });
    expect(messageOf(refused)).toContain('Only the controllers of the canister');
  });

  test('given to composite queries', () => {
    id = bench.deploy(PROXY);
    const argument = encoded(CanisterIdRecord, { canister_id: id });
    const call = proxyArgument(MANAGEMENT, 'canister_status', { argument });
    const data = dataOf(bench.query(id, 'proxy_query', call));
    expect(data[0]).toBe(0);
    const start = proxyArgument(MANAGEMENT, 'start_canister', { argument });
    expect(dataOf(bench.query(id, 'proxy_query', start))[0]).toBe(5);
  });
});

test('queries are counted, with what went in and came out', () => {
  id = bench.deploy(STORE);
  dataOf(bench.query(id, 'heap', new Uint8Array(7)));
  dataOf(bench.query(id, 'heap'));
  expect(errorOf(bench.query(id, 'missing'))).toBe(536);
  const { query_stats } = status();
  expect(query_stats).toMatchObject({
    num_calls_total: 2n,
    request_payload_bytes_total: 7n,
    response_payload_bytes_total: 8n,
  });
  expect(query_stats['num_instructions_total']).toBeGreaterThan(0n);
});

describe('the metrics', () => {
  const consumed = (): Record<string, bigint> =>
    decoded<{ cycles_consumed: Record<string, bigint> }>(
      CanisterMetricsResult,
      inquire('canister_metrics'),
    ).cycles_consumed;

  test('are for controllers', () => {
    expect(errorOf(inquire('canister_metrics', STRANGER))).toBe(512);
    expect(errorOf(bench.manageId('canister_metrics', id, STRANGER))).toBe(512);
    expect(new Set(Object.values(consumed()))).toEqual(new Set([0n]));
  });

  test('count cycles that the canister burns', () => {
    id = bench.deploy(`
      (func (export "canister_update burn")
        (call $cycles_burn128 (i64.const 0) (i64.const 300) (i32.const 0)) (call $msg_reply))`);
    dataOf(bench.update(id, 'burn'));
    dataOf(bench.update(id, 'burn'));
    expect(consumed()['burned_cycles']).toBe(600n);
  });
});
