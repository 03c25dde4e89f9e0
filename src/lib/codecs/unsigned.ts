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
 * The large ones take and give a `bigint` only. A number that is accepted but comes back as a
 * bigint would be a value that is not equal to itself after it was stored.
 *
 * Source: `specs/ic-stable-structures.md` section 5.1.
 */
import {
  compareBytes,
  decodeU128BigEndian,
  decodeU64BigEndian,
  encodeU128BigEndian,
  encodeU64BigEndian,
  readU16BigEndian,
  readU32BigEndian,
  writeU16BigEndian,
  writeU32BigEndian,
} from '../bytes.js';
import type { KeyCodec } from '../codec.js';
import { assertStoredSize, invalidValue, wrongType } from './refusals.js';

/** How the numbers of one size are written to, and read from, the front of an array. */
interface NumberFormat {
  readonly size: number;
  write(bytes: Uint8Array, offset: number, value: number): void;
  read(bytes: Uint8Array, offset: number): number;
}

/** How the bigints of one size become bytes and back. */
interface BigintFormat {
  readonly size: number;
  encode(value: bigint): Uint8Array;
  decode(bytes: Uint8Array): bigint;
}

const ONE_BYTE: NumberFormat = {
  size: 1,
  write: (bytes, offset, value) => {
    bytes[offset] = value;
  },
  read: (bytes, offset) => bytes[offset]!,
};

const TWO_BYTES: NumberFormat = { size: 2, write: writeU16BigEndian, read: readU16BigEndian };
const FOUR_BYTES: NumberFormat = { size: 4, write: writeU32BigEndian, read: readU32BigEndian };

const EIGHT_BYTES: BigintFormat = {
  size: 8,
  encode: encodeU64BigEndian,
  decode: decodeU64BigEndian,
};

const SIXTEEN_BYTES: BigintFormat = {
  size: 16,
  encode: encodeU128BigEndian,
  decode: decodeU128BigEndian,
};

/**
 * Rust's `u8`: a number from 0 to 255 in 1 byte. O(1).
 *
 * Throws `TypeError` for what is no number, `INVALID_VALUE` for a number out of range or not
 * whole, `CORRUPTED` for stored bytes of another length.
 *
 * @example
 * const levels = BTreeMap.init(memory.get(0), text, u8);
 */
export const u8: KeyCodec<number> = numberCodec('u8', ONE_BYTE);

/** Rust's `u16`: a number from 0 to 65,535 in 2 bytes. Otherwise as {@link u8}. */
export const u16: KeyCodec<number> = numberCodec('u16', TWO_BYTES);

/** Rust's `u32`: a number from 0 to 4,294,967,295 in 4 bytes. Otherwise as {@link u8}. */
export const u32: KeyCodec<number> = numberCodec('u32', FOUR_BYTES);

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
export const u64: KeyCodec<bigint> = bigintCodec('u64', EIGHT_BYTES);

/** Rust's `u128`: a bigint from 0 to 2^128 - 1 in 16 bytes. Otherwise as {@link u64}. */
export const u128: KeyCodec<bigint> = bigintCodec('u128', SIXTEEN_BYTES);

function numberCodec(name: string, { size, write, read }: NumberFormat): KeyCodec<number> {
  const max = 2 ** (size * 8) - 1;
  return {
    name,
    bound: { maxSize: size, fixedSize: true },
    order: compareBytes,
    encode(value) {
      if (typeof value !== 'number') throw wrongType(name, 'a number', value);
      if (!(value >= 0 && value <= max && Number.isInteger(value))) {
        throw invalidValue(name, `a whole number from 0 to ${max}`, String(value));
      }
      const bytes = new Uint8Array(size);
      write(bytes, 0, value);
      return bytes;
    },
    decode(bytes) {
      assertStoredSize(name, bytes, size);
      return read(bytes, 0);
    },
  };
}

function bigintCodec(name: string, { size, encode, decode }: BigintFormat): KeyCodec<bigint> {
  const max = 2n ** BigInt(size * 8) - 1n;
  return {
    name,
    bound: { maxSize: size, fixedSize: true },
    order: compareBytes,
    encode(value) {
      if (typeof value !== 'bigint') throw wrongType(name, 'a bigint, such as 5n', value);
      if (value < 0n || value > max) {
        throw invalidValue(name, `a bigint from 0 to ${max}`, String(value));
      }
      return encode(value);
    },
    decode(bytes) {
      assertStoredSize(name, bytes, size);
      return decode(bytes);
    },
  };
}
