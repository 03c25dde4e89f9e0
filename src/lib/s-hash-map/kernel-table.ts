/**
 * A map's line to the kernel, which does whole operations in Wasm: one request, and it hashes the
 * key, walks the table, compares keys, moves entries, and writes table and header. The bytes are
 * the same as if TypeScript had done it.
 *
 *     key, slot of the value ──► encoded into the staging area ──► one request ──► the slot there
 *
 * The kernel does what is certain and leaves the rest to TypeScript: what it does not expect, what
 * does not fit the staging area, heaps that must grow. Then an operation here answers
 * {@link FALL_BACK}, and nothing has happened. Of values it sees only the slots: what these own is
 * stored before, and freed behind.
 *
 * There is such a line for maps whose heap has one. Code that runs for every entry is written out:
 * in an interpreter a call costs as much as what most functions here would do.
 *
 * Source: `src/kernel/assembly/hash/operations.ts` is the other side, and has the tables.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import type { KernelHeap } from '../allocator/kernel-heap.js';
import { OutOfMemoryError, rejecting } from '../allocator/out-of-memory.js';
import type { Placing } from '../placing.js';
import { ARGUMENT_LIMIT, type Kernel } from '../kernel-client.js';
import { storeInSlot, type StableType } from '../ownership/stable-type.js';
import type { KeySlots } from './key-slots.js';

const FIND = 90 * ARGUMENT_LIMIT;
const INSERT = 91 * ARGUMENT_LIMIT;
const REMOVE = 92 * ARGUMENT_LIMIT;
const COPY = 93 * ARGUMENT_LIMIT;

/** In an argument the address of the header comes lowest, then the handle of the heap. */
const HANDLE = 2 ** 40;
/** The lowest bit of an address says whether keys lie in blocks of their own. */
const BOXED = 1;

const SERIAL = 0;
const KEY_LENGTH = 1;
const NEW_TABLE = 2;
const NEW_CAPACITY = 3;

const DONE = 0;
const ABSENT = -1;
const LEFT_TO_TYPESCRIPT = -2;
const ABSENT_AND_FULL = -3;

/** The kernel has not done it, and nothing has happened: it is to be done in TypeScript. */
export const FALL_BACK: unique symbol = Symbol('fall back');
export type FallBack = typeof FALL_BACK;

/** What a line must know of its map. */
export interface LinedMap<K, V, H> {
  readonly allocator: StableMemoryAllocator;
  readonly ptr: StablePtr;
  readonly serial: number;
  readonly keySlots: KeySlots<K>;
  readonly valueType: StableType<V, H>;
  /** The codec of values that are their slots, where there is one. */
  readonly valueCodec: Placing<V> | undefined;
  /** Makes room for another entry. Throws `OUT_OF_MEMORY`: nothing has changed. */
  grow(): void;
}

export class KernelTable<K, V, H> {
  readonly #map: LinedMap<K, V, H>;
  readonly #allocator: StableMemoryAllocator;
  readonly #heap: KernelHeap;
  readonly #kernel: Kernel;
  readonly #staging: Uint8Array;
  readonly #operands: Float64Array;
  readonly #keys: Placing<K>;
  readonly #keySizeMin: number;
  readonly #keySizeMax: number;
  readonly #areKeysBoxed: boolean;
  readonly #values: Placing<V>;
  readonly #valueSize: number;
  readonly #serial: number;
  /** Handle of the heap and address of the map, where they stand in an argument. */
  readonly #address: number;

  private constructor(map: LinedMap<K, V, H>, heap: KernelHeap) {
    const { keySlots, valueType } = map;
    this.#map = map;
    this.#allocator = map.allocator;
    this.#heap = heap;
    this.#kernel = heap.kernel;
    this.#staging = heap.kernel.staging;
    this.#operands = heap.kernel.operands;
    this.#keys = keySlots.placing;
    this.#keySizeMin = keySlots.sizes.min;
    this.#keySizeMax = keySlots.sizes.max;
    this.#areKeysBoxed = keySlots.areBoxed;
    this.#values = map.valueCodec ?? placingOf(map);
    this.#valueSize = valueType.size;
    this.#serial = map.serial;
    this.#address = heap.handle * HANDLE + map.ptr + (keySlots.areBoxed ? BOXED : 0);
  }

  /** A line for a map, or `undefined` where the kernel cannot serve it. */
  static open<K, V, H>(map: LinedMap<K, V, H>): KernelTable<K, V, H> | undefined {
    const heap = map.allocator.kernelHeap;
    return heap === undefined || map.ptr >= HANDLE ? undefined : new KernelTable(map, heap);
  }

  /** What reading the value of a key gives. */
  get(key: K): H | undefined | FallBack {
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return FALL_BACK;
    kernel.isStagingTaken = true;
    try {
      const keyLength = this.#keys.encodeInto(key, this.#staging, 0);
      const result = this.#ask(FIND, keyLength);
      if (result === DONE)
        return this.#values.decodeAt(this.#staging, 0, this.#valueSize) as unknown as H;
      return result === LEFT_TO_TYPESCRIPT ? FALL_BACK : undefined;
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /** Whether there is such a key. */
  containsKey(key: K): boolean | FallBack {
    const result = this.#withKey(FIND, key);
    return result === LEFT_TO_TYPESCRIPT ? FALL_BACK : result === DONE;
  }

  /** A copy of the slot of the value of a key. */
  find(key: K): Uint8Array | undefined | FallBack {
    return this.#slotOf(this.#withKey(FIND, key));
  }

  /**
   * Gives a key a value. Returns the old plain one, whose memory is free. Throws what the codecs
   * throw: nothing has changed then.
   */
  insert(key: K, value: V): V | undefined | FallBack {
    if (this.#map.valueType.ownsBlocks) return this.#insertOwner(key, value);
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return FALL_BACK;
    kernel.isStagingTaken = true;
    try {
      const staging = this.#staging;
      const keyLength = this.#keys.encodeInto(key, staging, 0);
      const end = keyLength + this.#valueSize;
      if (keyLength < 0 || end > staging.length) return FALL_BACK;
      if (this.#values.encodeInto(value, staging, keyLength) !== end) return FALL_BACK;
      const result = this.#askToInsert(keyLength);
      if (result === DONE) return this.#values.decodeAt(staging, 0, this.#valueSize);
      return result === ABSENT ? undefined : FALL_BACK;
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /** Gives a key what lies in a slot. Returns the old slot. */
  insertSlot(key: K, slot: Uint8Array): Uint8Array | undefined | FallBack {
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return FALL_BACK;
    kernel.isStagingTaken = true;
    try {
      const keyLength = this.#keys.encodeInto(key, this.#staging, 0);
      if (keyLength < 0 || keyLength + slot.length > this.#staging.length) return FALL_BACK;
      this.#staging.set(slot, keyLength);
      return this.#slotOf(this.#askToInsert(keyLength));
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /** Removes a key, frees its block, and returns the slot of its value. */
  unlink(key: K): Uint8Array | undefined | FallBack {
    const result = this.#withKey(REMOVE, key);
    if (result === DONE) this.#changed();
    return this.#slotOf(result);
  }

  /** Removes a key. Returns its plain value, whose memory is free. Throws `CORRUPTED`. */
  remove(key: K): V | undefined | FallBack {
    if (this.#map.valueType.ownsBlocks) return this.#removeOwner(key);
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return FALL_BACK;
    kernel.isStagingTaken = true;
    try {
      const keyLength = this.#keys.encodeInto(key, this.#staging, 0);
      const result = this.#ask(REMOVE, keyLength);
      if (result !== DONE) return result === ABSENT ? undefined : FALL_BACK;
      this.#changed();
      return this.#values.decodeAt(this.#staging, 0, this.#valueSize);
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /** Copies all entries into a new table. False where that was left to TypeScript. */
  copyInto(address: StablePtr, capacity: number): boolean {
    const operands = this.#operands;
    operands[SERIAL] = this.#serial;
    operands[NEW_TABLE] = address;
    operands[NEW_CAPACITY] = capacity;
    return this.#kernel.ask(COPY + this.#address) === DONE;
  }

  /** The value is stored first, and what it owns freed again where the kernel does not take it. */
  #insertOwner(key: K, value: V): V | undefined | FallBack {
    const { valueType } = this.#map;
    const allocator = this.#allocator;
    const found = this.find(key);
    if (found === FALL_BACK) return FALL_BACK;
    const old = found && valueType.load(allocator, found, 0);
    const slot = rejecting(value, () => storeInSlot(allocator, valueType, value));
    const replaced = this.insertSlot(key, slot);
    if (replaced === FALL_BACK) valueType.drop(allocator, slot, 0);
    else if (replaced !== undefined) valueType.drop(allocator, replaced, 0);
    return replaced === FALL_BACK ? FALL_BACK : old;
  }

  /** The value is read before it goes: where that throws, nothing has changed. */
  #removeOwner(key: K): V | undefined | FallBack {
    const { valueType } = this.#map;
    const found = this.find(key);
    if (found === undefined || found === FALL_BACK) return found;
    const value = valueType.load(this.#allocator, found, 0);
    const slot = this.unlink(key);
    if (slot === undefined || slot === FALL_BACK) return FALL_BACK;
    valueType.drop(this.#allocator, slot, 0);
    return value;
  }

  /** Inserts what is staged. {@link LEFT_TO_TYPESCRIPT} also where a full table cannot grow. */
  #askToInsert(keyLength: number): number {
    let result = this.#ask(INSERT, keyLength);
    if (result === ABSENT_AND_FULL) {
      result = hasGrown(this.#map) ? this.#ask(INSERT, keyLength) : LEFT_TO_TYPESCRIPT;
    }
    if (result === DONE || result === ABSENT) this.#changed();
    return result;
  }

  /** A request that needs nothing but a key. */
  #withKey(operation: number, key: K): number {
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return LEFT_TO_TYPESCRIPT;
    kernel.isStagingTaken = true;
    try {
      return this.#ask(operation, this.#keys.encodeInto(key, this.#staging, 0));
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /** Asks, unless the heap is closed or the key has no right size: that is for TypeScript. */
  #ask(operation: number, keyLength: number): number {
    if (keyLength < this.#keySizeMin || keyLength > this.#keySizeMax) return LEFT_TO_TYPESCRIPT;
    if (!this.#allocator.isUsable) return LEFT_TO_TYPESCRIPT;
    const operands = this.#operands;
    if (this.#areKeysBoxed) operands[KEY_LENGTH] = keyLength;
    operands[SERIAL] = this.#serial;
    return this.#kernel.ask(operation + this.#address);
  }

  /** Blocks are taken and freed for keys only. */
  #changed(): void {
    if (this.#areKeysBoxed) this.#heap.changed();
    else this.#heap.written();
  }

  /** What a result means where a slot is wanted. */
  #slotOf(result: number): Uint8Array | undefined | FallBack {
    if (result === DONE) return this.#staging.slice(0, this.#valueSize);
    return result === ABSENT || result === ABSENT_AND_FULL ? undefined : FALL_BACK;
  }
}

/** Whether a map found room for another table; where not, TypeScript tries again, and says so. */
function hasGrown(map: Pick<LinedMap<never, never, never>, 'grow'>): boolean {
  try {
    map.grow();
    return true;
  } catch (error) {
    if (error instanceof OutOfMemoryError) return false;
    throw error;
  }
}

/** Values of a type that has no codec, or whose values own something: reading gives a handle. */
function placingOf<V, H>({
  allocator,
  valueType,
}: Pick<LinedMap<never, V, H>, 'allocator' | 'valueType'>): Placing<V> {
  return {
    encodeInto: (value, target, offset) => {
      valueType.store(allocator, value, target, offset);
      return offset + valueType.size;
    },
    decodeAt: (bytes, start) => valueType.view(allocator, bytes, start) as unknown as V,
  };
}
