/**
 * A place in bytes that moves on as they are read or written, and can be put anywhere at or behind
 * their start, also beyond their end: what readers and writers have in common.
 *
 * Source: `specs/bstack.md` sections 1.5 and 1.9.
 */
import { assertSize } from '../guards.js';
import type { BStackRange } from './range.js';

/** What is asked of a stack, so that nothing here needs to know how one works. */
export interface StackPayload {
  /** In bytes. */
  readonly length: number;
  /** Fills `target` from `offset` on. Throws `OUT_OF_BOUNDS`. */
  getInto(offset: number, target: Uint8Array): void;
  /** Overwrites the bytes from `offset` on; the length stays. Throws `OUT_OF_BOUNDS`. */
  set(offset: number, bytes: Uint8Array): void;
  /** Overwrites `count` bytes with zeros. Throws `OUT_OF_BOUNDS`. */
  zero(offset: number, count: number): void;
}

/** What a seek counts from. */
export type SeekOrigin = 'start' | 'current' | 'end';

/** A place in a stack, or in a part of one: then it is counted from where the part starts. */
export abstract class Cursor {
  #position: number;

  /** `part` is what the cursor keeps to; without one that is the stack, however long it gets. */
  protected constructor(
    protected readonly payload: StackPayload,
    protected readonly part: BStackRange | undefined,
    position: number,
  ) {
    this.#position = assertSize('position', position);
  }

  /** Bytes between the start and the place where the next one is read or written. */
  get position(): number {
    return this.#position;
  }

  /** Bytes between the place and the end: 0 at the end, and beyond it. */
  get remaining(): number {
    return Math.max(this.#length - this.#position, 0);
  }

  /**
   * Puts the cursor `offset` bytes behind `origin` (before it, where negative), and returns the new
   * position. It may lie beyond the end. Throws `RangeError` before the start. O(1).
   */
  seek(offset: number, origin: SeekOrigin = 'start'): number {
    assertSize('offset', offset < 0 ? -offset : offset);
    this.#position = assertSize('position', this.#base(origin) + offset);
    return this.#position;
  }

  /** Whether both are at one place in one part of one stack. */
  equals(other: Cursor): boolean {
    return (
      this.payload === other.payload &&
      this.#position === other.#position &&
      this.part?.start === other.part?.start &&
      this.part?.length === other.part?.length
    );
  }

  /** Where the cursor is within the whole stack. */
  protected get offset(): number {
    return (this.part?.start ?? 0) + this.#position;
  }

  protected moveOn(count: number): void {
    this.#position += count;
  }

  get #length(): number {
    return this.part?.length ?? this.payload.length;
  }

  #base(origin: SeekOrigin): number {
    if (origin === 'start') return 0;
    if (origin === 'current') return this.#position;
    if (origin === 'end') return this.#length;
    throw new RangeError(`origin: expected start, current or end, got ${String(origin)}`);
  }
}
