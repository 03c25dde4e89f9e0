/**
 * Texts between Candid, which counts bytes of UTF-8, and JavaScript, which counts units of UTF-16:
 * one for every character but those beyond U+FFFF, which take four bytes there and two units here.
 */
import { sequenceLength, skipAscii } from '../utf8';

const NOT_A_TEXT: isize = -1;
const WORD: usize = 8;
const NON_ASCII_MASK: u64 = 0x8080_8080_8080_8080;

/** How many units the UTF-8 from `at` to `end` has in UTF-16; -1 where it is not valid. */
export function utf16Length(at: usize, end: usize): isize {
  let units: isize = 0;
  while (at < end) {
    const afterAscii = skipAscii(at, end);
    units += afterAscii - at;
    at = afterAscii;
    if (at == end) break;
    const size = sequenceLength(at, end);
    if (size == 0) return NOT_A_TEXT;
    at += size;
    units += unitsOf(size);
  }
  return units;
}

/**
 * Where the first `units` units of valid UTF-8 end; 0 where the text is shorter, or where the last
 * of them is half of a pair, which has no end in UTF-8.
 */
export function afterUtf16(at: usize, end: usize, units: usize): usize {
  while (units > 0) {
    if (at >= end) return 0;
    if (units >= WORD && at + WORD <= end && (load<u64>(at) & NON_ASCII_MASK) == 0) {
      at += WORD;
      units -= WORD;
      continue;
    }
    const size = sizeOf(load<u8>(at));
    if (unitsOf(size) > units) return 0;
    units -= unitsOf(size);
    at += size;
  }
  return at;
}

/** How many bytes a character has that begins with this one. PRECONDITION: the UTF-8 is valid. */
function sizeOf(first: u32): usize {
  if (first < 0x80) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

function unitsOf(size: usize): usize {
  return size == 4 ? 2 : 1;
}
