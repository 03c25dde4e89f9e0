/**
 * Strict validation of UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF, nothing
 * cut short.
 *
 *     FIRST BYTE  LENGTH  SECOND BYTE
 *        00 - 7f       1
 *        c2 - df       2  80 - bf
 *             e0       3  a0 - bf, below which the form is overlong
 *        e1 - ec       3  80 - bf
 *             ed       3  80 - 9f, above which lie the surrogates
 *        ee - ef       3  80 - bf
 *             f0       4  90 - bf, below which the form is overlong
 *        f1 - f3       4  80 - bf
 *             f4       4  80 - 8f, above which Unicode ends
 *
 * Every further byte is 80 - bf. Source: The Unicode Standard, table 3-7.
 */

const WORD: usize = 8;
const NON_ASCII_MASK: u64 = 0x8080_8080_8080_8080;

/** How many of these bytes, from the first on, are valid UTF-8: all of them, if all is well. */
export function validUtf8Length(source: usize, length: usize): usize {
  const end = source + length;
  let at = source;
  while (at < end) {
    at = skipAscii(at, end);
    if (at == end) break;
    const size = sequenceLength(at, end);
    if (size == 0) break;
    at += size;
  }
  return at - source;
}

/** The first byte from `at` on that is not ASCII, or `end`. Text is mostly ASCII: eight a step. */
export function skipAscii(at: usize, end: usize): usize {
  while (at + WORD <= end && (load<u64>(at) & NON_ASCII_MASK) == 0) at += WORD;
  while (at < end && load<u8>(at) < 0x80) at++;
  return at;
}

/** The length of the valid sequence of more than one byte at `at`; 0 where there is none. */
export function sequenceLength(at: usize, end: usize): usize {
  const first = <u32>load<u8>(at);
  const size: usize = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (first < 0xc2 || first > 0xf4 || at + size > end) return 0;

  const second = <u32>load<u8>(at, 1);
  const lowest: u32 = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const highest: u32 = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;

  for (let index: usize = 2; index < size; index++) {
    if ((load<u8>(at + index) & 0xc0) != 0x80) return 0;
  }
  return size;
}
