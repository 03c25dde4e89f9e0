/**
 * Keys in a table. A key is known by its encoding: that is what is hashed and compared, so two keys
 * are the same where their bytes are. One of a codec whose encodings have one size lies in its
 * slot; any other lies in a block of its own, to which the slot points.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import { placing, sizesOf, type Placing, type SizeRange } from '../placing.js';
import { compareBytes, equalBytes, readU64, writeU64 } from '../bytes.js';
import { encodeChecked, type Codec } from '../codec.js';
import { loadBox, storeBox } from '../ownership/boxed.js';
import { stableTypeOf, type StableType } from '../ownership/stable-type.js';

/** Keys of one codec, each at the start of the bytes of its entry. */
export class KeySlots<K> {
  readonly #codec: Codec<K>;
  readonly #type: StableType<K>;
  /** Writes keys where they are wanted; a key of a wrong size is not refused here. */
  readonly placing: Placing<K>;
  readonly sizes: SizeRange;

  constructor(codec: Codec<K>) {
    this.#codec = codec;
    this.#type = stableTypeOf(codec);
    this.placing = placing(codec);
    this.sizes = sizesOf(codec.bound);
  }

  /** The type's name. */
  get name(): string {
    return this.#type.name;
  }

  /** Bytes of a slot. */
  get size(): number {
    return this.#type.size;
  }

  /** Whether keys lie in blocks of their own. */
  get areBoxed(): boolean {
    return this.#type.ownsBlocks;
  }

  /** The bytes of a key. Throws what the codec throws. */
  encode(key: K): Uint8Array {
    return encodeChecked(this.#codec, key);
  }

  /** Whether an entry is that of an encoded key. Throws `CORRUPTED`. */
  isOf(allocator: StableMemoryAllocator, entry: Uint8Array, encoded: Uint8Array): boolean {
    if (this.areBoxed) return equalBytes(loadBox(allocator, readU64(entry, 0)), encoded);
    return compareBytes(entry, 0, this.size, encoded, 0, encoded.length) === 0;
  }

  /** Puts an encoded key into a new entry. Throws `OUT_OF_MEMORY`. */
  store(allocator: StableMemoryAllocator, encoded: Uint8Array, entry: Uint8Array): void {
    if (this.areBoxed) writeU64(entry, 0, storeBox(allocator, encoded));
    else entry.set(encoded);
  }

  /** The key of the entry at an offset. Throws `CORRUPTED`. */
  load(allocator: StableMemoryAllocator, bytes: Uint8Array, offset: number): K {
    return this.#type.load(allocator, bytes, offset);
  }

  /** Frees what the key of the entry at an offset owns. */
  drop(allocator: StableMemoryAllocator, bytes: Uint8Array, offset: number): void {
    this.#type.drop(allocator, bytes, offset);
  }

  /** Names the block of the key of the entry at an offset, where it has one. */
  trace(
    allocator: StableMemoryAllocator,
    bytes: Uint8Array,
    offset: number,
    visit: (ptr: StablePtr) => void,
  ): void {
    this.#type.trace(allocator, bytes, offset, visit);
  }
}
