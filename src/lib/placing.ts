/**
 * A codec as the kernel's line uses it: it writes values where they are wanted and reads them where
 * they lie, and says which sizes are right. For codecs that can do so it is the codec itself.
 *
 * Source: `src/lib/codec.ts`, `encodeInto` and `decodeAt`.
 */
import { putBytes, type Bound, type Codec } from './codec.js';

/** The two methods of a codec that need no array for each value. */
export type Placing<T> = Required<Pick<Codec<T>, 'encodeInto' | 'decodeAt'>>;

/** Which lengths an encoding may have. */
export interface SizeRange {
  readonly min: number;
  readonly max: number;
}

/** A codec with both methods, made of the other two where it lacks them. O(1). */
export function placing<T>(codec: Codec<T>): Placing<T> {
  if (codec.encodeInto !== undefined && codec.decodeAt !== undefined) return codec as Placing<T>;
  return {
    encodeInto: (value, target, offset) =>
      codec.encodeInto?.(value, target, offset) ?? putBytes(codec.encode(value), target, offset),
    decodeAt: (bytes, start, end) =>
      codec.decodeAt === undefined
        ? codec.decode(bytes.subarray(start, end))
        : codec.decodeAt(bytes, start, end),
  };
}

/** The lengths that a bound allows. O(1). */
export function sizesOf(bound: Bound): SizeRange {
  if (bound === 'unbounded') return { min: 0, max: Infinity };
  return { min: bound.fixedSize ? bound.maxSize : 0, max: bound.maxSize };
}
