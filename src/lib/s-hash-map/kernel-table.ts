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
 * There is such a line for maps whose heap has one.
 *
 * Source: `src/kernel/assembly/hash/operations.ts` is the other side, and has the tables.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import type { KernelHeap } from '../allocator/kernel-heap.js';
import { OutOfMemoryError } from '../allocator/out-of-memory.js';
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
  /** Whether the handle may be used; what is wrong otherwise, TypeScript says. */
  isUsable(): boolean;
  /** Makes room for another entry. Throws `OUT_OF_MEMORY`. */
  grow(): void;
}

export class KernelTable<K, V, H> {
  readonly #map: LinedMap<K, V, H>;
  readonly #heap: KernelHeap;
  readonly #kernel: Kernel;
  readonly #serial: number;
  /** Handle of the heap and address of the map, where they stand in an argument. */
  readonly #address: number;

  private constructor(map: LinedMap<K, V, H>, heap: KernelHeap) {
    this.#map = map;
    this.#heap = heap;
    this.#kernel = heap.kernel;
    this.#serial = map.serial;
    this.#address = heap.handle * HANDLE + map.ptr + (map.keySlots.areBoxed ? BOXED : 0);
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
      const result = this.#ask(FIND, this.#stageKey(key));
      if (result === LEFT_TO_TYPESCRIPT) return FALL_BACK;
      if (result !== DONE) return undefined;
      const { allocator, valueType } = this.#map;
      return valueType.view(allocator, kernel.staging, 0);
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
   * Gives a key a value. Returns the old plain one, whose memory is free. Throws `OUT_OF_MEMORY`,
   * and what the codecs throw: nothing has changed then.
   */
  insert(key: K, value: V): V | undefined | FallBack {
    const { allocator, valueType } = this.#map;
    if (valueType.ownsBlocks) return this.#insertOwner(key, value);
    const fill = (offset: number): void =>
      valueType.store(allocator, value, this.#kernel.staging, offset);
    return this.#insert(key, fill, (result) =>
      result === DONE ? valueType.load(allocator, this.#kernel.staging, 0) : undefined,
    );
  }

  /** Adds a key whose value is nothing. Says whether it is new. Throws as {@link insert} does. */
  add(key: K): boolean | FallBack {
    return this.#insert(
      key,
      () => undefined,
      (result) => result === ABSENT,
    );
  }

  /** Removes a key, frees its block, and returns the slot of its value. */
  unlink(key: K): Uint8Array | undefined | FallBack {
    const result = this.#withKey(REMOVE, key);
    if (result === DONE) this.#heap.changed();
    return this.#slotOf(result);
  }

  /** Removes a key. Returns its plain value, whose memory is free. Throws `CORRUPTED`. */
  remove(key: K): V | undefined | FallBack {
    const { allocator, valueType } = this.#map;
    const isRead = valueType.ownsBlocks;
    const found = isRead ? this.find(key) : this.unlink(key);
    if (found === undefined || found === FALL_BACK) return found;
    const value = valueType.load(allocator, found, 0);
    const slot = isRead ? this.unlink(key) : found;
    if (slot === undefined || slot === FALL_BACK) return FALL_BACK;
    valueType.drop(allocator, slot, 0);
    return value;
  }

  /** Copies all entries into a new table. False where that was left to TypeScript. */
  copyInto(address: StablePtr, capacity: number): boolean {
    const { operands } = this.#kernel;
    operands[NEW_TABLE] = address;
    operands[NEW_CAPACITY] = capacity;
    return this.#ask(COPY, 0) === DONE;
  }

  /** The value is stored first, and what it owns freed again where the kernel does not take it. */
  #insertOwner(key: K, value: V): V | undefined | FallBack {
    const { allocator, valueType } = this.#map;
    const found = this.find(key);
    if (found === FALL_BACK) return FALL_BACK;
    const old = found && valueType.load(allocator, found, 0);
    const slot = storeInSlot(allocator, valueType, value);
    const replaced = this.#insertSlot(key, slot);
    if (replaced === FALL_BACK) valueType.drop(allocator, slot, 0);
    else if (replaced !== undefined) valueType.drop(allocator, replaced, 0);
    return replaced === FALL_BACK ? FALL_BACK : old;
  }

  /** Gives a key what lies in a slot. Returns the old slot. */
  #insertSlot(key: K, slot: Uint8Array): Uint8Array | undefined | FallBack {
    try {
      const fill = (offset: number): void => this.#kernel.staging.set(slot, offset);
      return this.#insert(key, fill, (result) => this.#slotOf(result));
    } catch (error) {
      if (error instanceof OutOfMemoryError) return FALL_BACK;
      throw error;
    }
  }

  /** Inserts a value whose slot `fill` puts behind the key; `answer` reads what was there. */
  #insert<T>(key: K, fill: (offset: number) => void, answer: (result: number) => T): T | FallBack {
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return FALL_BACK;
    kernel.isStagingTaken = true;
    try {
      const keyLength = this.#stageKey(key);
      const end = keyLength + this.#map.valueType.size;
      if (keyLength < 0 || end > kernel.staging.length) return FALL_BACK;
      fill(keyLength);
      let result = this.#ask(INSERT, keyLength);
      if (result === ABSENT_AND_FULL) {
        this.#map.grow();
        result = this.#ask(INSERT, keyLength);
      }
      if (result !== DONE && result !== ABSENT) return FALL_BACK;
      this.#heap.changed();
      return answer(result);
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /** A request that needs nothing but a key. */
  #withKey(operation: number, key: K): number {
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return LEFT_TO_TYPESCRIPT;
    kernel.isStagingTaken = true;
    try {
      return this.#ask(operation, this.#stageKey(key));
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /** Puts a key into the staging area. Returns its length, or -1 where it has no room. */
  #stageKey(key: K): number {
    return this.#map.keySlots.encodeInto(key, this.#kernel.staging, 0);
  }

  /** Asks, unless the handle is of no use any more: that is for TypeScript to say. */
  #ask(operation: number, keyLength: number): number {
    if (keyLength < 0 || !this.#map.isUsable()) return LEFT_TO_TYPESCRIPT;
    const { operands } = this.#kernel;
    operands[SERIAL] = this.#serial;
    operands[KEY_LENGTH] = keyLength;
    return this.#kernel.ask(operation + this.#address);
  }

  /** What a result means where a slot is wanted. */
  #slotOf(result: number): Uint8Array | undefined | FallBack {
    if (result === LEFT_TO_TYPESCRIPT) return FALL_BACK;
    return result === DONE ? this.#kernel.staging.slice(0, this.#map.valueType.size) : undefined;
  }
}
