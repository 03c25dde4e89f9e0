/**
 * Taking, loading and deleting snapshots, and building one from pieces that somebody uploads.
 *
 * Source: specs/replica.md section 4.2, "Snapshots"; IC interface specification, "IC method
 * `take_canister_snapshot`" and the ones after it.
 */
import { isController, type Canister } from '../canister.js';
import { hex } from '../hex.js';
import { uninstallCode } from '../install.js';
import { ErrorCode, rejection, type Rejection } from '../rejection.js';
import { loadSnapshot as load } from '../snapshot-loading.js';
import {
  contentOf,
  emptyArea,
  snapshotId,
  snapshotSize,
  withBytes,
  type AreaName,
  type Snapshot,
  type SnapshotContent,
} from '../snapshot.js';
import { withChunk } from './code.js';
import {
  LoadSnapshot,
  OneSnapshot,
  Snapshot as SnapshotIdl,
  TakeSnapshot,
  UploadData,
  UploadedMetadata,
  UploadMetadata,
} from './idl/snapshots.js';
import { byControllers, canisterMethod, changeOrigin, type ManagementCall } from './method.js';
import { findSnapshot, ownerOf, snapshotNotFound, wrongSlice } from './snapshot-lookup.js';
import { globalsOf, hookOf, timerOf, wrongMetadata } from './snapshot-metadata.js';

const SNAPSHOTS_MAX = 10;

export const takeSnapshot = canisterMethod<TakeSnapshot>(
  [TakeSnapshot],
  [SnapshotIdl],
  byControllers,
  (call, canister, argument) => {
    const { code } = canister;
    if (code === undefined) {
      const text = `Failed to create snapshot for empty canister ${canister.id.toText()}`;
      return rejection(ErrorCode.rejected, text);
    }
    const added = withSnapshot(call, canister, argument.replace_snapshot[0], () => ({
      ...contentOf(canister, code),
      source: 'taken_from_canister',
    }));
    if ('errorCode' in added) return added;
    call.state.put(added.canister);
    if (argument.uninstall_code[0] === true) {
      uninstallCode(call.state, added.canister, changeOrigin(call, argument));
    }
    return [described(added.snapshot)];
  },
);

export const uploadMetadata = canisterMethod<UploadMetadata>(
  [UploadMetadata],
  [UploadedMetadata],
  byControllers,
  (call, canister, argument) => {
    const wrong = wrongMetadata(argument);
    if (wrong !== undefined) {
      const text = `Snapshot Metadata contains invalid data: ${wrong}`;
      return rejection(ErrorCode.invalidManagementArgument, text);
    }
    const added = withSnapshot(call, canister, argument.replace_snapshot[0], () => ({
      source: 'metadata_upload',
      areas: {
        wasm_module: emptyArea(Number(argument.wasm_module_size)),
        wasm_memory: emptyArea(Number(argument.wasm_memory_size)),
        stable_memory: emptyArea(Number(argument.stable_memory_size)),
      },
      globals: globalsOf(argument),
      chunks: new Map(),
      certifiedData: argument.certified_data,
      globalTimer: timerOf(argument),
      lowMemoryHook: hookOf(argument),
    }));
    if ('errorCode' in added) return added;
    call.state.put(added.canister);
    return [{ snapshot_id: added.snapshot.id }];
  },
);

type NewSnapshot = SnapshotContent & Pick<Snapshot, 'source'>;

/** The canister with one more snapshot, in the place of another one if the caller says so. */
function withSnapshot(
  { state }: ManagementCall,
  canister: Canister,
  replaced: Uint8Array | undefined,
  make: () => NewSnapshot,
): { readonly canister: Canister; readonly snapshot: Snapshot } | Rejection {
  const snapshots = new Map(canister.snapshots);
  if (replaced !== undefined) {
    const old = findSnapshot(state, canister, replaced);
    if ('errorCode' in old) return old;
    snapshots.delete(hex(replaced));
  } else if (snapshots.size >= SNAPSHOTS_MAX) {
    const text =
      `Canister ${canister.id.toText()} has reached the maximum number of snapshots allowed: ` +
      `${SNAPSHOTS_MAX}.`;
    return rejection(ErrorCode.rejected, text);
  }
  const id = snapshotId(canister);
  const takenAt = state.clock.roundTime;
  const snapshot: Snapshot = { ...make(), id, takenAt, version: canister.version };
  snapshots.set(hex(id), snapshot);
  const nextSnapshot = canister.nextSnapshot + 1n;
  return { canister: { ...canister, snapshots, nextSnapshot }, snapshot };
}

/** What a list of snapshots says of each. */
export function described(snapshot: Snapshot): Record<string, unknown> {
  return {
    id: snapshot.id,
    taken_at_timestamp: snapshot.takenAt,
    total_size: BigInt(snapshotSize(snapshot)),
  };
}

/** The snapshot may be of another canister on the subnet, if the caller controls that one too. */
export const loadSnapshot = canisterMethod<LoadSnapshot>(
  [LoadSnapshot],
  [],
  byControllers,
  (call, canister, argument) => {
    const { state, caller } = call;
    const { snapshot_id } = argument;
    const owner = ownerOf(state, snapshot_id);
    const snapshot = owner?.snapshots.get(hex(snapshot_id));
    if (owner === undefined || snapshot === undefined) {
      return snapshotNotFound(canister, snapshot_id);
    }
    if (state.subnetOf(owner.id) !== state.subnetOf(canister.id)) {
      return snapshotNotFound(canister, snapshot_id);
    }
    if (!isController(owner, caller)) {
      const text =
        `Only a controller of the canister that snapshot ${hex(snapshot_id)} belongs to can load ` +
        `it on canister ${canister.id.toText()}. Sender: ${caller.toText()}.`;
      return rejection(ErrorCode.rejected, text);
    }
    return load(state, canister, { snapshot, origin: changeOrigin(call, argument) }) ?? [];
  },
);

export const deleteSnapshot = canisterMethod<OneSnapshot>(
  [OneSnapshot],
  [],
  byControllers,
  ({ state }, canister, { snapshot_id }) => {
    const found = findSnapshot(state, canister, snapshot_id);
    if ('errorCode' in found) return found;
    const snapshots = new Map(canister.snapshots);
    snapshots.delete(hex(snapshot_id));
    state.put({ ...canister, snapshots });
    return [];
  },
);

export const uploadData = canisterMethod<UploadData>(
  [UploadData],
  [],
  byControllers,
  (call, canister, argument) => {
    const snapshot = findSnapshot(call.state, canister, argument.snapshot_id);
    if ('errorCode' in snapshot) return snapshot;
    if (snapshot.source !== 'metadata_upload') {
      const text = 'Only canister snapshots created by metadata upload can be mutated.';
      return rejection(ErrorCode.snapshotImmutable, text);
    }
    const changed = withData(call, snapshot, argument);
    if ('errorCode' in changed) return changed;
    const snapshots = new Map(canister.snapshots).set(hex(changed.id), changed);
    call.state.put({ ...canister, snapshots });
    return [];
  },
);

function withData(
  { state }: ManagementCall,
  snapshot: Snapshot,
  { kind, chunk }: UploadData,
): Snapshot | Rejection {
  if ('wasm_chunk' in kind) {
    const chunks = withChunk(state, snapshot.chunks, chunk);
    return 'errorCode' in chunks ? chunks : { ...snapshot, chunks };
  }
  const [[name, { offset }]] = Object.entries(kind) as [[AreaName, { offset: bigint }]];
  const wrong = wrongSlice(snapshot.areas[name], offset, BigInt(chunk.length));
  return wrong ?? withBytes(snapshot, name, Number(offset), chunk);
}
