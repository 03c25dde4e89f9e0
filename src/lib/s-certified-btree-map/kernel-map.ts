/**
 * A certified map's line to the kernel, which does the operations on single keys, the commit and
 * the witness of a key by itself: one request each. The bytes in memory are the same as if
 * `radix-tree.ts` and `rehash.ts` had done it.
 *
 * The kernel does what is certain, and leaves to TypeScript what it does not expect: then an
 * operation here returns {@link FALL_BACK}, and nothing has happened. It reads the map's header in
 * every operation, and knows by the serial number that it is still this map's.
 *
 * There is such a line for maps whose heap has one, see `allocator/kernel-heap.ts`.
 *
 * Source: `src/kernel/assembly/certified/operations.ts` is the other side, and has the tables.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import { TAGS_SIZE, paddedSize, type StablePtr } from '../allocator/free-block.js';
import type { KernelHeap } from '../allocator/kernel-heap.js';
import { FALL_BACK, type FallBack } from '../btree-map/kernel-tree.js';
import { placing, sizesOf, type Placing, type SizeRange } from '../placing.js';
import { writeU32BigEndian } from '../bytes.js';
import type { Codec } from '../codec.js';
import { ARGUMENT_LIMIT, type Kernel } from '../kernel-client.js';
import { blockSize } from './entry-block.js';

const GET = 81 * ARGUMENT_LIMIT;
const CONTAINS = 82 * ARGUMENT_LIMIT;
const INSERT = 83 * ARGUMENT_LIMIT;
const REMOVE = 84 * ARGUMENT_LIMIT;
const COMMIT = 85 * ARGUMENT_LIMIT;
const WITNESS = 86 * ARGUMENT_LIMIT;
const INSERT_MANY = 87 * ARGUMENT_LIMIT;
const REMOVE_MANY = 88 * ARGUMENT_LIMIT;

/** In an argument the length of the key comes lowest, then that of the value, then the handle. */
const LENGTH_LIMIT = 2 ** 18;
const HANDLE = LENGTH_LIMIT ** 2;

/** Added to where a key begins, where nobody wants the old value. */
const WITHOUT_OLD = 2 ** 20;

const ABSENT = -1;
const LEFT_TO_TYPESCRIPT = -2;
const NO_BLOCK = -3;

/** In front of each of many entries: the sizes of key and value. */
const VALUE_SIZE_OFFSET = 4;
const KEY_OFFSET = 8;

export class KernelMap<K, V> {
  readonly #allocator: StableMemoryAllocator;
  readonly #heap: KernelHeap;
  readonly #kernel: Kernel;
  readonly #staging: Uint8Array;
  readonly #handle: number;
  readonly #ptr: StablePtr;
  readonly #serial: number;
  readonly #keys: Placing<K>;
  readonly #values: Placing<V>;
  readonly #keySizes: SizeRange;
  readonly #valueSizes: SizeRange;

  /** PRECONDITION: a map with this serial number has its header block at `ptr`. */
  constructor(
    allocator: StableMemoryAllocator,
    heap: KernelHeap,
    ptr: StablePtr,
    serial: number,
    keys: Codec<K>,
    values: Codec<V>,
  ) {
    this.#allocator = allocator;
    this.#heap = heap;
    this.#kernel = heap.kernel;
    this.#staging = heap.kernel.staging;
    this.#handle = heap.handle * HANDLE;
    this.#ptr = ptr;
    this.#serial = serial;
    this.#keys = placing(keys);
    this.#values = placing(values);
    this.#keySizes = sizesOf(keys.bound);
    this.#valueSizes = sizesOf(values.bound);
  }

  /** See `SCertifiedBTreeMap.get`. */
  get(key: K): V | undefined | FallBack {
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return FALL_BACK;
    kernel.isStagingTaken = true;
    try {
      const size = this.#stageKey(key, 0);
      if (size < 0) return FALL_BACK;
      const result = this.#ask(GET + size, 0);
      if (result >= 0) return this.#values.decodeAt(this.#staging, 0, result);
      return result === ABSENT ? undefined : FALL_BACK;
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /** See `SCertifiedBTreeMap.containsKey`. */
  containsKey(key: K): boolean | FallBack {
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return FALL_BACK;
    kernel.isStagingTaken = true;
    try {
      const size = this.#stageKey(key, 0);
      if (size < 0) return FALL_BACK;
      const result = this.#ask(CONTAINS + size, 0);
      return result === LEFT_TO_TYPESCRIPT ? FALL_BACK : result !== ABSENT;
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /** See `SCertifiedBTreeMap.insert`. `undefined` for the old value where nobody wants it. */
  insert(key: K, value: V, wantsOld: boolean): V | undefined | FallBack {
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return FALL_BACK;
    kernel.isStagingTaken = true;
    try {
      const keySize = this.#stageKey(key, 0);
      const valueSize = keySize < 0 ? -1 : this.#stageValue(value, keySize);
      if (valueSize < 0) return FALL_BACK;
      const request = INSERT + keySize + valueSize * LENGTH_LIMIT;
      const room = blockSize(keySize, valueSize);
      const result = this.#insert(request, room, wantsOld ? 0 : WITHOUT_OLD);
      if (result === LEFT_TO_TYPESCRIPT) return FALL_BACK;
      return result < 0 || !wantsOld ? undefined : this.#values.decodeAt(this.#staging, 0, result);
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /**
   * See `SCertifiedBTreeMap.insertMany`: all of them, or nothing has happened. Entries that do not
   * fit the staging area together go one by one, when it is sure that nothing can go wrong.
   */
  insertMany(entries: readonly (readonly [K, V])[]): number | FallBack {
    return this.#kernel.withStaging(() => this.#insertMany(entries)) ?? FALL_BACK;
  }

  /** See `SCertifiedBTreeMap.removeMany`: all of them, or nothing has happened. */
  removeMany(keys: readonly K[]): number | FallBack {
    return this.#kernel.withStaging(() => this.#removeMany(keys)) ?? FALL_BACK;
  }

  /** See `SCertifiedBTreeMap.remove`. As for {@link insert}; `true` in place of an old value. */
  remove(key: K, wantsOld: boolean): V | true | undefined | FallBack {
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return FALL_BACK;
    kernel.isStagingTaken = true;
    try {
      const size = this.#stageKey(key, 0);
      if (size < 0) return FALL_BACK;
      const result = this.#ask(REMOVE + size, wantsOld ? 0 : WITHOUT_OLD);
      if (result < 0) return result === ABSENT ? undefined : FALL_BACK;
      this.#heap.changed();
      return wantsOld ? this.#values.decodeAt(this.#staging, 0, result) : true;
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /** See `SCertifiedBTreeMap.commit`. Of an empty map it is left to TypeScript. */
  commit(): Uint8Array | FallBack {
    const result = this.#ask(COMMIT, 0);
    // Some hashes may be known now, also where the rest was left to TypeScript.
    this.#heap.changed();
    return result < 0 ? FALL_BACK : this.#kernel.takeBytes();
  }

  /** The witness of a key in CBOR. Of one that is not there it is left to TypeScript. */
  witness(key: K): Uint8Array | FallBack {
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return FALL_BACK;
    kernel.isStagingTaken = true;
    try {
      const size = this.#stageKey(key, 0);
      if (size < 0 || this.#ask(WITNESS + size, 0) < 0) return FALL_BACK;
      return kernel.takeBytes();
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  #insertMany(entries: readonly (readonly [K, V])[]): number | FallBack {
    let end = 0;
    let room = 0;
    for (const [key, value] of entries) {
      const start = end;
      end = this.#stageEntry(start, key, value);
      if (end < 0) return this.#insertOneByOne(entries);
      room += roomFor(end - start - KEY_OFFSET);
    }
    if (end === 0) return 0;
    const newCount = this.#insert(INSERT_MANY + end, room, 0);
    return newCount < 0 ? FALL_BACK : newCount;
  }

  /** First all are encoded, so that a wrong one is found; room is made for them in one piece. */
  #insertOneByOne(entries: readonly (readonly [K, V])[]): number | FallBack {
    let room = 0;
    for (const [key, value] of entries) {
      const end = this.#stageEntry(0, key, value);
      if (end < 0) return FALL_BACK;
      room += roomFor(end - KEY_OFFSET);
    }
    if (!this.#allocator.makeSureCanAllocate(room)) return FALL_BACK;
    let newCount = 0;
    for (const [key, value] of entries) {
      const result = this.#ask(INSERT_MANY + this.#stageEntry(0, key, value), 0, 0);
      // Only in a damaged heap: TypeScript inserts all of them again, and says what is wrong.
      if (result < 0) newCount = NaN;
      newCount += result;
    }
    this.#heap.changed();
    return Number.isNaN(newCount) ? FALL_BACK : newCount;
  }

  #removeMany(keys: readonly K[]): number | FallBack {
    let end = 0;
    for (const key of keys) {
      end = this.#stageKeyAlone(end, key);
      if (end < 0) return FALL_BACK;
    }
    if (end === 0) return 0;
    const count = this.#ask(REMOVE_MANY + end, 0);
    this.#heap.changed();
    return count < 0 ? FALL_BACK : count;
  }

  /** As {@link #ask}, and once more where the heap had to grow to have `room` for a block. */
  #insert(request: number, room: number, wanted: number): number {
    let result = this.#ask(request, wanted, room);
    if (result === NO_BLOCK) {
      if (!this.#allocator.makeSureCanAllocate(room)) return LEFT_TO_TYPESCRIPT;
      result = this.#ask(request, wanted, room);
    }
    if (result > LEFT_TO_TYPESCRIPT) this.#heap.changed();
    return result === NO_BLOCK ? LEFT_TO_TYPESCRIPT : result;
  }

  /** Encodes an entry with its sizes in front; returns where it ends, or -1. */
  #stageEntry(start: number, key: K, value: V): number {
    const keyEnd = this.#stageKeyAlone(start, key);
    if (keyEnd < 0) return -1;
    const size = this.#stageValue(value, keyEnd);
    if (size < 0) return -1;
    writeU32BigEndian(this.#staging, start + VALUE_SIZE_OFFSET, size);
    return keyEnd + size;
  }

  /** As {@link #stageEntry}, for a key without a value. */
  #stageKeyAlone(start: number, key: K): number {
    const staging = this.#staging;
    const keyStart = start + KEY_OFFSET;
    if (keyStart > staging.length) return -1;
    const size = this.#stageKey(key, keyStart);
    if (size < 0) return -1;
    writeU32BigEndian(staging, start, size);
    writeU32BigEndian(staging, start + VALUE_SIZE_OFFSET, 0);
    return keyStart + size;
  }

  /** Encodes a key; returns its size, or -1 for what is left to TypeScript. */
  #stageKey(key: K, offset: number): number {
    const size = this.#keys.encodeInto(key, this.#staging, offset) - offset;
    return size < this.#keySizes.min || size > this.#keySizes.max ? -1 : size;
  }

  #stageValue(value: V, offset: number): number {
    const size = this.#values.encodeInto(value, this.#staging, offset) - offset;
    return size < this.#valueSizes.min || size > this.#valueSizes.max ? -1 : size;
  }

  #ask(request: number, wanted: number, room = -1): number {
    const { operands } = this.#kernel;
    operands[0] = this.#ptr;
    operands[1] = this.#serial;
    operands[2] = wanted;
    if (room >= 0) operands[3] = room;
    return this.#kernel.ask(request + this.#handle);
  }
}

/** Bytes that a block for key and value takes of the heap, tags included. */
function roomFor(size: number): number {
  return TAGS_SIZE + paddedSize(blockSize(size, 0));
}
