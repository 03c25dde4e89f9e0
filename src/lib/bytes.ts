/**
 * Numbers as bytes and back, and ranges of bytes compared and joined.
 *
 * Formats of our own headers are little-endian; only keys, whose bytes are compared, are
 * big-endian. This is the one file that touches `DataView`, so no other file can forget to say
 * which. Numbers of up to 32 bits are put together from their bytes: in V8 that is forty times
 * faster than a new `DataView`, and in an interpreter it costs no more than one. Numbers of 64
 * bits and more go through one `DataView` that all calls share, because making a view is the
 * dearest part.
 *
 * PRECONDITION: offsets lie within the array. Nothing here checks it, since callers have checked
 * the whole record before they read its fields.
 *
 * Source: house style rules 4 and 5.
 */
import type { ByteOrder } from './codec.js';
import { corrupted } from './errors.js';

const TWO_TO_THE_32 = 0x1_0000_0000;

/** The high half of 2^53 - 1: what a `number` can hold of a 64-bit field. */
const HIGH_HALF_MAX = 0x1f_ffff;

/** INVARIANT: written and read within one call, so that sharing it cannot be noticed. */
const scratch = new Uint8Array(8);
const scratchView = new DataView(scratch.buffer);

/** Reads 2 bytes, little-endian. O(1). */
export function readU16(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! | (bytes[offset + 1]! << 8);
}

/** Reads 4 bytes, little-endian. O(1). */
export function readU32(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset]! |
      (bytes[offset + 1]! << 8) |
      (bytes[offset + 2]! << 16) |
      (bytes[offset + 3]! << 24)) >>>
    0
  );
}

/**
 * Reads 8 bytes, little-endian, as a number. Throws `CORRUPTED` above 2^53 - 1: no address, size or
 * count in a memory is that large, so the bytes are not what they should be. O(1).
 */
export function readU64(bytes: Uint8Array, offset: number): number {
  const low = readU32(bytes, offset);
  const high = readU32(bytes, offset + 4);
  if (high > HIGH_HALF_MAX) {
    throw corrupted('a 64-bit field', 'at most 2^53 - 1', `${high} * 2^32 + ${low}`);
  }
  return high * TWO_TO_THE_32 + low;
}

/** Writes the low 16 bits of `value`, little-endian. O(1). */
export function writeU16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
}

/** Writes the low 32 bits of `value`, little-endian. O(1). */
export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
  bytes[offset + 2] = value >>> 16;
  bytes[offset + 3] = value >>> 24;
}

/**
 * Writes 8 bytes, little-endian, as two halves. O(1).
 *
 * PRECONDITION: `value` is a whole number from 0 to 2^53 - 1.
 */
export function writeU64(bytes: Uint8Array, offset: number, value: number): void {
  const high = Math.floor(value / TWO_TO_THE_32);
  writeU32(bytes, offset, value - high * TWO_TO_THE_32);
  writeU32(bytes, offset + 4, high);
}

/** Reads 2 bytes, big-endian. O(1). */
export function readU16BigEndian(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}

/** Reads 4 bytes, big-endian. O(1). */
export function readU32BigEndian(bytes: Uint8Array, offset: number): number {
  return (
    ((bytes[offset]! << 24) |
      (bytes[offset + 1]! << 16) |
      (bytes[offset + 2]! << 8) |
      bytes[offset + 3]!) >>>
    0
  );
}

/** Writes the low 16 bits of `value`, big-endian. O(1). */
export function writeU16BigEndian(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

/** Writes the low 32 bits of `value`, big-endian. O(1). */
export function writeU32BigEndian(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

/** The 8 bytes of `value` modulo 2^64, big-endian; a negative one in two's complement. O(1). */
export function encodeU64BigEndian(value: bigint): Uint8Array {
  scratchView.setBigUint64(0, value);
  return new Uint8Array(scratch);
}

/**
 * The number from 0 to 2^64 - 1 in 8 bytes, big-endian. O(1).
 *
 * PRECONDITION: `bytes` is exactly 8 long.
 */
export function decodeU64BigEndian(bytes: Uint8Array): bigint {
  scratch.set(bytes);
  return scratchView.getBigUint64(0);
}

/** The 16 bytes of `value` modulo 2^128, big-endian. O(1). */
export function encodeU128BigEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set(encodeU64BigEndian(value >> 64n), 0);
  bytes.set(encodeU64BigEndian(value), 8);
  return bytes;
}

/**
 * The number from 0 to 2^128 - 1 in 16 bytes, big-endian. O(1).
 *
 * PRECONDITION: `bytes` is exactly 16 long.
 */
export function decodeU128BigEndian(bytes: Uint8Array): bigint {
  const high = decodeU64BigEndian(bytes.subarray(0, 8));
  return (high << 64n) | decodeU64BigEndian(bytes.subarray(8));
}

/**
 * Byte by byte from the front; of two ranges that agree as far as the shorter goes, the shorter
 * comes first. O(length of the common prefix).
 */
export const compareBytes: ByteOrder = (left, leftStart, leftEnd, right, rightStart, rightEnd) => {
  const leftLength = leftEnd - leftStart;
  const rightLength = rightEnd - rightStart;
  const common = leftLength < rightLength ? leftLength : rightLength;
  for (let index = 0; index < common; index++) {
    const difference = left[leftStart + index]! - right[rightStart + index]!;
    if (difference !== 0) return difference;
  }
  return leftLength - rightLength;
};

/** Whether two arrays hold the same bytes. O(length), O(1) where the lengths differ. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  return compareBytes(left, 0, left.length, right, 0, right.length) === 0;
}

/** The parts one after another in one new array. O(total length). */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
