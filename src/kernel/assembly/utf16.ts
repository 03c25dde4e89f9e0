/**
 * Texts between UTF-8 and JavaScript, which counts units of UTF-16: one for every character but
 * those beyond U+FFFF, which take four bytes there and two units here.
 */
import { sequenceLength, skipAscii } from './utf8';

/** What {@link utf16Length} answers for bytes that are not valid UTF-8. */
export const NO_TEXT: usize = usize.MAX_VALUE;

/** The size of the characters that take two units. */
const PAIR_SIZE: usize = 4;

/** How many units the UTF-8 from `at` up to `end` has, or {@link NO_TEXT}. */
export function utf16Length(at: usize, end: usize): usize {
  let units: usize = 0;
  while (at < end) {
    const ascii = skipAscii(at, end);
    units += ascii - at;
    at = ascii;
    if (at == end) break;
    const size = sequenceLength(at, end);
    if (size == 0) return NO_TEXT;
    units += size == PAIR_SIZE ? 2 : 1;
    at += size;
  }
  return units;
}

/**
 * Where the first `units` units end; 0 where the text is shorter, and where the last of them is
 * half of a pair. PRECONDITION: `at` to `end` is valid UTF-8.
 */
export function afterUnits(at: usize, end: usize, units: usize): usize {
  while (units > 0) {
    if (at >= end) return 0;
    const ascii = skipAscii(at, min(end, at + units));
    units -= ascii - at;
    at = ascii;
    if (units == 0 || at >= end) continue;
    const size = sequenceLength(at, end);
    const taken: usize = size == PAIR_SIZE ? 2 : 1;
    if (taken > units) return 0;
    units -= taken;
    at += size;
  }
  return at;
}
