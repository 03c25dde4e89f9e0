/**
 * A part of a stack to read and write, with offsets that count from where the part starts. It owns
 * nothing and stores nothing: who wants to find it again writes its range down.
 *
 * What reaches beyond a slice is refused, and nothing is read or written. Upstream cuts too long a
 * `write` off at the end of the slice without a word; here only the readers and writers stop at the
 * end, and their answer says so.
 *
 *     upstream                                   here
 *     read, read_into, read_range_into           read(), readInto(offset, target)
 *     write, write_range                         write(bytes, offset = 0)
 *     zero, zero_range                           zero(offset = 0, count = all behind it)
 *     subslice                                   slice(start, end)
 *     range, to_bytes                            range, range.toBytes()
 *
 * Limits: a stack that is cut below the end of a slice leaves it dangling; what is gone is then
 * `OUT_OF_BOUNDS`, and what is pushed later is read in its place.
 *
 * Source: `specs/bstack.md` section 1.9; crate `bstack`, type `BStackSlice`.
 */
import { assertBytes, assertSize } from '../guards.js';
import { assertStored } from '../storage.js';
import type { StackPayload } from './cursor.js';
import { BStackRange } from './range.js';
import { BStackReader } from './reader.js';
import { BStackSliceWriter } from './slice-writer.js';

/**
 * A view of a part of a stack.
 *
 * @example
 * stack.push(encode('hello world'));
 * const word = stack.slice(6, 11);
 * word.read(); // the bytes of "world"
 * word.write(encode('W')); // "hello World"
 */
export class BStackSlice {
  readonly #payload: StackPayload;
  /** Where the slice lies in the stack. */
  readonly range: BStackRange;

  /**
   * Use `stack.slice(start, end)`. Throws `RangeError` where `end` comes before `start`,
   * `OUT_OF_BOUNDS` where it lies beyond the stack. O(1).
   */
  constructor(payload: StackPayload, start: number, end: number) {
    this.range = BStackRange.between(start, end);
    assertStored(start, end - start, payload.length);
    this.#payload = payload;
  }

  /** Offset of the first byte in the stack. */
  get start(): number {
    return this.range.start;
  }

  /** Offset behind the last byte in the stack. */
  get end(): number {
    return this.range.end;
  }

  /** In bytes. */
  get length(): number {
    return this.range.length;
  }

  get isEmpty(): boolean {
    return this.range.isEmpty;
  }

  /** A copy of all bytes. O(length). No sync. */
  read(): Uint8Array {
    const bytes = new Uint8Array(this.length);
    this.readInto(0, bytes);
    return bytes;
  }

  /**
   * Fills `target` from `offset` on. O(bytes). No sync. Throws `OUT_OF_BOUNDS` where that reaches
   * beyond the slice, and `target` is as it was.
   */
  readInto(offset: number, target: Uint8Array): void {
    const start = this.#startOf(offset, assertBytes('target', target).length);
    this.#payload.getInto(start, target);
  }

  /**
   * Writes from `offset` on. O(bytes). Syncs as the stack's `set` does. Throws `OUT_OF_BOUNDS`
   * where that reaches beyond the slice, and nothing was written.
   */
  write(bytes: Uint8Array, offset = 0): void {
    const start = this.#startOf(offset, assertBytes('bytes', bytes).length);
    this.#payload.set(start, bytes);
  }

  /** Writes zeros: over all of the slice, unless told. Otherwise as {@link BStackSlice.write}. */
  zero(offset = 0, count = Math.max(this.length - offset, 0)): void {
    const start = this.#startOf(offset, assertSize('count', count));
    this.#payload.zero(start, count);
  }

  /**
   * The part from `start` up to before `end`, both counted from where this slice starts. Throws
   * `RangeError` where `end` comes first, `OUT_OF_BOUNDS` beyond the slice. O(1).
   */
  slice(start: number, end: number): BStackSlice {
    const { length } = BStackRange.between(start, end);
    const from = this.#startOf(start, length);
    return new BStackSlice(this.#payload, from, from + length);
  }

  /** Reads the slice from `position` on. O(1). */
  reader(position = 0): BStackReader {
    return new BStackReader(this.#payload, position, this.range);
  }

  /** Writes over the slice from `position` on. O(1). */
  writer(position = 0): BStackSliceWriter {
    return new BStackSliceWriter(this.#payload, position, this.range);
  }

  /** Whether both are the same part of the same stack. Their bytes are not looked at. */
  equals(other: BStackSlice): boolean {
    return this.#payload === other.#payload && this.range.equals(other.range);
  }

  /** The offset within the stack. */
  #startOf(offset: number, count: number): number {
    assertStored(assertSize('offset', offset), count, this.length);
    return this.start + offset;
  }
}
