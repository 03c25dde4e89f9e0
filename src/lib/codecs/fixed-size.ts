/**
 * What codecs whose values all have one size share: that bound, and a value that is read where it
 * lies. They are the keys and counters of most maps, and a view for each value would cost three
 * times as much as all the rest.
 *
 * Source: `src/lib/codec.ts`, `decodeAt`.
 */
import type { Codec } from '../codec.js';
import { corrupted } from '../errors.js';

/** Everything of a codec but how it encodes, and its order. */
export type FixedSizeParts<T> = Omit<Codec<T>, 'encode'>;

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
      assertStoredSize(name, bytes.length, size);
      return read(bytes, 0);
    },
    decodeAt(bytes, start, end) {
      assertStoredSize(name, end - start, size);
      return read(bytes, start);
    },
  };
}

/** Throws `CORRUPTED` unless a stored value has exactly the size of its type. */
export function assertStoredSize(name: string, stored: number, size: number): void {
  if (stored !== size) throw corrupted(name, `${size} bytes`, stored);
}
