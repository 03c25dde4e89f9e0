/**
 * A walk through a range by batches: a few entries first, then twice as many each time, so that
 * who wants one entry does not pay for a hundred.
 *
 *     load ──► the batch is filled ──► entries to give
 *                     │     │
 *                     │     └──► nothing more: the range has ended
 *                     └────────► a surprise: the TypeScript engine goes on
 *
 * Source: `src/lib/btree-map/batch.ts`.
 */
import type { Codec, EncodedRange, KeyCodec } from '../codec.js';
import { Batch, BATCH_COUNT_MAX, BATCH_SIZE, batchSizeFor, type BatchSource } from './batch.js';
import type { ReadElement } from './batch-columns.js';
import type { Reading } from './readings.js';

/** Entries of the first batch. */
const FIRST_COUNT = 8;

/** Batches kept for the next walks. More walks at a time make their own. */
const SPARE_MAX = 4;

/** The batches of a map, and who fills them. */
export class BatchPool<K, V> {
  readonly #spare: Batch<K, V>[] = [];

  constructor(
    readonly source: BatchSource,
    readonly keys: KeyCodec<K>,
    readonly values: Codec<V>,
  ) {}

  /** A batch in which the edges of a range fit. */
  take(range: EncodedRange): Batch<K, V> {
    const size = batchSizeFor(range);
    const spare = size === BATCH_SIZE ? this.#spare.pop() : undefined;
    return spare ?? new Batch(this.keys, this.values, size);
  }

  /** The batch is not used any more. */
  giveBack(batch: Batch<K, V>): void {
    if (batch.isOrdinary && this.#spare.length < SPARE_MAX) this.#spare.push(batch);
  }
}

/**
 * The first entries of a range, up to `count`, at once; `undefined` where the kernel cannot hand
 * over all of them.
 */
export function takeEntries<K, V>(
  pool: BatchPool<K, V>,
  range: EncodedRange,
  isReverse: boolean,
  count: number,
): [K, V][] | undefined {
  const entries: [K, V][] = [];
  const batch = pool.take(range);
  batch.open(range, isReverse, true);
  while (entries.length < count && batch.fill(pool.source, count - entries.length)) {
    batch.readEntries(0, batch.count, entries);
    if (batch.isLast) break;
  }
  const isWhole = batch.isLast || entries.length === count;
  pool.giveBack(batch);
  return isWhole ? entries : undefined;
}

/** A walk whose elements are of type `T`. */
export class BatchWalk<K, V, T> {
  readonly #pool: BatchPool<K, V>;
  readonly #reading: Reading<K, V, T>;
  #wanted = FIRST_COUNT;
  /** Entries that the batches before this one have given. */
  #earlierCount = 0;

  /** The batch at hand, and how its entries are read. */
  batch: Batch<K, V>;
  read: ReadElement<T>;

  constructor(
    pool: BatchPool<K, V>,
    range: EncodedRange,
    isReverse: boolean,
    reading: Reading<K, V, T>,
  ) {
    this.#pool = pool;
    this.#reading = reading;
    this.batch = pool.take(range);
    this.batch.open(range, isReverse, reading.withValues);
    this.read = reading.fromBatch(this.batch);
  }

  /** Whether the range has no more entries. */
  get hasEnded(): boolean {
    return this.batch.isLast && this.batch.index >= this.batch.count;
  }

  /** How many entries were given. */
  get givenCount(): number {
    return this.#earlierCount + this.batch.index;
  }

  /** The encoded key of the entry that was given last; `undefined` before the first. */
  get lastKey(): Uint8Array | undefined {
    const { index } = this.batch;
    return index === 0 ? undefined : this.batch.keyAt(index - 1);
  }

  /** Gets further entries. False where the range has ended, or the kernel cannot go on. */
  load(): boolean {
    if (this.batch.isLast || this.batch.isSurprised) return false;
    this.#earlierCount += this.batch.index;
    this.batch.index = 0;
    if (this.#earlierCount > 0 && this.#reading.keepsPlace) this.#goOn(this.batch.successor());
    if (!this.#fill() && !this.#fillLarger()) return false;
    this.#wanted = Math.min(this.#wanted * 2, BATCH_COUNT_MAX);
    return true;
  }

  /** The walk is over. */
  end(): void {
    if (!this.#reading.keepsPlace) this.#pool.giveBack(this.batch);
  }

  #fill(): boolean {
    return this.batch.fill(this.#pool.source, this.#wanted);
  }

  /** What does not fit by itself gets a batch of its own. */
  #fillLarger(): boolean {
    if (this.batch.isLast || this.batch.isSurprised) return false;
    this.#goOn(this.batch.successor());
    return this.#fill();
  }

  #goOn(batch: Batch<K, V>): void {
    this.batch = batch;
    this.read = this.#reading.fromBatch(batch);
  }
}
