/**
 * A map's line to the kernel, which has an engine of its own for the operations on single keys. It
 * does them whole, in Wasm: reads the nodes, searches, edits, splits and merges them, and writes
 * what has changed. The bytes in memory are the same as if the TypeScript engine had done it.
 *
 *     key, value ──► encoded into the staging area ──► one request ──► the reply, decoded there
 *
 * The kernel does what is certain, and leaves to TypeScript what it does not expect: damaged bytes,
 * values beyond the staging area. Then an operation here returns {@link FALL_BACK}, and nothing has
 * happened. Each of the two engines sees what the other has changed: the kernel reads the headers
 * in every operation, and {@link Tree} reads them anew after a change of the kernel's.
 *
 * There is such a line for maps in stable memory, in layout V2, whose order the kernel can be told:
 * that of all codecs of this library.
 *
 * Source: `src/kernel/assembly/tree/operations.ts` is the other side, and has the tables.
 */
import { putBytes, type Codec, type KeyCodec } from '../codec.js';
import { ARGUMENT_LIMIT, type Kernel } from '../kernel-client.js';
import type { Tenure } from '../lease.js';
import { reserve, WASM_PAGE_SIZE } from '../memory.js';
import { orderProgramOf } from '../order-program.js';
import { EntryTable } from './entry-table.js';
import { INSERT_MANY, KernelBatches, REMOVE_MANY } from './kernel-batches.js';
import { LENGTH_LIMIT, type KernelSeat } from './kernel-seat.js';
import { Lookup } from './lookup.js';
import { placing, sizesOf, type Placing, type SizeRange } from '../placing.js';
import type { Tree } from './tree.js';

const GET = 15 * ARGUMENT_LIMIT;
const CONTAINS = 16 * ARGUMENT_LIMIT;
const INSERT = 17 * ARGUMENT_LIMIT;
const REMOVE = 18 * ARGUMENT_LIMIT;
const POP_FIRST = 19 * ARGUMENT_LIMIT;
const POP_LAST = 20 * ARGUMENT_LIMIT;

/** Results that are no lengths; what is below asks for pages. */
const ABSENT = -1;
const LEFT_TO_TYPESCRIPT = -2;
const ABSENT_AND_CHANGED = -3;

/** The kernel has not done it, and nothing has happened: it is to be done in TypeScript. */
export const FALL_BACK: unique symbol = Symbol('fall back');
export type FallBack = typeof FALL_BACK;

export class KernelTree<K, V> {
  readonly #tree: Tree;
  readonly #tenure: Tenure;
  readonly #keys: Placing<K>;
  readonly #values: Placing<V>;
  readonly #keySizes: SizeRange;
  readonly #valueSizes: SizeRange;
  readonly #kernel: Kernel;
  readonly #staging: Uint8Array;
  readonly #seat: KernelSeat;
  /** Its handle, where it stands in an argument. */
  readonly #handle: number;
  readonly #makeLookup: () => Lookup<K, V>;
  #lookup: Lookup<K, V> | undefined;

  private constructor(tree: Tree, keys: Codec<K>, values: Codec<V>, seat: KernelSeat) {
    this.#tree = tree;
    this.#tenure = tree.tenure;
    this.#keys = placing(keys);
    this.#values = placing(values);
    this.#keySizes = sizesOf(keys.bound);
    this.#valueSizes = sizesOf(values.bound);
    this.#kernel = seat.kernel;
    this.#staging = seat.kernel.staging;
    this.#seat = seat;
    this.#handle = seat.handle;
    this.#makeLookup = () =>
      new Lookup(keys, values, this.#staging, (table) =>
        this.#tenure.isUsable ? this.batches().getMany(table) : LEFT_TO_TYPESCRIPT,
      );
  }

  /** A line for this tree, or `undefined` where the kernel cannot serve it. */
  static open<K, V>(tree: Tree, keys: KeyCodec<K>, values: Codec<V>): KernelTree<K, V> | undefined {
    const { format, pageSize } = tree.store;
    if (format.slots !== undefined) return undefined;
    const order = orderProgramOf(keys.order);
    if (order === undefined) return undefined;
    const seat = tree.openSeat({ pageSize, keySize: format.keySize, order });
    if (seat === undefined) return undefined;
    tree.afterChange = () => {
      seat.catchUp();
    };
    return new KernelTree(tree, keys, values, seat);
  }

  /** The kernel may forget the map. */
  close(): void {
    this.#seat.leave();
  }

  /** See `BTreeMap.get`. */
  get(key: K): V | undefined | FallBack {
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return FALL_BACK;
    kernel.isStagingTaken = true;
    try {
      const staging = this.#staging;
      const keyLength = this.#keys.encodeInto(key, staging, 0);
      if (keyLength < 0 || !this.#tenure.isUsable) return FALL_BACK;
      const result = this.#kernel.ask(GET + this.#handle + keyLength);
      if (result >= 0) return this.#values.decodeAt(staging, 0, result);
      return result === ABSENT ? undefined : this.#fallBack();
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /** See `BTreeMap.getMany`. What the kernel does not do comes from `getOne`. */
  getMany(keys: readonly K[], getOne: (key: K) => V | undefined): (V | undefined)[] {
    const fallBack = (key: K) => {
      if (this.#tenure.isUsable) this.#fallBack();
      return getOne(key);
    };
    const found = this.#kernel.withStaging(() => {
      this.#lookup ??= this.#makeLookup();
      return this.#lookup.getMany(keys, fallBack);
    });
    return found ?? keys.map((key) => getOne(key));
  }

  /** See `BTreeMap.containsKey`. */
  containsKey(key: K): boolean | FallBack {
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return FALL_BACK;
    kernel.isStagingTaken = true;
    try {
      const keyLength = this.#keys.encodeInto(key, this.#staging, 0);
      if (keyLength < 0 || !this.#tenure.isUsable) return FALL_BACK;
      const result = this.#kernel.ask(CONTAINS + this.#handle + keyLength);
      if (result >= 0) return true;
      return result === ABSENT ? false : this.#fallBack();
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /**
   * See `BTreeMap.insert`. What is no right size falls back, and there is refused. `undefined` for
   * the old value where nobody wants it.
   */
  insert(key: K, value: V, wantsOld = true): V | undefined | FallBack {
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return FALL_BACK;
    kernel.isStagingTaken = true;
    try {
      const staging = this.#staging;
      const keySizes = this.#keySizes;
      const keyLength = this.#keys.encodeInto(key, staging, 0);
      if (keyLength < keySizes.min || keyLength > keySizes.max) return FALL_BACK;
      const valueSizes = this.#valueSizes;
      const valueLength = this.#values.encodeInto(value, staging, keyLength) - keyLength;
      if (valueLength < valueSizes.min || valueLength > valueSizes.max) return FALL_BACK;
      if (!this.#tenure.isUsable) return FALL_BACK;
      const result = this.#insertStaged(keyLength, valueLength);
      if (result === LEFT_TO_TYPESCRIPT) return this.#fallBack();
      return result < 0 || !wantsOld ? undefined : this.#values.decodeAt(staging, 0, result);
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /** As {@link insert}, of what is encoded and checked; the old value comes encoded, too. */
  insertEncoded(key: Uint8Array, value: Uint8Array): Uint8Array | undefined | FallBack {
    if (this.#kernel.isStagingTaken) return FALL_BACK;
    const staging = this.#staging;
    const keyLength = putBytes(key, staging, 0);
    if (keyLength < 0 || putBytes(value, staging, keyLength) < 0) return FALL_BACK;
    if (!this.#tenure.isUsable) return FALL_BACK;
    const result = this.#insertStaged(keyLength, value.length);
    if (result === LEFT_TO_TYPESCRIPT) return this.#fallBack();
    return result < 0 ? undefined : staging.slice(0, result);
  }

  /** See `BTreeMap.remove`. */
  remove(key: K): V | undefined | FallBack {
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return FALL_BACK;
    kernel.isStagingTaken = true;
    try {
      const staging = this.#staging;
      const keyLength = this.#keys.encodeInto(key, staging, 0);
      if (keyLength < 0 || !this.#tenure.isUsable) return FALL_BACK;
      const result = this.#change(REMOVE + this.#handle + keyLength);
      if (result === LEFT_TO_TYPESCRIPT) return this.#fallBack();
      if (result === ABSENT) return undefined;
      this.#tree.changedByKernel(result < 0 ? 0 : -1);
      return result < 0 ? undefined : this.#values.decodeAt(staging, 0, result);
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /** As {@link remove}, of a key that is encoded; the value comes encoded, too. */
  removeEncoded(key: Uint8Array): Uint8Array | undefined | FallBack {
    if (this.#kernel.isStagingTaken || putBytes(key, this.#staging, 0) < 0) return FALL_BACK;
    if (!this.#tenure.isUsable) return FALL_BACK;
    const result = this.#change(REMOVE + this.#handle + key.length);
    if (result === LEFT_TO_TYPESCRIPT) return this.#fallBack();
    if (result === ABSENT) return undefined;
    this.#tree.changedByKernel(result < 0 ? 0 : -1);
    return result < 0 ? undefined : this.#staging.slice(0, result);
  }

  /** See `BTreeMap.popFirst`. */
  popFirst(): [K, V] | undefined | FallBack {
    return this.#pop(POP_FIRST);
  }

  /** See `BTreeMap.popLast`. */
  popLast(): [K, V] | undefined | FallBack {
    return this.#pop(POP_LAST);
  }

  /** The kernel that serves this map. */
  get kernel(): Kernel {
    return this.#kernel;
  }

  /** See `BTreeMap.insertMany`. Throws `GROW_FAILED`. */
  insertMany(entries: EntryTable): number | FallBack {
    const newCount = this.#changeMany(INSERT_MANY, entries);
    if (newCount === FALL_BACK) return FALL_BACK;
    if (entries.length > 0) this.#tree.changedByKernel(newCount);
    return newCount;
  }

  /** See `BTreeMap.removeMany`, of keys that are encoded. Throws `GROW_FAILED`. */
  removeMany(keys: readonly Uint8Array[]): number | FallBack {
    const removedCount = this.#changeMany(REMOVE_MANY, EntryTable.ofKeys(keys));
    if (removedCount === FALL_BACK) return FALL_BACK;
    if (removedCount === ABSENT) return 0;
    if (keys.length > 0) this.#tree.changedByKernel(-removedCount);
    return removedCount;
  }

  /** Many entries of this map at once. */
  batches(): KernelBatches {
    return new KernelBatches(this.#kernel, this.#handle);
  }

  #pop(operation: number): [K, V] | undefined | FallBack {
    const kernel = this.#kernel;
    if (kernel.isStagingTaken) return FALL_BACK;
    kernel.isStagingTaken = true;
    try {
      if (!this.#tenure.isUsable) return FALL_BACK;
      const result = this.#change(operation + this.#handle);
      if (result === LEFT_TO_TYPESCRIPT) return this.#fallBack();
      if (result === ABSENT) return undefined;
      this.#tree.changedByKernel(-1);
      const keyLength = result % LENGTH_LIMIT;
      const valueLength = (result - keyLength) / LENGTH_LIMIT;
      return [
        this.#keys.decodeAt(this.#staging, 0, keyLength),
        this.#values.decodeAt(this.#staging, keyLength, keyLength + valueLength),
      ];
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  /** Inserts what is staged. Returns the length of the old value, or a result that is none. */
  #insertStaged(keyLength: number, valueLength: number): number {
    const result = this.#change(INSERT + this.#handle + valueLength * LENGTH_LIMIT + keyLength);
    if (result !== LEFT_TO_TYPESCRIPT) this.#tree.changedByKernel(result < 0 ? 1 : 0);
    return result;
  }

  /** Asks for a change, growing the memory first where it needs that. Throws `GROW_FAILED`. */
  #change(request: number): number {
    const result = this.#kernel.ask(request);
    if (result >= ABSENT_AND_CHANGED) return result;
    this.#growTo(ABSENT_AND_CHANGED - result);
    const again = this.#kernel.ask(request);
    return again < ABSENT_AND_CHANGED ? LEFT_TO_TYPESCRIPT : again;
  }

  #growTo(pages: number): void {
    reserve(this.#tree.store.memory, pages * WASM_PAGE_SIZE);
    this.#seat.catchUp();
  }

  /** The reason may be that somebody has grown the memory: the next time the kernel knows. */
  #fallBack(): FallBack {
    this.#seat.catchUp();
    return FALL_BACK;
  }

  /** Asks for a change of many entries. {@link ABSENT} where nothing has changed. */
  #changeMany(change: number, table: EntryTable): number | FallBack {
    if (!this.#tenure.isUsable) return FALL_BACK;
    if (table.length === 0) return 0;
    const batches = new KernelBatches(this.#kernel, this.#handle);
    let result = batches.changeMany(change, table);
    if (result < ABSENT_AND_CHANGED) {
      this.#growTo(ABSENT_AND_CHANGED - result);
      result = batches.changeMany(change, table);
    }
    return result < ABSENT ? this.#fallBack() : result;
  }
}
