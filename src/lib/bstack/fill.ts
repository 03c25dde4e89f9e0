/** A pattern written again and again, in parts of bounded size. */
import type { Storage } from '../storage.js';

/** Bounds the room that a fill takes in RAM, unless the pattern alone is longer. */
const PART_SIZE_MAX = 65_536;

/**
 * Writes `copies` copies of `pattern` one after another from `offset` of the file on. O(bytes).
 * PRECONDITION: the pattern is not empty, and all of it lies within the file.
 */
export function fillWith(
  storage: Storage,
  offset: number,
  copies: number,
  pattern: Uint8Array,
): void {
  const copiesInPart = Math.min(copies, Math.max(1, Math.floor(PART_SIZE_MAX / pattern.length)));
  const part = new Uint8Array(copiesInPart * pattern.length);
  for (let at = 0; at < part.length; at += pattern.length) part.set(pattern, at);
  const size = copies * pattern.length;
  for (let done = 0; done < size; done += part.length) {
    storage.write(offset + done, part.subarray(0, Math.min(part.length, size - done)));
  }
}
