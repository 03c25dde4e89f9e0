/**
 * Whole numbers of any size, written into an array of bytes. Up to 2^53 they are numbers all the
 * way; larger ones go through their hexadecimal digits, which takes time in proportion to their
 * length, where dividing a bigint again and again would take its square.
 *
 * Stores behind the end of an array do nothing, and nobody checks for it here: all that count is
 * where a number ends.
 *
 * Source: the Candid specification, "Binary format"; `leb128.ts`.
 */

const GROUP_MASK = 0x7f;
const MORE = 0x80;
const SIGN = 0x40;
const GROUP = 128;

const INT32_MAX = 0x7fff_ffff;

/** Seven hexadecimal digits are four groups. */
const DIGITS_PER_STEP = 7;
const GROUPS_PER_STEP = 4;
const BITS_PER_GROUP = 7;

/** Writes a whole number from 0 to 2^53 - 1; returns where it ends. */
export function putUnsigned(target: Uint8Array, offset: number, value: number): number {
  let end = offset;
  let left = value;
  while (left > INT32_MAX) {
    target[end++] = (left % GROUP) + MORE;
    left = Math.floor(left / GROUP);
  }
  while (left > GROUP_MASK) {
    target[end++] = (left & GROUP_MASK) | MORE;
    left >>>= BITS_PER_GROUP;
  }
  target[end++] = left;
  return end;
}

/** Writes a whole number from -2^53 + 1 to 2^53 - 1; returns where it ends. */
export function putSigned(target: Uint8Array, offset: number, value: number): number {
  const flip = value < 0 ? GROUP_MASK : 0;
  let end = offset;
  let left = value < 0 ? -value - 1 : value;
  while (left > INT32_MAX) {
    target[end++] = ((left % GROUP) ^ flip) | MORE;
    left = Math.floor(left / GROUP);
  }
  while (left >= SIGN) {
    target[end++] = ((left & GROUP_MASK) ^ flip) | MORE;
    left >>>= BITS_PER_GROUP;
  }
  target[end++] = left ^ flip;
  return end;
}

/** Writes a bigint from 0 on; returns where it ends. O(length). */
export function putLargeUnsigned(target: Uint8Array, offset: number, value: bigint): number {
  return putDigits(target, offset, value.toString(16), 0, GROUP);
}

/** Writes a bigint; returns where it ends. O(length). */
export function putLargeSigned(target: Uint8Array, offset: number, value: bigint): number {
  if (value < 0n) return putDigits(target, offset, (~value).toString(16), GROUP_MASK, SIGN);
  return putDigits(target, offset, value.toString(16), 0, SIGN);
}

/** All groups but the last one are written whole; the last one has to be below `limit`. */
function putDigits(
  target: Uint8Array,
  offset: number,
  digits: string,
  flip: number,
  limit: number,
): number {
  let end = offset;
  let stop = digits.length;
  for (; stop > DIGITS_PER_STEP; stop -= DIGITS_PER_STEP) {
    let groups = parseInt(digits.slice(stop - DIGITS_PER_STEP, stop), 16);
    for (let index = 0; index < GROUPS_PER_STEP; index++) {
      target[end++] = ((groups & GROUP_MASK) ^ flip) | MORE;
      groups >>>= BITS_PER_GROUP;
    }
  }
  let left = parseInt(digits.slice(0, stop), 16);
  while (left >= limit) {
    target[end++] = ((left & GROUP_MASK) ^ flip) | MORE;
    left >>>= BITS_PER_GROUP;
  }
  target[end++] = left ^ flip;
  return end;
}
