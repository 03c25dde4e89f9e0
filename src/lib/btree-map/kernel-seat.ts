/**
 * The seat of a map in the kernel: the handle that its requests name, and how the kernel is kept
 * up about where the map lies. A map with a memory of its own has a seat of its own.
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  page size of a node
 *          4     4  size of every key; 0xFFFFFFFF = they differ
 *          8     4  length n of the order
 *         12     4  bucket size in pages; 0 = stable memory itself
 *         16     4  page of bucket 0
 *         20     4  1 + handle of the heap that it lies in; 0 = it has a memory of its own
 *         24     n  the order, see `order-program.ts`
 *
 * Source: `src/kernel/assembly/tree/operations.ts` is the other side, and has the same table.
 */
import { writeU32 } from '../bytes.js';
import { ARGUMENT_LIMIT, type Kernel } from '../kernel-client.js';
import type { Memory } from '../memory.js';
import { stablePlaceOf, ToldPlace, type StablePlace } from '../stable-place.js';
import { PREFIXED } from './node-layout.js';

const OPEN_MAP = 12 * ARGUMENT_LIMIT;
const EXTEND_MAP = 13 * ARGUMENT_LIMIT;
const CLOSE_MAP = 14 * ARGUMENT_LIMIT;

/** In an argument the handle comes behind the lengths of a key and a value, of 18 bits each. */
export const LENGTH_LIMIT = 2 ** 18;
const HANDLE = LENGTH_LIMIT ** 2;

const PAGE_SIZE_OFFSET = 0;
const KEY_SIZE_OFFSET = PAGE_SIZE_OFFSET + 4;
const ORDER_LENGTH_OFFSET = KEY_SIZE_OFFSET + 4;
const BUCKET_SIZE_OFFSET = ORDER_LENGTH_OFFSET + 4;
const FIRST_BUCKET_OFFSET = BUCKET_SIZE_OFFSET + 4;
const HEAP_OFFSET = FIRST_BUCKET_OFFSET + 4;
const ORDER_OFFSET = HEAP_OFFSET + 4;

/** Where each field lies, for the test that compares the table above with the code. */
export const SEAT_LAYOUT = {
  pageSize: PAGE_SIZE_OFFSET,
  keySize: KEY_SIZE_OFFSET,
  orderLength: ORDER_LENGTH_OFFSET,
  bucketSize: BUCKET_SIZE_OFFSET,
  firstBucket: FIRST_BUCKET_OFFSET,
  heap: HEAP_OFFSET,
  order: ORDER_OFFSET,
} as const;

/** How a map's nodes are laid out, and how its keys are ordered. */
export interface MapDescription {
  readonly pageSize: number;
  /** The size of every key in bytes, or `PREFIXED`. */
  readonly keySize: number;
  readonly order: Uint8Array;
}

/** Where a map sits. */
export interface KernelSeat {
  readonly kernel: Kernel;
  /** The handle, where it stands in an argument. */
  readonly handle: number;

  /** Tells the kernel of what the memory has got, if it has. */
  catchUp(): void;

  /** The kernel may forget the map. */
  leave(): void;
}

/** The seat of a map with a memory of its own. */
export class MemorySeat implements KernelSeat {
  readonly kernel: Kernel;
  readonly #memory: Memory;
  readonly #told: ToldPlace;

  private constructor(
    memory: Memory,
    place: StablePlace,
    readonly handle: number,
  ) {
    this.kernel = place.kernel;
    this.#memory = memory;
    this.#told = new ToldPlace(place, EXTEND_MAP + handle);
  }

  /** `undefined` for a memory that the kernel does not reach, and where all seats are taken. */
  static open(memory: Memory, description: MapDescription): MemorySeat | undefined {
    const place = stablePlaceOf(memory);
    if (place === undefined) return undefined;
    const bytes = describe(description);
    writeU32(bytes, BUCKET_SIZE_OFFSET, place.bucketSizeInPages);
    writeU32(bytes, FIRST_BUCKET_OFFSET, place.firstBucketPage);
    const handle = openSeat(place.kernel, bytes);
    if (handle === undefined) return undefined;
    const seat = new MemorySeat(memory, place, handle);
    seat.catchUp();
    return seat;
  }

  catchUp(): void {
    const pages = this.#memory.size();
    if (pages !== this.#told.pages) this.#told.tell(pages);
  }

  leave(): void {
    this.kernel.ask(CLOSE_MAP + this.handle);
  }
}

/** The handle of maps in a heap, where it stands in an argument; `undefined` without a seat. */
export function openHeapSeat(
  kernel: Kernel,
  heapHandle: number,
  description: MapDescription,
): number | undefined {
  const bytes = describe(description);
  writeU32(bytes, HEAP_OFFSET, heapHandle + 1);
  return openSeat(kernel, bytes);
}

function openSeat(kernel: Kernel, description: Uint8Array): number | undefined {
  const handle = kernel.askWithBytes(OPEN_MAP, description);
  return handle < 0 ? undefined : handle * HANDLE;
}

function describe({ pageSize, keySize, order }: MapDescription): Uint8Array {
  const description = new Uint8Array(ORDER_OFFSET + order.length);
  writeU32(description, PAGE_SIZE_OFFSET, pageSize);
  writeU32(description, KEY_SIZE_OFFSET, keySize === PREFIXED ? 0xffff_ffff : keySize);
  writeU32(description, ORDER_LENGTH_OFFSET, order.length);
  description.set(order, ORDER_OFFSET);
  return description;
}
