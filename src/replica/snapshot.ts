/**
 * A snapshot of a canister: everything that its code can see of itself, as a value. It is either
 * taken from a canister, and then it never changes, or made from uploaded metadata, and then its
 * bytes come piece by piece.
 *
 * The module, the heap and the stable memory are areas of bytes whose size is fixed from the
 * beginning. An area keeps its bytes in pages, as stable memory does: pages that were never written
 * cost nothing, and a snapshot shares the pages of the stable memory that it was taken from.
 *
 * Source: specs/replica.md section 4.2, "Snapshots"; IC interface specification, "Take canister
 * snapshot".
 */
import { WASM_PAGE_SIZE } from '../lib/memory.js';
import type { Canister, InstalledCode, LowMemoryHook } from './canister.js';
import type { GlobalValue } from './host.js';
import { StableMemory, StableMemoryOverlay } from './stable-memory.js';

/** A row of bytes of a known size, in a memory of as many pages as it needs. */
export interface Area {
  /** In bytes. */
  readonly size: number;
  readonly bytes: StableMemory;
}

export const AREAS = ['wasm_module', 'wasm_memory', 'stable_memory'] as const;
export type AreaName = (typeof AREAS)[number];

/** What a snapshot has in it, besides what says where it is from. */
export interface SnapshotContent {
  readonly areas: Readonly<Record<AreaName, Area>>;
  readonly globals: readonly GlobalValue[];
  /** The chunk store: chunks by the hex text of their hash. */
  readonly chunks: ReadonlyMap<string, Uint8Array>;
  readonly certifiedData: Uint8Array;
  /** 0 where the timer is off; undefined where loading is to leave it as it is. */
  readonly globalTimer: bigint | undefined;
  readonly lowMemoryHook: LowMemoryHook | undefined;
}

export interface Snapshot extends SnapshotContent {
  readonly id: Uint8Array;
  readonly source: 'taken_from_canister' | 'metadata_upload';
  /** In nanoseconds since 1970. */
  readonly takenAt: bigint;
  /** The version of the canister at that time. */
  readonly version: bigint;
}

/** What a chunk and a global cost, however small they are. */
export const CHUNK_SIZE_MAX = 2 ** 20;
export const GLOBAL_SIZE = 8;

const INDEX_SIZE = 8;

/** An id that says nothing to its reader: the number of the snapshot, then the canister. */
export function snapshotId({ id, nextSnapshot }: Canister): Uint8Array {
  const bytes = new Uint8Array(INDEX_SIZE);
  let rest = nextSnapshot;
  for (let position = INDEX_SIZE - 1; position >= 0; position--, rest >>= 8n) {
    bytes[position] = Number(rest & 0xffn);
  }
  return Uint8Array.of(...bytes, ...id.toUint8Array());
}

/** The bytes of the canister id in a snapshot id, which somebody else may have made up. */
export function ownerIn(id: Uint8Array): Uint8Array {
  return id.subarray(INDEX_SIZE);
}

/** Everything that a canister with code has in it now, between two messages. */
export function contentOf(canister: Canister, code: InstalledCode): SnapshotContent {
  const { heap, globals } = code.instance.image();
  return {
    areas: {
      wasm_module: { size: code.wasm.length, bytes: StableMemory.fromBytes(code.wasm) },
      wasm_memory: areaOf(heap),
      stable_memory: areaOf(code.stable),
    },
    globals,
    chunks: canister.chunks,
    certifiedData: code.certifiedData,
    globalTimer: code.globalTimer,
    lowMemoryHook: canister.lowMemoryHook,
  };
}

function areaOf(bytes: StableMemory): Area {
  return { size: bytes.size * WASM_PAGE_SIZE, bytes };
}

/** An area of zeroes. */
export function emptyArea(size: number): Area {
  return { size, bytes: StableMemory.empty.with(Math.ceil(size / WASM_PAGE_SIZE), []) };
}

/** The snapshot with some bytes of an area replaced, which have to lie inside. */
export function withBytes(
  snapshot: Snapshot,
  name: AreaName,
  offset: number,
  bytes: Uint8Array,
): Snapshot {
  const area = snapshot.areas[name];
  const overlay = new StableMemoryOverlay(area.bytes);
  overlay.write(offset, bytes);
  return {
    ...snapshot,
    areas: { ...snapshot.areas, [name]: { ...area, bytes: overlay.commit() } },
  };
}

/** What a snapshot counts for in the memory of its canister, in bytes. */
export function snapshotSize({ areas, globals, chunks, certifiedData }: Snapshot): number {
  const areaSizes = AREAS.reduce((sum, name) => sum + areas[name].size, 0);
  const parts = globals.length * GLOBAL_SIZE + chunks.size * CHUNK_SIZE_MAX + certifiedData.length;
  return areaSizes + parts;
}
