/**
 * Copies of a few bytes. `memory.copy` has a price of its own, which for a key of eight bytes is
 * many times that of the copy.
 */

const WORD: usize = 8;
const SHORT_MAX: usize = 96;

/** Copies bytes that do not overlap. */
export function copyBytes(target: usize, source: usize, length: usize): void {
  if (length > SHORT_MAX) {
    memory.copy(target, source, length);
    return;
  }
  let at: usize = 0;
  for (; at + WORD <= length; at += WORD) store<u64>(target + at, load<u64>(source + at));
  for (; at < length; at++) store<u8>(target + at, load<u8>(source + at));
}
