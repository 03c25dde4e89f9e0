/**
 * Where the elements of a packed list begin. A node stores its values, and its keys unless they
 * all have one size, one behind another, each with its length in front:
 *
 *     [length: u32] [element 0] [length: u32] [element 1] ...
 *
 * So the place of an element is known once those before it were walked. They are walked as far as
 * somebody asked, and once.
 *
 * Source: `specs/ic-stable-structures.md` section 3.6.
 */
import { readU32 } from '../bytes.js';
import { corrupted } from '../errors.js';

/** Bytes of the length in front of an element. */
export const PREFIX_SIZE = 4;

export class ElementStarts {
  /** Where the elements begin that {@link known} counts, their lengths included, from `base`. */
  readonly list: number[] = [0];
  /** So many are known beyond the first. */
  known = 0;

  /** The list begins at `first`, or has been edited: nothing else is known of it. */
  restart(first: number): void {
    this.list[0] = first;
    this.known = 0;
  }

  /** The offset from `base` of an element, or behind the last one. Throws `CORRUPTED`. */
  at(index: number, bytes: Uint8Array, base: number, limit: number): number {
    if (index <= this.known) return this.list[index]!;
    if (!this.reaches(index, bytes, base, limit)) {
      throw corrupted('end of a key or value', `at most ${limit - base}`, 'one behind it');
    }
    return this.list[index]!;
  }

  /**
   * Whether an element begins before `limit`, or the list ends there. A length is checked before it
   * moves us on, so a corrupt one cannot lead beyond.
   */
  reaches(index: number, bytes: Uint8Array, base: number, limit: number): boolean {
    const starts = this.list;
    for (; this.known < index; this.known++) {
      const start = starts[this.known]!;
      const left = limit - base - start;
      if (left < PREFIX_SIZE) return false;
      const size = PREFIX_SIZE + readU32(bytes, base + start);
      if (size > left) return false;
      starts[this.known + 1] = start + size;
    }
    return true;
  }
}
