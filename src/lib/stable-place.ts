/**
 * Where in stable memory the bytes of a memory lie, so that the kernel reaches them by itself. Only
 * the canister's own memory and a manager's virtual memories over it know that; in any other memory
 * (on the heap, a window of another) structures run in TypeScript alone.
 *
 *     real page of a virtual page = firstBucketPage + buckets[page / bucket size] * bucket size
 *                                   + page modulo bucket size
 *
 * Source: `specs/ic-stable-structures.md` section 2.3.
 */
import type { Kernel } from './kernel-client.js';
import type { Memory } from './memory.js';

/** Where a memory's bytes lie, and the kernel that reaches them. */
export interface StablePlace {
  readonly kernel: Kernel;
  /** Pages in a bucket; 0 for stable memory itself, which has none. */
  readonly bucketSizeInPages: number;
  /** The page of stable memory that bucket 0 begins at. */
  readonly firstBucketPage: number;
  /** The memory's buckets, in its own order. The list grows in place, and only at its end. */
  readonly buckets: readonly number[];
}

/** A memory that may lie in stable memory. */
export interface PlacedMemory extends Memory {
  readonly stablePlace: StablePlace | undefined;
}

/** The place of a memory in stable memory, or `undefined` where it does not know of one. O(1). */
export function stablePlaceOf(memory: Memory): StablePlace | undefined {
  return 'stablePlace' in memory ? (memory as PlacedMemory).stablePlace : undefined;
}
