/**
 * The order of byte strings: by the first byte that differs, unsigned, and where one is the start
 * of the other the shorter first. Eight bytes a step: read as a big-endian number, they compare as
 * bytes do.
 */

const WORD: usize = 8;

/** -1, 0 or 1, as `left` comes before, with or after `right`. */
export function compareBytes(
  left: usize,
  leftLength: usize,
  right: usize,
  rightLength: usize,
): i32 {
  const common = min(leftLength, rightLength);
  let at: usize = 0;
  for (; at + WORD <= common; at += WORD) {
    const leftWord = load<u64>(left + at);
    const rightWord = load<u64>(right + at);
    if (leftWord != rightWord) return bswap<u64>(leftWord) < bswap<u64>(rightWord) ? -1 : 1;
  }
  for (; at < common; at++) {
    const leftByte = load<u8>(left + at);
    const rightByte = load<u8>(right + at);
    if (leftByte != rightByte) return leftByte < rightByte ? -1 : 1;
  }
  return leftLength == rightLength ? 0 : leftLength < rightLength ? -1 : 1;
}
