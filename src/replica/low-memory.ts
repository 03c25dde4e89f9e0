/**
 * The hook for low memory: a canister may be told, once, that its heap is nearly full. The hook
 * waits until less than the threshold of the settings is left, is then due, and has run; it waits
 * again when there is room again.
 *
 * Source: IC interface specification, "On Low Wasm Memory".
 */
import type { Canister } from './canister.js';
import { memoryMetrics, totalOf } from './memory-usage.js';

/** What a heap with 32-bit addresses can be at most. */
const HEAP_SIZE_MAX = 4n * 2n ** 30n;

/** The canister with its hook as its memory is now. */
export function withHookCondition(canister: Canister): Canister {
  const { lowMemoryHook } = canister;
  if (!isLowOnMemory(canister)) {
    if (lowMemoryHook === 'condition_not_satisfied') return canister;
    return { ...canister, lowMemoryHook: 'condition_not_satisfied' };
  }
  if (lowMemoryHook !== 'condition_not_satisfied') return canister;
  return { ...canister, lowMemoryHook: 'ready' };
}

/** Whether less of the heap is left than the canister wants to be told about. */
export function isLowOnMemory(canister: Canister): boolean {
  const { wasmMemoryLimit, wasmMemoryThreshold, memoryAllocation } = canister.settings;
  if (wasmMemoryThreshold === 0n || canister.code === undefined) return false;
  const metrics = memoryMetrics(canister);
  const heap = metrics['wasm_memory_size']!;
  const limit = wasmMemoryLimit === 0n ? HEAP_SIZE_MAX : wasmMemoryLimit;
  const allocated = memoryAllocation - (totalOf(metrics) - heap);
  const room = memoryAllocation > 0n && allocated < limit ? allocated : limit;
  return room < heap + wasmMemoryThreshold;
}
