/**
 * Whole numbers without a sign, as Rust stores them: big-endian, so that the order of the bytes is
 * the order of the numbers.
 *
 *     CODEC  TYPE    SIZE  VALUES
 *     u8     number     1  0 to 255
 *     u16    number     2  0 to 65,535
 *     u32    number     4  0 to 4,294,967,295
 *     u64    bigint     8  0 to 2^64 - 1
 *     u128   bigint    16  0 to 2^128 - 1
 *
 * Source: `specs/ic-stable-structures.md` section 5.1.
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

/**
 * Rust's `u8`: a number from 0 to 255 in 1 byte. O(1).
 *
 * Throws `TypeError` for what is no number, `INVALID_VALUE` for a number out of range or not
 * whole, `CORRUPTED` for stored bytes of another length.
 *
 * @example
 * const levels = BTreeMap.init(memory.get(0), text, u8);
 */
export const u8: KeyCodec<number> = numberCodec({
  name: 'u8',
  size: 1,
  numberSize: 1,
  min: 0,
  max: 0xff,
  read: (bytes, offset) => bytes[offset]!,
  write: (bytes, offset, value) => {
    bytes[offset] = value;
  },
});

/** Rust's `u16`: a number from 0 to 65,535 in 2 bytes. Otherwise as {@link u8}. */
export const u16: KeyCodec<number> = numberCodec({
  name: 'u16',
  size: 2,
  numberSize: 2,
  min: 0,
  max: 0xffff,
  read: readU16BigEndian,
  write: writeU16BigEndian,
});

/** Rust's `u32`: a number from 0 to 4,294,967,295 in 4 bytes. Otherwise as {@link u8}. */
export const u32: KeyCodec<number> = numberCodec({
  name: 'u32',
  size: 4,
  numberSize: 4,
  min: 0,
  max: 0xffff_ffff,
  read: readU32BigEndian,
  write: writeU32BigEndian,
});

/**
 * Rust's `u64`: a bigint from 0 to 2^64 - 1 in 8 bytes. O(1).
 *
 * Throws `TypeError` for what is no bigint (write `5n`, or `BigInt(count)`), `INVALID_VALUE` for a
 * bigint out of range, `CORRUPTED` for stored bytes of another length.
 *
 * @example
 * const balances = BTreeMap.init(memory.get(0), principal, u64);
 * balances.insert(owner, 5n);
 */
export const u64: KeyCodec<bigint> = bigintCodec({
  name: 'u64',
  size: 8,
  numberSize: 8,
  min: 0n,
  max: 2n ** 64n - 1n,
  read: readU64BigEndian,
  write: writeU64BigEndian,
});

/** Rust's `u128`: a bigint from 0 to 2^128 - 1 in 16 bytes. Otherwise as {@link u64}. */
export const u128: KeyCodec<bigint> = bigintCodec({
  name: 'u128',
  size: 16,
  min: 0n,
  max: 2n ** 128n - 1n,
  read: readU128BigEndian,
  write: writeU128BigEndian,
});
