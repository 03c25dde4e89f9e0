/** Reading snapshots slice by slice, and who may. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import type { Visibility } from '../../../src/replica/canister.js';
import { nodeHost } from '../../../src/replica/index.js';
import { UpdateSettings } from '../../../src/replica/management/idl.js';
import { SnapshotMetadata, type DataKind } from '../../../src/replica/management/idl/snapshots.js';
import { CONTROLLER, dataOf, decoded, errorOf, messageOf, STRANGER } from '../support.js';
import { MODULE, SnapshotBench, type Metadata } from './snapshot-bench.js';

let bench: SnapshotBench;
let id: Principal;
let snapshot: Uint8Array;

beforeEach(() => {
  bench = new SnapshotBench();
  id = bench.storing(5);
  snapshot = bench.taken(id).id;
});

test('the metadata say what is in the snapshot', () => {
  const metadata = decoded<Metadata>(SnapshotMetadata, bench.metadata(id, snapshot));
  expect(metadata).toMatchObject({
    source: { taken_from_canister: null },
    taken_at_timestamp: bench.replica.clock.roundTime - 1n,
    wasm_module_size: BigInt(MODULE.length),
    // First those that the module exports, then the others that can change.
    globals: [{ i32: 5 }, { i32: 77 }, { i64: -1n }, { f64: 0.5 }],
    wasm_memory_size: 65_536n,
    stable_memory_size: 131_072n,
    wasm_chunk_store: [],
    canister_version: 2n,
    certified_data: Uint8Array.of(5),
    global_timer: [{ active: 9_000_000_000_000_000_000n }],
    on_low_wasm_memory_hook_status: [{ condition_not_satisfied: null }],
  });
});

test('the module comes as it was uploaded', () => {
  const size = BigInt(MODULE.length);
  const whole = bench.bytes(id, snapshot, { wasm_module: { offset: 0n, size } });
  expect(nodeHost.sha256(whole)).toEqual(nodeHost.sha256(MODULE));
  const part = bench.bytes(id, snapshot, { wasm_module: { offset: 4n, size: 4n } });
  expect(part).toEqual(Uint8Array.of(1, 0, 0, 0));
});

test('heap and stable memory come in slices, across pages', () => {
  expect(bench.bytes(id, snapshot, { wasm_memory: { offset: 9n, size: 1n } })[0]).toBe(5);
  const slice = bench.bytes(id, snapshot, { stable_memory: { offset: 65_534n, size: 3n } });
  expect(slice).toEqual(Uint8Array.of(0, 5, 0));
  const none = bench.bytes(id, snapshot, { stable_memory: { offset: 131_072n, size: 0n } });
  expect(none).toHaveLength(0);
});

test.each([
  ['beyond the module', { wasm_module: { offset: 0n, size: 100_000n } }, 408],
  ['beyond the heap', { wasm_memory: { offset: 65_536n, size: 1n } }, 408],
  ['beyond the stable memory', { stable_memory: { offset: 131_072n, size: 1n } }, 408],
  ['from beyond all numbers', { stable_memory: { offset: 2n ** 64n - 1n, size: 2n } }, 408],
  ['larger than an answer', { stable_memory: { offset: 0n, size: 2_000_001n } }, 408],
  ['with a hash that is not there', { wasm_chunk: { hash: new Uint8Array(32) } }, 504],
  ['with a hash that is none', { wasm_chunk: { hash: new Uint8Array(3) } }, 504],
] as [string, DataKind, number][])('a slice %s is refused', (_name, kind, error) => {
  expect(errorOf(bench.read(id, snapshot, kind))).toBe(error);
});

test('a slice of 2 MB fits, also of a memory of 100 GiB with nothing in it', () => {
  const size = 100n * 2n ** 30n;
  const large = bench.uploaded(id, { stable_memory_size: size });
  const offset = size - 2_000_000n;
  const slice = { stable_memory: { offset, size: 2_000_000n } };
  const last = { stable_memory: { offset: size - 1n } };
  dataOf(bench.uploadData(id, large, last, Uint8Array.of(9)));
  const bytes = bench.bytes(id, large, slice);
  expect([bytes.length, bytes[0], bytes.at(-1)]).toEqual([2_000_000, 0, 9]);
});

test.each([
  ['controllers', { controllers: null }, 512, 0],
  ['everybody', { public: null }, 0, 0],
  ['a list with the reader', { allowed_viewers: [STRANGER] }, 0, 0],
  ['a list of others', { allowed_viewers: [CONTROLLER] }, 512, 0],
] as [string, Visibility, number, number][])(
  'snapshots are for %s, where the settings say so',
  (_name, visibility, forStranger, forController) => {
    const settings = { snapshot_visibility: [visibility] };
    dataOf(bench.manage('update_settings', UpdateSettings, { canister_id: id, settings }));
    const slice = { wasm_memory: { offset: 0n, size: 1n } };
    const results = (reader: Principal): number[] =>
      [
        bench.list(id, reader),
        bench.metadata(id, snapshot, reader),
        bench.read(id, snapshot, slice, reader),
      ].map((response) => (response.kind === 'reply' ? 0 : errorOf(response)));
    expect(results(STRANGER)).toEqual([forStranger, forStranger, forStranger]);
    expect(results(CONTROLLER)).toEqual([forController, forController, forController]);
  },
);

test('the text of a refusal names the slice', () => {
  const response = bench.read(id, snapshot, { wasm_memory: { offset: 7n, size: 65_530n } });
  expect(messageOf(response)).toBe(
    'Invalid subslice into wasm module / main memory / stable memory: offset: 7, size: 65530',
  );
});
