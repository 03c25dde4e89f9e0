/**
 * What codecs whose values all have one size share: that bound, and a value that is read where it
 * lies. They are the keys and counters of most maps, and a view for each value would cost three
 * times as much as all the rest.
 *
 * Source: `src/lib/codec.ts`, `decodeAt`.
 */
import type { Codec } from '../codec.js';
import { corrupted } from '../errors.js';

/** How a codec reads, and its bound: everything of it but how it encodes, and its order. */
export type FixedSizeParts<T> = Omit<Codec<T>, 'encode' | 'encodeInto'>;

/** How a codec encodes. */
export type FixedSizeWriters<T> = Required<Pick<Codec<T>, 'encode' | 'encodeInto'>>;

/**
 * These parts, for values of `size` bytes that `read` finds at an offset. They throw `CORRUPTED`
 * for stored bytes of another length.
 */
export function fixedSizeParts<T>(
  name: string,
  size: number,
  read: (bytes: Uint8Array, offset: number) => T,
): FixedSizeParts<T> {
  return {
    name,
    bound: { maxSize: size, fixedSize: true },
    decode(bytes) {
      if (bytes.length !== size) assertStoredSize(name, bytes.length, size);
      return read(bytes, 0);
    },
    decodeAt(bytes, start, end) {
      if (end - start !== size) assertStoredSize(name, end - start, size);
      return read(bytes, start);
    },
  };
}

/**
 * The other parts, for values that `write` puts at an offset once `assertValue` has let them pass.
 * What both throw, the codec throws.
 */
export function fixedSizeWriters<T>(
  size: number,
  write: (bytes: Uint8Array, offset: number, value: T) => void,
  assertValue: (value: T) => void,
): FixedSizeWriters<T> {
  return {
    encode(value) {
      assertValue(value);
      const bytes = new Uint8Array(size);
      write(bytes, 0, value);
      return bytes;
    },
    encodeInto(value, target, offset) {
      assertValue(value);
      const end = offset + size;
      if (end > target.length) return -1;
      write(target, offset, value);
      return end;
    },
  };
}

/** Throws `CORRUPTED` unless a stored value has exactly the size of its type. */
export function assertStoredSize(name: string, stored: number, size: number): void {
  if (stored !== size) throw corrupted(name, `${size} bytes`, stored);
}
