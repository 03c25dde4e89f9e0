/** The limits of what may be said about a snapshot that is to be uploaded. */
import { expect, test } from '@jest/globals';

import type { UploadMetadata } from '../../../src/replica/management/idl/snapshots.js';
import { errorOf, messageOf } from '../support.js';
import { SnapshotBench } from './snapshot-bench.js';

const GIB = 2n ** 30n;
const globals = (count: number): { i32: number }[] =>
  Array.from({ length: count }, () => ({ i32: 0 }));

/** The largest that is taken, the smallest that is not. */
test.each([
  ['wasm_module_size', 100n * 2n ** 20n, 100n * 2n ** 20n + 1n],
  ['wasm_memory_size', 6n * GIB, 6n * GIB + 65_536n],
  ['wasm_memory_size', 65_536n, 65_537n],
  ['stable_memory_size', 500n * GIB, 500n * GIB + 65_536n],
  ['stable_memory_size', 65_536n, 1n],
  ['globals', globals(1000), globals(1001)],
  ['globals', [{ v128: 2n ** 128n - 1n }], [{ v128: 2n ** 128n }]],
  ['certified_data', new Uint8Array(32), new Uint8Array(33)],
] as [keyof UploadMetadata, unknown, unknown][])('%s has a limit', (name, largest, tooLarge) => {
  const bench = new SnapshotBench();
  const id = bench.create();
  const refused = bench.uploadMetadata(id, { [name]: tooLarge });
  expect(errorOf(refused)).toBe(408);
  expect(messageOf(refused)).toContain('Snapshot Metadata contains invalid data');
  expect(bench.listed(id)).toEqual([]);
  bench.uploaded(id, { [name]: largest });
  expect(bench.listed(id)).toHaveLength(1);
});
