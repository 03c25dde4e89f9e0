/**
 * One of the memories that a `MemoryManager` hands out: its own addresses from 0 on, translated
 * bucket by bucket into addresses of the memory underneath.
 *
 * Every access is checked against the size in pages (the crate skips the check inside the bucket
 * that it touched last, so that a stray access goes unseen).
 *
 * Source: `specs/ic-stable-structures.md` section 2.3; crate type `VirtualMemory`.
 */
import { assertBytes } from '../guards.js';
import { leasesOn, type Lease, type RevocableMemory } from '../lease.js';
import {
  asHeapMemory,
  assertWithin,
  WASM_PAGE_SIZE,
  type HeapMemory,
  type Memory,
} from '../memory.js';
import { stablePlaceOf, type PlacedMemory, type StablePlace } from '../stable-place.js';

/** What the manager lends to its virtual memories. */
export interface VirtualMemoryState {
  /** In bytes. */
  readonly bucketSize: number;
  /** Address of bucket 0 in the memory underneath. */
  readonly firstBucketAddress: number;
  sizeInPages(): number;
  grow(pages: number): number;
}

export class VirtualMemory implements HeapMemory, PlacedMemory, RevocableMemory {
  readonly #base: Memory;
  readonly #heapBase: HeapMemory | undefined;
  readonly #buckets: readonly number[];
  readonly #state: VirtualMemoryState;
  readonly #bucketSize: number;

  /** Made by `MemoryManager.get`. */
  constructor(base: Memory, buckets: readonly number[], state: VirtualMemoryState) {
    this.#base = base;
    this.#heapBase = asHeapMemory(base);
    this.#buckets = buckets;
    this.#state = state;
    this.#bucketSize = state.bucketSize;
  }

  size(): number {
    return this.#state.sizeInPages();
  }

  grow(pages: number): number {
    return this.#state.grow(pages);
  }

  read(offset: number, target: Uint8Array): void {
    const length = assertBytes('target', target).length;
    assertWithin(offset, length, this.size() * WASM_PAGE_SIZE);
    if (length === 0) return;
    const within = offset % this.#bucketSize;
    if (within + length <= this.#bucketSize) {
      this.#base.read(this.#addressOf(offset, within), target);
      return;
    }
    this.#segments(offset, length, (address, start, end) =>
      this.#base.read(address, target.subarray(start, end)),
    );
  }

  write(offset: number, source: Uint8Array): void {
    const length = assertBytes('source', source).length;
    assertWithin(offset, length, this.size() * WASM_PAGE_SIZE);
    if (length === 0) return;
    const within = offset % this.#bucketSize;
    if (within + length <= this.#bucketSize) {
      this.#base.write(this.#addressOf(offset, within), source);
      return;
    }
    this.#segments(offset, length, (address, start, end) =>
      this.#base.write(address, source.subarray(start, end)),
    );
  }

  /** Where its buckets lie; `undefined` unless the memory underneath is stable memory itself. */
  get stablePlace(): StablePlace | undefined {
    const base = stablePlaceOf(this.#base);
    if (base === undefined || base.bucketSizeInPages > 0) return undefined;
    return {
      kernel: base.kernel,
      bucketSizeInPages: this.#bucketSize / WASM_PAGE_SIZE,
      firstBucketPage: this.#state.firstBucketAddress / WASM_PAGE_SIZE,
      buckets: this.#buckets,
    };
  }

  /** Those of the memory underneath: what is put back there is put back here. */
  get leases(): Set<Lease> | undefined {
    return leasesOn(this.#base);
  }

  /** The array that the memory underneath lies in. */
  get heap(): Uint8Array | undefined {
    return this.#heapBase?.heap;
  }

  heapOffset(offset: number, length: number): number {
    const within = offset % this.#bucketSize;
    if (this.#heapBase === undefined || within + length > this.#bucketSize) return -1;
    if (offset + length > this.size() * WASM_PAGE_SIZE) return -1;
    return this.#heapBase.heapOffset(this.#addressOf(offset, within), length);
  }

  /** Cuts a virtual segment at bucket edges and visits the real ones. */
  #segments(
    offset: number,
    length: number,
    visit: (address: number, start: number, end: number) => void,
  ): void {
    for (let start = 0; start < length;) {
      const within = (offset + start) % this.#bucketSize;
      const end = Math.min(start + this.#bucketSize - within, length);
      visit(this.#addressOf(offset + start, within), start, end);
      start = end;
    }
  }

  #addressOf(offset: number, within: number): number {
    const bucket = this.#buckets[(offset - within) / this.#bucketSize]!;
    return this.#state.firstBucketAddress + bucket * this.#bucketSize + within;
  }
}
