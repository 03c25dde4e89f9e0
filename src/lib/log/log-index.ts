/**
 * The index memory of a log: where each entry ends in the data memory. *Bound* i is where entry i
 * starts, bound i + 1 where it ends; bound 0 is 0 and is not stored.
 *
 * Layout V1 (all numbers little-endian):
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "GLI"
 *          3     1  layout version = 1
 *          4    28  reserved, never written
 *         32     8  number of entries, L
 *         40   8 L  bounds 1 to L, 8 bytes each
 *
 * INVARIANT: bounds never decrease; `length` and `end` (the last bound) are what is stored. A bound
 * is checked against its neighbours and the last one whenever it is read, so that damage is seen
 * before a buffer is made for it.
 *
 * Source: `specs/ic-stable-structures.md` section 4.3; crate module `log`.
 */
import { readU64, writeU64 } from '../bytes.js';
import { corrupted } from '../errors.js';
import { MAGIC_SIZE, writeMagic } from '../magic.js';
import { reserve, sizeInBytes, type Memory } from '../memory.js';

export const INDEX_MAGIC = 'GLI';
export const LAYOUT_VERSION = 1;

const RESERVED_OFFSET = MAGIC_SIZE;
/** Of this memory, and of the data memory too. */
export const RESERVED_SIZE = 28;
const LENGTH_OFFSET = RESERVED_OFFSET + RESERVED_SIZE;
const BOUND_SIZE = 8;
const BOUNDS_OFFSET = LENGTH_OFFSET + 8;

/** Where each field lies, for the test that compares the table above with the code. */
export const LOG_INDEX_LAYOUT = {
  magic: 0,
  reserved: RESERVED_OFFSET,
  length: LENGTH_OFFSET,
  bounds: BOUNDS_OFFSET,
} as const;

/** Bounds that are read at once where all are: 8 KiB of them. */
const BATCH_COUNT = 1024;

export class LogIndex {
  readonly memory: Memory;
  #length: number;
  #end: number;

  private constructor(memory: Memory, length: number, end: number) {
    this.memory = memory;
    this.#length = length;
    this.#end = end;
  }

  /** Writes the index of a log without entries. PRECONDITION: the memory has a page of zeros. */
  static create(memory: Memory): LogIndex {
    const header = new Uint8Array(BOUNDS_OFFSET);
    writeMagic(header, INDEX_MAGIC, LAYOUT_VERSION);
    memory.write(0, header);
    return new LogIndex(memory, 0, 0);
  }

  /** Reads length and last bound. PRECONDITION: the magic is checked. Throws `CORRUPTED`. */
  static load(memory: Memory): LogIndex {
    const field = new Uint8Array(8);
    memory.read(LENGTH_OFFSET, field);
    const length = readU64(field, 0);
    const lengthMax = (sizeInBytes(memory) - BOUNDS_OFFSET) / BOUND_SIZE;
    if (length > lengthMax) throw corrupted('number of entries', `at most ${lengthMax}`, length);
    if (length === 0) return new LogIndex(memory, 0, 0);
    memory.read(offsetOfBound(length), field);
    return new LogIndex(memory, length, readU64(field, 0));
  }

  /** Number of entries. */
  get length(): number {
    return this.#length;
  }

  /** The last bound: bytes of all entries together. */
  get end(): number {
    return this.#end;
  }

  get sizeInBytes(): number {
    return BOUNDS_OFFSET + this.#length * BOUND_SIZE;
  }

  /** Makes room for the bounds of so many entries. Throws `GROW_FAILED`. */
  reserve(length: number): void {
    reserve(this.memory, offsetOfBound(length) + BOUND_SIZE);
  }

  /** Bounds `first` to `last`, both inclusive, in one read. Throws `CORRUPTED`. */
  bounds(first: number, last: number): number[] {
    const stored = new Uint8Array((last - first + 1) * BOUND_SIZE);
    this.memory.read(offsetOfBound(first), stored);
    let previous = 0;
    return Array.from({ length: last - first + 1 }, (_, step) => {
      const bound = first + step === 0 ? 0 : readU64(stored, step * BOUND_SIZE);
      if (bound < previous || bound > this.#end) {
        const expected = `${previous} to ${this.#end}`;
        throw corrupted(`end of entry ${first + step - 1}`, expected, bound);
      }
      previous = bound;
      return bound;
    });
  }

  /** Adds the ends of further entries. PRECONDITION: room is reserved. */
  append(ends: readonly number[]): void {
    this.#write(this.#length + 1, ends);
    this.#publish(this.#length + ends.length, ends.at(-1)!);
  }

  /**
   * Drops the oldest entries: all later bounds move down, in place and in value. PRECONDITION:
   * `count` is at least 1, so that no batch overwrites what the next one reads.
   */
  dropFront(count: number): void {
    const [base] = this.bounds(count, count) as [number];
    this.#eachBatch(count, (first, ends) =>
      this.#write(
        first - count,
        ends.map((end) => end - base),
      ),
    );
    this.#publish(this.#length - count, this.#end - base);
  }

  /** Drops all entries. The bounds stay where they are, unread. */
  clear(): void {
    this.#publish(0, 0);
  }

  /** Reads all bounds from bound `first` on, for the checks that come with it. */
  check(first: number): void {
    this.#eachBatch(first, () => undefined);
  }

  /** Visits the bounds behind bound `from`, some at a time. */
  #eachBatch(from: number, visit: (first: number, bounds: number[]) => void): void {
    for (let before = from; before < this.#length; before += BATCH_COUNT) {
      const [, ...bounds] = this.bounds(before, Math.min(before + BATCH_COUNT, this.#length));
      visit(before + 1, bounds);
    }
  }

  /** Writes bounds in one go. PRECONDITION: bound 0 is not among them. */
  #write(first: number, bounds: readonly number[]): void {
    const stored = new Uint8Array(bounds.length * BOUND_SIZE);
    bounds.forEach((bound, step) => writeU64(stored, step * BOUND_SIZE, bound));
    this.memory.write(offsetOfBound(first), stored);
  }

  /** The number of entries makes it real, so it is written last. */
  #publish(length: number, end: number): void {
    const field = new Uint8Array(8);
    writeU64(field, 0, length);
    this.memory.write(LENGTH_OFFSET, field);
    this.#length = length;
    this.#end = end;
  }
}

/** For bound 0 this is the field before the bounds, which is as long as a bound. */
function offsetOfBound(bound: number): number {
  return BOUNDS_OFFSET + (bound - 1) * BOUND_SIZE;
}
