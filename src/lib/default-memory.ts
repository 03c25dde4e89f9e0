/**
 * The memory that fits where the code runs, so that one line of a user's serves the canister and
 * its tests alike.
 *
 *     WHERE                      MEMORY
 *     a linked Azle canister     the canister's stable memory
 *     Node, a browser            a memory on the heap
 *     Azle's run at build time   a memory on the heap, which the build throws away
 */
import { Ic0StableMemory } from './ic0-stable-memory.js';
import { kernel } from './kernel-client.js';
import type { Memory } from './memory.js';
import { VectorMemory } from './vector-memory.js';

/**
 * The canister's stable memory, or outside a canister a new, empty memory on the heap. O(1).
 * Throws `UNLINKED_CANISTER` in a canister that was built without the link step: then data would
 * not survive an upgrade.
 *
 * @example
 * const manager = MemoryManager.init(defaultMemory());
 */
export function defaultMemory(): Memory {
  const connected = kernel();
  return connected === undefined ? new VectorMemory() : new Ic0StableMemory(connected);
}
