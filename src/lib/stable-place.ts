/**
 * Where in stable memory the bytes of a memory lie, so that the kernel reaches them by itself. Only
 * the canister's own memory and a manager's virtual memories over it know that; in any other memory
 * (on the heap, a window of another) structures run in TypeScript alone.
 *
 *     real page of a virtual page = firstBucketPage + buckets[page / bucket size] * bucket size
 *                                   + page modulo bucket size
 *
 * Only JavaScript grows memories, so the kernel is told what a memory has got each time; it never
 * knows of more, and does nothing there:
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  size of the memory in pages
 *          4     4  number n of new buckets
 *          8    2n  new buckets
 *
 * Source: `specs/ic-stable-structures.md` section 2.3; `src/kernel/assembly/place.ts` is the other
 * side.
 */
import { writeU16, writeU32 } from './bytes.js';
import type { Kernel } from './kernel-client.js';
import type { Memory } from './memory.js';

const COUNT_OFFSET = 4;
const BUCKETS_OFFSET = 8;

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

/** The place of one memory, as far as the kernel knows it. */
export class ToldPlace {
  readonly #place: StablePlace;
  readonly #request: number;
  #pages = -1;
  #bucketCount = 0;

  /** `request` is that by which the kernel hears of what the memory has got. */
  constructor(place: StablePlace, request: number) {
    this.#place = place;
    this.#request = request;
  }

  /** What was told of the size; -1 before. O(1). */
  get pages(): number {
    return this.#pages;
  }

  /** Tells that the memory has so many pages now. Returns the kernel's answer. O(new buckets). */
  tell(pages: number): number {
    const { kernel, buckets } = this.#place;
    const fresh = buckets.slice(this.#bucketCount);
    const news = new Uint8Array(BUCKETS_OFFSET + fresh.length * 2);
    writeU32(news, 0, pages);
    writeU32(news, COUNT_OFFSET, fresh.length);
    fresh.forEach((bucket, index) => writeU16(news, BUCKETS_OFFSET + index * 2, bucket));
    const result = kernel.askWithBytes(this.#request, news);
    if (result < 0) return result;
    this.#pages = pages;
    this.#bucketCount += fresh.length;
    return result;
  }
}
