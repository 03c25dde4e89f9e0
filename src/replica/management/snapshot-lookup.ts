/**
 * Finding a snapshot by its id, and a slice in it.
 *
 * Source: specs/replica.md section 4.4; IC interface specification, "Read snapshot data".
 */
import { Principal } from '@dfinity/principal';

import type { Canister } from '../canister.js';
import { hex } from '../hex.js';
import { samePrincipal } from '../principals.js';
import { ErrorCode, rejection, type Rejection } from '../rejection.js';
import { ownerIn, type Area, type Snapshot } from '../snapshot.js';
import type { ReplicaState } from '../state.js';

const PRINCIPAL_SIZE_MAX = 29;

/** A snapshot of this canister. */
export function findSnapshot(
  state: ReplicaState,
  canister: Canister,
  id: Uint8Array,
): Snapshot | Rejection {
  const snapshot = canister.snapshots.get(hex(id));
  if (snapshot !== undefined) return snapshot;
  const owner = ownerOf(state, id);
  if (owner?.snapshots.has(hex(id)) !== true || samePrincipal(owner.id, canister.id)) {
    return snapshotNotFound(canister, id);
  }
  const text = `The snapshot ${hex(id)} does not belong to canister ${canister.id.toText()}.`;
  return rejection(ErrorCode.rejected, text);
}

export function snapshotNotFound({ id }: Canister, snapshotId: Uint8Array): Rejection {
  const text = `Could not find the snapshot ID ${hex(snapshotId)} for canister ${id.toText()}.`;
  return rejection(ErrorCode.snapshotNotFound, text);
}

/** The canister that a snapshot id names; the id may be anything that somebody sent. */
export function ownerOf(state: ReplicaState, id: Uint8Array): Canister | undefined {
  const owner = ownerIn(id);
  if (owner.length === 0 || owner.length > PRINCIPAL_SIZE_MAX) return undefined;
  return state.canister(Principal.fromUint8Array(owner));
}

/** Why a slice is not inside of an area. */
export function wrongSlice(area: Area, offset: bigint, size: bigint): Rejection | undefined {
  if (offset + size <= BigInt(area.size)) return undefined;
  const text =
    'Invalid subslice into wasm module / main memory / stable memory: ' +
    `offset: ${offset}, size: ${size}`;
  return rejection(ErrorCode.invalidManagementArgument, text);
}
