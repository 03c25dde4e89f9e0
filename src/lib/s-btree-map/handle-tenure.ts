/**
 * What an engine asks of a lease, answered by a handle: whether the structure may be used and has
 * not changed, and what to do about a change. Before each request to the kernel the engine asks
 * whether it may; so this is where the seat in the kernel is aimed at the map.
 *
 * Source: `specs/ic-stable-memory.md` section 4.6, option A.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import type { KernelSeat, MapDescription } from '../btree-map/kernel-seat.js';
import type { Tenure } from '../lease.js';
import { HeapSeat } from './heap-seat.js';

/** What of a handle is nobody's business but its engine's. */
export interface HandleInside {
  sync(): void;
  revision(): number;
  assertUnchanged(revision: number): void;
  publish(): void;
  changedByKernel(revision: number): void;
}

export class HandleTenure implements Tenure {
  readonly #allocator: StableMemoryAllocator;
  readonly #ptr: StablePtr;
  readonly #handle: HandleInside;
  #seat: HeapSeat | undefined;
  /** The heap's revision when the handle was asked last: nothing has changed while it is that. */
  #seen = -1;
  /** The structure's revision then. */
  #revision = 0;

  constructor(allocator: StableMemoryAllocator, ptr: StablePtr, handle: HandleInside) {
    this.#allocator = allocator;
    this.#ptr = ptr;
    this.#handle = handle;
  }

  /** A seat in the kernel for this map, where the heap has a line to it. */
  takeSeat(description: MapDescription): KernelSeat | undefined {
    const { kernelHeap } = this.#allocator;
    if (kernelHeap === undefined) return undefined;
    const seat = HeapSeat.of(kernelHeap, description);
    if (seat?.aimAt(this.#ptr) !== true) return undefined;
    return (this.#seat = seat);
  }

  get revision(): number {
    if (this.#allocator.revision !== this.#seen) this.#look();
    return this.#revision;
  }

  /** The kernel has changed the map, and counted that. */
  set revision(revision: number) {
    this.#seat!.changed();
    this.#handle.changedByKernel(revision);
    this.#revision = revision;
    this.#seen = this.#allocator.revision;
  }

  /** Throws as {@link assertUsable}: who asks goes no other way than to throw the same. */
  get isUsable(): boolean {
    if (this.#allocator.revision !== this.#seen) this.#look();
    const seat = this.#seat;
    if (seat !== undefined && seat.aim !== this.#ptr) seat.aimAt(this.#ptr);
    return true;
  }

  assertUsable(): void {
    void this.isUsable;
  }

  assertUnchanged(revision: number): void {
    if (this.isUsable && this.#revision !== revision) this.#handle.assertUnchanged(revision);
  }

  change<R>(write: () => R): R {
    this.#look();
    const result = write();
    this.#handle.publish();
    return result;
  }

  #look(): void {
    this.#handle.sync();
    this.#revision = this.#handle.revision();
    this.#seen = this.#allocator.revision;
  }
}
