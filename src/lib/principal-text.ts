/**
 * The text form of a principal, such as `rrkah-fqaaa-aaaaa-aaaaq-cai`: base32 in lower case of a
 * checksum and the bytes, with a dash after every fifth character.
 *
 *     OFFSET  SIZE  FIELD (before base32)
 *          0     4  CRC-32 of the bytes, big-endian
 *          4  0-29  the bytes
 *
 * There is one text for each principal. Reading therefore decodes, writes again and compares: that
 * finds a wrong checksum, a misplaced dash, a capital and stray last bits in one go.
 *
 * Source: the Internet Computer interface specification, "Textual representation of principals".
 */
import { concatBytes, writeU32BigEndian } from './bytes.js';
import { kind } from './guards.js';

const CHECKSUM_SIZE = 4;
const GROUP_SIZE = 5;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** CRC-32 (polynomial 0xedb88320) of each half byte: two steps a byte, and no table to build. */
const CRC_OF_HALF_BYTE = [
  0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
  0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
] as const;

/** The text form of a principal's bytes. O(length). */
export function principalToText(bytes: Uint8Array): string {
  const checksum = new Uint8Array(CHECKSUM_SIZE);
  writeU32BigEndian(checksum, 0, crc32(bytes));
  const digits = toBase32(concatBytes(checksum, bytes));
  let text = digits.slice(0, GROUP_SIZE);
  for (let start = GROUP_SIZE; start < digits.length; start += GROUP_SIZE) {
    text += `-${digits.slice(start, start + GROUP_SIZE)}`;
  }
  return text;
}

/**
 * The bytes of a principal's text form. O(length).
 *
 * Throws `TypeError` for what is no string, `RangeError` for what is no principal's text.
 */
export function principalFromText(text: string): Uint8Array {
  if (typeof text !== 'string') {
    throw new TypeError(`principal: expected its text form, got ${kind(text)}`);
  }
  const decoded = fromBase32(text.replaceAll('-', ''));
  const bytes = decoded?.slice(CHECKSUM_SIZE);
  if (bytes === undefined || principalToText(bytes) !== text) {
    throw new RangeError(
      `principal: expected a text form with a right checksum, got ${JSON.stringify(text)}`,
    );
  }
  return bytes;
}

/** The checksum of gzip, PNG and principals. O(length). */
export function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc = CRC_OF_HALF_BYTE[(crc ^ byte) & 15]! ^ (crc >>> 4);
    crc = CRC_OF_HALF_BYTE[(crc ^ (byte >>> 4)) & 15]! ^ (crc >>> 4);
  }
  return ~crc >>> 0;
}

/** Five bits a digit, first bits first; the last digit is filled up with zero bits. */
function toBase32(bytes: Uint8Array): string {
  let digits = '';
  let bits = 0;
  let bitCount = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    bitCount += 8;
    for (; bitCount >= 5; bitCount -= 5) digits += ALPHABET[(bits >>> (bitCount - 5)) & 31]!;
  }
  return bitCount === 0 ? digits : digits + ALPHABET[(bits << (5 - bitCount)) & 31]!;
}

/** `undefined` where a character is no digit. Bits that fill no byte are dropped. */
function fromBase32(digits: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((digits.length * 5) / 8));
  let length = 0;
  let bits = 0;
  let bitCount = 0;
  for (const digit of digits) {
    const value = ALPHABET.indexOf(digit);
    if (value < 0) return undefined;
    bits = ((bits << 5) | value) & 0xfff;
    bitCount += 5;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes[length++] = bits >>> bitCount;
  }
  return bytes;
}
