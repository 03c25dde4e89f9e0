/**
 * Chunks that are blocks of a heap: a node that goes gives its memory back to everybody. The tree
 * knows a chunk by the address of its block's payload.
 *
 * A chunk is taken at once, and again given back where the operation does not come to its end; one
 * that is given back stays allocated until the writes are in memory, unless the same operation has
 * use for it. So an operation that finds no room has changed nothing, nothing is freed that the
 * memory still leads to, and nodes can be merged where there is no room for another one.
 *
 * Source: `specs/ic-stable-memory.md` section 4.6 (all or nothing); house style rule 11.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import { TAG_SIZE, TAGS_SIZE, type StablePtr } from '../allocator/free-block.js';
import type { SSlice } from '../allocator/s-slice.js';
import type { Chunks } from '../btree-map/chunks.js';
import { corrupted } from '../errors.js';

/** The block whose payload lies at an address. */
export function blockOf(address: number): StablePtr {
  return address - TAG_SIZE;
}

export class HeapChunks implements Chunks {
  readonly #allocator: StableMemoryAllocator;
  readonly areReusedAtOnce = true;
  /** What this operation has taken, and what it is going to free, by address. */
  readonly #taken: SSlice[] = [];
  readonly #given = new Map<number, SSlice>();

  constructor(
    allocator: StableMemoryAllocator,
    readonly payloadSize: number,
  ) {
    this.#allocator = allocator;
  }

  /** As many as all that is allocated would be. */
  get countMax(): number {
    return Math.floor(this.#allocator.allocatedSize / (this.payloadSize + TAGS_SIZE));
  }

  begin(): void {
    this.#taken.length = 0;
    if (this.#given.size > 0) this.#given.clear();
  }

  /** Throws `OUT_OF_MEMORY`. */
  allocate(): number {
    const [given] = this.#given.keys();
    if (given !== undefined) {
      this.#given.delete(given);
      return given;
    }
    const slice = this.#allocator.allocate(this.payloadSize);
    this.#taken.push(slice);
    return slice.offset(0, this.payloadSize);
  }

  deallocate(address: number): void {
    if (this.#given.has(address)) {
      throw corrupted('chunks of a tree', 'different ones', address);
    }
    this.#given.set(address, this.#sliceOf(address));
  }

  clear(inUse: () => readonly number[]): void {
    for (const address of inUse()) this.deallocate(address);
  }

  /** What is allocated is written down where it lies. */
  stageHeader(): void {
    // Nothing is left to plan.
  }

  settle(): void {
    this.#given.forEach((slice) => this.#allocator.deallocate(slice));
    this.begin();
  }

  restore(): void {
    if (this.#allocator.isUsable) {
      for (const slice of this.#taken) this.#allocator.deallocate(slice);
    }
    this.begin();
  }

  /** Frees a chunk at once, for a tree that is not going to be used any more. */
  free(address: number): void {
    this.#allocator.deallocate(this.#sliceOf(address));
  }

  reload(): void {
    // Nothing of it is kept in RAM.
  }

  assertWithinMemory(): void {
    // Each block is checked when it is used.
  }

  assertPayload(address: number): void {
    if (address % TAG_SIZE === 0 && blockOf(address) > 0) return;
    throw corrupted('stored address', 'that of a block', address);
  }

  firstViolation(inUse: ReadonlySet<number>): string | undefined {
    inUse.forEach((address) => this.#sliceOf(address));
    return undefined;
  }

  /** Throws `CORRUPTED` where there is no such block. */
  #sliceOf(address: number): SSlice {
    const slice = this.#allocator.blockAt(blockOf(address));
    if (slice.size >= this.payloadSize) return slice;
    throw corrupted(`block of a chunk at ${address}`, `at least ${this.payloadSize}`, slice.size);
  }
}
