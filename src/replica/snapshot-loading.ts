/**
 * Loading a snapshot: a fresh instance takes over the heap and the globals, and the canister has
 * the code and the state of the snapshot from one moment to the next. Its settings, its cycles, its
 * log and its calls under way stay. Either all of it happens or nothing.
 *
 * Source: IC interface specification, "Load canister snapshot".
 */
import { Principal } from '@dfinity/principal';

import type { ChangeOrigin } from './canister-history.js';
import { nextVersion, type Canister } from './canister.js';
import { compile, withChange } from './install.js';
import { isLowOnMemory } from './low-memory.js';
import { samePrincipal } from './principals.js';
import { ErrorCode, rejection, type Rejection } from './rejection.js';
import { ownerIn, type Snapshot } from './snapshot.js';
import type { ReplicaState } from './state.js';
import { trapRejection } from './trap.js';

export interface LoadRequest {
  readonly snapshot: Snapshot;
  readonly origin: ChangeOrigin;
}

/** Puts the loaded canister into the state; a rejection where nothing changed. */
export function loadSnapshot(
  state: ReplicaState,
  canister: Canister,
  { snapshot, origin }: LoadRequest,
): Rejection | undefined {
  const { wasm_module, wasm_memory, stable_memory } = snapshot.areas;
  const wasm = wasm_module.bytes.read(0, wasm_module.size);
  const module = compile(state, canister, wasm);
  if ('errorCode' in module) return module;
  const instance = module.instantiate();
  if ('errorCode' in instance) return trapRejection(canister.id, instance);
  const { globals } = snapshot;
  const misfit = instance.restore({ heap: wasm_memory.bytes, globals });
  if (misfit !== undefined) return rejection(ErrorCode.invalidManagementArgument, misfit);
  instance.commit();
  const loaded = nextVersion({
    ...canister,
    chunks: snapshot.chunks,
    installedAt: state.clock.roundTime,
    lowMemoryHook: uploaded(snapshot)?.lowMemoryHook ?? canister.lowMemoryHook,
    code: {
      module,
      wasm,
      moduleHash: state.host.sha256(wasm),
      instance,
      stable: stable_memory.bytes,
      certifiedData: snapshot.certifiedData,
      globalTimer: uploaded(snapshot)?.globalTimer ?? canister.code?.globalTimer ?? 0n,
    },
  });
  const wrong = wrongHook(loaded, snapshot);
  if (wrong !== undefined) return rejection(ErrorCode.invalidManagementArgument, wrong);
  state.put(withChange(state, loaded, origin, changeDetails(canister, snapshot)));
  return undefined;
}

/** Timer and hook come back only from uploads: taken snapshots are older than this rule. */
function uploaded(snapshot: Snapshot): Snapshot | undefined {
  return snapshot.source === 'metadata_upload' ? snapshot : undefined;
}

/** An upload may say of the hook only what is true of the heap that comes with it. */
function wrongHook(loaded: Canister, snapshot: Snapshot): string | undefined {
  const hook = uploaded(snapshot)?.lowMemoryHook;
  if (hook === undefined) return undefined;
  const isLow = isLowOnMemory(loaded);
  if (isLow === (hook !== 'condition_not_satisfied')) return undefined;
  return (
    `Hook status (${hook}) of uploaded snapshot is inconsistent with the canister's state ` +
    `(hook condition satisfied: ${isLow}).`
  );
}

function changeDetails(canister: Canister, snapshot: Snapshot) {
  const owner = Principal.fromUint8Array(ownerIn(snapshot.id));
  return {
    kind: 'load snapshot',
    from: samePrincipal(owner, canister.id) ? undefined : owner,
    snapshotId: snapshot.id,
    snapshotVersion: snapshot.version,
    takenAt: snapshot.takenAt,
    source: snapshot.source,
  } as const;
}
