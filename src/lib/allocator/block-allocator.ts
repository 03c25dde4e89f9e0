/**
 * A heap as blocks and bytes: taking blocks, giving them back, reading and writing them. What hangs
 * off names, and who owns what, is added by `allocator.ts`.
 *
 * Source: `specs/ic-stable-memory.md` sections 2 and 3; crate `ic-stable-memory`, module `mem`.
 */
import { corrupted, firstViolation } from '../errors.js';
import { assertBytes, assertSize } from '../guards.js';
import type { Lease } from '../lease.js';
import { WASM_PAGE_SIZE, type Memory } from '../memory.js';
import { Blocks, notAllocated } from './blocks.js';
import { FIRST_BLOCK, paddedSize, TAG_SIZE, type StablePtr } from './free-block.js';
import { HASH_KEY_OFFSET, readHeader, type AllocatorConfiguration } from './header.js';
import { Heap } from './heap.js';
import type { KernelHeap } from './kernel-heap.js';
import { assertHashKey, assertKeyed, isKey } from './options.js';
import { OutOfMemoryError } from './out-of-memory.js';
import type { SSlice } from './s-slice.js';
import { firstHeapViolation } from './verify.js';

/** No request is larger: 8 PiB less what a block has besides. */
const REQUEST_MAX = Number.MAX_SAFE_INTEGER - WASM_PAGE_SIZE;

/** What a `StableMemoryAllocator` is without its roots. */
export abstract class BlockAllocator {
  protected readonly lease: Lease;
  protected readonly heap: Heap;
  protected readonly blocks: Blocks;
  protected readonly configuration: AllocatorConfiguration;
  /** Entries of the root directory. */
  protected readonly rootCount: number;

  /** Reads the header in a memory. Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED`. */
  protected constructor(memory: Memory, lease: Lease) {
    const { configuration, state, rootCount } = readHeader(memory);
    this.configuration = configuration;
    this.rootCount = rootCount;
    this.lease = lease;
    this.heap = new Heap(memory, lease, state);
    this.blocks = new Blocks(this.heap, configuration.maxPages);
  }

  /** Takes up what was added to the memory, and lets the kernel serve the heap where it can. */
  protected connect(): void {
    this.blocks.absorbPages();
    this.heap.connect((count) => this.blocks.addPages(count));
  }

  /** Bytes under management: all of the heap but its first 8. O(1). */
  get availableSize(): number {
    const { end } = this.heap;
    return end === 0 ? 0 : end - FIRST_BLOCK;
  }

  /** Bytes of free blocks, tags included. O(1). */
  get freeSize(): number {
    return this.heap.state.freeSize;
  }

  /** Bytes of allocated blocks, tags included; 0 once everything is dropped. O(1). */
  get allocatedSize(): number {
    return this.availableSize - this.freeSize;
  }

  /** Pages that the heap may have, 0 for any number; never fewer than it has. O(1). */
  get maxPages(): number {
    const { maxPages } = this.configuration;
    return maxPages === 0 ? 0 : Math.max(maxPages, this.heap.sizeInPages);
  }

  /** The key of hash maps. Throws `HASH_KEY_MISSING` where the heap has none. O(1). */
  get hashKey(): Uint8Array {
    return assertKeyed(this.configuration.hashKey);
  }

  /**
   * Gives a heap the key of its hash maps, see {@link AllocatorOptions.hashKey}, and says whether
   * it was taken: a heap keeps the first one. Throws `TypeError`, `RangeError`. O(1).
   */
  keyHashes(hashKey: Uint8Array): boolean {
    const { hashKey: own } = this.configuration;
    const key = assertHashKey(hashKey);
    if (isKey(own)) return false;
    this.lease.change(() => this.heap.memory.write(HASH_KEY_OFFSET, key));
    own.set(key);
    return true;
  }

  /** Goes up with every write to the heap. O(1). */
  get revision(): number {
    return this.lease.revision;
  }

  /** Whether {@link assertUsable} would let pass. O(1). */
  get isUsable(): boolean {
    return this.lease.isUsable;
  }

  /** Throws `HANDLE_CLOSED` or `PREVIOUS_FAILURE`. O(1). */
  assertUsable(): void {
    this.lease.assertUsable();
  }

  /**
   * Takes a block of at least `size` bytes, with anything in it: the smallest free one that is
   * large enough, of several the one at the highest address, or the end of the heap, which grows.
   * O(log n) expected, n being the number of free blocks.
   *
   * Throws `OUT_OF_MEMORY` without room (nothing has changed), `RangeError` for what is no size.
   */
  allocate(size: number): SSlice {
    this.lease.assertUsable();
    assertSize('size', size, REQUEST_MAX);
    const slice = this.blocks.allocate(paddedSize(size));
    if (slice === undefined) throw new OutOfMemoryError(size, this.freeSize);
    return slice;
  }

  /**
   * Gives a block back, and merges it with its free neighbours. O(log n) expected.
   *
   * Throws `NOT_ALLOCATED` for one that is free already or never was a block, `CORRUPTED` for one
   * whose end was written over; nothing has changed then.
   */
  deallocate(slice: SSlice): void {
    this.lease.assertUsable();
    this.blocks.deallocate(slice);
  }

  /**
   * Gives a block another size and returns it, with as much of its contents as fits: where it is,
   * if the block behind it is free or it is the last one; else in the free block before it; else
   * somewhere else, with a copy. What becomes too much is given back. O(log n + size) expected.
   *
   * Throws `OUT_OF_MEMORY` without room: the old block is as it was. Otherwise as
   * {@link deallocate}.
   */
  reallocate(slice: SSlice, size: number): SSlice {
    this.lease.assertUsable();
    const padded = paddedSize(assertSize('size', size, REQUEST_MAX));
    const resized = this.blocks.reallocate(slice, padded);
    if (resized === undefined) throw new OutOfMemoryError(size, this.freeSize);
    return resized;
  }

  /**
   * Whether the next {@link allocate} of this size will find room. It is a promise, not a guess:
   * where no free block is large enough the heap grows at once. O(log n) expected.
   */
  makeSureCanAllocate(size: number): boolean {
    this.assertUsable();
    return this.blocks.makeSureCanAllocate(paddedSize(assertSize('size', size, REQUEST_MAX)));
  }

  /** The allocated block at an address. Throws `NOT_ALLOCATED` where there is none. O(1). */
  sliceAt(ptr: StablePtr): SSlice {
    this.lease.assertUsable();
    const slice = this.blocks.sliceAt(ptr);
    if (slice === undefined) throw notAllocated(ptr, 'none there');
    return slice;
  }

  /** The allocated block that a *stored* pointer leads to. Throws `CORRUPTED` for none. O(1). */
  blockAt(ptr: StablePtr): SSlice {
    this.lease.assertUsable();
    const slice = this.blocks.sliceAt(ptr);
    if (slice === undefined) throw corrupted('stored pointer', 'that of an allocated block', ptr);
    return slice;
  }

  /** Fills `target` from an address of the heap on. Throws `OUT_OF_BOUNDS`. O(bytes). */
  readBytes(address: StablePtr, target: Uint8Array): void {
    this.lease.assertUsable();
    this.heap.read(address, assertBytes('target', target));
  }

  /**
   * Copies `source` to an address of the heap. Throws `OUT_OF_BOUNDS` beyond the heap's end; to
   * stay within a block, ask it for the address ({@link SSlice.offset}). O(bytes).
   */
  writeBytes(address: StablePtr, source: Uint8Array): void {
    this.heap.put(address, assertBytes('source', source));
  }

  /** Copies bytes within the heap, also over each other. Throws `OUT_OF_BOUNDS`. O(bytes). */
  moveBytes(source: StablePtr, target: StablePtr, size: number): void {
    this.heap.moveWithin(source, target, size);
  }

  /**
   * The first rule that does not hold, in words, or `undefined`: tags tile the heap, the free tree
   * has every free block, the counters are right. O(everything); for tests and tools.
   */
  checkInvariants(): string | undefined {
    this.assertUsable();
    return firstViolation(() => firstHeapViolation(this.heap, this.blocks.tree));
  }

  /** Gives the memory back and closes the heap: each further use throws `HANDLE_CLOSED`. */
  intoMemory(): Memory {
    this.heap.close();
    return this.heap.memory;
  }

  /** A number that no structure of this heap has had. O(1). */
  nextSerial(): number {
    return this.heap.nextSerial();
  }

  /** The line to the kernel, where there is one: for structures that change the heap in there. */
  get kernelHeap(): KernelHeap | undefined {
    return this.heap.line;
  }

  /** Fills `target` from a block's payload, whatever it is by now. Throws `CORRUPTED`. O(bytes). */
  readBlock(ptr: StablePtr, target: Uint8Array): void {
    if (this.heap.line?.readBlock(ptr, target) === true) return;
    if (!this.blocks.canBeBlock(ptr)) throw corrupted('stored pointer', 'that of a block', ptr);
    this.heap.read(ptr + TAG_SIZE, target);
  }
}
