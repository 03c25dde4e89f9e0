/**
 * A heap in a memory: blocks of any size are taken and given back, and values hang off names. It is
 * what maps and vectors of fixed layout cannot be: a place for values that own other values.
 *
 *     const heap = StableMemoryAllocator.init(memory.get(5));
 *     const posts = heap.root('posts', SBTreeMap.of(text, SVec.of(text)));
 *     posts.insert('ada', ['On the engine']);
 *     posts.get('ada')?.push('Notes');
 *     posts.remove('ada'); // ['On the engine', 'Notes'], and their memory is free
 *
 * The parts:
 *
 *     allocator.ts                   the heap and its roots, for users
 *     allocator/blocks.ts            taking blocks and giving them back
 *     allocator/free-tree.ts         where the free ones are
 *     allocator/header.ts, ...       what lies where
 *     ownership/                     how values live in blocks, and who frees them
 *
 * Everything is in the memory after each call: there is nothing to do before an upgrade, and
 * opening costs the same whatever is in it.
 *
 * Promise: a call that is refused has changed nothing, also for lack of memory. After a failed
 * *write* outside a canister the heap latches, see `allocator/heap.ts`.
 *
 * Source: `specs/ic-stable-memory.md`; crate `ic-stable-memory`, modules `mem` and `allocator`.
 */
import { Blocks, notAllocated } from './allocator/blocks.js';
import { FIRST_BLOCK, paddedSize, TAG_SIZE, type StablePtr } from './allocator/free-block.js';
import {
  emptyHeap,
  encodeHeader,
  readHeader,
  ROOTS_OFFSET,
  type AllocatorConfiguration,
} from './allocator/header.js';
import { Heap } from './allocator/heap.js';
import type { KernelHeap } from './allocator/kernel-heap.js';
import { configurationOf, type AllocatorOptions } from './allocator/options.js';
import { OutOfMemoryError } from './allocator/out-of-memory.js';
import { RootDirectory } from './allocator/root-directory.js';
import { Roots } from './allocator/roots.js';
import type { SSlice } from './allocator/s-slice.js';
import { firstHeapViolation, verifyHeap, type HeapReport } from './allocator/verify.js';
import { firstViolation, corrupted } from './errors.js';
import { assertBytes, assertSize } from './guards.js';
import { Lease } from './lease.js';
import { assertEmpty, reserve, WASM_PAGE_SIZE, type Memory } from './memory.js';
import type { StableStructure } from './ownership/stable-structure.js';
import { storeInSlot, type StableType } from './ownership/stable-type.js';

const STRUCTURE = 'StableMemoryAllocator';

/** No request is larger: 8 PiB less what a block has besides. */
const REQUEST_MAX = Number.MAX_SAFE_INTEGER - WASM_PAGE_SIZE;

/**
 * A heap in a memory.
 *
 * @example
 * const heap = StableMemoryAllocator.init(new VectorMemory());
 * const slice = heap.allocate(100);
 * heap.writeBytes(slice.offset(0, 3), Uint8Array.of(1, 2, 3));
 * heap.deallocate(slice);
 * heap.allocatedSize; // 0
 */
export class StableMemoryAllocator {
  readonly #lease: Lease;
  readonly #heap: Heap;
  readonly #blocks: Blocks;
  readonly #roots: Roots;
  readonly #configuration: AllocatorConfiguration;
  /** Handles that own a structure which hangs off no root. */
  readonly owned = new Set<StableStructure>();

  private constructor(memory: Memory, lease: Lease) {
    const { configuration, state, rootCount } = readHeader(memory);
    this.#configuration = configuration;
    this.#lease = lease;
    this.#heap = new Heap(memory, lease, state);
    const { maxPages } = configuration;
    this.#blocks = new Blocks(this.#heap, maxPages);
    this.#roots = new Roots(this, new RootDirectory(this.#heap, rootCount));
    this.#blocks.absorbPages();
    this.#heap.connect((count) => this.#blocks.addPages(count));
  }

  /**
   * Opens the heap in `memory`, or creates one where the memory is empty (0 pages). Pages that were
   * added to the memory since are taken up. O(number of roots).
   *
   * Throws `BAD_MAGIC` for a memory that holds anything else, and leaves it as it is;
   * `UNSUPPORTED_VERSION`, `CORRUPTED`; `MEMORY_IN_USE`; `GROW_FAILED` without room for a page.
   */
  static init(memory: Memory, options: AllocatorOptions = {}): StableMemoryAllocator {
    return memory.size() === 0
      ? StableMemoryAllocator.create(memory, options)
      : StableMemoryAllocator.load(memory);
  }

  /**
   * Creates a heap in an empty memory. Throws `NOT_EMPTY` for any other, `RangeError` for options
   * that cannot be, `MEMORY_IN_USE`, `GROW_FAILED`. O(1).
   */
  static create(memory: Memory, options: AllocatorOptions = {}): StableMemoryAllocator {
    const configuration = configurationOf(options);
    return Lease.open(STRUCTURE, [memory], (lease) => {
      assertEmpty(memory);
      reserve(memory, ROOTS_OFFSET);
      memory.write(0, encodeHeader(configuration));
      return new StableMemoryAllocator(memory, lease);
    });
  }

  /** Opens an existing heap. Throws as {@link StableMemoryAllocator.init} does. */
  static load(memory: Memory): StableMemoryAllocator {
    return Lease.open(STRUCTURE, [memory], (lease) => new StableMemoryAllocator(memory, lease));
  }

  /** Bytes under management: all of the heap but its first 8. O(1). */
  get availableSize(): number {
    const { end } = this.#heap;
    return end === 0 ? 0 : end - FIRST_BLOCK;
  }

  /** Bytes of free blocks, tags included. O(1). */
  get freeSize(): number {
    return this.#heap.state.freeSize;
  }

  /** Bytes of allocated blocks, tags included; 0 once everything is dropped. O(1). */
  get allocatedSize(): number {
    return this.availableSize - this.freeSize;
  }

  /** Pages that the heap may have, 0 for any number; never fewer than it has. O(1). */
  get maxPages(): number {
    const { maxPages } = this.#configuration;
    return maxPages === 0 ? 0 : Math.max(maxPages, this.#heap.sizeInPages);
  }

  /** The key of hash maps. O(1). */
  get hashKey(): Uint8Array {
    return this.#configuration.hashKey;
  }

  /** Goes up with every write to the heap. O(1). */
  get revision(): number {
    return this.#lease.revision;
  }

  /** Whether {@link assertUsable} would let pass. O(1). */
  get isUsable(): boolean {
    return this.#lease.isUsable;
  }

  /** Throws `HANDLE_CLOSED` or `PREVIOUS_FAILURE`. O(1). */
  assertUsable(): void {
    this.#lease.assertUsable();
  }

  /**
   * Takes a block of at least `size` bytes, with anything in it: the smallest free one that is
   * large enough, of several the one at the highest address, or the end of the heap, which grows.
   * O(log n) expected, n being the number of free blocks.
   *
   * Throws `OUT_OF_MEMORY` without room (nothing has changed), `RangeError` for what is no size.
   */
  allocate(size: number): SSlice {
    this.#lease.assertUsable();
    assertSize('size', size, REQUEST_MAX);
    const slice = this.#blocks.allocate(paddedSize(size));
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
    this.#lease.assertUsable();
    this.#blocks.deallocate(slice);
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
    this.#lease.assertUsable();
    const padded = paddedSize(assertSize('size', size, REQUEST_MAX));
    const resized = this.#blocks.reallocate(slice, padded);
    if (resized === undefined) throw new OutOfMemoryError(size, this.freeSize);
    return resized;
  }

  /**
   * Whether the next {@link allocate} of this size will find room. It is a promise, not a guess:
   * where no free block is large enough the heap grows at once. O(log n) expected.
   */
  makeSureCanAllocate(size: number): boolean {
    this.assertUsable();
    return this.#blocks.makeSureCanAllocate(paddedSize(assertSize('size', size, REQUEST_MAX)));
  }

  /** The allocated block at an address. Throws `NOT_ALLOCATED` where there is none. O(1). */
  sliceAt(ptr: StablePtr): SSlice {
    this.#lease.assertUsable();
    const slice = this.#blocks.sliceAt(ptr);
    if (slice === undefined) throw notAllocated(ptr, 'none there');
    return slice;
  }

  /** The allocated block that a *stored* pointer leads to. Throws `CORRUPTED` for none. O(1). */
  blockAt(ptr: StablePtr): SSlice {
    this.#lease.assertUsable();
    const slice = this.#blocks.sliceAt(ptr);
    if (slice === undefined) throw corrupted('stored pointer', 'that of an allocated block', ptr);
    return slice;
  }

  /** Fills `target` from an address of the heap on. Throws `OUT_OF_BOUNDS`. O(bytes). */
  readBytes(address: StablePtr, target: Uint8Array): void {
    this.#lease.assertUsable();
    this.#heap.read(address, assertBytes('target', target));
  }

  /**
   * Copies `source` to an address of the heap. Throws `OUT_OF_BOUNDS` beyond the heap's end; to
   * stay within a block, ask it for the address ({@link SSlice.offset}). O(bytes).
   */
  writeBytes(address: StablePtr, source: Uint8Array): void {
    this.#heap.put(address, assertBytes('source', source));
  }

  /** Copies bytes within the heap, also over each other. Throws `OUT_OF_BOUNDS`. O(bytes). */
  moveBytes(source: StablePtr, target: StablePtr, size: number): void {
    this.#heap.moveWithin(source, target, size);
  }

  /** Reads a slot to look at it: the value, or a borrowed handle. Throws `CORRUPTED`. */
  readFixedForReference<P, H>(address: StablePtr, type: StableType<P, H>): H {
    return type.view(this, this.#readSlot(address, type.size), 0);
  }

  /** Reads a slot to take what is in it: the value, or an owned handle. Throws `CORRUPTED`. */
  readFixedForMove<P, H>(address: StablePtr, type: StableType<P, H>): H {
    return type.take(this, this.#readSlot(address, type.size), 0);
  }

  /**
   * Writes a slot. An owned handle is consumed: the place owns what it stood for. Throws
   * `VALUE_CONSUMED`, `INCOMPATIBLE_TYPE`, `OUT_OF_MEMORY`, and what the type's codecs throw.
   */
  writeFixed<P, H>(address: StablePtr, type: StableType<P, H>, value: H): void {
    const slot = this.#readSlot(address, type.size);
    type.move(this, value, slot, 0);
    this.writeBytes(address, slot);
  }

  /**
   * The value that hangs off a name. Where none does, a new one, of `initial` or empty. O(1).
   *
   * Throws `INCOMPATIBLE_TYPE` where the name was given to a value of another type, `TypeError`
   * where a new value needs an `initial`, `RangeError` for a name above 63 bytes; `OUT_OF_MEMORY`.
   *
   * @example
   * const scores = heap.root('scores', SHashMap.of(text, u64));
   */
  root<P, H>(name: string, type: StableType<P, H>, initial?: P): H {
    return this.#roots.open(name, type) ?? this.#roots.create(name, type, initial);
  }

  /** As {@link root}, for a name that is new. Throws `ROOT_IN_USE` for any other. */
  createRoot<P, H>(name: string, type: StableType<P, H>, initial?: P): H {
    return this.#roots.create(name, type, initial);
  }

  /** The value that hangs off a name, or `undefined`. Throws `INCOMPATIBLE_TYPE`. O(1). */
  openRoot<P, H>(name: string, type: StableType<P, H>): H | undefined {
    return this.#roots.open(name, type);
  }

  /** The names of all roots, and the names of their types. O(number of roots). */
  roots(): { readonly name: string; readonly type: string }[] {
    this.assertUsable();
    return this.#roots.list();
  }

  /**
   * Frees the value that hangs off a name and all that it owns; the name is then free. Says whether
   * there was one. Throws `INCOMPATIBLE_TYPE`. O(all that it owns).
   */
  removeRoot<P, H>(name: string, type: StableType<P, H>): boolean {
    return this.#roots.remove(name, type);
  }

  /** Takes the value off a name, owned by the caller; `undefined` where there is none. O(1). */
  detachRoot<P, H>(name: string, type: StableType<P, H>): H | undefined {
    return this.#roots.detach(name, type);
  }

  /**
   * Hangs what an owned handle stands for off a new name; the handle is consumed. Throws
   * `ROOT_IN_USE`, `VALUE_CONSUMED`, `OUT_OF_MEMORY`. O(1).
   */
  attachRoot<P, H>(name: string, type: StableType<P, H>, handle: H): void {
    this.#roots.attach(name, type, handle);
  }

  /**
   * A value that hangs off nothing, with a handle that owns it: attach it somewhere, or dispose of
   * it. Throws `OUT_OF_MEMORY`, and what the type's codecs throw.
   *
   * @example
   * using draft = heap.create(SVec.of(text), ['first line']);
   */
  create<P, H>(type: StableType<P, H>, value: P): H {
    return type.take(this, storeInSlot(this, type, value), 0);
  }

  /** Throws `VALUE_CONSUMED` where handles own structures that hang off nothing: leaks. O(1). */
  assertNoLeaks(): void {
    this.#roots.assertNoLeaks();
  }

  /**
   * Compares what is allocated with what can be reached from the roots and the owned handles. A
   * root's type must be known for that: open it first. O(everything); for tests and tools.
   */
  verify(): HeapReport {
    this.assertUsable();
    return verifyHeap(this.#heap, this.#roots.reachable());
  }

  /**
   * The first rule that does not hold, in words, or `undefined`: tags tile the heap, the free tree
   * has every free block, the counters are right. O(everything); for tests and tools.
   */
  checkInvariants(): string | undefined {
    this.assertUsable();
    return firstViolation(() => firstHeapViolation(this.#heap, this.#blocks.tree));
  }

  /**
   * Frees everything at once: every block, every root. All handles are then of no use. The memory
   * keeps its pages. O(1).
   */
  clear(): void {
    const { lease, memory, state } = this.#heap;
    const { nextSerial } = state;
    lease.change(() => {
      memory.write(0, encodeHeader(this.#configuration));
      Object.assign(state, emptyHeap(), { nextSerial });
    });
    this.#roots.clear();
    this.owned.clear();
    this.#blocks.absorbPages();
  }

  /** Gives the memory back and closes the heap: each further use throws `HANDLE_CLOSED`. */
  intoMemory(): Memory {
    this.#heap.close();
    return this.#heap.memory;
  }

  /** A number that no structure of this heap has had. O(1). */
  nextSerial(): number {
    return this.#heap.nextSerial();
  }

  /** The line to the kernel, where there is one: for structures that change the heap in there. */
  get kernelHeap(): KernelHeap | undefined {
    return this.#heap.line;
  }

  /** Fills `target` from a block's payload, whatever it is by now. Throws `CORRUPTED`. O(bytes). */
  readBlock(ptr: StablePtr, target: Uint8Array): void {
    if (this.#heap.line?.readBlock(ptr, target) === true) return;
    if (!this.#blocks.canBeBlock(ptr)) throw corrupted('stored pointer', 'that of a block', ptr);
    this.#heap.read(ptr + TAG_SIZE, target);
  }

  #readSlot(address: StablePtr, size: number): Uint8Array {
    const slot = new Uint8Array(size);
    this.readBytes(address, slot);
    return slot;
  }
}
