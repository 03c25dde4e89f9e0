/**
 * Installing and removing code, in one message or from the chunk store.
 *
 * A module larger than a message is uploaded in chunks of up to 1 MiB, which the store keeps by
 * their hash; `install_chunked_code` joins them again.
 *
 * Source: specs/replica.md section 4.2, "Modules".
 */
import { ErrorCode, rejection, type Rejection } from '../rejection.js';
import type { Canister } from '../canister.js';
import { hex } from '../hex.js';
import { installCode as install, uninstallCode as uninstall } from '../install.js';
import {
  CanisterIdRecord,
  ChunkHash,
  Chunks,
  InstallChunkedCode,
  InstallCode,
  UploadChunk,
  type InstallMode,
} from './idl.js';
import {
  controlledCanister,
  method,
  ownCanister,
  type ManagementCall,
  type Result,
} from './method.js';

const CHUNK_SIZE_MAX = 2 ** 20;
const CHUNKS_MAX = 100;

export const installCode = method<InstallCode>([InstallCode], [], (call, argument) => {
  const canister = controlledCanister(call, argument.canister_id);
  if ('errorCode' in canister) return canister;
  return installModule(call, canister, argument.mode, argument.wasm_module, argument.arg);
});

export const installChunkedCode = method<InstallChunkedCode>(
  [InstallChunkedCode],
  [],
  (call, argument) => {
    const canister = controlledCanister(call, argument.target_canister);
    if ('errorCode' in canister) return canister;
    const storeId = argument.store_canister[0] ?? argument.target_canister;
    const store = ownCanister(call, storeId);
    if ('errorCode' in store) return store;
    const module = joinChunks(call, store, argument);
    if ('errorCode' in module) return module;
    return installModule(call, canister, argument.mode, module, argument.arg);
  },
);

function installModule(
  { state, caller }: ManagementCall,
  canister: Canister,
  mode: InstallMode,
  wasm: Uint8Array,
  argument: Uint8Array,
): Result {
  const options = 'upgrade' in mode ? mode.upgrade[0] : undefined;
  const persistence = options?.wasm_memory_persistence[0];
  const failure = install(state, canister, {
    mode: 'upgrade' in mode ? 'upgrade' : 'reinstall' in mode ? 'reinstall' : 'install',
    wasm,
    argument,
    sender: caller,
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
  const refuse = (text: string): Rejection => rejection(ErrorCode.invalidManagementArgument, text);
  const chunks: Uint8Array[] = [];
  for (const { hash } of chunk_hashes_list) {
    const chunk = store.chunks.get(hex(hash));
    if (chunk === undefined) return refuse(`the chunk ${hex(hash)} is not in the store`);
    chunks.push(chunk);
  }
  const module = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    module.set(chunk, offset);
    offset += chunk.length;
  }
  const found = hex(state.host.sha256(module));
  if (found === hex(wasm_module_hash)) return module;
  return refuse(`the chunks make a module with the hash ${found}, not ${hex(wasm_module_hash)}`);
}

export const uploadChunk = method<UploadChunk>([UploadChunk], [ChunkHash], (call, argument) => {
  const canister = ownCanister(call, argument.canister_id);
  if ('errorCode' in canister) return canister;
  const { chunk } = argument;
  if (chunk.length > CHUNK_SIZE_MAX) {
    const text = `a chunk of ${chunk.length} bytes exceeds the limit of ${CHUNK_SIZE_MAX}`;
    return rejection(ErrorCode.invalidManagementArgument, text);
  }
  const hash = call.state.host.sha256(chunk);
  const chunks = new Map(canister.chunks).set(hex(hash), chunk);
  if (chunks.size > CHUNKS_MAX) {
    const text = `the chunk store holds ${CHUNKS_MAX} chunks already`;
    return rejection(ErrorCode.invalidManagementArgument, text);
  }
  call.state.put({ ...canister, chunks });
  return [{ hash }];
});

export const storedChunks = method<CanisterIdRecord>(
  [CanisterIdRecord],
  [Chunks],
  (call, argument) => {
    const canister = ownCanister(call, argument.canister_id);
    if ('errorCode' in canister) return canister;
    const chunks = [...canister.chunks.values()];
    return [chunks.map((chunk) => ({ hash: call.state.host.sha256(chunk) }))];
  },
);

export const clearChunkStore = method<CanisterIdRecord>(
  [CanisterIdRecord],
  [],
  (call, argument) => {
    const canister = ownCanister(call, argument.canister_id);
    if ('errorCode' in canister) return canister;
    call.state.put({ ...canister, chunks: new Map() });
    return [];
  },
);

export const uninstallCode = method<CanisterIdRecord>([CanisterIdRecord], [], (call, argument) => {
  const canister = controlledCanister(call, argument.canister_id);
  if ('errorCode' in canister) return canister;
  uninstall(call.state, canister);
  return [];
});
