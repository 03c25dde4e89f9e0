/**
 * How much memory a canister uses, part by part: what its status tells and what it pays for.
 *
 * Source: IC interface specification, `memory_metrics` of `canister_status`.
 */
import { WASM_PAGE_SIZE } from '../lib/memory.js';
import type { Canister } from './canister.js';

/** In bytes, by the names of the Candid record. */
export type MemoryMetrics = Readonly<Record<string, bigint>>;

export function memoryMetrics({ code, chunks, log }: Canister): MemoryMetrics {
  const sections = [...(code?.module.customSections.values() ?? [])];
  return {
    wasm_memory_size: BigInt(code?.instance.heap.length ?? 0),
    stable_memory_size: BigInt((code?.stable.size ?? 0) * WASM_PAGE_SIZE),
    global_memory_size: 0n,
    wasm_binary_size: BigInt(code?.moduleSize ?? 0),
    custom_sections_size: totalSize(sections),
    canister_history_size: 0n,
    wasm_chunk_store_size: totalSize([...chunks.values()]),
    snapshots_size: 0n,
    log_memory_store_size: totalSize(log.records.map(({ content }) => content)),
  };
}

export function totalOf(metrics: MemoryMetrics): bigint {
  return Object.values(metrics).reduce((sum, size) => sum + size, 0n);
}

/** All memory of the canister, in bytes. */
export function memoryUsage(canister: Canister): bigint {
  return totalOf(memoryMetrics(canister));
}

function totalSize(pieces: readonly Uint8Array[]): bigint {
  return BigInt(pieces.reduce((sum, piece) => sum + piece.length, 0));
}
