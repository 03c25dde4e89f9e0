/**
 * The seat in the kernel of the maps of one type in one heap. There may be thousands of them, and
 * handles come and go, so they share a seat, which is aimed at the map that is meant:
 *
 *     aim ──► the kernel knows the header block ──► any number of requests on this map
 *
 * Source: `src/kernel/assembly/tree/operations.ts`, operation 21.
 */
import type { KernelHeap } from '../allocator/kernel-heap.js';
import { TAG_SIZE, type StablePtr } from '../allocator/free-block.js';
import { openHeapSeat, type KernelSeat, type MapDescription } from '../btree-map/kernel-seat.js';
import { ARGUMENT_LIMIT, type Kernel } from '../kernel-client.js';

const AIM_MAP = 21 * ARGUMENT_LIMIT;

/** An aim has room for addresses below this one. */
const ADDRESS_LIMIT = 2 ** 36 * TAG_SIZE;

/** The seats of each heap, by what describes their maps. */
const seats = new WeakMap<KernelHeap, Map<string, HeapSeat>>();

export class HeapSeat implements KernelSeat {
  readonly kernel: Kernel;
  readonly #heap: KernelHeap;
  /** The header block of the map that is meant. */
  aim: StablePtr = 0;

  private constructor(
    heap: KernelHeap,
    readonly handle: number,
  ) {
    this.kernel = heap.kernel;
    this.#heap = heap;
  }

  /** The seat of maps that are laid out so; `undefined` where all seats are taken. */
  static of(heap: KernelHeap, description: MapDescription): HeapSeat | undefined {
    const { pageSize, keySize, order } = description;
    const name = [pageSize, keySize, ...order].join();
    let known = seats.get(heap);
    if (known === undefined) seats.set(heap, (known = new Map<string, HeapSeat>()));
    const seat = known.get(name);
    if (seat !== undefined) return seat;
    const handle = openHeapSeat(heap.kernel, heap.handle, description);
    if (handle === undefined) return undefined;
    const opened = new HeapSeat(heap, handle);
    known.set(name, opened);
    return opened;
  }

  /** From here on the map with this header block is meant. False where the kernel cannot aim. */
  aimAt(ptr: StablePtr): boolean {
    if (ptr === this.aim) return true;
    if (ptr >= ADDRESS_LIMIT) return false;
    this.kernel.ask(AIM_MAP + this.handle + ptr / TAG_SIZE);
    this.aim = ptr;
    return true;
  }

  /** The kernel has changed the map, and with it perhaps the heap. */
  changed(): void {
    this.#heap.changed();
  }

  /** The heap tells the kernel by itself. */
  catchUp(): void {
    // See `allocator/kernel-heap.ts`.
  }

  /** It stays for the other maps of its type. */
  leave(): void {
    // There are far more seats than types.
  }
}
