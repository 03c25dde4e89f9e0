/**
 * A list of byte strings packed one behind another, the way a node stores its keys, its values
 * and its children. It reads them where they lie: nothing is copied until an edit makes a new
 * list, and where the elements begin is worked out once, on first use.
 *
 *     fixed size s    [element 0: s bytes] [element 1: s bytes] ...
 *     prefixed        [length: u32] [element 0] [length: u32] [element 1] ...
 *
 * INVARIANT: a list never changes its bytes; `splice` returns another list. So views handed out
 * stay true.
 *
 * Source: `specs/ic-stable-structures.md` section 3.6.
 */
import { concatBytes, readU32, writeU32 } from '../bytes.js';
import { corrupted } from '../errors.js';

const PREFIX_SIZE = 4;

/** An element size that says: each element has its length in front. */
export const PREFIXED = -1;

const NOTHING = new Uint8Array(0);

export class PackedList {
  readonly #start: number;
  /** Where element i begins, its prefix included; one more entry for the end. */
  #starts: readonly number[] | undefined;

  /** `count` elements of `elementSize` bytes (or {@link PREFIXED}) from `start` in `bytes` on. */
  constructor(
    readonly bytes: Uint8Array,
    start: number,
    readonly count: number,
    readonly elementSize: number,
  ) {
    this.#start = start;
  }

  static empty(elementSize: number): PackedList {
    return new PackedList(NOTHING, 0, 0, elementSize);
  }

  /** The offset behind the last element. O(1), or O(count) once for a prefixed list. */
  get end(): number {
    return this.#rawStart(this.count);
  }

  /** The offset in {@link bytes} of the first byte of an element. */
  startOf(index: number): number {
    const raw = this.#rawStart(index);
    return this.elementSize === PREFIXED ? raw + PREFIX_SIZE : raw;
  }

  /** The offset in {@link bytes} behind the last byte of an element. */
  endOf(index: number): number {
    return this.#rawStart(index + 1);
  }

  /** A view of an element. */
  at(index: number): Uint8Array {
    return this.bytes.subarray(this.startOf(index), this.endOf(index));
  }

  /** The elements from index `from` up to, not including, `to`: a list over the same bytes. */
  slice(from: number, to: number): PackedList {
    return new PackedList(this.bytes, this.#rawStart(from), to - from, this.elementSize);
  }

  /** A list with `removed` elements from `index` on taken out and `inserted` put in. O(bytes). */
  splice(index: number, removed: number, inserted: readonly Uint8Array[]): PackedList {
    const pieces = [this.#raw(0, index)];
    for (const element of inserted) this.#pack(element, pieces);
    pieces.push(this.#raw(index + removed, this.count));
    const count = this.count - removed + inserted.length;
    return new PackedList(concatBytes(...pieces), 0, count, this.elementSize);
  }

  /** This list with the elements of another behind its own. O(bytes). */
  concat(other: PackedList): PackedList {
    const bytes = concatBytes(this.raw, other.raw);
    return new PackedList(bytes, 0, this.count + other.count, this.elementSize);
  }

  /** A view of all elements as they are stored. */
  get raw(): Uint8Array {
    return this.#raw(0, this.count);
  }

  #raw(from: number, to: number): Uint8Array {
    return this.bytes.subarray(this.#rawStart(from), this.#rawStart(to));
  }

  #pack(element: Uint8Array, pieces: Uint8Array[]): void {
    if (this.elementSize === PREFIXED) {
      const prefix = new Uint8Array(PREFIX_SIZE);
      writeU32(prefix, 0, element.length);
      pieces.push(prefix);
    }
    pieces.push(element);
  }

  #rawStart(index: number): number {
    if (this.elementSize !== PREFIXED) return this.#start + index * this.elementSize;
    this.#starts ??= this.#walk();
    return this.#starts[index]!;
  }

  /** Each length is checked before it moves the cursor, so corrupt ones cannot leave the bytes. */
  #walk(): number[] {
    const starts = [this.#start];
    let cursor = this.#start;
    for (let index = 0; index < this.count; index++) {
      const left = this.bytes.length - cursor;
      const size = left < PREFIX_SIZE ? left : PREFIX_SIZE + readU32(this.bytes, cursor);
      if (size > left || size < PREFIX_SIZE) throw corrupted('entry size', `at most ${left}`, size);
      cursor += size;
      starts.push(cursor);
    }
    return starts;
  }
}
