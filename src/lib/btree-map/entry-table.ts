/**
 * Many entries, encoded one behind another in one array, and where each key and value lies in it:
 * no array is made for any of them.
 *
 *     OFFSET  SIZE  FIELD
 *          0   4+4  where the key begins and ends
 *          8   4+4  where the value begins and ends
 *         16        the next entry
 *
 * Source: `src/kernel/assembly/scan/insert-many.ts` is the other side.
 */
import { encodeCheckedInto, type Codec, type KeyCodec } from '../codec.js';
import type { Kernel } from '../kernel-client.js';
import type { Entry } from './node-view.js';

/** Words of an entry: four places. */
const ENTRY_WORDS = 4;

const BYTES_MIN = 4096;
const ENTRIES_MIN = 64;

export class EntryTable {
  #bytes = new Uint8Array(BYTES_MIN);
  #ranges = new Uint32Array(ENTRIES_MIN * ENTRY_WORDS);
  #end = 0;
  #length = 0;

  /** Codecs write at their best into its staging area. `undefined` where there is none. */
  readonly #kernel: Kernel | undefined;

  private constructor(kernel: Kernel | undefined) {
    this.#kernel = kernel;
  }

  /** The entries in the order in which they come. Throws as encoding and checking them does. */
  static of<K, V>(
    keys: KeyCodec<K>,
    values: Codec<V>,
    entries: Iterable<readonly [K, V]>,
    kernel?: Kernel,
  ): EntryTable {
    const table = new EntryTable(kernel);
    for (const entry of entries) table.#add(keys, entry[0], values, entry[1]);
    return table;
  }

  /** How many entries there are. */
  get length(): number {
    return this.#length;
  }

  /** What the ranges are ranges of. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The ranges as bytes, as the table above has them. */
  get ranges(): Uint8Array {
    return new Uint8Array(this.#ranges.buffer, 0, this.#length * ENTRY_WORDS * 4);
  }

  /** Copies of all keys and values. */
  entries(): Entry[] {
    return Array.from({ length: this.#length }, (_, index) => this.entryAt(index));
  }

  /** Copies of the key and the value with this index. */
  entryAt(index: number): Entry {
    const at = index * ENTRY_WORDS;
    const ranges = this.#ranges;
    return {
      key: this.#bytes.slice(ranges[at], ranges[at + 1]),
      value: this.#bytes.slice(ranges[at + 2], ranges[at + 3]),
    };
  }

  #add<K, V>(keys: KeyCodec<K>, key: K, values: Codec<V>, value: V): void {
    const start = this.#end;
    const keyLength = this.#addStaged(keys, key, values, value);
    const middle = keyLength < 0 ? this.#put(keys, key, start) : start + keyLength;
    const end = keyLength < 0 ? this.#put(values, value, middle) : this.#end;
    const at = this.#length * ENTRY_WORDS;
    if (at === this.#ranges.length) this.#moveRanges();
    const ranges = this.#ranges;
    ranges[at] = start;
    ranges[at + 1] = middle;
    ranges[at + 2] = middle;
    ranges[at + 3] = end;
    this.#end = end;
    this.#length += 1;
  }

  /** Both by way of the staging area; returns the length of the key, or -1 without room there. */
  #addStaged<K, V>(keys: KeyCodec<K>, key: K, values: Codec<V>, value: V): number {
    const kernel = this.#kernel;
    if (kernel === undefined || kernel.isStagingTaken) return -1;
    kernel.isStagingTaken = true;
    try {
      const { staging } = kernel;
      const keyLength = encodeCheckedInto(keys, key, staging, 0);
      if (keyLength < 0) return -1;
      const length = encodeCheckedInto(values, value, staging, keyLength);
      if (length < 0) return -1;
      this.#append(staging.subarray(0, length));
      return keyLength;
    } finally {
      kernel.isStagingTaken = false;
    }
  }

  #append(encoded: Uint8Array): void {
    while (this.#end + encoded.length > this.#bytes.length) this.#moveBytes();
    this.#bytes.set(encoded, this.#end);
    this.#end += encoded.length;
  }

  /** Encodes a value behind the others; returns where it ends. */
  #put<T>(codec: Codec<T>, value: T, offset: number): number {
    for (;;) {
      const end = encodeCheckedInto(codec, value, this.#bytes, offset);
      if (end >= 0) return end;
      this.#moveBytes();
    }
  }

  #moveBytes(): void {
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  #moveRanges(): void {
    const larger = new Uint32Array(this.#ranges.length * 2);
    larger.set(this.#ranges);
    this.#ranges = larger;
  }
}
