/**
 * Installing and removing code, in one message or from the chunk store.
 *
 * A module larger than a message is uploaded in chunks of up to 1 MiB, which the store keeps by
 * their hash; `install_chunked_code` joins them again.
 *
 * Source: specs/replica.md section 4.2, "Modules".
 */
import { joinBytes } from '../bytes.js';
import { ErrorCode, rejection, type Rejection } from '../rejection.js';
import type { Canister } from '../canister.js';
import { hex } from '../hex.js';
import { installCode as install, uninstallCode as uninstall } from '../install.js';
import { CHUNK_SIZE_MAX } from '../snapshot.js';
import type { ReplicaState } from '../state.js';
import {
  CanisterIdRecord,
  ChunkHash,
  Chunks,
  InstallChunkedCode,
  InstallCode,
  UninstallCode,
  UploadChunk,
} from './idl.js';
import {
  byControllers,
  byControllersOrItself,
  canisterMethod,
  changeOrigin,
  controlledCanister,
  ownCanister,
  type ManagementCall,
  type Result,
} from './method.js';

const CHUNKS_MAX = 100;

export const installCode = canisterMethod<InstallCode>(
  [InstallCode],
  [],
  byControllers,
  (call, canister, argument) => installModule(call, canister, argument, argument.wasm_module),
);

export const installChunkedCode = canisterMethod<InstallChunkedCode>(
  [InstallChunkedCode],
  [],
  (call, { target_canister }) => controlledCanister(call, target_canister),
  (call, canister, argument) => {
    const store = ownCanister(call, argument.store_canister[0] ?? canister.id);
    if ('errorCode' in store) return store;
    if (call.state.subnetOf(store.id) !== call.state.subnetOf(canister.id)) {
      return chunkStoreError(`The store canister ${store.id.toText()} is on another subnet`);
    }
    const module = joinChunks(call, store, argument);
    return 'errorCode' in module ? module : installModule(call, canister, argument, module);
  },
);

type InstallArgument = Pick<InstallCode, 'mode' | 'arg' | 'sender_canister_version'>;

function installModule(
  call: ManagementCall,
  canister: Canister,
  argument: InstallArgument,
  wasm: Uint8Array,
): Result {
  const { mode } = argument;
  const options = 'upgrade' in mode ? mode.upgrade[0] : undefined;
  const persistence = options?.wasm_memory_persistence[0];
  const failure = install(call.state, canister, {
    mode: 'upgrade' in mode ? 'upgrade' : 'reinstall' in mode ? 'reinstall' : 'install',
    wasm,
    argument: argument.arg,
    sender: call.caller,
    origin: changeOrigin(call, argument),
    skipPreUpgrade: options?.skip_pre_upgrade[0] ?? false,
    heapPersistence: persistence && ('keep' in persistence ? 'keep' : 'replace'),
  });
  return failure ?? [];
}

function joinChunks(
  { state }: ManagementCall,
  store: Canister,
  { chunk_hashes_list, wasm_module_hash }: InstallChunkedCode,
): Uint8Array | Rejection {
  if (chunk_hashes_list.length > CHUNKS_MAX) {
    return chunkStoreError(`A module of more than ${CHUNKS_MAX} chunks is not supported`);
  }
  const chunks: Uint8Array[] = [];
  for (const { hash } of chunk_hashes_list) {
    const chunk = store.chunks.get(hex(hash));
    if (chunk === undefined) return chunkStoreError(`Chunk hash ${hex(hash)} was not found`);
    chunks.push(chunk);
  }
  const module = joinBytes(chunks);
  const found = hex(state.host.sha256(module));
  if (found === hex(wasm_module_hash)) return module;
  const given = hex(wasm_module_hash);
  return chunkStoreError(`Wasm module hash ${found} does not match given hash ${given}`);
}

export const uploadChunk = canisterMethod<UploadChunk>(
  [UploadChunk],
  [ChunkHash],
  byControllersOrItself,
  ({ state }, canister, { chunk }) => {
    const chunks = withChunk(state, canister.chunks, chunk);
    if ('errorCode' in chunks) return chunks;
    state.put({ ...canister, chunks });
    return [{ hash: state.host.sha256(chunk) }];
  },
);

/** The chunk store with one more chunk; a rejection where that is too large, or one too many. */
export function withChunk(
  { host }: ReplicaState,
  store: ReadonlyMap<string, Uint8Array>,
  chunk: Uint8Array,
): ReadonlyMap<string, Uint8Array> | Rejection {
  if (chunk.length > CHUNK_SIZE_MAX) {
    const text = `Wasm chunk size ${chunk.length} exceeds the maximum chunk size of`;
    return chunkStoreError(`${text} ${CHUNK_SIZE_MAX}`);
  }
  const chunks = new Map(store).set(hex(host.sha256(chunk)), chunk);
  if (chunks.size <= CHUNKS_MAX) return chunks;
  const text = 'Wasm chunk store has already reached maximum capacity of';
  return chunkStoreError(`${text} ${CHUNKS_MAX} chunks`);
}

export function chunkStoreError(what: string): Rejection {
  return rejection(ErrorCode.contractViolation, `Error from Wasm chunk store: ${what}.`);
}

export const storedChunks = canisterMethod<CanisterIdRecord>(
  [CanisterIdRecord],
  [Chunks],
  byControllersOrItself,
  ({ state }, { chunks }) => [
    [...chunks.values()].map((chunk) => ({ hash: state.host.sha256(chunk) })),
  ],
);

export const clearChunkStore = canisterMethod<CanisterIdRecord>(
  [CanisterIdRecord],
  [],
  byControllersOrItself,
  ({ state }, canister) => {
    state.put({ ...canister, chunks: new Map() });
    return [];
  },
);

export const uninstallCode = canisterMethod<UninstallCode>(
  [UninstallCode],
  [],
  byControllers,
  (call, canister, argument) => {
    uninstall(call.state, canister, changeOrigin(call, argument));
    return [];
  },
);
