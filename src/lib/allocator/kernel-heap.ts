/**
 * A heap's line to the kernel, which takes blocks and gives them back by itself: one request, and
 * it walks the tags and the free tree in Wasm, and writes. The bytes in memory are the same as if
 * `blocks.ts` had done it.
 *
 * The kernel does what is certain. It cannot grow a memory: then it says how many pages it takes,
 * and is asked again when they are there. It knows no words for what is wrong: then an operation
 * here says so, nothing has happened, and TypeScript does it over again.
 *
 * Each side sees what the other has changed: the kernel reads the header in every operation, and
 * {@link Heap} reads it anew after a change of the kernel's. The end of the heap is told to the
 * kernel, since only TypeScript moves it.
 *
 * There is such a line for heaps in stable memory, up to 1 TiB.
 *
 * Source: `src/kernel/assembly/heap/operations.ts` is the other side, and has the tables.
 */
import { writeU32 } from '../bytes.js';
import { ARGUMENT_LIMIT, type Kernel } from '../kernel-client.js';
import { WASM_PAGE_SIZE } from '../memory.js';
import { stablePlaceOf, ToldPlace, type StablePlace } from '../stable-place.js';
import { FIRST_BLOCK, TAG_SIZE, type StablePtr } from './free-block.js';
import { HEAP_OFFSET } from './header.js';
import type { Heap } from './heap.js';
import { SSlice } from './s-slice.js';

const OPEN_HEAP = 70 * ARGUMENT_LIMIT;
const EXTEND_HEAP = 71 * ARGUMENT_LIMIT;
const CLOSE_HEAP = 72 * ARGUMENT_LIMIT;
const ALLOCATE = 73 * ARGUMENT_LIMIT;
const DEALLOCATE = 74 * ARGUMENT_LIMIT;
const REALLOCATE = 75 * ARGUMENT_LIMIT;
const BLOCK_SIZE = 76 * ARGUMENT_LIMIT;
const READ = 77 * ARGUMENT_LIMIT;
const WRITE = 78 * ARGUMENT_LIMIT;
const NEXT_SERIAL = 79 * ARGUMENT_LIMIT;

/**
 * An argument has a number below this one, an address or a size, and above it the handle. Whether a
 * number can be one is asked where it goes in: a function would cost as much as the rest.
 */
const NUMBER_LIMIT = 2 ** 40;
const HANDLE = NUMBER_LIMIT;

/** Results that say that nothing has happened; what is below asks for pages. */
const LEFT_TO_TYPESCRIPT = -2;
const ABSORBED = 1;

const DESCRIPTION_SIZE = 8;

export class KernelHeap {
  /** The kernel that serves this heap. */
  readonly kernel: Kernel;
  /** By which the kernel knows this heap. */
  readonly handle: number;
  readonly #heap: Heap;
  readonly #addPages: (count: number) => boolean;
  readonly #told: ToldPlace;
  /** The handle, where it stands in an argument. */
  readonly #handle: number;

  private constructor(
    heap: Heap,
    addPages: (count: number) => boolean,
    place: StablePlace,
    handle: number,
  ) {
    this.kernel = place.kernel;
    this.handle = handle;
    this.#heap = heap;
    this.#addPages = addPages;
    this.#handle = handle * HANDLE;
    this.#told = new ToldPlace(place, EXTEND_HEAP + this.#handle);
  }

  /** A line for this heap, or `undefined` where the kernel cannot serve it. */
  static open(heap: Heap, addPages: (count: number) => boolean): KernelHeap | undefined {
    const place = stablePlaceOf(heap.memory);
    if (place === undefined) return undefined;
    const handle = place.kernel.askWithBytes(OPEN_HEAP, describe(place));
    if (handle < 0) return undefined;
    const line = new KernelHeap(heap, addPages, place, handle);
    line.extend(heap.end);
    return line;
  }

  /**
   * The kernel learns where the memory ends by now, and takes up pages that are new. False where
   * that was left to TypeScript. O(new buckets + log n).
   */
  extend(heapEnd: StablePtr): boolean {
    const end = HEAP_OFFSET + heapEnd;
    return end <= NUMBER_LIMIT && this.#told.tell(end / WASM_PAGE_SIZE) === ABSORBED;
  }

  /** The handle is free again. PRECONDITION: nothing is asked for any more. */
  close(): void {
    this.kernel.ask(CLOSE_HEAP + this.#handle);
  }

  /** A block of a padded size; `undefined` where it was left to TypeScript. O(log n) expected. */
  allocate(size: number): SSlice | undefined {
    if (size >= NUMBER_LIMIT) return undefined;
    const block = this.kernel.ask(ALLOCATE + this.#handle + size);
    if (block < 0) return this.grow(block) ? this.allocate(size) : undefined;
    this.#heap.changedByKernel();
    return sliceOf(block, size);
  }

  /**
   * Grows the heap where a result asks for it, so that the same request may be made again; false
   * where it does not ask, or there is no room.
   */
  grow(result: number): boolean {
    return result < LEFT_TO_TYPESCRIPT && this.#addPages(LEFT_TO_TYPESCRIPT - result);
  }

  /** Frees a block. False where that was left to TypeScript. O(log n) expected. */
  deallocate(slice: SSlice): boolean {
    const { ptr } = slice;
    if (!(ptr >= 0 && ptr < NUMBER_LIMIT && ptr % TAG_SIZE === 0)) return false;
    const { kernel } = this;
    kernel.operands[0] = slice.size;
    if (kernel.ask(DEALLOCATE + this.#handle + ptr) === LEFT_TO_TYPESCRIPT) return false;
    this.#heap.changedByKernel();
    return true;
  }

  /** The block with a padded size; `undefined` where it was left to TypeScript. */
  reallocate(slice: SSlice, size: number): SSlice | undefined {
    const { ptr } = slice;
    if (!(ptr >= 0 && ptr < NUMBER_LIMIT && ptr % TAG_SIZE === 0)) return undefined;
    const { kernel } = this;
    kernel.operands[0] = slice.size;
    kernel.operands[1] = size;
    const block = kernel.ask(REALLOCATE + this.#handle + ptr);
    if (block < 0) return this.grow(block) ? this.reallocate(slice, size) : undefined;
    const resized = sliceOf(block, size);
    if (resized.ptr === ptr && resized.size === slice.size) return slice;
    this.#heap.changedByKernel();
    return resized;
  }

  /** The kernel has changed the heap within another operation: one of a structure in it. */
  changed(): void {
    this.#heap.changedByKernel();
  }

  /** The kernel has written to blocks, but taken and freed none. */
  written(): void {
    this.#heap.lease.revision += 1;
  }

  /** The allocated block at an address; `undefined` where that was left to TypeScript. O(1). */
  sliceAt(ptr: StablePtr): SSlice | undefined {
    if (!(ptr >= 0 && ptr < NUMBER_LIMIT && ptr % TAG_SIZE === 0)) return undefined;
    const size = this.kernel.ask(BLOCK_SIZE + this.#handle + ptr);
    return size === LEFT_TO_TYPESCRIPT ? undefined : new SSlice(ptr, size);
  }

  /** Fills `target`; false where that was left to TypeScript. O(bytes). */
  read(address: StablePtr, target: Uint8Array): boolean {
    if (!(address >= 0 && address < NUMBER_LIMIT && address % 1 === 0)) return false;
    return this.kernel.askWithBytes(READ + this.#handle + address, target) === 0;
  }

  /** Fills `target` from a payload on; false where that was left to TypeScript. O(bytes). */
  readBlock(ptr: StablePtr, target: Uint8Array): boolean {
    if (!(ptr >= FIRST_BLOCK && ptr < NUMBER_LIMIT && ptr % TAG_SIZE === 0)) return false;
    return this.kernel.askWithBytes(READ + TAG_SIZE + this.#handle + ptr, target) === 0;
  }

  /** Copies `source` to an address; false where that was left to TypeScript. O(bytes). */
  write(address: StablePtr, source: Uint8Array): boolean {
    if (!(address >= 0 && address < NUMBER_LIMIT && address % 1 === 0)) return false;
    return this.kernel.askWithBytes(WRITE + this.#handle + address, source) === 0;
  }

  /** A serial number; `undefined` where that was left to TypeScript. O(1). */
  nextSerial(): number | undefined {
    const serial = this.kernel.ask(NEXT_SERIAL + this.#handle);
    if (serial === LEFT_TO_TYPESCRIPT) return undefined;
    this.#heap.changedByKernel();
    return serial;
  }
}

/** A block as the kernel answers it: its address, and the words beyond what was asked for. */
function sliceOf(block: number, size: number): SSlice {
  const extraWords = block % TAG_SIZE;
  return new SSlice(block - extraWords, size + extraWords * TAG_SIZE);
}

/** What the kernel is told of a heap when it is opened. */
function describe({ bucketSizeInPages, firstBucketPage }: StablePlace): Uint8Array {
  const description = new Uint8Array(DESCRIPTION_SIZE);
  writeU32(description, 0, bucketSizeInPages);
  writeU32(description, 4, firstBucketPage);
  return description;
}
