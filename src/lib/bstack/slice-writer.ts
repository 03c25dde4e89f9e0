/**
 * Writes over a slice from front to back as a file is written. Every write is one `set` of the
 * stack, with its syncs; to write many small parts put them into one array first.
 *
 * Source: `specs/bstack.md` section 1.9; crate `bstack`, type `BStackSliceWriter`.
 */
import { assertBytes } from '../guards.js';
import { Cursor, type StackPayload } from './cursor.js';
import type { BStackRange } from './range.js';

/**
 * A place in a slice to which bytes are written.
 *
 * @example
 * const writer = stack.slice(0, 8).writer();
 * writer.write(Uint8Array.of(1, 2, 3));
 * writer.write(Uint8Array.of(4)); // behind the 3
 */
export class BStackSliceWriter extends Cursor {
  /** Use `slice.writer()`. */
  constructor(payload: StackPayload, position: number, part: BStackRange) {
    super(payload, part, position);
  }

  /**
   * Writes as much as fits before the end of the slice, and returns how many bytes that were: 0 at
   * the end. O(bytes). Syncs as `set` does. Throws what `set` throws, and then the writer has not
   * moved.
   */
  write(bytes: Uint8Array): number {
    const count = Math.min(assertBytes('bytes', bytes).length, this.remaining);
    if (count > 0) this.payload.set(this.offset, bytes.subarray(0, count));
    this.moveOn(count);
    return count;
  }
}
