/**
 * Reading snapshots: which there are, what is said about one, and its bytes slice by slice. Slices
 * are small enough for an answer, so a stable memory of 100 GiB costs no more than it holds.
 *
 * Source: IC interface specification, "IC method `read_canister_snapshot_data`" and its neighbours.
 */
import { hex } from '../hex.js';
import { ErrorCode, rejection, type Rejection } from '../rejection.js';
import type { AreaName, Snapshot } from '../snapshot.js';
import { chunkStoreError } from './code.js';
import { CanisterIdRecord } from './idl.js';
import {
  OneSnapshot,
  ReadData,
  SnapshotData,
  SnapshotMetadata,
  Snapshots,
  type DataKind,
} from './idl/snapshots.js';
import { byViewers, canisterMethod } from './method.js';
import { findSnapshot, wrongSlice } from './snapshot-lookup.js';
import { metadataOf } from './snapshot-metadata.js';
import { described } from './snapshots.js';

const SLICE_SIZE_MAX = 2_000_000n;

const bySnapshotViewers = byViewers('snapshotVisibility');

export const listSnapshots = canisterMethod<CanisterIdRecord>(
  [CanisterIdRecord],
  [Snapshots],
  bySnapshotViewers,
  (_call, { snapshots }) => [[...snapshots.values()].map(described)],
);

export const readMetadata = canisterMethod<OneSnapshot>(
  [OneSnapshot],
  [SnapshotMetadata],
  bySnapshotViewers,
  ({ state }, canister, { snapshot_id }) => {
    const snapshot = findSnapshot(state, canister, snapshot_id);
    if ('errorCode' in snapshot) return snapshot;
    return [metadataOf(snapshot, (chunk) => state.host.sha256(chunk))];
  },
);

export const readData = canisterMethod<ReadData>(
  [ReadData],
  [SnapshotData],
  bySnapshotViewers,
  ({ state }, canister, { snapshot_id, kind }) => {
    const snapshot = findSnapshot(state, canister, snapshot_id);
    if ('errorCode' in snapshot) return snapshot;
    const chunk = dataOf(snapshot, kind);
    return 'errorCode' in chunk ? chunk : [{ chunk }];
  },
);

function dataOf(snapshot: Snapshot, kind: DataKind): Uint8Array | Rejection {
  if ('wasm_chunk' in kind) {
    const { hash } = kind.wasm_chunk;
    const chunk = snapshot.chunks.get(hex(hash));
    return chunk ?? chunkStoreError(`WasmChunkHash ${hex(hash)} not found`);
  }
  type Slice = { readonly offset: bigint; readonly size: bigint };
  const [[name, { offset, size }]] = Object.entries(kind) as [[AreaName, Slice]];
  if (size > SLICE_SIZE_MAX) {
    const text = `Requested slice too large: ${size} > ${SLICE_SIZE_MAX}`;
    return rejection(ErrorCode.invalidManagementArgument, text);
  }
  const area = snapshot.areas[name];
  return wrongSlice(area, offset, size) ?? area.bytes.read(Number(offset), Number(size));
}
