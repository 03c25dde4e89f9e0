/**
 * The canister's own stable memory, raw: what survives an upgrade. Reads and writes go straight
 * between stable memory and the caller's array, with no copy in between.
 *
 * A system call beyond the end would trap, which nobody can catch; so the bounds are checked here,
 * against the size last seen. Stable memory never shrinks, and where a message is undone this
 * object is undone with it, so the size last seen is never more than the real one.
 *
 * Source: Internet Computer interface specification, `ic0.stable64_*`.
 */
import { assertBytes, assertSize } from './guards.js';
import type { Kernel } from './kernel-client.js';
import type { AliasedMemory } from './lease.js';
import { assertWithin, WASM_PAGE_SIZE, type SharedMemory } from './memory.js';
import type { PlacedMemory, StablePlace } from './stable-place.js';

export class Ic0StableMemory implements SharedMemory, AliasedMemory, PlacedMemory {
  readonly #kernel: Kernel;
  #sizeInBytesSeen = 0;

  /**
   * The stable memory behind this kernel. `defaultMemory()` makes one where there is a kernel.
   *
   * @example
   * const memory = new Ic0StableMemory(kernel()!);
   */
  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** All objects for one kernel stand for the same memory. */
  get identity(): object {
    return this.#kernel;
  }

  /** Its addresses are those of stable memory. */
  get stablePlace(): StablePlace {
    return { kernel: this.#kernel, bucketSizeInPages: 0, firstBucketPage: 0, buckets: [] };
  }

  size(): number {
    const pages = this.#kernel.size();
    this.#sizeInBytesSeen = pages * WASM_PAGE_SIZE;
    return pages;
  }

  grow(pages: number): number {
    return this.#kernel.grow(assertSize('pages', pages));
  }

  read(offset: number, target: Uint8Array): void {
    const isWithin =
      offset >= 0 && offset % 1 === 0 && offset + target.length <= this.#sizeInBytesSeen;
    if (!isWithin) this.#assertWithin(offset, 'target', target);
    this.#kernel.read(offset, target);
  }

  write(offset: number, source: Uint8Array): void {
    const isWithin =
      offset >= 0 && offset % 1 === 0 && offset + source.length <= this.#sizeInBytesSeen;
    if (!isWithin) this.#assertWithin(offset, 'source', source);
    this.#kernel.write(offset, source);
  }

  /**
   * Keeps Azle's own memory manager from changing the header in page 0 behind our back: where it
   * tries, the message traps and says what to do instead, and nothing is lost.
   */
  guardFirstPage(): void {
    this.#kernel.guardPageZero();
  }

  /** The whole check, with the real size: for the first touch of new pages, and for mistakes. */
  #assertWithin(offset: number, label: string, bytes: Uint8Array): void {
    assertWithin(offset, assertBytes(label, bytes).length, this.size() * WASM_PAGE_SIZE);
  }
}
