/**
 * Numbers as bytes and back, and ranges of bytes compared and joined.
 *
 * Formats of our own headers are little-endian; only keys, whose bytes are compared, are
 * big-endian. This is the one file that may touch `DataView`, so no other file can forget to say
 * which. It makes none for a call: numbers of up to 32 bits are put together from their bytes,
 * which in V8 is forty times faster than a new view. Numbers of 64 bits go as two halves through
 * one shared array, because a `bigint` that is put together by shifting makes three others on the
 * way. Views are kept of one array that everybody uses, see {@link keepView}, and of the arrays
 * that one module uses over and over, see {@link RecordBytes}.
 *
 * PRECONDITION: offsets lie within the array. Nothing here checks it, since callers have checked
 * the whole record before they read its fields.
 *
 * Source: house style rules 4 and 5.
 */
import type { ByteOrder, EncodedEdge, KeyProbe } from './codec.js';
import { corrupted } from './errors.js';

const TWO_TO_THE_32 = 0x1_0000_0000;

/** The high half of 2^53 - 1: what a `number` can hold of a 64-bit field. */
const HIGH_HALF_MAX = 0x1f_ffff;

/**
 * One number of 64 bits, seen as a whole, as two halves of 32, and as floating-point numbers.
 *
 * INVARIANT: written and read within one call, so that sharing it cannot be noticed.
 */
const whole = new BigUint64Array(1);
const halves = new Uint32Array(whole.buffer);
const signed = new BigInt64Array(whole.buffer);
const double = new Float64Array(whole.buffer);
const single = new Float32Array(whole.buffer);

/** Which half is which: such arrays have the byte order of the machine. */
const LOW_HALF = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH_HALF = 1 - LOW_HALF;

/**
 * The array that is read and written most, with a view of it: in a canister the staging area of
 * the kernel, where keys and values travel. In an interpreter one call of the view is cheaper than
 * a store for each byte.
 */
let viewed: Uint8Array | undefined;
let view: DataView | undefined;

/** From now on numbers in this array are read and written through a view of it. O(1). */
export function keepView(bytes: Uint8Array): void {
  viewed = bytes;
  view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The bytes of a record with many numbers, for a module that makes one such record after the other
 * and copies it where it belongs. The numbers, little-endian, go through a view that is kept: in an
 * interpreter half the work of the functions below, and for 64 bits a third.
 */
export class RecordBytes {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  u32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  setU32(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  /** As {@link writeU64}. */
  setU64(offset: number, value: number): void {
    const high = Math.floor(value / TWO_TO_THE_32);
    this.#view.setUint32(offset, value - high * TWO_TO_THE_32, true);
    this.#view.setUint32(offset + 4, high, true);
  }

  bigU64(offset: number): bigint {
    return this.#view.getBigUint64(offset, true);
  }

  setBigU64(offset: number, value: bigint): void {
    this.#view.setBigUint64(offset, value, true);
  }
}

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
  if (high === 0) return low;
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

/** Reads 8 bytes, little-endian, as a bigint from 0 to 2^64 - 1. O(1), and makes no view. */
export function readBigU64(bytes: Uint8Array, offset: number): bigint {
  halves[LOW_HALF] = readU32(bytes, offset);
  halves[HIGH_HALF] = readU32(bytes, offset + 4);
  return whole[0]!;
}

/** Reads 8 bytes, little-endian, as a bigint from -2^63 to 2^63 - 1. O(1). */
export function readBigI64(bytes: Uint8Array, offset: number): bigint {
  halves[LOW_HALF] = readU32(bytes, offset);
  halves[HIGH_HALF] = readU32(bytes, offset + 4);
  return signed[0]!;
}

/** Writes `value` modulo 2^64 as 8 bytes, little-endian; a negative one in two's complement. */
export function writeBigU64(bytes: Uint8Array, offset: number, value: bigint): void {
  whole[0] = value;
  writeU32(bytes, offset, halves[LOW_HALF]!);
  writeU32(bytes, offset + 4, halves[HIGH_HALF]!);
}

/** Reads an IEEE 754 number of 4 bytes, little-endian. O(1). */
export function readF32(bytes: Uint8Array, offset: number): number {
  halves[0] = readU32(bytes, offset);
  return single[0]!;
}

/** Writes the IEEE 754 number of 4 bytes that is nearest to `value`, little-endian. O(1). */
export function writeF32(bytes: Uint8Array, offset: number, value: number): void {
  single[0] = value;
  writeU32(bytes, offset, halves[0]!);
}

/** Reads an IEEE 754 number of 8 bytes, little-endian. O(1). */
export function readF64(bytes: Uint8Array, offset: number): number {
  halves[LOW_HALF] = readU32(bytes, offset);
  halves[HIGH_HALF] = readU32(bytes, offset + 4);
  return double[0]!;
}

/** Writes an IEEE 754 number of 8 bytes, little-endian; which of its NaNs, the engine says. */
export function writeF64(bytes: Uint8Array, offset: number, value: number): void {
  double[0] = value;
  writeU32(bytes, offset, halves[LOW_HALF]!);
  writeU32(bytes, offset + 4, halves[HIGH_HALF]!);
}

/** Reads 2 bytes, big-endian. O(1). */
export function readU16BigEndian(bytes: Uint8Array, offset: number): number {
  if (bytes === viewed) return view!.getUint16(offset);
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}

/** 4 bytes, big-endian, as a number that may have become negative: for arrays of 32 bits. */
function fourBytes(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset]! << 24) |
    (bytes[offset + 1]! << 16) |
    (bytes[offset + 2]! << 8) |
    bytes[offset + 3]!
  );
}

/** Reads 4 bytes, big-endian. O(1). */
export function readU32BigEndian(bytes: Uint8Array, offset: number): number {
  if (bytes === viewed) return view!.getUint32(offset);
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
  if (bytes === viewed) return view!.setUint16(offset, value);
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

/** Writes the low 32 bits of `value`, big-endian. O(1). */
export function writeU32BigEndian(bytes: Uint8Array, offset: number, value: number): void {
  if (bytes === viewed) return view!.setUint32(offset, value);
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

/** Reads 8 bytes, big-endian, as a bigint from 0 to 2^64 - 1. O(1), and makes no view. */
export function readU64BigEndian(bytes: Uint8Array, offset: number): bigint {
  if (bytes === viewed) return view!.getBigUint64(offset);
  halves[HIGH_HALF] = fourBytes(bytes, offset);
  halves[LOW_HALF] = fourBytes(bytes, offset + 4);
  return whole[0]!;
}

/** Writes `value` modulo 2^64 as 8 bytes, big-endian; a negative one in two's complement. O(1). */
export function writeU64BigEndian(bytes: Uint8Array, offset: number, value: bigint): void {
  if (bytes === viewed) return view!.setBigUint64(offset, value);
  whole[0] = value;
  writeU32BigEndian(bytes, offset, halves[HIGH_HALF]!);
  writeU32BigEndian(bytes, offset + 4, halves[LOW_HALF]!);
}

/** Reads 16 bytes, big-endian, as a bigint from 0 to 2^128 - 1. O(1). */
export function readU128BigEndian(bytes: Uint8Array, offset: number): bigint {
  return (readU64BigEndian(bytes, offset) << 64n) | readU64BigEndian(bytes, offset + 8);
}

/** Writes `value` modulo 2^128 as 16 bytes, big-endian. O(1). */
export function writeU128BigEndian(bytes: Uint8Array, offset: number, value: bigint): void {
  writeU64BigEndian(bytes, offset, value >> 64n);
  writeU64BigEndian(bytes, offset + 8, value);
}

/** Reads an IEEE 754 number of 4 bytes, big-endian. O(1). */
export function readF32BigEndian(bytes: Uint8Array, offset: number): number {
  if (bytes === viewed) return view!.getFloat32(offset);
  halves[0] = fourBytes(bytes, offset);
  return single[0]!;
}

/** Writes the IEEE 754 number of 4 bytes that is nearest to `value`, big-endian. O(1). */
export function writeF32BigEndian(bytes: Uint8Array, offset: number, value: number): void {
  if (bytes === viewed) return view!.setFloat32(offset, value);
  single[0] = value;
  writeU32BigEndian(bytes, offset, halves[0]!);
}

/** Reads an IEEE 754 number of 8 bytes, big-endian. O(1). */
export function readF64BigEndian(bytes: Uint8Array, offset: number): number {
  if (bytes === viewed) return view!.getFloat64(offset);
  halves[HIGH_HALF] = fourBytes(bytes, offset);
  halves[LOW_HALF] = fourBytes(bytes, offset + 4);
  return double[0]!;
}

/** Writes an IEEE 754 number of 8 bytes, big-endian; which of its NaNs, the engine says. O(1). */
export function writeF64BigEndian(bytes: Uint8Array, offset: number, value: number): void {
  if (bytes === viewed) return view!.setFloat64(offset, value);
  double[0] = value;
  writeU32BigEndian(bytes, offset, halves[HIGH_HALF]!);
  writeU32BigEndian(bytes, offset + 4, halves[LOW_HALF]!);
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

/** By length first; ranges of one length as {@link compareBytes} has them. O(common prefix). */
export const compareShorterFirst: ByteOrder = (
  left,
  leftStart,
  leftEnd,
  right,
  rightStart,
  rightEnd,
) => {
  const difference = leftEnd - leftStart - (rightEnd - rightStart);
  if (difference !== 0) return difference;
  return compareBytes(left, leftStart, leftEnd, right, rightStart, rightEnd);
};

/** Where the ranges lie, in the order of {@link compareBytes}, that begin with these bytes. */
export function beginningWithBytes(prefix: Uint8Array): KeyProbe {
  const probe = (bytes: Uint8Array, start: number, end: number): number => {
    const common = Math.min(end, start + prefix.length);
    return compareBytes(bytes, start, common, prefix, 0, prefix.length);
  };
  const lower = { key: prefix, isInclusive: true };
  return Object.assign(probe, { range: { lower, upper: edgeBehind(prefix) } });
}

/** The edge behind all that begins with these bytes; `undefined` where nothing comes behind. */
function edgeBehind(prefix: Uint8Array): EncodedEdge | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  if (length === 0) return undefined;
  const key = prefix.slice(0, length);
  key[length - 1]! += 1;
  return { key, isInclusive: false };
}

/** Whether two arrays hold the same bytes. O(length), O(1) where the lengths differ. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  return compareBytes(left, 0, left.length, right, 0, right.length) === 0;
}

/** A copy of the bytes from `start` up to `end`; a plain one, also of a Node `Buffer`. O(n). */
export function copyRange(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes.slice(start, end);
  return new Uint8Array(bytes.subarray(start, end));
}

/** The parts one after another in one new array. O(total length). */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return concatAll(parts);
}

/** As {@link concatBytes}, of more parts than a call can have arguments. */
export function concatAll(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  concatInto(whole, parts);
  return whole;
}

/** Puts the parts one after another into `target`; returns where the last one ends. */
export function concatInto(target: Uint8Array, parts: readonly Uint8Array[]): number {
  let offset = 0;
  for (const part of parts) {
    target.set(part, offset);
    offset += part.length;
  }
  return offset;
}
