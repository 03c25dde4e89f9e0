/**
 * The metadata of a snapshot, from the words of the Candid interface into ours and back, and the
 * limits of what may be uploaded.
 *
 * Source: IC interface specification, "Upload canister snapshot metadata"; specs/replica.md
 * section 4.3.
 */
import { WASM_PAGE_SIZE } from '../../lib/memory.js';
import type { LowMemoryHook } from '../canister.js';
import type { GlobalType, GlobalValue } from '../host.js';
import type { Snapshot } from '../snapshot.js';
import { STABLE_PAGES_MAX } from '../stable-memory.js';
import type { UploadMetadata } from './idl/snapshots.js';

const MODULE_SIZE_MAX = 100n * 2n ** 20n;
const HEAP_SIZE_MAX = 6n * 2n ** 30n;
const STABLE_SIZE_MAX = BigInt(STABLE_PAGES_MAX) * BigInt(WASM_PAGE_SIZE);
const GLOBALS_MAX = 1000;
const CERTIFIED_DATA_SIZE_MAX = 32;
const V128_MAX = 2n ** 128n - 1n;

/** Which limit the metadata break; undefined where they break none. */
export function wrongMetadata(metadata: UploadMetadata): string | undefined {
  const { globals, certified_data } = metadata;
  const size = (name: string, value: bigint, max: bigint, unit: number): string | undefined => {
    if (value > max) return `the ${name} of ${value} bytes exceeds the limit of ${max}`;
    if (value % BigInt(unit) === 0n) return undefined;
    return `the ${name} of ${value} bytes is not a number of whole pages`;
  };
  const wrongSize =
    size('Wasm module', metadata.wasm_module_size, MODULE_SIZE_MAX, 1) ??
    size('Wasm memory', metadata.wasm_memory_size, HEAP_SIZE_MAX, WASM_PAGE_SIZE) ??
    size('stable memory', metadata.stable_memory_size, STABLE_SIZE_MAX, WASM_PAGE_SIZE);
  if (wrongSize !== undefined) return wrongSize;
  if (globals.length > GLOBALS_MAX) return `${globals.length} globals exceed ${GLOBALS_MAX}`;
  if (globalsOf(metadata).some(({ type, value }) => type === 'v128' && value > V128_MAX)) {
    return 'a v128 global is larger than 128 bits';
  }
  if (certified_data.length > CERTIFIED_DATA_SIZE_MAX) {
    return `${certified_data.length} bytes of certified data exceed ${CERTIFIED_DATA_SIZE_MAX}`;
  }
  return undefined;
}

export function globalsOf({ globals }: Pick<UploadMetadata, 'globals'>): GlobalValue[] {
  return globals.map((global) => {
    const [[type, value]] = Object.entries(global) as [[GlobalType, number | bigint]];
    return { type, value };
  });
}

export function timerOf({ global_timer: [timer] }: UploadMetadata): bigint | undefined {
  if (timer === undefined) return undefined;
  return 'active' in timer ? timer.active : 0n;
}

export function hookOf(metadata: UploadMetadata): LowMemoryHook | undefined {
  const [hook] = metadata.on_low_wasm_memory_hook_status;
  return hook && (Object.keys(hook)[0] as LowMemoryHook);
}

/** What a reader of the snapshot learns; `hashOf` gives the hash of a chunk. */
export function metadataOf(
  snapshot: Snapshot,
  hashOf: (chunk: Uint8Array) => Uint8Array,
): Record<string, unknown> {
  const { areas, globalTimer, lowMemoryHook } = snapshot;
  const timer = globalTimer === 0n ? { inactive: null } : { active: globalTimer };
  return {
    source: { [snapshot.source]: null },
    taken_at_timestamp: snapshot.takenAt,
    wasm_module_size: BigInt(areas.wasm_module.size),
    globals: snapshot.globals.map(({ type, value }) => ({ [type]: value })),
    wasm_memory_size: BigInt(areas.wasm_memory.size),
    stable_memory_size: BigInt(areas.stable_memory.size),
    wasm_chunk_store: [...snapshot.chunks.values()].map((chunk) => ({ hash: hashOf(chunk) })),
    canister_version: snapshot.version,
    certified_data: snapshot.certifiedData,
    global_timer: globalTimer === undefined ? [] : [timer],
    on_low_wasm_memory_hook_status: lowMemoryHook === undefined ? [] : [{ [lowMemoryHook]: null }],
  };
}
