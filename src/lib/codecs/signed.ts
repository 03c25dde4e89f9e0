/**
 * Whole numbers with a sign. Rust's crate has none, so these encodings are ours: the number plus
 * half of the range, big-endian. That flips the sign bit of two's complement and nothing else, so
 * the least number is all zeros, -1 comes right before 0, and the order of the bytes is the order
 * of the numbers.
 *
 *     CODEC  TYPE    SIZE  VALUES             STORED
 *     i8     number     1  -2^7 to 2^7-1      value + 2^7
 *     i16    number     2  -2^15 to 2^15-1    value + 2^15, big-endian
 *     i32    number     4  -2^31 to 2^31-1    value + 2^31, big-endian
 *     i64    bigint     8  -2^63 to 2^63-1    value + 2^63, big-endian
 *     i128   bigint    16  -2^127 to 2^127-1  value + 2^127, big-endian
 *
 * Source: the gap in `specs/ic-stable-structures.md` section 5.1; golden vectors
 * `test/golden/codecs.txt`.
 */
import {
  readU128BigEndian,
  readU16BigEndian,
  readU32BigEndian,
  readU64BigEndian,
  writeU128BigEndian,
  writeU16BigEndian,
  writeU32BigEndian,
  writeU64BigEndian,
} from '../bytes.js';
import type { KeyCodec } from '../codec.js';
import { bigintCodec, numberCodec } from './integers.js';

/** How far the numbers of each size are shifted upwards, so that none is negative. */
const SHIFT_8 = 2 ** 7;
const SHIFT_16 = 2 ** 15;
const SHIFT_32 = 2 ** 31;
const SHIFT_64 = 2n ** 63n;
const SHIFT_128 = 2n ** 127n;

/** Of the first byte. */
const SIGN_BIT = 0x80;

/**
 * A number from -128 to 127 in 1 byte, ordered as numbers are. O(1).
 *
 * Throws `TypeError` for what is no number, `INVALID_VALUE` for a number out of range or not
 * whole, `CORRUPTED` for stored bytes of another length. `-0` is stored as 0.
 *
 * @example
 * const temperatures = BTreeMap.init(memory.get(0), text, i8);
 */
export const i8: KeyCodec<number> = numberCodec({
  name: 'i8',
  size: 1,
  min: -SHIFT_8,
  max: SHIFT_8 - 1,
  read: (bytes, offset) => bytes[offset]! - SHIFT_8,
  write: (bytes, offset, value) => {
    bytes[offset] = value + SHIFT_8;
  },
});

/** A number from -32,768 to 32,767 in 2 bytes. Otherwise as {@link i8}. */
export const i16: KeyCodec<number> = numberCodec({
  name: 'i16',
  size: 2,
  min: -SHIFT_16,
  max: SHIFT_16 - 1,
  read: (bytes, offset) => readU16BigEndian(bytes, offset) - SHIFT_16,
  write: (bytes, offset, value) => writeU16BigEndian(bytes, offset, value + SHIFT_16),
});

/** A number from -2,147,483,648 to 2,147,483,647 in 4 bytes. Otherwise as {@link i8}. */
export const i32: KeyCodec<number> = numberCodec({
  name: 'i32',
  size: 4,
  min: -SHIFT_32,
  max: SHIFT_32 - 1,
  read: (bytes, offset) => readU32BigEndian(bytes, offset) - SHIFT_32,
  write: (bytes, offset, value) => writeU32BigEndian(bytes, offset, value + SHIFT_32),
});

/**
 * A bigint from -2^63 to 2^63 - 1 in 8 bytes, ordered as numbers are. O(1).
 *
 * Throws `TypeError` for what is no bigint (write `-5n`), `INVALID_VALUE` for a bigint out of
 * range, `CORRUPTED` for stored bytes of another length.
 *
 * @example
 * const readings = BTreeMap.init(memory.get(0), i64, text);
 * readings.insert(-40n, 'cold');
 */
export const i64: KeyCodec<bigint> = bigintCodec({
  name: 'i64',
  size: 8,
  min: -SHIFT_64,
  max: SHIFT_64 - 1n,
  // Adding 2^63 flips the sign bit, and costs the engine a bigint: half of the time. It saves it
  // where it is told that 64 bits are enough, or where the bit is flipped instead.
  read: (bytes, offset) => BigInt.asIntN(64, readU64BigEndian(bytes, offset) - SHIFT_64),
  write: (bytes, offset, value) => {
    writeU64BigEndian(bytes, offset, value);
    bytes[offset]! ^= SIGN_BIT;
  },
});

/** A bigint from -2^127 to 2^127 - 1 in 16 bytes. Otherwise as {@link i64}. */
export const i128: KeyCodec<bigint> = bigintCodec({
  name: 'i128',
  size: 16,
  min: -SHIFT_128,
  max: SHIFT_128 - 1n,
  read: (bytes, offset) => readU128BigEndian(bytes, offset) - SHIFT_128,
  write: (bytes, offset, value) => writeU128BigEndian(bytes, offset, value + SHIFT_128),
});
