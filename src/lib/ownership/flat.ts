/**
 * Values that are their slots: those of codecs whose encodings have one size. They own nothing.
 *
 * Source: `specs/ic-stable-memory.md` section 4.3, `AsFixedSizeBytes`; defect 11 (widths are those
 * of the codec, on every machine).
 */
import { encodeChecked, encodeCheckedInto, decodeRange, type Codec } from '../codec.js';
import type { StableType } from './stable-type.js';
import { typeNameOf } from './type-name.js';

/** The type of a codec's values. PRECONDITION: their encodings have one size. */
export function flat<T>(codec: Codec<T>): StableType<T> {
  const size = encodedSizeOf(codec);
  const read = (slot: Uint8Array, offset: number): T =>
    decodeRange(codec, slot, offset, offset + size);
  const write = (value: T, slot: Uint8Array, offset: number): void => {
    if (size === 0) encodeChecked(codec, value);
    else encodeCheckedInto(codec, value, slot, offset);
  };
  return {
    name: typeNameOf(codec),
    size,
    ownsBlocks: false,
    store: (_allocator, value, slot, offset) => write(value, slot, offset),
    move: (_allocator, value, slot, offset) => write(value, slot, offset),
    load: (_allocator, slot, offset) => read(slot, offset),
    view: (_allocator, slot, offset) => read(slot, offset),
    take: (_allocator, slot, offset) => read(slot, offset),
    drop: () => undefined,
    trace: () => undefined,
  };
}

/** Whether all encodings have one size: so it is said, or the largest has no bytes. */
export function isFlat({ bound }: Codec<unknown>): boolean {
  return bound !== 'unbounded' && (bound.fixedSize || bound.maxSize === 0);
}

function encodedSizeOf(codec: Codec<unknown>): number {
  const { bound, name } = codec;
  if (bound !== 'unbounded' && isFlat(codec)) return bound.maxSize;
  throw new TypeError(`${name}: expected a codec whose encodings have one size`);
}
