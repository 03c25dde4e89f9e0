/** Taking, loading, replacing and deleting snapshots, and building one from uploads. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Principal } from '@dfinity/principal';

import { nodeHost, type Response } from '../../../src/replica/index.js';
import {
  SnapshotMetadata,
  type UploadMetadata,
} from '../../../src/replica/management/idl/snapshots.js';
import { UpdateSettings, UploadChunk } from '../../../src/replica/management/idl.js';
import { canister, dataOf, decoded, errorOf, messageOf, STRANGER } from '../support.js';
import { MODULE, SnapshotBench, type Metadata } from './snapshot-bench.js';

let bench: SnapshotBench;
let id: Principal;

beforeEach(() => {
  bench = new SnapshotBench();
  id = bench.storing(5);
});

describe('a snapshot', () => {
  test('brings back everything that the code can see of itself', () => {
    const snapshot = bench.taken(id);
    bench.store(id, 6);
    dataOf(bench.load(id, snapshot.id));
    expect(bench.stored(id)).toEqual([5, 5, 5, 5]);
  });

  test('brings back a heap that has grown or was made anew since', () => {
    const small = bench.taken(id);
    dataOf(bench.update(id, 'grow'));
    const large = bench.taken(id);
    dataOf(bench.load(id, small.id));
    expect(dataOf(bench.query(id, 'size'))[0]).toBe(1);
    dataOf(bench.load(id, large.id));
    expect(dataOf(bench.query(id, 'size'))[0]).toBe(4);
    expect(bench.stored(id)).toEqual([5, 5, 5, 5]);
  });

  test('brings back code that was replaced or taken away', () => {
    const snapshot = bench.taken(id);
    const other = canister('(func (export "canister_query other") (call $msg_reply))');
    dataOf(bench.install(id, other, { mode: { reinstall: null } }));
    dataOf(bench.load(id, snapshot.id));
    expect(bench.stored(id)).toEqual([5, 5, 5, 5]);
    dataOf(bench.manageId('uninstall_code', id));
    dataOf(bench.load(id, snapshot.id));
    expect(bench.stored(id)).toEqual([5, 5, 5, 5]);
  });

  test('is loaded as a change like any other: version, roll-back and messages go on', () => {
    const snapshot = bench.taken(id);
    const { version, settings, cycles } = bench.replica.canister(id)!;
    bench.store(id, 6);
    dataOf(bench.load(id, snapshot.id));
    const loaded = bench.replica.canister(id)!;
    expect(loaded.version).toBe(version + 2n);
    expect([loaded.settings, loaded.cycles]).toEqual([settings, cycles]);
    bench.store(id, 7);
    expect(bench.stored(id)).toEqual([7, 7, 7, 7]);
    expect(errorOf(bench.update(id, 'missing'))).toBe(536);
    expect(bench.stored(id)).toEqual([7, 7, 7, 7]);
  });

  test('that was taken leaves the timer as it is', () => {
    const snapshot = bench.taken(id);
    const { globalTimer } = bench.replica.canister(id)!.code!;
    dataOf(bench.load(id, snapshot.id));
    expect(bench.replica.canister(id)!.code!.globalTimer).toBe(globalTimer);
    dataOf(bench.manageId('uninstall_code', id));
    dataOf(bench.load(id, snapshot.id));
    expect(bench.replica.canister(id)!.code!.globalTimer).toBe(0n);
  });

  test('has the chunk store of its time', () => {
    const upload = (byte: number): void => {
      const chunk = Uint8Array.of(byte);
      dataOf(bench.manage('upload_chunk', UploadChunk, { canister_id: id, chunk }));
    };
    upload(1);
    const snapshot = bench.taken(id);
    upload(2);
    dataOf(bench.load(id, snapshot.id));
    expect(bench.replica.canister(id)!.chunks.size).toBe(1);
    expect(
      bench.bytes(id, snapshot.id, {
        wasm_chunk: { hash: nodeHost.sha256(Uint8Array.of(1)) },
      }),
    ).toEqual(Uint8Array.of(1));
  });

  test('can be the last that the canister does with its code', () => {
    const snapshot = bench.taken(id, { uninstall_code: [true] });
    const emptied = bench.replica.canister(id)!;
    expect([emptied.code, emptied.chunks.size]).toEqual([undefined, 0]);
    dataOf(bench.load(id, snapshot.id));
    expect(bench.stored(id)).toEqual([5, 5, 5, 5]);
  });

  test('is refused of a canister without code', () => {
    const response = bench.take(bench.create());
    expect(errorOf(response)).toBe(406);
    expect(messageOf(response)).toContain('Failed to create snapshot for empty canister');
  });

  test('shares the pages of stable memory that it was taken from', () => {
    bench.taken(id);
    const { code, snapshots } = bench.replica.canister(id)!;
    const [snapshot] = [...snapshots.values()];
    expect(snapshot!.areas.stable_memory.bytes).toBe(code!.stable);
  });
});

describe('the snapshots of a canister', () => {
  test('are ten at most; one may take the place of another', () => {
    const first = bench.taken(id);
    for (let count = 1; count < 10; count++) bench.taken(id);
    const refused = bench.take(id);
    expect(errorOf(refused)).toBe(406);
    expect(messageOf(refused)).toContain('maximum number of snapshots allowed: 10.');
    expect(errorOf(bench.uploadMetadata(id, {}))).toBe(406);
    const latest = bench.taken(id, { replace_snapshot: [first.id] });
    bench.uploaded(id, { replace_snapshot: [latest.id] });
    expect(bench.listed(id)).toHaveLength(10);
    expect(errorOf(bench.load(id, first.id))).toBe(305);
  });

  test('are listed in the order of their age, with time and size', () => {
    const [first, second] = [bench.taken(id), bench.taken(id)];
    expect(bench.listed(id)).toEqual([first, second]);
    expect(first.taken_at_timestamp).toBeLessThan(second.taken_at_timestamp);
    const globals = 4 * 8;
    expect(first.total_size).toBe(BigInt(MODULE.length + 65_536 + 2 * 65_536 + globals + 1));
  });

  test('never share an id, whatever is deleted', () => {
    const first = bench.taken(id);
    dataOf(bench.remove(id, first.id));
    expect(bench.taken(id).id).not.toEqual(first.id);
    const text = messageOf(bench.remove(id, first.id));
    expect(text).toContain('Could not find the snapshot ID');
    expect(text).toContain(`for canister ${id.toText()}.`);
  });

  test('go when the canister goes', () => {
    const other = bench.storing(6);
    const snapshot = bench.taken(id);
    dataOf(bench.manageId('stop_canister', id));
    dataOf(bench.manageId('delete_canister', id));
    expect(errorOf(bench.load(other, snapshot.id))).toBe(305);
  });

  test('survive uninstalling and count for its memory', () => {
    const { total_size } = bench.taken(id);
    dataOf(bench.manageId('uninstall_code', id));
    expect(bench.listed(id)[0]!.total_size).toBe(total_size);
  });
});

describe('another canister', () => {
  test('may load the snapshot, if the caller controls both', () => {
    const other = bench.storing(6);
    dataOf(bench.load(other, bench.taken(id).id));
    expect(bench.stored(other)).toEqual([5, 5, 5, 5]);
    bench.store(id, 9);
    expect(bench.stored(other)).toEqual([5, 5, 5, 5]);
    const { details } = bench.replica.canister(other)!.history.recent.at(-1)!;
    expect(details).toMatchObject({ kind: 'load snapshot', from: id });
  });

  test('may not, if the caller controls only one', () => {
    const snapshot = bench.taken(id);
    const theirs = bench.create(1_000_000n, STRANGER);
    expect(errorOf(bench.load(theirs, snapshot.id))).toBe(512);
    const response = bench.load(theirs, snapshot.id, STRANGER);
    expect(errorOf(response)).toBe(406);
    expect(messageOf(response)).toContain('Only a controller of the canister that snapshot');
  });

  test('does not own it', () => {
    const other = bench.storing(6);
    const snapshot = bench.taken(id);
    const refused = [
      bench.remove(other, snapshot.id),
      bench.metadata(other, snapshot.id),
      bench.take(other, { replace_snapshot: [snapshot.id] }),
    ];
    expect(refused.map(errorOf)).toEqual([406, 406, 406]);
    expect(messageOf(refused[0]!)).toContain('does not belong to canister');
  });

  test('on another subnet does not see it', () => {
    bench = new SnapshotBench({
      subnets: [
        { kind: 'Application', costSchedule: 'Free' },
        { kind: 'System', costSchedule: 'Free' },
      ],
    });
    id = bench.storing(5);
    const [, second] = bench.replica.subnets;
    const there = bench.createOn(second!.id);
    expect(errorOf(bench.load(there, bench.taken(id).id))).toBe(305);
  });
});

describe('an upload', () => {
  /** Copies a snapshot by reading all of it and uploading that, in slices of this size. */
  function copy(from: Uint8Array, to: Principal, sliceSize = 50_000n): Uint8Array {
    const metadata = decoded<Metadata>(SnapshotMetadata, bench.metadata(id, from));
    const copied = bench.uploaded(to, metadata as unknown as UploadMetadata);
    for (const name of ['wasm_module', 'wasm_memory', 'stable_memory'] as const) {
      const total = metadata[`${name}_size`];
      for (let offset = 0n; offset < total; offset += sliceSize) {
        const size = total - offset < sliceSize ? total - offset : sliceSize;
        const kind = { [name]: { offset, size } } as never;
        const chunk = bench.bytes(id, from, kind);
        dataOf(bench.uploadData(to, copied, { [name]: { offset } } as never, chunk));
      }
    }
    for (const { hash } of metadata.wasm_chunk_store) {
      const chunk = bench.bytes(id, from, { wasm_chunk: { hash } });
      dataOf(bench.uploadData(to, copied, { wasm_chunk: null }, chunk));
    }
    return copied;
  }

  test('of everything that was read is the same snapshot again', () => {
    const chunk = Uint8Array.of(1, 2);
    dataOf(bench.manage('upload_chunk', UploadChunk, { canister_id: id, chunk }));
    const other = bench.create();
    const copied = copy(bench.taken(id).id, other);
    dataOf(bench.load(other, copied));
    expect(bench.stored(other)).toEqual([5, 5, 5, 5]);
    const loaded = bench.replica.canister(other)!;
    expect(loaded.code!.globalTimer).toBe(9_000_000_000_000_000_000n);
    expect(loaded.chunks.size).toBe(1);
    expect(loaded.code!.moduleHash).toEqual(bench.replica.canister(id)!.code!.moduleHash);
    const { details } = loaded.history.recent.at(-1)!;
    expect(details).toMatchObject({ source: 'metadata_upload', from: undefined });
  });

  test('goes only into snapshots that were made for it', () => {
    const response = bench.uploadData(
      id,
      bench.taken(id).id,
      { wasm_memory: { offset: 0n } },
      Uint8Array.of(1),
    );
    expect(errorOf(response)).toBe(409);
  });

  test('has to lie inside of what the metadata say', () => {
    const snapshot = bench.uploaded(id, { wasm_module_size: 10n, stable_memory_size: 65_536n });
    const upload = (kind: object, size: number): number => {
      const chunk = new Uint8Array(size);
      const response = bench.uploadData(id, snapshot, kind as never, chunk);
      return response.kind === 'reply' ? 0 : errorOf(response);
    };
    expect(upload({ wasm_module: { offset: 0n } }, 10)).toBe(0);
    expect(upload({ wasm_module: { offset: 1n } }, 10)).toBe(408);
    expect(upload({ wasm_memory: { offset: 0n } }, 1)).toBe(408);
    expect(upload({ stable_memory: { offset: 65_535n } }, 1)).toBe(0);
    expect(upload({ stable_memory: { offset: 65_536n } }, 1)).toBe(408);
    expect(upload({ stable_memory: { offset: 2n ** 64n - 1n } }, 1)).toBe(408);
    expect(upload({ wasm_chunk: null }, 2 ** 20)).toBe(0);
    expect(upload({ wasm_chunk: null }, 2 ** 20 + 1)).toBe(504);
  });

  test.each([
    ['no module', {}, 505],
    ['globals of another module', { globals: [{ i32: 1 }] }, 408],
    ['a heap that the module would not have', { wasm_memory_size: 0n }, 408],
    [
      'a hook that the heap gives no reason for',
      { on_low_wasm_memory_hook_status: [{ ready: null }] },
      408,
    ],
  ] as [string, Partial<UploadMetadata>, number][])(
    'with %s is not loaded, and nothing changes',
    (_name, wrong, error) => {
      const metadata = decoded<Metadata>(SnapshotMetadata, bench.metadata(id, bench.taken(id).id));
      const snapshot = bench.uploaded(id, { ...(metadata as never as UploadMetadata), ...wrong });
      if (error !== 505) {
        dataOf(bench.uploadData(id, snapshot, { wasm_module: { offset: 0n } }, MODULE));
      }
      const before = bench.replica.canister(id);
      expect(errorOf(bench.load(id, snapshot))).toBe(error);
      expect(bench.replica.canister(id)).toBe(before);
      expect(bench.stored(id)).toEqual([5, 5, 5, 5]);
    },
  );

  test('brings the state of the hook for low memory, where that is true', () => {
    const settings = { wasm_memory_threshold: [2n ** 48n] };
    dataOf(bench.manage('update_settings', UpdateSettings, { canister_id: id, settings }));
    const metadata = decoded<Metadata>(SnapshotMetadata, bench.metadata(id, bench.taken(id).id));
    const load = (hook: UploadMetadata['on_low_wasm_memory_hook_status']): Response => {
      const given = metadata as never as UploadMetadata;
      const snapshot = bench.uploaded(id, { ...given, on_low_wasm_memory_hook_status: hook });
      dataOf(bench.uploadData(id, snapshot, { wasm_module: { offset: 0n } }, MODULE));
      return bench.load(id, snapshot);
    };
    expect(errorOf(load([{ condition_not_satisfied: null }]))).toBe(408);
    dataOf(load([{ executed: null }]));
    expect(bench.replica.canister(id)!.lowMemoryHook).toBe('executed');
    dataOf(load([]));
    expect(bench.replica.canister(id)!.lowMemoryHook).toBe('executed');
  });

  test('may say of the timer that it is off, or nothing at all', () => {
    const metadata = decoded<Metadata>(SnapshotMetadata, bench.metadata(id, bench.taken(id).id));
    const load = (global_timer: UploadMetadata['global_timer']): bigint => {
      const changed = { ...(metadata as never as UploadMetadata), global_timer };
      const snapshot = bench.uploaded(id, changed);
      dataOf(bench.uploadData(id, snapshot, { wasm_module: { offset: 0n } }, MODULE));
      dataOf(bench.load(id, snapshot));
      return bench.replica.canister(id)!.code!.globalTimer;
    };
    expect(load([])).toBe(9_000_000_000_000_000_000n);
    expect(load([{ inactive: null }])).toBe(0n);
    expect(load([{ active: 8_000_000_000_000_000_000n }])).toBe(8_000_000_000_000_000_000n);
  });
});

test('only controllers take, load, delete and upload', () => {
  const snapshot = bench.taken(id);
  const refused = [
    bench.take(id, {}, STRANGER),
    bench.load(id, snapshot.id, STRANGER),
    bench.remove(id, snapshot.id, STRANGER),
    bench.uploadMetadata(id, {}, STRANGER),
    bench.uploadData(id, snapshot.id, { wasm_chunk: null }, Uint8Array.of(1), STRANGER),
  ];
  expect(refused.map(errorOf)).toEqual([512, 512, 512, 512, 512]);
});

test.each([
  ['nothing', new Uint8Array(0)],
  ['a number without a canister', new Uint8Array(8)],
  ['too much', new Uint8Array(100)],
  ['a canister that is not there', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 1)],
])('an id of %s is the id of no snapshot', (_name, snapshotId) => {
  expect(errorOf(bench.load(id, snapshotId))).toBe(305);
  expect(errorOf(bench.remove(id, snapshotId))).toBe(305);
});
