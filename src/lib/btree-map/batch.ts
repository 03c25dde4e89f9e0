/**
 * A batch: a buffer in which the kernel hands over many entries of a map for one request. In an
 * interpreter a step from entry to entry costs more than all that Wasm does for a hundred of them.
 *
 *     OFFSET  SIZE     FIELD
 *          0     4     flags, see below
 *          4     4     the most entries to hand over, 1 to 128
 *          8     4+4   the near edge of the range: where its key begins and ends; 0 = no edge
 *         16     4+4   the far edge
 *         24     4     size of keys that are numbers: 1, 2, 4, 8; 0 = bytes
 *         28     4     size of values that are numbers
 *         32     4     answer: what comes next, see below
 *         36     4     answer: the size of a buffer in which the next entry fits
 *         40    32     answer: the path to the next entry, see `scan/path.ts`
 *         72  8*128    answer: a cell for each key
 *       1096  8*128    answer: a cell for each value
 *       2120           the bytes, up to the far edge's key or to the buffer's end
 *
 *     FLAG  MEANING
 *        1  downwards: from the largest key to the smallest
 *        2  with values
 *        4  the near edge belongs to the range
 *        8  the far edge belongs to the range
 *       16  to begin with the entry to which the path leads; set once there is one
 *     2^8 n  of the near edge only the first n parts are compared; 0 = all
 *    2^16 n  the same of the far edge
 *
 *     NEXT  MEANING
 *        0  more entries
 *        1  nothing: the range has ended
 *        2  a surprise: the TypeScript engine goes on
 *        3  an entry that does not fit; if it is the first, it needs a larger buffer
 *
 *     CELL             HOLDS
 *     bytes            start and end in the buffer, two u32
 *     number of 8      the number, u64
 *     smaller number   the number, f64
 *
 * Numbers have no sign and are big-endian where they are stored. A path is good as long as the map
 * does not change, which is as long as a walk lasts.
 *
 * Source: the other side is `src/kernel/assembly/scan/batch.ts`, which has the same tables.
 */
import type { Codec, EncodedRange, KeyCodec } from '../codec.js';
import {
  columnOf,
  elementReader,
  entriesReader,
  entryReader,
  type ReadElement,
  type ReadElements,
} from './batch-columns.js';

/** Entries that a batch has cells for. */
export const BATCH_COUNT_MAX = 128;

const FLAGS_OFFSET = 0;
const WANTED_OFFSET = FLAGS_OFFSET + 4;
const NEAR_OFFSET = WANTED_OFFSET + 4;
const FAR_OFFSET = NEAR_OFFSET + 8;
const KEY_NUMBER_OFFSET = FAR_OFFSET + 8;
const VALUE_NUMBER_OFFSET = KEY_NUMBER_OFFSET + 4;
const NEXT_OFFSET = VALUE_NUMBER_OFFSET + 4;
const NEEDED_OFFSET = NEXT_OFFSET + 4;
const PATH_OFFSET = NEEDED_OFFSET + 4;
const PATH_SIZE = 32;
const KEYS_OFFSET = PATH_OFFSET + PATH_SIZE;
const CELL_SIZE = 8;
const VALUES_OFFSET = KEYS_OFFSET + CELL_SIZE * BATCH_COUNT_MAX;
const BYTES_OFFSET = VALUES_OFFSET + CELL_SIZE * BATCH_COUNT_MAX;

/** Where each field lies, for the test that compares the table above with the code. */
export const BATCH_LAYOUT = {
  flags: FLAGS_OFFSET,
  wanted: WANTED_OFFSET,
  near: NEAR_OFFSET,
  far: FAR_OFFSET,
  keyNumber: KEY_NUMBER_OFFSET,
  valueNumber: VALUE_NUMBER_OFFSET,
  next: NEXT_OFFSET,
  needed: NEEDED_OFFSET,
  path: PATH_OFFSET,
  keys: KEYS_OFFSET,
  values: VALUES_OFFSET,
  bytes: BYTES_OFFSET,
} as const;

/** The same places, as indices into an array of `u32`. */
const FLAGS = FLAGS_OFFSET / 4;
const WANTED = WANTED_OFFSET / 4;
const NEAR = NEAR_OFFSET / 4;
const FAR = FAR_OFFSET / 4;
const KEY_NUMBER = KEY_NUMBER_OFFSET / 4;
const VALUE_NUMBER = VALUE_NUMBER_OFFSET / 4;
const NEXT = NEXT_OFFSET / 4;
const NEEDED = NEEDED_OFFSET / 4;

const DOWNWARDS = 1;
const WITH_VALUES = 2;
const NEAR_INCLUSIVE = 4;
const FAR_INCLUSIVE = 8;
const NEAR_PARTS = 2 ** 8;
const FAR_PARTS = 2 ** 16;

const MORE = 0;
const END = 1;
const SURPRISE = 2;

/** Enough for 128 entries of some 100 bytes. */
export const BATCH_SIZE = 16_384;

/** Who fills batches: answers how many entries it has handed over. */
export interface BatchSource {
  fillBatch(batch: Uint8Array): number;

  /** How many entries the batch's range has, or -1 where it cannot say. */
  countBatch(batch: Uint8Array): number;

  /**
   * Fills `target` with entries of the batch that was filled last, as Candid. Returns how many
   * bytes they take, or -1 where one of them is not what `elements` says: see `encoded-entries.ts`.
   */
  encodeBatch(target: Uint8Array, elements: number): number;
}

export class Batch<K, V> {
  readonly #keys: KeyCodec<K>;
  readonly #values: Codec<V>;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;

  /** Of the entries that were handed over last, the one to give next, and how many there are. */
  index = 0;
  count = 0;
  #next = MORE;

  readonly readKey: ReadElement<K>;
  readonly readValue: ReadElement<V>;
  readonly readEntry: ReadElement<[K, V]>;
  readonly readEntries: ReadElements<[K, V]>;

  /** A buffer of `size` bytes for entries of these types. */
  constructor(keys: KeyCodec<K>, values: Codec<V>, size = BATCH_SIZE) {
    this.#keys = keys;
    this.#values = values;
    this.#bytes = new Uint8Array(Math.ceil(size / CELL_SIZE) * CELL_SIZE);
    this.#words = new Uint32Array(this.#bytes.buffer);
    this.#words[KEY_NUMBER] = keys.numberSize ?? 0;
    this.#words[VALUE_NUMBER] = values.numberSize ?? 0;
    const keyColumn = columnOf(keys, this.#bytes, KEYS_OFFSET, BATCH_COUNT_MAX);
    const valueColumn = columnOf(values, this.#bytes, VALUES_OFFSET, BATCH_COUNT_MAX);
    this.readKey = elementReader(this.#bytes, keyColumn);
    this.readValue = elementReader(this.#bytes, valueColumn);
    this.readEntry = entryReader(this.#bytes, keyColumn, valueColumn);
    this.readEntries = entriesReader(this.#bytes, keyColumn, valueColumn);
  }

  /** Whether it is as large as batches are unless an entry needs more. */
  get isOrdinary(): boolean {
    return this.#bytes.length === BATCH_SIZE;
  }

  /** Whether there is nothing behind the entries that were handed over. */
  get isLast(): boolean {
    return this.#next === END;
  }

  /** Whether the kernel cannot go on, for whatever reason. */
  get isSurprised(): boolean {
    return this.#next === SURPRISE;
  }

  /** From now on it is for this range, which must fit: see {@link batchSizeFor}. */
  open({ lower, upper }: EncodedRange, isReverse: boolean, withValues: boolean): void {
    const near = isReverse ? upper : lower;
    const far = isReverse ? lower : upper;
    const words = this.#words;
    let flags = (isReverse ? DOWNWARDS : 0) | (withValues ? WITH_VALUES : 0);
    words[NEAR] = 0;
    words[FAR] = 0;
    if (near !== undefined) {
      this.#putKey(NEAR, near.key, BYTES_OFFSET);
      if (near.isInclusive) flags |= NEAR_INCLUSIVE;
      flags += (near.leading?.count ?? 0) * NEAR_PARTS;
    }
    if (far !== undefined) {
      this.#putKey(FAR, far.key, this.#bytes.length - far.key.length);
      if (far.isInclusive) flags |= FAR_INCLUSIVE;
      flags += (far.leading?.count ?? 0) * FAR_PARTS;
    }
    words[FLAGS] = flags;
    this.index = 0;
    this.count = 0;
    this.#next = MORE;
  }

  /** Hands over up to `wanted` entries. False where there are none. */
  fill(source: BatchSource, wanted: number): boolean {
    this.#words[WANTED] = wanted;
    const count = source.fillBatch(this.#bytes);
    this.#next = this.#words[NEXT]!;
    this.index = 0;
    this.count = count;
    return count > 0;
  }

  /** How many entries the range has, without handing them over; -1 where the kernel cannot say. */
  countAll(source: BatchSource): number {
    return source.countBatch(this.#bytes);
  }

  /** Another batch that goes on where this one has stopped, with room for the next entry. */
  successor(): Batch<K, V> {
    const size = Math.max(this.#bytes.length, this.#words[NEEDED]!);
    const next = new Batch(this.#keys, this.#values, size);
    next.#bytes.set(this.#bytes.subarray(0, KEYS_OFFSET));
    const near = this.#keyAt(NEAR);
    const far = this.#keyAt(FAR);
    if (near !== undefined) next.#putKey(NEAR, near, BYTES_OFFSET);
    if (far !== undefined) next.#putKey(FAR, far, next.#bytes.length - far.length);
    return next;
  }

  /** The bytes of the first `count` entries together. PRECONDITION: none of them is a number. */
  sizeOfFirst(count: number): number {
    if (count === 0) return 0;
    return this.#words[VALUES_OFFSET / 4 + count * 2 - 1]! - BYTES_OFFSET;
  }

  /** The encoded key of the entry with this index. */
  keyAt(index: number): Uint8Array {
    if (this.#keys.numberSize !== undefined) return this.#keys.encode(this.readKey(index));
    const cell = KEYS_OFFSET / 4 + index * 2;
    return this.#bytes.slice(this.#words[cell], this.#words[cell + 1]);
  }

  /** PRECONDITION: the codec is the one that the batch was made with. */
  decodeKey<T>(_codec: Codec<T>, index: number): T {
    return this.readKey(index) as unknown as T;
  }

  /** PRECONDITION: as for {@link decodeKey}. */
  decodeValue<T>(_codec: Codec<T>, index: number): T {
    return this.readValue(index) as unknown as T;
  }

  #putKey(field: number, key: Uint8Array, offset: number): void {
    this.#words[field] = offset;
    this.#words[field + 1] = offset + key.length;
    this.#bytes.set(key, offset);
  }

  #keyAt(field: number): Uint8Array | undefined {
    const start = this.#words[field]!;
    return start === 0 ? undefined : this.#bytes.subarray(start, this.#words[field + 1]);
  }
}

/** The bytes of a batch in which the edges of a range fit. */
export function batchSizeFor({ lower, upper }: EncodedRange): number {
  const needed = BYTES_OFFSET + (lower?.key.length ?? 0) + (upper?.key.length ?? 0);
  return Math.max(BATCH_SIZE, needed);
}
