/**
 * Whole numbers of any size, in as few bytes as they need, and ordered as numbers are. Rust's crate
 * has none, so the encoding is ours:
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  0x80 + size of the digits, or 0xff where they are 127 bytes or more
 *          1     4  size of the digits, big-endian; only after 0xff
 *       then  size  the digits: the number in base 256, the first digit not zero; none for 0
 *
 * A negative number has the bytes of `-1 - value`, every bit flipped: -1 is 7f, since 0 is 80. So
 * the first bit is the sign, a number of more digits comes after one of fewer, or before it below
 * zero, and the order of the bytes is the order of the numbers.
 *
 * Each number has one encoding; any other is refused, since it would be a key that is not found.
 * A `nat` is stored as the `int` that it is, so that a `nat` may become an `int`, as in Candid.
 *
 * Source: the gap in `specs/ic-stable-structures.md` section 5.1; golden vectors
 * `test/golden/codecs.txt`.
 */
import { compareBytes, concatBytes, readU32BigEndian, writeU32BigEndian } from '../bytes.js';
import type { KeyCodec } from '../codec.js';
import { corrupted } from '../errors.js';
import { bytesOfHex, hexOf } from './hex.js';
import { invalidValue, wrongType } from './refusals.js';

/** The first byte of 0, and the bit that is set unless the number is negative. */
const ZERO = 0x80;

/** First byte of a number that has its size in a field of its own. */
const LONG = 0xff;
const SHORT_SIZE_MAX = LONG - ZERO - 1;

const LONG_HEADER_SIZE = 5;

/** Digits that a `number` holds exactly. */
const SMALL_SIZE_MAX = 6;
const SMALL_LIMIT = 2n ** 48n;

/**
 * A bigint of any size, ordered as numbers are: from 1 byte on, 2 bytes up to 255. O(digits).
 *
 * Throws `TypeError` for what is no bigint (write `-5n`), `CORRUPTED` for stored bytes that are no
 * such number, or one that could be shorter.
 *
 * @example
 * const balances = BTreeMap.init(memory.get(0), principal, int);
 * balances.insert(debtor, -(10n ** 30n));
 */
export const int: KeyCodec<bigint> = {
  name: 'int',
  bound: 'unbounded',
  order: compareBytes,
  encode(value) {
    if (typeof value !== 'bigint') throw wrongType('int', 'a bigint, such as -5n', value);
    return encodeInteger(value);
  },
  decode: (bytes) => decodeInteger(bytes, 0, bytes.length),
  decodeAt: decodeInteger,
};

/**
 * A bigint from 0 on, without an upper limit. Otherwise as {@link int}, in the same bytes. Throws
 * `INVALID_VALUE` for a negative bigint, and `CORRUPTED` for a stored one.
 *
 * @example
 * const supplies = BTreeMap.init(memory.get(0), text, nat);
 */
export const nat: KeyCodec<bigint> = {
  name: 'nat',
  bound: 'unbounded',
  order: compareBytes,
  encode(value) {
    if (typeof value !== 'bigint') throw wrongType('nat', 'a bigint, such as 5n', value);
    if (value < 0n) throw invalidValue('nat', 'a bigint from 0 on', String(value));
    return encodeInteger(value);
  },
  decode: (bytes) => decodeNatural(bytes, 0, bytes.length),
  decodeAt: decodeNatural,
};

function encodeInteger(value: bigint): Uint8Array {
  return value < 0n ? flip(encodeNatural(-1n - value)) : encodeNatural(value);
}

function decodeInteger(bytes: Uint8Array, start: number, end: number): bigint {
  if (start === end) throw corrupted('int', 'at least 1 byte', 0);
  if (bytes[start]! >= ZERO) return readNatural(bytes, start, end);
  const flipped = flip(new Uint8Array(bytes.subarray(start, end)));
  return -1n - readNatural(flipped, 0, flipped.length);
}

function decodeNatural(bytes: Uint8Array, start: number, end: number): bigint {
  const value = decodeInteger(bytes, start, end);
  if (value < 0n) throw corrupted('nat', 'a number from 0 on', String(value));
  return value;
}

/** In place. */
function flip(bytes: Uint8Array): Uint8Array {
  for (let index = 0; index < bytes.length; index++) bytes[index]! ^= 0xff;
  return bytes;
}

function encodeNatural(value: bigint): Uint8Array {
  const digits = value < SMALL_LIMIT ? smallDigits(Number(value)) : largeDigits(value);
  const size = digits.length;
  const header = new Uint8Array(headerSizeFor(size));
  header[0] = header.length === 1 ? ZERO + size : LONG;
  if (header.length > 1) writeU32BigEndian(header, 1, size);
  return concatBytes(header, digits);
}

function smallDigits(value: number): Uint8Array {
  let size = 0;
  for (let rest = value; rest >= 1; rest /= 256) size++;
  const digits = new Uint8Array(size);
  let rest = value;
  for (let index = size - 1; index >= 0; index--) {
    digits[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return digits;
}

/** By way of text, which the engine writes and reads at once: digit by digit is quadratic. */
function largeDigits(value: bigint): Uint8Array {
  const hex = value.toString(16);
  return bytesOfHex(hex.length % 2 === 0 ? hex : `0${hex}`)!;
}

/**
 * The number whose first byte is at `start`. Throws `CORRUPTED` where its size is not what lies
 * before `end`, or either field is longer than the number needs.
 */
function readNatural(bytes: Uint8Array, start: number, end: number): bigint {
  const isLong = bytes[start] === LONG;
  const digits = start + (isLong ? LONG_HEADER_SIZE : 1);
  if (digits > end) throw corrupted('size of an int', `${LONG_HEADER_SIZE} bytes`, end - start);
  const size = isLong ? readU32BigEndian(bytes, start + 1) : bytes[start]! - ZERO;
  if (digits + size !== end) throw corrupted('digits of an int', `${size} bytes`, end - digits);
  if (start + headerSizeFor(size) !== digits) throw corrupted('size of an int', 'in 1 byte', size);
  if (size > 0 && bytes[digits] === 0) throw corrupted('first digit of an int', 'above 0', 0);
  if (size > SMALL_SIZE_MAX) return BigInt(`0x${hexOf(bytes, digits, end)}`);
  return readSmall(bytes, digits, end);
}

function headerSizeFor(size: number): number {
  return size > SHORT_SIZE_MAX ? LONG_HEADER_SIZE : 1;
}

function readSmall(bytes: Uint8Array, start: number, end: number): bigint {
  let value = 0;
  for (let index = start; index < end; index++) value = value * 256 + bytes[index]!;
  return BigInt(value);
}
