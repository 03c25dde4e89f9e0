/**
 * How much memory a canister uses, part by part: what its status tells and what it pays for. Chunks
 * and globals count with what they cost, which is the same for small ones and for large ones.
 *
 * Source: IC interface specification, `memory_metrics` of `canister_status`.
 */
import { WASM_PAGE_SIZE } from '../lib/memory.js';
import { changeSize } from './canister-history.js';
import { logSize } from './canister-log.js';
import type { Canister } from './canister.js';
import { CHUNK_SIZE_MAX, GLOBAL_SIZE, snapshotSize } from './snapshot.js';

/** In bytes, by the names of the Candid record. */
export type MemoryMetrics = Readonly<Record<string, bigint>>;

export function memoryMetrics(canister: Canister): MemoryMetrics {
  const { code, chunks, log, history, snapshots } = canister;
  const sections = [...(code?.module.customSections.values() ?? [])];
  const sizes = {
    wasm_memory_size: code?.instance.heap.length ?? 0,
    stable_memory_size: (code?.stable.size ?? 0) * WASM_PAGE_SIZE,
    global_memory_size: (code?.instance.globalCount ?? 0) * GLOBAL_SIZE,
    wasm_binary_size: code?.wasm.length ?? 0,
    custom_sections_size: sum(sections.map((section) => section.length)),
    canister_history_size: sum(history.recent.map(changeSize)),
    wasm_chunk_store_size: chunks.size * CHUNK_SIZE_MAX,
    snapshots_size: sum([...snapshots.values()].map(snapshotSize)),
    log_memory_store_size: logSize(log),
  };
  return Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, BigInt(size)]));
}

export function totalOf(metrics: MemoryMetrics): bigint {
  return Object.values(metrics).reduce((sum, size) => sum + size, 0n);
}

/** All memory of the canister, in bytes. */
export function memoryUsage(canister: Canister): bigint {
  return totalOf(memoryMetrics(canister));
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}
