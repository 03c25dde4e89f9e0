/**
 * A log: entries that are added at the end and read by their number. It lives in two memories, one
 * with the entries and one that says where each ends, so that entries have any size and each is
 * found in two reads. The bytes are those of the Rust crate's `Log`: either side opens what the
 * other wrote.
 *
 *     const events = Log.init(memory.get(4), memory.get(5), record({ at: u64, what: text }));
 *     events.append({ at: time(), what: 'opened' }); // 0: the number of the entry
 *     for (const event of events.values({ reverse: true })) ...
 *
 * The layouts are described in `log/log-index.ts` and `log/log-data.ts`.
 *
 * Unlike the crate, a memory that is not the log's is refused rather than made new: the crate
 * empties the index where the data memory is empty or foreign.
 *
 * Promise: an operation that throws has changed nothing; where one of the memories refuses to grow,
 * one of them may be larger than before, that is all. After a failed *write* outside a canister the
 * log latches, see `lease.ts`. Where the second memory of a *new* log refuses its first page, the
 * first one keeps a page and is no longer empty: a canister rolls that back, others start afresh.
 *
 * Source: `specs/ic-stable-structures.md` section 4.3; crate module `log`.
 */
import { encodeChecked, type Codec } from './codec.js';
import { corrupted, firstViolation } from './errors.js';
import { assertBytes, assertSize } from './guards.js';
import { Lease } from './lease.js';
import { EntryWindow } from './log/entry-window.js';
import { DATA_MAGIC, LogData } from './log/log-data.js';
import { INDEX_MAGIC, LAYOUT_VERSION, LogIndex } from './log/log-index.js';
import { assertMagic, MAGIC_SIZE } from './magic.js';
import { assertEmpty, reserve, type Memory } from './memory.js';
import { walkIndices, type IndexRange } from './index-range.js';

/**
 * A log of `T` in two memories.
 *
 * @example
 * const log = Log.init(new VectorMemory(), new VectorMemory(), text);
 * log.append('first');
 * log.appendMany(['second', 'third']);
 * log.get(1); // 'second'
 * for (const entry of log.values({ from: 1 })) console.log(entry);
 */
export class Log<T> implements Iterable<T> {
  readonly #lease: Lease;
  readonly #index: LogIndex;
  readonly #data: LogData;
  readonly #codec: Codec<T>;

  private constructor(lease: Lease, index: LogIndex, data: LogData, codec: Codec<T>) {
    this.#lease = lease;
    this.#index = index;
    this.#data = data;
    this.#codec = codec;
  }

  /**
   * Opens the log in two memories, or creates one where both are empty (0 pages). O(1).
   *
   * The codec must be the one that the log was made with: the layout records no type.
   *
   * Throws `BAD_MAGIC` for a memory that holds anything else, also where the two are exchanged, and
   * leaves both as they are; `CORRUPTED` where only one is empty; and what {@link Log.create} and
   * {@link Log.load} throw.
   *
   * @param index The memory for the places of the entries, 8 bytes each.
   * @param data The memory for the entries.
   */
  static init<T>(index: Memory, data: Memory, codec: Codec<T>): Log<T> {
    return index.size() === 0 && data.size() === 0
      ? Log.create(index, data, codec)
      : Log.load(index, data, codec);
  }

  /**
   * Creates a log without entries in two empty memories: each takes a page. O(1).
   *
   * Throws `NOT_EMPTY` where one of them is not, `GROW_FAILED` without room, `MEMORY_IN_USE` where
   * a structure is open, or where both are one memory.
   */
  static create<T>(index: Memory, data: Memory, codec: Codec<T>): Log<T> {
    return Lease.open('Log', [index, data], (lease) => {
      for (const memory of [index, data]) assertEmpty(memory);
      for (const memory of [index, data]) reserve(memory, MAGIC_SIZE);
      const newData = LogData.create(data);
      return new Log(lease, LogIndex.create(index), newData, codec);
    });
  }

  /**
   * Opens an existing log. Never writes. O(1).
   *
   * Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED`; `MEMORY_IN_USE` as {@link Log.create}.
   */
  static load<T>(index: Memory, data: Memory, codec: Codec<T>): Log<T> {
    return Lease.open('Log', [index, data], (lease) => {
      return new Log(lease, loadIndex(index, data), new LogData(data), codec);
    });
  }

  /** Number of entries. O(1). */
  get length(): number {
    this.#lease.assertUsable();
    return this.#index.length;
  }

  /** Whether there is no entry. O(1). */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** Bytes of all entries together, as they are encoded. O(1). */
  get logSizeInBytes(): number {
    this.#lease.assertUsable();
    return this.#index.end;
  }

  /** Bytes of the data memory in use: header and entries. O(1). */
  get dataSizeInBytes(): number {
    return this.#data.sizeInBytes(this.logSizeInBytes);
  }

  /** Bytes of the index memory in use: header and 8 for each entry. O(1). */
  get indexSizeInBytes(): number {
    this.#lease.assertUsable();
    return this.#index.sizeInBytes;
  }

  /**
   * Adds an entry at the end and returns its number. O(size of the entry).
   *
   * Throws `VALUE_TOO_LARGE` for an entry above its bound, `INVALID_VALUE` for one that the codec
   * cannot encode, `GROW_FAILED` without room; the log is then as it was.
   */
  append(entry: T): number {
    return this.appendMany([entry]);
  }

  /**
   * Adds many entries, all or none, and returns the number of the first, or the length where there
   * are none. The bytes are those of adding them one by one, the writes are fewer.
   * O(size of the entries).
   *
   * Throws as {@link Log.append} does; the log is then as it was.
   */
  appendMany(entries: Iterable<T>): number {
    const encoded = Array.from(entries, (entry) => encodeChecked(this.#codec, entry));
    const { length } = this;
    if (encoded.length === 0) return length;
    const start = this.#index.end;
    const { bytes, ends } = join(encoded, start);
    this.#reserve(ends);
    this.#lease.change(() => {
      this.#data.write(start, bytes);
      this.#index.append(ends);
    });
    return length;
  }

  /**
   * The entry with this number, counted from 0, or `undefined` behind the last. O(size of the
   * entry). Throws `RangeError` for what is no number of an entry, `CORRUPTED` for stored bytes
   * that are none.
   */
  get(number: number): T | undefined {
    if (assertSize('number', number) >= this.length) return undefined;
    return new EntryWindow(this.#index, this.#data, this.#codec).entry(number);
  }

  /** The oldest entry, or `undefined`. O(size of the entry). */
  first(): T | undefined {
    return this.get(0);
  }

  /** The newest entry, or `undefined`. O(size of the entry). */
  last(): T | undefined {
    return this.isEmpty ? undefined : this.get(this.length - 1);
  }

  /**
   * Copies the encoded bytes of an entry into `target`, from its start on, as many as fit, and
   * returns how many the entry has; `undefined` behind the last, and then `target` is left alone.
   * For entries that are passed on as they are. O(size of the entry).
   *
   * Throws `TypeError` and `RangeError` for wrong arguments, `CORRUPTED`.
   */
  readEntry(number: number, target: Uint8Array): number | undefined {
    assertBytes('target', target);
    if (assertSize('number', number) >= this.length) return undefined;
    const [start, end] = this.#index.bounds(number, number + 1) as [number, number];
    this.#data.read(start, target.subarray(0, end - start));
    return end - start;
  }

  /**
   * The entries from number `from` up to before `to`, lazily, oldest first (newest first with
   * `reverse`); all of them unless told. Neighbours are read together: amortised O(size) an entry.
   *
   * Throws `RangeError` for bounds that are no numbers. The iterator throws
   * `CHANGED_WHILE_ITERATING` if the log is changed under it.
   */
  values(range: IndexRange = {}): Generator<T, void> {
    const step = range.reverse === true ? -1 : 1;
    const window = new EntryWindow(this.#index, this.#data, this.#codec, step);
    return walkIndices(this.#lease, range, this.length, (number) => window.entry(number));
  }

  /** All entries, oldest first. */
  [Symbol.iterator](): Generator<T, void> {
    return this.values();
  }

  /** Removes every entry. The memories keep their sizes and bytes. O(1). */
  clear(): void {
    this.#lease.change(() => this.#index.clear());
  }

  /**
   * Drops the oldest `count` entries; the others get lower numbers. The crate has no such method,
   * but opens what it leaves. The memories keep their sizes, and what is dropped makes room for
   * later entries.
   *
   * Everything that is kept moves to the front: O(size of the entries kept). So drop many at a
   * time, such as half of the log whenever it has become too long.
   *
   * Throws `RangeError` for more entries than there are, `CORRUPTED`; the log is then as it was.
   */
  truncateFront(count: number): void {
    assertSize('count', count, this.length);
    if (count === 0) return;
    this.#index.check(count);
    const [start] = this.#index.bounds(count, count) as [number];
    this.#lease.change(() => {
      this.#data.moveToFront(start, this.#index.end);
      this.#index.dropFront(count);
    });
  }

  /** Closes the log and returns its memories, free for other structures: index, then data. O(1). */
  intoMemories(): [index: Memory, data: Memory] {
    this.#lease.end();
    return [this.#index.memory, this.#data.memory];
  }

  /** The first rule of the layout that does not hold, in words, or `undefined`. O(n); for tests. */
  checkInvariants(): string | undefined {
    this.#lease.assertUsable();
    return firstViolation(() => {
      const stored = loadIndex(this.#index.memory, this.#data.memory);
      stored.check(0);
      const { length, end } = this.#index;
      if (stored.length !== length) return `length is ${length}, the index says ${stored.length}`;
      if (stored.end !== end) return `the entries end at ${end}, the index says ${stored.end}`;
      return undefined;
    });
  }

  /**
   * Entry by entry and data first, as the crate grows: so a memory manager deals its buckets in the
   * same order.
   */
  #reserve(ends: readonly number[]): void {
    ends.forEach((end, step) => {
      this.#data.reserve(end);
      this.#index.reserve(this.#index.length + step + 1);
    });
  }
}

/** Entries as they lie in memory from `start` on, and where each ends. */
function join(entries: readonly Uint8Array[], start: number) {
  let end = start;
  const ends = entries.map((entry) => (end += entry.length));
  const bytes = new Uint8Array(end - start);
  entries.forEach((entry, step) => bytes.set(entry, ends[step]! - entry.length - start));
  return { bytes, ends };
}

/** Checks both headers, then reads the index. A foreign memory is named before a missing one. */
function loadIndex(index: Memory, data: Memory): LogIndex {
  const parts = [
    { name: 'data', memory: data, magic: DATA_MAGIC },
    { name: 'index', memory: index, magic: INDEX_MAGIC },
  ];
  const header = new Uint8Array(MAGIC_SIZE);
  for (const { memory, magic } of parts) {
    if (memory.size() === 0) continue;
    memory.read(0, header);
    assertMagic(header, magic, LAYOUT_VERSION);
  }
  for (const { name, memory } of parts) {
    if (memory.size() === 0) throw corrupted(`pages of the ${name} memory of a log`, 'some', 0);
  }
  const loaded = LogIndex.load(index);
  new LogData(data).assertHolds(loaded.end);
  return loaded;
}
