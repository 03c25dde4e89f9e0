/**
 * Many memories in one. A canister has a single stable memory, and a structure wants a memory of
 * its own: the manager cuts the one into *buckets* of equal size and deals them out to up to 255
 * *virtual memories*, each of which sees its buckets as one memory that grows.
 *
 *     const memory = MemoryManager.init(defaultMemory());
 *     const users = BTreeMap.init(memory.get(0), principal, text);
 *
 * Layout V1 (all numbers little-endian):
 *
 *     OFFSET   SIZE  FIELD
 *          0      3  magic "MGR"
 *          3      1  layout version = 1
 *          4      2  number of allocated buckets
 *          6      2  bucket size in pages
 *          8     32  reserved, zero
 *         40   2040  size in pages of virtual memory 0..254, 8 bytes each
 *       2080  32768  owner of bucket 0..32767, one byte each; 255 = nobody
 *      34848  30688  unused, up to the end of page 0
 *      65536         bucket 0; bucket b starts `b * bucket size` pages further on
 *
 * INVARIANT: the buckets of a virtual memory are ordered by ascending bucket number, because the
 * table says who owns a bucket and nothing else. So a freed bucket could not be reused at will,
 * and none is ever freed.
 *
 * In an Azle canister the same header serves Azle's own (Rust) manager, which has made it before
 * any JavaScript runs. Both keep it in RAM, so once ours is open, the other must not change it: the
 * kernel sees to that.
 *
 * After a refused grow nothing has changed. After a failed write (a file on a full disk) the
 * table may name an owner of a bucket that the header does not count; `load` ignores such bytes.
 *
 * Source: `specs/ic-stable-structures.md` section 2; crate module `memory_manager`.
 */
import { readU16, readU64, writeU16, writeU64 } from './bytes.js';
import { corrupted, StorageError } from './errors.js';
import { assertSize } from './guards.js';
import { holderOf, Lease } from './lease.js';
import { assertMagic, assertReservedZero, MAGIC_SIZE, writeMagic } from './magic.js';
import { assertEmpty, guardFirstPage, reserve, WASM_PAGE_SIZE, type Memory } from './memory.js';
import { Buckets } from './memory-manager/buckets.js';
import { VirtualMemory } from './memory-manager/virtual-memory.js';

const MAGIC = 'MGR';
const LAYOUT_VERSION = 1;

const BUCKET_COUNT_OFFSET = MAGIC_SIZE;
const BUCKET_SIZE_OFFSET = BUCKET_COUNT_OFFSET + 2;
const RESERVED_OFFSET = BUCKET_SIZE_OFFSET + 2;
const RESERVED_SIZE = 32;
const MEMORY_SIZES_OFFSET = RESERVED_OFFSET + RESERVED_SIZE;
const MEMORY_SIZE_SIZE = 8;
/** Virtual memories have the ids 0 to 254; 255 marks a bucket that nobody owns. */
export const MEMORY_COUNT_MAX = 255;
const TABLE_OFFSET = MEMORY_SIZES_OFFSET + MEMORY_COUNT_MAX * MEMORY_SIZE_SIZE;
/** With the default bucket size this is 256 GiB; ask for larger buckets to reach 500 GiB. */
export const BUCKET_COUNT_MAX = 32_768;
const UNOWNED = MEMORY_COUNT_MAX;
/** Buckets start on the page behind the header. */
const HEADER_SIZE_IN_PAGES = 1;

/** 8 MiB: every id that is used costs at least this much. */
export const DEFAULT_BUCKET_SIZE_IN_PAGES = 128;
const BUCKET_SIZE_IN_PAGES_MAX = 0xffff;

/** Where each field lies, for the test that compares the table above with the code. */
export const MEMORY_MANAGER_LAYOUT = {
  magic: 0,
  bucketCount: BUCKET_COUNT_OFFSET,
  bucketSize: BUCKET_SIZE_OFFSET,
  reserved: RESERVED_OFFSET,
  memorySizes: MEMORY_SIZES_OFFSET,
  table: TABLE_OFFSET,
  buckets: HEADER_SIZE_IN_PAGES * WASM_PAGE_SIZE,
} as const;

/** Choices that are made once, when a manager is created. */
export interface MemoryManagerOptions {
  /** Pages of 64 KiB in a bucket, 1 to 65,535; 128 unless told. Cannot be changed later. */
  readonly bucketSizeInPages?: number;
}

/** What one virtual memory takes. */
export interface MemoryUsage {
  readonly id: number;
  readonly sizeInPages: number;
  readonly bucketCount: number;
}

/**
 * Hands out virtual memories from one memory.
 *
 * @example
 * const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 16 });
 * const first = manager.get(0);
 * first.grow(1); // the manager takes one bucket of 16 pages
 */
export class MemoryManager {
  readonly #lease: Lease;
  readonly #memory: Memory;
  readonly #buckets: Buckets;
  readonly #sizesInPages: number[];
  /** One object for each id, so that a memory in use is known by its object. */
  readonly #handles = new Map<number, VirtualMemory>();

  private constructor(lease: Lease, memory: Memory, buckets: Buckets, sizesInPages: number[]) {
    this.#lease = lease;
    this.#memory = memory;
    this.#buckets = buckets;
    this.#sizesInPages = sizesInPages;
  }

  /**
   * Opens the manager in `memory`, or creates one where the memory is empty (0 pages).
   *
   * The bucket size of an existing manager comes from its header; the option counts only for a
   * new one. O(255 + buckets).
   *
   * Throws `BAD_MAGIC` for a memory that holds anything else, and leaves it as it is (the crate
   * would overwrite it); `UNSUPPORTED_VERSION`, `CORRUPTED`; `GROW_FAILED` without room.
   */
  static init(memory: Memory, options: MemoryManagerOptions = {}): MemoryManager {
    return memory.size() === 0 ? MemoryManager.create(memory, options) : MemoryManager.load(memory);
  }

  /**
   * Creates a manager in an empty memory of 0 pages. Throws `NOT_EMPTY` for any other, and
   * `GROW_FAILED` without room.
   */
  static create(memory: Memory, options: MemoryManagerOptions = {}): MemoryManager {
    const { bucketSizeInPages = DEFAULT_BUCKET_SIZE_IN_PAGES } = options;
    assertBucketSize(bucketSizeInPages);
    assertEmpty(memory);
    reserve(memory, TABLE_OFFSET + BUCKET_COUNT_MAX);
    memory.write(TABLE_OFFSET, new Uint8Array(BUCKET_COUNT_MAX).fill(UNOWNED));
    const header = new Uint8Array(TABLE_OFFSET);
    writeMagic(header, MAGIC, LAYOUT_VERSION);
    writeU16(header, BUCKET_SIZE_OFFSET, bucketSizeInPages);
    memory.write(0, header);
    return MemoryManager.load(memory);
  }

  /**
   * Opens an existing manager. Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED`, or
   * `MEMORY_IN_USE` where the memory has an open manager already, and never writes.
   */
  static load(memory: Memory): MemoryManager {
    return Lease.open('MemoryManager', [memory], (lease) => {
      const { buckets, sizesInPages } = readManager(memory);
      guardFirstPage(memory);
      return new MemoryManager(lease, memory, buckets, sizesInPages);
    });
  }

  /** Pages of 64 KiB in a bucket. */
  get bucketSizeInPages(): number {
    return this.#buckets.sizeInPages;
  }

  /**
   * The virtual memory with this id, 0 to 254: the same object each time. O(1). Throws
   * `RangeError` for another id.
   */
  get(id: number): VirtualMemory {
    this.#lease.assertUsable();
    assertSize('memory id', id, MEMORY_COUNT_MAX - 1);
    let handle = this.#handles.get(id);
    if (handle === undefined) {
      handle = this.#handleOf(id);
      this.#handles.set(id, handle);
    }
    return handle;
  }

  /** The virtual memories in use, by ascending id. O(255). */
  usage(): MemoryUsage[] {
    return this.#sizesInPages
      .map((sizeInPages, id) => ({ id, sizeInPages, bucketCount: this.#buckets.of(id).length }))
      .filter(({ sizeInPages, bucketCount }) => sizeInPages > 0 || bucketCount > 0);
  }

  #handleOf(id: number): VirtualMemory {
    return new VirtualMemory(this.#memory, this.#buckets.of(id), {
      bucketSize: this.#buckets.sizeInPages * WASM_PAGE_SIZE,
      firstBucketAddress: MEMORY_MANAGER_LAYOUT.buckets,
      sizeInPages: () => this.#sizesInPages[id]!,
      grow: (pages) => this.#grow(id, pages),
    });
  }

  /**
   * Gives the memory back, to be opened again; this manager and its virtual memories then refuse to
   * grow. Throws `MEMORY_IN_USE` while an open structure holds one of the virtual memories. O(255).
   */
  intoMemory(): Memory {
    for (const [id, handle] of this.#handles) {
      const holder = holderOf(handle);
      if (holder !== undefined) throw stillInUse(id, holder);
    }
    this.#lease.end();
    return this.#memory;
  }

  /**
   * Room first, then the table, then the header that makes it real: a refused grow is seen before
   * anything was written.
   */
  #grow(id: number, pages: number): number {
    const oldSize = this.#sizesInPages[id]!;
    const newSize = oldSize + assertSize('pages', pages);
    const needed = Math.ceil(newSize / this.#buckets.sizeInPages) - this.#buckets.of(id).length;
    const bucketCount = this.#buckets.count + Math.max(needed, 0);
    const basePages = this.#memory.size();
    if (bucketCount > BUCKET_COUNT_MAX || !this.#growBase(bucketCount)) return -1;
    this.#lease.change(() => {
      this.#wipe(this.#endOf(this.#buckets.count), Math.min(basePages, this.#endOf(bucketCount)));
      if (needed > 0) {
        this.#memory.write(TABLE_OFFSET + this.#buckets.count, new Uint8Array(needed).fill(id));
        this.#buckets.allocate(id, needed);
      }
      this.#sizesInPages[id] = newSize;
      this.#publish(id);
    });
    return oldSize;
  }

  /** Makes the base hold `bucketCount` buckets; false where there is no room. */
  #growBase(bucketCount: number): boolean {
    this.#lease.assertUsable();
    const missing = this.#endOf(bucketCount) - this.#memory.size();
    return missing <= 0 || this.#memory.grow(missing) >= 0;
  }

  /** What lay in pages before they became ours must not be seen: grow promises zeros. */
  #wipe(firstPage: number, endPage: number): void {
    for (let page = firstPage; page < endPage; page++) {
      this.#memory.write(page * WASM_PAGE_SIZE, new Uint8Array(WASM_PAGE_SIZE));
    }
  }

  /** The page behind so many buckets. */
  #endOf(bucketCount: number): number {
    return HEADER_SIZE_IN_PAGES + bucketCount * this.#buckets.sizeInPages;
  }

  #publish(id: number): void {
    const count = new Uint8Array(2);
    writeU16(count, 0, this.#buckets.count);
    const size = new Uint8Array(MEMORY_SIZE_SIZE);
    writeU64(size, 0, this.#sizesInPages[id]!);
    this.#memory.write(BUCKET_COUNT_OFFSET, count);
    this.#memory.write(MEMORY_SIZES_OFFSET + id * MEMORY_SIZE_SIZE, size);
  }
}

function assertBucketSize(pages: number): void {
  assertSize('bucketSizeInPages', pages, BUCKET_SIZE_IN_PAGES_MAX);
  if (pages === 0) throw new RangeError('bucketSizeInPages: expected at least 1, got 0');
}

/** What the header and the table say. Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED`. */
function readManager(memory: Memory): { buckets: Buckets; sizesInPages: number[] } {
  if (memory.size() < HEADER_SIZE_IN_PAGES) throw corrupted('memory size in pages', 1, 0);
  const header = new Uint8Array(TABLE_OFFSET);
  memory.read(0, header);
  assertMagic(header, MAGIC, LAYOUT_VERSION);
  assertReservedZero('memory manager', header, RESERVED_OFFSET, RESERVED_SIZE);
  const bucketSizeInPages = readU16(header, BUCKET_SIZE_OFFSET);
  if (bucketSizeInPages === 0) throw corrupted('bucket size in pages', 'at least 1', 0);
  const bucketCount = readU16(header, BUCKET_COUNT_OFFSET);
  if (bucketCount > BUCKET_COUNT_MAX) {
    throw corrupted('bucket count', `at most ${BUCKET_COUNT_MAX}`, bucketCount);
  }
  const owners = new Uint8Array(bucketCount);
  memory.read(TABLE_OFFSET, owners);
  const buckets = new Buckets(bucketSizeInPages, owners);
  const sizesInPages = Array.from({ length: MEMORY_COUNT_MAX }, (_, id) =>
    readU64(header, MEMORY_SIZES_OFFSET + id * MEMORY_SIZE_SIZE),
  );
  assertBacked(memory, buckets, sizesInPages);
  return { buckets, sizesInPages };
}

/** Every size must be backed by buckets, and every bucket by pages, before arithmetic uses them. */
function assertBacked(memory: Memory, buckets: Buckets, sizesInPages: readonly number[]): void {
  const pagesNeeded = HEADER_SIZE_IN_PAGES + buckets.count * buckets.sizeInPages;
  if (memory.size() < pagesNeeded) {
    throw corrupted('memory size in pages', `at least ${pagesNeeded}`, memory.size());
  }
  sizesInPages.forEach((sizeInPages, id) => {
    const backed = buckets.of(id).length * buckets.sizeInPages;
    if (sizeInPages > backed) {
      throw corrupted(`size in pages of virtual memory ${id}`, `at most ${backed}`, sizeInPages);
    }
  });
}

function stillInUse(id: number, holder: string): StorageError {
  return new StorageError(
    'MEMORY_IN_USE',
    `virtual memory ${id} is held by an open ${holder}. Close that first with intoMemory().`,
    { id, holder },
  );
}
