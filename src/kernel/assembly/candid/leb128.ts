/**
 * Whole numbers in LEB128: seven bits a byte, the lowest first; the high bit of a byte says that
 * another follows. The kernel reads what fits 63 bits, which nine bytes hold, in its shortest form.
 * Longer numbers are for JavaScript to read, for only it has integers without a bound.
 *
 * Source: the Candid specification, "Notation"; DWARF 4, section 7.6.
 */

const MORE: u32 = 0x80;
const SIGN: u32 = 0x40;
const PAYLOAD: u64 = 0x7f;

/** The most bytes of a number that fits 63 bits, and of any number of 64. */
export const SMALL_SIZE_MAX: usize = 9;
export const WORD_SIZE_MAX: usize = 10;

/** How many bytes the number at `at` takes; 0 where `end` cuts it short. */
export function leb128Size(at: usize, end: usize): usize {
  for (let last = at; last < end; last++) {
    if (load<u8>(last) < MORE) return last + 1 - at;
  }
  return 0;
}

/** PRECONDITION: `size` is the number's, and at most {@link SMALL_SIZE_MAX}. */
export function unsignedOf(at: usize, size: usize): u64 {
  let value: u64 = 0;
  for (let index: usize = 0; index < size; index++) {
    value |= ((<u64>load<u8>(at + index)) & PAYLOAD) << (7 * <u64>index);
  }
  return value;
}

/** PRECONDITION: as for {@link unsignedOf}. */
export function signedOf(at: usize, size: usize): i64 {
  const unused = 64 - 7 * <i64>size;
  return (<i64>(unsignedOf(at, size) << unused)) >> unused;
}

/** Whether no shorter form has the same value: the last byte is needed. */
export function isShortestUnsigned(at: usize, size: usize): bool {
  return size == 1 || load<u8>(at + size - 1) != 0;
}

export function isShortestSigned(at: usize, size: usize): bool {
  if (size == 1) return true;
  const last = <u32>load<u8>(at + size - 1);
  const isSigned = ((<u32>load<u8>(at + size - 2)) & SIGN) != 0;
  return isSigned ? last != 0x7f : last != 0;
}

/** Writes a number and returns where it ends: at most {@link WORD_SIZE_MAX} bytes on. */
export function writeUnsigned(at: usize, value: u64): usize {
  while (value >= MORE) {
    store<u8>(at++, <u8>((value & PAYLOAD) | MORE));
    value >>= 7;
  }
  store<u8>(at, <u8>value);
  return at + 1;
}

export function writeSigned(at: usize, value: i64): usize {
  while (value < -(<i64>SIGN) || value >= <i64>SIGN) {
    store<u8>(at++, <u8>(((<u64>value) & PAYLOAD) | MORE));
    value >>= 7;
  }
  store<u8>(at, <u8>((<u64>value) & PAYLOAD));
  return at + 1;
}
