/**
 * Floating-point numbers in Rust's bytes: IEEE 754, big-endian.
 *
 *     CODEC  SIZE  VALUES
 *     f32       4  numbers of single precision
 *     f64       8  every number of JavaScript
 *
 * Rust has no order for them, and so no keys. Here they have one, by which each two numbers that
 * JavaScript can tell apart are two keys:
 *
 *     -Infinity  negative numbers  -0  0  positive numbers  Infinity  NaN
 *
 * NOTE: `-0` and `0` are two keys, although `-0 === 0`: a number comes back as it was stored. Write
 * `value + 0` where that is not wanted; it makes `0` of both. NaN, of which Rust may store any, is
 * one key and is written as 7ff8…, or 7fc0… in 4 bytes.
 *
 * NOTE: the order is not that of the bytes, where the sign would come last of all.
 *
 * Source: `specs/ic-stable-structures.md` sections 5.1 and 5.3.
 */
import {
  readF32BigEndian,
  readF64BigEndian,
  writeF32BigEndian,
  writeF64BigEndian,
  writeU16BigEndian,
} from '../bytes.js';
import type { ByteOrder, KeyCodec } from '../codec.js';
import { describeFloats } from '../order-program.js';
import { fixedSizeParts, fixedSizeWriters } from './fixed-size.js';
import { invalidValue, wrongType } from './refusals.js';

/** How numbers of one precision lie in `size` bytes. */
interface FloatFormat {
  readonly name: string;
  readonly size: number;

  /** The first two bytes of the NaN that is written; the others are zero. */
  readonly nanStart: number;

  read(bytes: Uint8Array, offset: number): number;
  write(bytes: Uint8Array, offset: number, value: number): void;
}

/**
 * Rust's `f32`: a number of single precision in 4 bytes, ordered as described above. O(1).
 *
 * Throws `TypeError` for what is no number, `INVALID_VALUE` for a number such as 0.1 that would
 * come back as another one (round it with `Math.fround`), `CORRUPTED` for stored bytes of another
 * length.
 *
 * @example
 * const prices = BTreeMap.init(memory.get(0), text, f32);
 * prices.insert('tea', Math.fround(0.1));
 */
export const f32: KeyCodec<number> = floatCodec({
  name: 'f32',
  size: 4,
  nanStart: 0x7fc0,
  read: readF32BigEndian,
  write: writeF32BigEndian,
});

/**
 * Rust's `f64`: any number in 8 bytes, ordered as described above. O(1).
 *
 * Throws `TypeError` for what is no number, `CORRUPTED` for stored bytes of another length.
 *
 * @example
 * const byScore = BTreeMap.init(memory.get(0), tuple(f64, principal), unit);
 */
export const f64: KeyCodec<number> = floatCodec({
  name: 'f64',
  size: 8,
  nanStart: 0x7ff8,
  read: readF64BigEndian,
  write: writeF64BigEndian,
});

function floatCodec({ name, size, nanStart, read, write }: FloatFormat): KeyCodec<number> {
  const order: ByteOrder = (left, leftStart, _leftEnd, right, rightStart) =>
    compareFloats(read(left, leftStart), read(right, rightStart));
  describeFloats(order);
  return {
    ...fixedSizeParts(name, size, read),
    order,
    ...fixedSizeWriters(size, writeOrNan, assertFits),
  };

  function assertFits(value: unknown): void {
    if (typeof value !== 'number') throw wrongType(name, 'a number', value);
    if (size === 8 || Math.fround(value) === value || Number.isNaN(value)) return;
    throw invalidValue(name, `a number that fits ${size} bytes`, String(value));
  }

  function writeOrNan(bytes: Uint8Array, offset: number, value: number): void {
    if (!Number.isNaN(value)) return write(bytes, offset, value);
    bytes.fill(0, offset, offset + size);
    writeU16BigEndian(bytes, offset, nanStart);
  }
}

function compareFloats(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (left === right) return compareSigns(left, right);
  return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
}

/** Equal numbers differ in their signs only if they are zeros. */
function compareSigns(left: number, right: number): number {
  return Number(Object.is(right, -0)) - Number(Object.is(left, -0));
}
