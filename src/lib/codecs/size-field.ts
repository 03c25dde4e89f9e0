/**
 * A size that takes one byte while it is small, for parts that follow each other.
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  size, or 0xff where it is 255 or more
 *          1     4  size, big-endian; only after 0xff
 *
 * Each size has one encoding. Any other is refused, since it would make a key that is not found.
 *
 * Source: golden vectors `test/golden/codecs.txt`.
 */
import { readU32BigEndian, writeU32BigEndian } from '../bytes.js';
import { corrupted } from '../errors.js';

/** Stands for a size that follows in 4 bytes. */
const LONG = 0xff;
const LONG_FIELD_SIZE = 5;

/** The bytes of a size from 0 to 2^32 - 1. O(1). */
export function sizeField(size: number): Uint8Array {
  if (size < LONG) return Uint8Array.of(size);
  const field = new Uint8Array(LONG_FIELD_SIZE);
  field[0] = LONG;
  writeU32BigEndian(field, 1, size);
  return field;
}

/**
 * Puts a size before the part that lies one byte behind `offset` and ends at `end`, and moves the
 * part where its size takes more than a byte. Returns where it ends then; -1 without room. O(size).
 */
export function putSizeBefore(target: Uint8Array, offset: number, end: number): number {
  const start = offset + 1;
  const size = end - start;
  if (size < LONG) {
    target[offset] = size;
    return end;
  }
  const moved = offset + LONG_FIELD_SIZE;
  if (moved + size > target.length) return -1;
  target.copyWithin(moved, start, end);
  target[offset] = LONG;
  writeU32BigEndian(target, offset + 1, size);
  return moved + size;
}

/**
 * Where the part lies whose size field is at `offset`. O(1). Throws `CORRUPTED` where field or
 * part do not end by `end`, or the field is longer than it need be.
 */
export function locateSized(
  bytes: Uint8Array,
  offset: number,
  end: number,
): readonly [start: number, end: number] {
  const [, shortEnd] = locateFixed(offset, 1, end);
  if (bytes[offset] !== LONG) return locateFixed(shortEnd, bytes[offset]!, end);
  const [, longEnd] = locateFixed(offset, LONG_FIELD_SIZE, end);
  const size = readU32BigEndian(bytes, offset + 1);
  if (size < LONG) throw corrupted('size of a part', 'in 1 byte', size);
  return locateFixed(longEnd, size, end);
}

/** Where a part of this size lies. O(1). Throws `CORRUPTED` where it does not end by `end`. */
export function locateFixed(
  start: number,
  size: number,
  end: number,
): readonly [start: number, end: number] {
  if (start + size > end) throw corrupted('part', `${size} bytes`, end - start);
  return [start, start + size];
}
