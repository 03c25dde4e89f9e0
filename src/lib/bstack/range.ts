/**
 * Where bytes lie in a stack: a start and a length, and nothing else. A range is what a program
 * writes down to find its bytes again after a restart; it is bound to no stack and proves nothing.
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  start: logical offset of the first byte
 *          8     8  length in bytes
 *
 * (Numbers little-endian.)
 *
 * Source: `specs/bstack.md` section 1.9; crate `bstack`, type `BStackRange`.
 */
import { readU64, writeU64 } from '../bytes.js';
import { corrupted } from '../errors.js';
import { assertBytes, assertSize } from '../guards.js';

const START_OFFSET = 0;
const LENGTH_OFFSET = START_OFFSET + 8;
/** Bytes of a range as {@link BStackRange.toBytes} writes it down. */
export const RANGE_SIZE = LENGTH_OFFSET + 8;

/** Where each field lies, for the test that compares the table above with the code. */
export const BSTACK_RANGE_LAYOUT = { start: START_OFFSET, length: LENGTH_OFFSET } as const;

/**
 * A start and a length, both in bytes.
 *
 * @example
 * const block = allocator.alloc(100);
 * roots.set(0, block.toBytes());
 * // after a restart
 * const { start, end } = BStackRange.fromBytes(roots.get(0, 16));
 */
export class BStackRange {
  /** Logical offset of the first byte. */
  readonly start: number;
  /** In bytes. */
  readonly length: number;

  /** Throws `RangeError` for what is no offset or size, also where the end is beyond 2^53 - 1. */
  constructor(start: number, length: number) {
    this.start = assertSize('start', start);
    this.length = assertSize('length', length, Number.MAX_SAFE_INTEGER - start);
  }

  /** The range from `start` up to before `end`. Throws `RangeError` where `end` comes first. */
  static between(start: number, end: number): BStackRange {
    assertSize('end', end);
    if (assertSize('start', start) > end) {
      throw new RangeError(`end: expected a whole number from ${start}, got ${end}`);
    }
    return new BStackRange(start, end - start);
  }

  /**
   * The range that {@link BStackRange.toBytes} wrote down. Throws `RangeError` unless there are 16
   * bytes, `CORRUPTED` where they reach beyond 2^53 - 1.
   */
  static fromBytes(bytes: Uint8Array): BStackRange {
    const count = assertBytes('bytes', bytes).length;
    if (count !== RANGE_SIZE) throw new RangeError(`bytes: expected ${RANGE_SIZE}, got ${count}`);
    const start = readU64(bytes, START_OFFSET);
    const length = readU64(bytes, LENGTH_OFFSET);
    if (start + length <= Number.MAX_SAFE_INTEGER) return new BStackRange(start, length);
    throw corrupted('end of a stored range', 'at most 2^53 - 1', start + length);
  }

  /** Logical offset behind the last byte. */
  get end(): number {
    return this.start + this.length;
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** The 16 bytes that {@link BStackRange.fromBytes} reads. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(RANGE_SIZE);
    writeU64(bytes, START_OFFSET, this.start);
    writeU64(bytes, LENGTH_OFFSET, this.length);
    return bytes;
  }

  /** Whether both have one start and one length. */
  equals(other: BStackRange): boolean {
    return this.compare(other) === 0;
  }

  /** Below 0 where this range comes first: by the start, then by the length. */
  compare(other: BStackRange): number {
    return this.start - other.start || this.length - other.length;
  }
}
