/**
 * Plain values of any size in a block of their own, to which their slot points:
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  size n of the value in bytes
 *          4     n  the value, encoded
 *
 * An encoding knows where it ends: what lies behind it in the block is of no meaning.
 *
 * Source: `specs/ic-stable-memory.md` sections 4.3 (`AsDynSizeBytes`) and 4.4.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import { readU32, readU64, writeU32, writeU64 } from '../bytes.js';
import { encodeChecked, type Codec } from '../codec.js';
import { corrupted } from '../errors.js';
import type { StableType } from './stable-type.js';
import { typeNameOf } from './type-name.js';

const VALUE_OFFSET = 4;
/** Bytes of a pointer in a slot. */
export const POINTER_SIZE = 8;

/** Where each field lies, for the test that compares the table above with the code. */
export const BOX_LAYOUT = { valueSize: 0, value: VALUE_OFFSET } as const;

/** The type of a codec's values, each in a block. */
export function boxed<T>(codec: Codec<T>): StableType<T> {
  const store = (
    allocator: StableMemoryAllocator,
    value: T,
    slot: Uint8Array,
    offset: number,
  ): void => writeU64(slot, offset, storeBox(allocator, encodeChecked(codec, value)));
  const load = (allocator: StableMemoryAllocator, slot: Uint8Array, offset: number): T =>
    codec.decode(loadBox(allocator, readU64(slot, offset)));
  return {
    name: typeNameOf(codec),
    size: POINTER_SIZE,
    ownsBlocks: true,
    store,
    move: store,
    load,
    view: load,
    take(allocator, slot, offset) {
      const value = load(allocator, slot, offset);
      this.drop(allocator, slot, offset);
      return value;
    },
    drop: (allocator, slot, offset) =>
      allocator.deallocate(allocator.blockAt(readU64(slot, offset))),
    trace: (_allocator, slot, offset, visit) => visit(readU64(slot, offset)),
  };
}

/** Puts an encoded value into a new block. Throws `OUT_OF_MEMORY`. */
export function storeBox(allocator: StableMemoryAllocator, encoded: Uint8Array): StablePtr {
  const size = VALUE_OFFSET + encoded.length;
  const slice = allocator.allocate(size);
  const box = new Uint8Array(size);
  writeU32(box, 0, encoded.length);
  box.set(encoded, VALUE_OFFSET);
  allocator.writeBytes(slice.offset(0, size), box);
  return slice.ptr;
}

/** The encoded value in a block. Throws `CORRUPTED`. */
export function loadBox(allocator: StableMemoryAllocator, ptr: StablePtr): Uint8Array {
  const slice = allocator.blockAt(ptr);
  const size = new Uint8Array(VALUE_OFFSET);
  allocator.readBytes(slice.offset(0, VALUE_OFFSET), size);
  const length = readU32(size, 0);
  const lengthMax = slice.size - VALUE_OFFSET;
  if (length > lengthMax) throw corrupted('size of a boxed value', `at most ${lengthMax}`, length);
  const encoded = new Uint8Array(length);
  allocator.readBytes(slice.offset(VALUE_OFFSET, length), encoded);
  return encoded;
}
