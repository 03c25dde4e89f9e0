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
import { encodeChecked, type Codec, type KeyCodec } from '../codec.js';
import type { Kernel } from '../kernel-client.js';
import type { Entry } from './node-view.js';
import { placing, sizesOf } from '../placing.js';

/** Words of an entry: four places. */
const ENTRY_WORDS = 4;

const BYTES_MIN = 4096;
const ENTRIES_MIN = 64;

/** Puts a value into an array as `encodeInto` does; -1 also where its size is not right. */
type Put<T> = (value: T, target: Uint8Array, offset: number) => number;

export class EntryTable {
  #bytes = new Uint8Array(BYTES_MIN);
  #ranges = new Uint32Array(ENTRIES_MIN * ENTRY_WORDS);
  #end = 0;
  #length = 0;

  /**
   * The entries in the order in which they come. Throws as encoding and checking them does. They
   * are encoded in the staging area, where codecs are at their best, if there is a kernel.
   */
  static of<K, V>(
    keys: KeyCodec<K>,
    values: Codec<V>,
    entries: Iterable<readonly [K, V]>,
    kernel?: Kernel,
  ): EntryTable {
    const list = Array.isArray(entries) ? entries : Array.from(entries);
    const fill = (room: Uint8Array) => new EntryTable().#addAll(keys, values, list, room);
    return kernel?.withStaging(() => fill(kernel.staging)) ?? fill(new Uint8Array(BYTES_MIN));
  }

  /** Keys that are encoded, without values. */
  static ofKeys(keys: readonly Uint8Array[]): EntryTable {
    const table = new EntryTable();
    for (const key of keys) {
      table.#addRanges(0, key.length, key.length);
      table.#append(key);
    }
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

  /** Encodes one entry behind another in `room`, and empties that whenever it is full. */
  #addAll<K, V>(
    keys: KeyCodec<K>,
    values: Codec<V>,
    entries: readonly (readonly [K, V])[],
    room: Uint8Array,
  ): this {
    const putKey = putOf(keys);
    const putValue = putOf(values);
    let filled = 0;
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[index]!;
      const keyEnd = putKey(entry[0], room, filled);
      const valueEnd = keyEnd < 0 ? -1 : putValue(entry[1], room, keyEnd);
      if (valueEnd >= 0) {
        this.#addRanges(filled, keyEnd, valueEnd);
        filled = valueEnd;
      } else {
        this.#append(room.subarray(0, filled));
        filled = 0;
        this.#addAlone(keys, entry[0], values, entry[1]);
      }
    }
    this.#append(room.subarray(0, filled));
    return this;
  }

  /** An entry for which there was no room, or which is refused. */
  #addAlone<K, V>(keys: KeyCodec<K>, key: K, values: Codec<V>, value: V): void {
    const encodedKey = encodeChecked(keys, key);
    const encodedValue = encodeChecked(values, value);
    this.#addRanges(0, encodedKey.length, encodedKey.length + encodedValue.length);
    this.#append(encodedKey);
    this.#append(encodedValue);
  }

  /** Where an entry lies, counted from the end of the bytes that the table has already. */
  #addRanges(start: number, keyEnd: number, valueEnd: number): void {
    const at = this.#length * ENTRY_WORDS;
    if (at === this.#ranges.length) this.#moveRanges();
    const ranges = this.#ranges;
    const base = this.#end;
    ranges[at] = base + start;
    ranges[at + 1] = base + keyEnd;
    ranges[at + 2] = base + keyEnd;
    ranges[at + 3] = base + valueEnd;
    this.#length += 1;
  }

  #append(encoded: Uint8Array): void {
    const end = this.#end + encoded.length;
    if (end > this.#bytes.length) this.#moveBytes(end);
    this.#bytes.set(encoded, this.#end);
    this.#end = end;
  }

  #moveBytes(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  #moveRanges(): void {
    const larger = new Uint32Array(this.#ranges.length * 2);
    larger.set(this.#ranges);
    this.#ranges = larger;
  }
}

function putOf<T>(codec: Codec<T>): Put<T> {
  const placed = placing(codec);
  const { min, max } = sizesOf(codec.bound);
  return (value, target, offset) => {
    const end = placed.encodeInto(value, target, offset);
    const size = end - offset;
    return size < min || size > max ? -1 : end;
  };
}
