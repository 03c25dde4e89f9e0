/**
 * What the layouts of tuples share. A layout writes parts one behind another, and finds them again
 * in the whole.
 *
 * Sizes of parts are big-endian and as wide as the largest size they may have to hold, or the size
 * they do hold: `w(size)` = 1 byte up to 255, 2 up to 65,535, else 4.
 *
 * Source: `specs/ic-stable-structures.md` section 5.2.
 */
import {
  readU16BigEndian,
  readU32BigEndian,
  writeU16BigEndian,
  writeU32BigEndian,
} from '../bytes.js';
import { encodeCheckedInto, type Bound, type Codec } from '../codec.js';
import { corrupted } from '../errors.js';
import type { TupleForm } from '../order-program.js';
import { bytes as bytesCodec } from './bytes.js';
import { encodeByWriting } from './encode-by-writing.js';

/** A bound that is one. */
export type LimitedBound = Exclude<Bound, 'unbounded'>;

/** How the parts of a tuple lie in its bytes. */
export interface TupleLayout {
  /** What the kernel calls such a layout. */
  readonly form: TupleForm;

  readonly bound: Bound;

  /**
   * Writes a tuple: these values, by the codecs of the parts. Returns where it ends, or -1 where
   * `target` has no room, as `encodeInto` of a codec. O(total length).
   */
  put(
    parts: readonly Codec<unknown>[],
    values: readonly unknown[],
    target: Uint8Array,
    offset: number,
  ): number;

  /**
   * Where the parts lie in `bytes` from `start` to `end`: start and end of the first, start and
   * end of the second, and so on. Throws `CORRUPTED` for what {@link put} never makes. O(1).
   */
  locate(bytes: Uint8Array, start: number, end: number): readonly number[];
}

/** The tuple whose parts have these bytes. O(total length). */
export function joinParts(layout: TupleLayout, parts: readonly Uint8Array[]): Uint8Array {
  const raw = parts.map(() => bytesCodec) as readonly Codec<unknown>[];
  return encodeByWriting((values, target, at) => layout.put(raw, values, target, at), parts);
}

/** The bytes that a size field takes to hold `size`: 1, 2 or 4. */
export function widthOf(size: number): number {
  if (size <= 0xff) return 1;
  return size <= 0xffff ? 2 : 4;
}

/** Writes a size field of 1, 2 or 4 bytes. */
export function writeSize(bytes: Uint8Array, offset: number, width: number, size: number): void {
  if (width === 1) bytes[offset] = size;
  else if (width === 2) writeU16BigEndian(bytes, offset, size);
  else writeU32BigEndian(bytes, offset, size);
}

/** Reads a size field of 1, 2 or 4 bytes. */
export function readSize(bytes: Uint8Array, offset: number, width: number): number {
  if (width === 1) return bytes[offset]!;
  return width === 2 ? readU16BigEndian(bytes, offset) : readU32BigEndian(bytes, offset);
}

/**
 * Writes a value behind its size, which is as wide as it need be. Returns where the value ends, or
 * -1 where `target` has no room. O(size).
 */
export function putBehindSize<T>(
  part: Codec<T>,
  value: T,
  target: Uint8Array,
  offset: number,
): number {
  const narrowEnd = encodeCheckedInto(part, value, target, offset + 1);
  if (narrowEnd < 0) return -1;
  const size = narrowEnd - offset - 1;
  const width = widthOf(size);
  const end = offset + width + size;
  if (end > target.length) return -1;
  if (width > 1) target.copyWithin(offset + width, offset + 1, narrowEnd);
  writeSize(target, offset, width, size);
  return end;
}

/** The width of the size in so many bytes, which are a size and what it is the size of. */
export function widthWithin(total: number): number {
  if (total <= 0xff + 1) return 1;
  return total <= 0xffff + 2 ? 2 : 4;
}

/** Writes parts that simply follow each other. As {@link TupleLayout.put}. */
export function putInTurn(
  parts: readonly Codec<unknown>[],
  values: readonly unknown[],
  target: Uint8Array,
  offset: number,
): number {
  let end = offset;
  for (let index = 0; index < parts.length && end >= 0; index++) {
    end = encodeCheckedInto(parts[index]!, values[index], target, end);
  }
  return end;
}

/** Whether all values of a bound have one size. */
export function isFixed(bound: Bound): bound is LimitedBound {
  return bound !== 'unbounded' && bound.fixedSize;
}

/**
 * Where a part begins and ends whose size field, if it is not fixed in size, is at `offset`. Throws
 * `CORRUPTED` where the part does not end by `end`, or the field is wider than its size needs.
 */
export function locatePart(
  bytes: Uint8Array,
  offset: number,
  end: number,
  bound: Bound,
  width: number,
): number[] {
  const fixedSize = isFixed(bound);
  const size = fixedSize ? bound.maxSize : readSize(bytes, offset, width);
  const partStart = fixedSize ? offset : offset + width;
  if (widthOf(size) !== width) throw corrupted('width of a size in a tuple', widthOf(size), width);
  if (partStart + size > end) throw corrupted('part of a tuple', `${size} bytes`, end - partStart);
  return [partStart, partStart + size];
}
