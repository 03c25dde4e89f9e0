/**
 * A vector of elements of any size, in two memories: one says where each element lies, the other
 * holds the elements in chunks. So a longer value fits where a shorter one was, and what a value
 * leaves is used again: nothing leaks and nothing has to be compacted.
 *
 *     const notes = UnboundedVec.init(memory.get(0), memory.get(1), text);
 *     notes.push('of any length');
 *     notes.set(0, 'however long the next one is');
 *
 * A layout of our own, which the Rust crate does not have. The index is that of
 * `vec/base-vec.ts` with the magic "SUI", reserved bytes that are zero, and the places of
 * `unbounded-vec/place.ts` as elements; the data memory is in `unbounded-vec/element-store.ts`.
 *
 * INVARIANT: the index has those of `vec/base-vec.ts`; each chunk belongs to one element or is
 * free; each element is one that the codec reads.
 *
 * Where elements have a bound that most of them nearly reach, a `Vec` is smaller and faster: it
 * needs one read for an element, and this one at least two.
 *
 * Limits: one open handle on the two memories; elements below 4 GiB.
 *
 * Promise: an operation that throws has changed nothing; where one of the memories refuses to
 * grow, the other may be larger than before, that is all. After a failed *write* outside a canister
 * the handle refuses further use. Where the second memory of a *new* vector refuses its first page,
 * the first one keeps a page and is no longer empty: a canister rolls that back, others start
 * afresh.
 *
 * Source: house style rules 1, 3 and 11; section 8.3 of `specs/ic-stable-structures.md` has the
 * request for vectors without a bound.
 */
import { decodeRange, encodeChecked, type Codec } from './codec.js';
import { assertCodec } from './codecs/refusals.js';
import { assertSize } from './guards.js';
import { Lease } from './lease.js';
import { assertEmpty, type Memory } from './memory.js';
import { CHUNK_SIZE_IN_BYTES_MAX, ElementStore } from './unbounded-vec/element-store.js';
import { place, type Place } from './unbounded-vec/place.js';
import { BaseVec, type VecKind } from './vec/base-vec.js';
import { assertIndex, walkIndices, type IndexRange } from './index-range.js';

const KIND: VecKind = { structure: 'UnboundedVec', magic: 'SUI', checksReserved: true };

/** With its link and its header a chunk of this size takes 280 bytes. */
const DEFAULT_CHUNK_SIZE_IN_BYTES = 256;

/** Choices that are made once, when a vector is created. */
export interface UnboundedVecOptions {
  /**
   * Bytes of an element in a chunk, 1 to 65,536; 256 unless told. Each chunk takes 24 bytes more,
   * and an element that needs several costs a read for each. Cannot be changed later.
   */
  readonly chunkSizeInBytes?: number | undefined;
}

/**
 * A vector of `T` of any size in two memories.
 *
 * @example
 * const drafts = UnboundedVec.init(new VectorMemory(), new VectorMemory(), text);
 * drafts.extend(['first', 'second']);
 * drafts.set(0, 'first, and much longer');
 * drafts.remove(1); // 'second'
 */
export class UnboundedVec<T> implements Iterable<T> {
  readonly #index: BaseVec<Place>;
  readonly #store: ElementStore;
  readonly #codec: Codec<T>;
  readonly #flush = (): void => this.#store.flush();

  private constructor(index: BaseVec<Place>, store: ElementStore, codec: Codec<T>) {
    this.#index = index;
    this.#store = store;
    this.#codec = codec;
  }

  /**
   * Opens the vector in two memories, or creates one where both are empty (0 pages). O(1).
   *
   * The codec must be the one that the vector was made with: the layout records no type. The chunk
   * size of an existing vector comes from its header; the option counts only for a new one.
   *
   * Throws `BAD_MAGIC` for a memory that holds anything else, also where the two are exchanged, and
   * leaves both as they are; `CORRUPTED` where only one is empty; and what
   * {@link UnboundedVec.create} and {@link UnboundedVec.load} throw.
   *
   * @param index The memory for the places of the elements, 16 bytes each.
   * @param data The memory for the elements.
   */
  static init<T>(
    index: Memory,
    data: Memory,
    codec: Codec<T>,
    options: UnboundedVecOptions = {},
  ): UnboundedVec<T> {
    return index.size() === 0 && data.size() === 0
      ? UnboundedVec.create(index, data, codec, options)
      : UnboundedVec.load(index, data, codec);
  }

  /**
   * Creates a vector in two empty memories. O(1).
   *
   * Throws `NOT_EMPTY` where one of them is not, `GROW_FAILED` without room, `MEMORY_IN_USE` where
   * a structure is open, or where both are one memory; `RangeError` for another chunk size.
   */
  static create<T>(
    index: Memory,
    data: Memory,
    codec: Codec<T>,
    options: UnboundedVecOptions = {},
  ): UnboundedVec<T> {
    assertCodec(KIND.structure, codec);
    const { chunkSizeInBytes = DEFAULT_CHUNK_SIZE_IN_BYTES } = options;
    assertSize('chunkSizeInBytes', chunkSizeInBytes, CHUNK_SIZE_IN_BYTES_MAX);
    if (chunkSizeInBytes === 0)
      throw new RangeError('chunkSizeInBytes: expected at least 1, got 0');
    return Lease.open(KIND.structure, [index, data], (lease) => {
      for (const memory of [index, data]) assertEmpty(memory);
      const store = ElementStore.create(data, chunkSizeInBytes);
      store.reserve();
      const places = BaseVec.create(lease, KIND, index, place);
      store.flush();
      return new UnboundedVec(places, store, codec);
    });
  }

  /**
   * Opens an existing vector; never writes. O(1).
   *
   * Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED`, `MEMORY_IN_USE`.
   */
  static load<T>(index: Memory, data: Memory, codec: Codec<T>): UnboundedVec<T> {
    assertCodec(KIND.structure, codec);
    return Lease.open(KIND.structure, [index, data], (lease) => {
      const places = BaseVec.load(lease, KIND, index, place);
      return new UnboundedVec(places, ElementStore.load(data), codec);
    });
  }

  /** Number of elements. O(1). */
  get length(): number {
    return this.#index.length;
  }

  /** Whether there is no element. O(1). */
  get isEmpty(): boolean {
    return this.#index.length === 0;
  }

  /** Bytes of an element in a chunk, as chosen when the vector was created. */
  get chunkSizeInBytes(): number {
    return this.#store.chunkSize;
  }

  /**
   * The element with this index, or `undefined` beyond the end. O(size of the element). Throws
   * `RangeError` for what is no index, `CORRUPTED` for bytes that are no element.
   */
  get(index: number): T | undefined {
    const { length } = this;
    return assertSize('index', index) < length ? this.#read(index) : undefined;
  }

  /**
   * Overwrites the element with this index, in its chunks as far as it needs them. O(size of both).
   *
   * Throws `RangeError` beyond the end, `VALUE_TOO_LARGE` above the codec's bound if it has one,
   * `INVALID_VALUE` for a value that the codec cannot encode, `GROW_FAILED` without room; the
   * vector is then as it was.
   */
  set(index: number, value: T): void {
    assertIndex(index, this.length);
    const encoded = encodeChecked(this.#codec, value);
    this.#change(
      () => this.#store.replace(this.#placeOf(index), encoded),
      (planned) => this.#index.set(index, place.encode(planned), this.#flush),
    );
  }

  /** Adds an element at the end. O(size of the element). Throws as {@link UnboundedVec.set}. */
  push(value: T): void {
    this.extend([value]);
  }

  /**
   * Adds many elements at the end, all or none. O(their sizes). Throws as
   * {@link UnboundedVec.set} does.
   */
  extend(values: Iterable<T>): void {
    const elements = Array.from(values, (value) => encodeChecked(this.#codec, value));
    this.#change(
      () => elements.map((encoded) => place.encode(this.#store.add(encoded))),
      (places) => this.#index.append(places, this.#flush),
    );
  }

  /** Removes the last element and returns it, or `undefined`. O(size of the element). */
  pop(): T | undefined {
    return this.isEmpty ? undefined : this.remove(this.length - 1);
  }

  /**
   * Puts an element before the one with this index, or at the end. O(n - index): the places from
   * the index on move up by one. Throws as {@link UnboundedVec.set}, `RangeError` above the length.
   */
  insert(index: number, value: T): void {
    assertIndex(index, this.length + 1);
    const encoded = encodeChecked(this.#codec, value);
    this.#change(
      () => this.#store.add(encoded),
      (planned) => this.#index.insert(index, place.encode(planned), this.#flush),
    );
  }

  /**
   * Removes the element with this index and returns it. O(n - index): the places behind it move
   * down by one. Throws `RangeError` beyond the end.
   */
  remove(index: number): T {
    const removed = this.#read(assertIndex(index, this.length));
    this.#change(
      () => this.#store.remove(this.#placeOf(index)),
      () => this.#index.remove(index, this.#flush),
    );
    return removed;
  }

  /**
   * Removes the element with this index and returns it; the last one takes its place. O(size of
   * the element), but the order changes. Throws `RangeError` beyond the end.
   */
  swapRemove(index: number): T {
    const removed = this.#read(assertIndex(index, this.length));
    this.#change(
      () => this.#store.remove(this.#placeOf(index)),
      () => this.#index.swapRemove(index, this.#flush),
    );
    return removed;
  }

  /**
   * Removes the elements from `length` on; where there are none, nothing changes. The memories keep
   * their sizes. O(chunks of what is removed). Throws `RangeError` for what is no length.
   */
  truncate(length: number): void {
    assertSize('length', length);
    const end = this.length;
    this.#change(
      () => {
        for (let index = length; index < end; index++) this.#store.remove(this.#placeOf(index));
      },
      () => this.#index.shrink(Math.min(length, end), this.#flush),
    );
  }

  /** Removes every element. The memories keep their sizes. O(1). */
  clear(): void {
    this.#change(
      () => this.#store.clear(),
      () => this.#index.shrink(0, this.#flush),
    );
  }

  /**
   * The elements from index `from` up to before `to`, lazily, by ascending index (descending with
   * `reverse`); all of them unless told. Each step costs what {@link UnboundedVec.get} does.
   *
   * Throws `RangeError` for bounds that are no indices. The iterator throws
   * `CHANGED_WHILE_ITERATING` if the vector is changed under it.
   */
  values(range: IndexRange = {}): Generator<T, void> {
    return walkIndices(this.#index.lease, range, this.length, (index) => this.#read(index));
  }

  /** All elements by ascending index. */
  [Symbol.iterator](): Generator<T, void> {
    return this.values();
  }

  /** Closes the vector and returns its memories, free for other structures: index, then data. */
  intoMemories(): [index: Memory, data: Memory] {
    return [this.#index.intoMemory(), this.#store.memory];
  }

  /**
   * The first rule of the layout that does not hold, in words, or `undefined`. O(n) and the sizes
   * of all elements; for tests.
   */
  checkInvariants(): string | undefined {
    return this.#index.checkInvariants(() => {
      const used: number[] = [];
      for (let index = 0; index < this.length; index++) {
        this.#read(index);
        for (const chunk of this.#store.chunksOf(this.#placeOf(index))) used.push(chunk);
      }
      return this.#store.checkInvariants(used);
    });
  }

  #placeOf(index: number): Place {
    return this.#index.slots.read(index);
  }

  #read(index: number): T {
    const bytes = this.#store.read(this.#placeOf(index));
    return decodeRange(this.#codec, bytes, 0, bytes.length);
  }

  /** Plans, makes room for the elements, then lets `publish` make room in the index and write. */
  #change<R>(plan: () => R, publish: (planned: R) => void): void {
    this.#index.lease.assertUsable();
    this.#store.plan(() => {
      const planned = plan();
      this.#store.reserve();
      publish(planned);
    });
  }
}
