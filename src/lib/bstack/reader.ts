/**
 * Reads a stack, or a slice of one, from front to back as a file is read: each read goes on where
 * the last one ended.
 *
 * A reader takes no snapshot. It sees what is there when it reads, so what was pushed since it was
 * made comes, too; where a stack has become shorter than the reader had come, it reads nothing.
 *
 * Source: `specs/bstack.md` section 1.5; crate `bstack`, types `BStackReader` and
 * `BStackSliceReader`.
 */
import { assertBytes } from '../guards.js';
import { Cursor, type StackPayload } from './cursor.js';
import type { BStackRange } from './range.js';

/**
 * A place in a stack from which bytes are read.
 *
 * @example
 * const reader = stack.reader();
 * const line = new Uint8Array(80);
 * for (let count = reader.read(line); count > 0; count = reader.read(line)) {
 *   print(line.subarray(0, count));
 * }
 */
export class BStackReader extends Cursor {
  /** Use `stack.reader()` or `slice.reader()`. */
  constructor(payload: StackPayload, position = 0, part?: BStackRange) {
    super(payload, part, position);
  }

  /**
   * Fills `target` as far as there are bytes, and returns how many there were: fewer than asked for
   * only where the end is reached, and 0 at the end. O(bytes). No sync. Throws what `get` throws,
   * and then the reader has not moved.
   */
  read(target: Uint8Array): number {
    const count = Math.min(assertBytes('target', target).length, this.remaining);
    if (count > 0) this.payload.getInto(this.offset, target.subarray(0, count));
    this.moveOn(count);
    return count;
  }
}
