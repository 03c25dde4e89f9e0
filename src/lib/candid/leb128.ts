/**
 * Numbers of any size in groups of seven bits, lowest first; the top bit of a byte says that
 * another one follows. Signed numbers are in two's complement, and bit 6 of the last byte is their
 * sign.
 *
 * Source: the Candid specification, "Binary format"; DWARF 5, section 7.6.
 */

const GROUP = 128;

/** Appends a whole number from 0 to 2^53 - 1. */
export function pushUnsigned(bytes: number[], value: number): void {
  let left = value;
  while (left >= GROUP) {
    bytes.push((left % GROUP) + GROUP);
    left = Math.floor(left / GROUP);
  }
  bytes.push(left);
}

/** Appends a whole number from -2^53 + 1 to 2^53 - 1. */
export function pushSigned(bytes: number[], value: number): void {
  let left = value;
  while (left < -GROUP / 2 || left >= GROUP / 2) {
    const group = ((left % GROUP) + GROUP) % GROUP;
    bytes.push(group + GROUP);
    left = (left - group) / GROUP;
  }
  bytes.push((left + GROUP) % GROUP);
}
