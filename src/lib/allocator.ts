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
 *     allocator/block-allocator.ts   the heap as blocks and bytes
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
import { BlockAllocator } from './allocator/block-allocator.js';
import type { StablePtr } from './allocator/free-block.js';
import { emptyHeap, encodeHeader, ROOTS_OFFSET } from './allocator/header.js';
import { configurationOf, type AllocatorOptions } from './allocator/options.js';
import { RootDirectory } from './allocator/root-directory.js';
import { Roots } from './allocator/roots.js';
import { verifyHeap, type HeapReport } from './allocator/verify.js';
import { Lease } from './lease.js';
import { assertEmpty, reserve, type Memory } from './memory.js';
import type { StableStructure } from './ownership/stable-structure.js';
import { storeInSlot, type StableType } from './ownership/stable-type.js';

const STRUCTURE = 'StableMemoryAllocator';

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
export class StableMemoryAllocator extends BlockAllocator {
  readonly #roots: Roots;
  /** Handles that own a structure which hangs off no root. */
  readonly owned = new Set<StableStructure>();

  private constructor(memory: Memory, lease: Lease) {
    super(memory, lease);
    this.#roots = new Roots(this, new RootDirectory(this.heap, this.rootCount));
    this.connect();
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
    return verifyHeap(this.heap, this.#roots.reachable());
  }

  /**
   * Frees everything at once: every block, every root. All handles are then of no use. The memory
   * keeps its pages. O(1).
   */
  clear(): void {
    const { lease, memory, state } = this.heap;
    const { nextSerial } = state;
    lease.change(() => {
      memory.write(0, encodeHeader(this.configuration));
      Object.assign(state, emptyHeap(), { nextSerial });
    });
    this.#roots.clear();
    this.owned.clear();
    this.blocks.absorbPages();
  }

  #readSlot(address: StablePtr, size: number): Uint8Array {
    const slot = new Uint8Array(size);
    this.readBytes(address, slot);
    return slot;
  }
}
