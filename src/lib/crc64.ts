/**
 * CRC-64/XZ: the checksum of what is written to a journal. It tells a record that was written as a
 * whole from one that a crash has torn: a wrong one passes once in 2^64 times, and never where the
 * difference lies within 64 bits. It is no defence against somebody who means harm.
 *
 * A CRC is the remainder of a division of polynomials over bits. Tables have the remainders of each
 * byte at each of eight places, so that eight bytes take one step; the 64 bits are kept as two
 * halves, because a `bigint` for each step would cost a hundred times as much.
 *
 * Source: ECMA-182, annex B, has the polynomial; the `xz` file format has the order of bits.
 */

/** The polynomial with its bits in reverse order, in two halves. */
const POLYNOMIAL_LOW = 0xd7870f42 | 0;
const POLYNOMIAL_HIGH = 0xc96c5795 | 0;

const BYTES_AT_ONCE = 8;
const BYTE_VALUES = 256;

/** `LOW[place * 256 + byte]` and `HIGH[...]`: the remainder of a byte with `place` more behind. */
const LOW = new Int32Array(BYTES_AT_ONCE * BYTE_VALUES);
const HIGH = new Int32Array(BYTES_AT_ONCE * BYTE_VALUES);
let hasTables = false;

/**
 * The CRC-64/XZ of the bytes from `start` to `end`. O(bytes).
 *
 * @example
 * crc64(encodeUtf8('123456789')); // 0x995dc9bbdf1939fan
 */
export function crc64(bytes: Uint8Array, start = 0, end = bytes.length): bigint {
  if (!hasTables) fillTables();
  let low = -1;
  let high = -1;
  let at = start;
  for (; at + BYTES_AT_ONCE <= end; at += BYTES_AT_ONCE) {
    low ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    high ^=
      bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
    const of0 = 0x700 | (low & 0xff);
    const of1 = 0x600 | ((low >>> 8) & 0xff);
    const of2 = 0x500 | ((low >>> 16) & 0xff);
    const of3 = 0x400 | (low >>> 24);
    const of4 = 0x300 | (high & 0xff);
    const of5 = 0x200 | ((high >>> 8) & 0xff);
    const of6 = 0x100 | ((high >>> 16) & 0xff);
    const of7 = high >>> 24;
    low =
      LOW[of0]! ^
      LOW[of1]! ^
      LOW[of2]! ^
      LOW[of3]! ^
      (LOW[of4]! ^ LOW[of5]! ^ LOW[of6]! ^ LOW[of7]!);
    high =
      HIGH[of0]! ^
      HIGH[of1]! ^
      HIGH[of2]! ^
      HIGH[of3]! ^
      (HIGH[of4]! ^ HIGH[of5]! ^ HIGH[of6]! ^ HIGH[of7]!);
  }
  for (; at < end; at++) {
    const index = (low ^ bytes[at]!) & 0xff;
    low = LOW[index]! ^ ((low >>> 8) | (high << 24));
    high = HIGH[index]! ^ (high >>> 8);
  }
  return (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0);
}

/** Made at the first use: a program that keeps no journal need not pay for them. */
function fillTables(): void {
  for (let byte = 0; byte < BYTE_VALUES; byte++) {
    let low = byte;
    let high = 0;
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = (low & 1) === 1;
      low = ((low >>> 1) | (high << 31)) ^ (isOdd ? POLYNOMIAL_LOW : 0);
      high = (high >>> 1) ^ (isOdd ? POLYNOMIAL_HIGH : 0);
    }
    LOW[byte] = low;
    HIGH[byte] = high;
  }
  for (let index = BYTE_VALUES; index < LOW.length; index++) {
    const low = LOW[index - BYTE_VALUES]!;
    const high = HIGH[index - BYTE_VALUES]!;
    LOW[index] = LOW[low & 0xff]! ^ ((low >>> 8) | (high << 24));
    HIGH[index] = HIGH[low & 0xff]! ^ (high >>> 8);
  }
  hasTables = true;
}
