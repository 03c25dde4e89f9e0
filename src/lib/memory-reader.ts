/**
 * Reads a memory from one place on, like a file: each read goes on where the last one stopped. With
 * a buffer, many short reads become few long ones.
 *
 *     const reader = new MemoryReader(memory.get(9), { bufferSizeInBytes: 4096 });
 *     const size = new Uint8Array(4);
 *     reader.readExactly(size);
 *
 * There is no format: the bytes are the caller's. A memory ends at a page, so whoever writes must
 * say how much; see `memory-writer.ts`.
 *
 * NOTE: what was read ahead is not read again: a write behind the reader's back stays unseen.
 *
 * Source: `specs/ic-stable-structures.md` section 1.4; crate modules `reader` and `BufferedReader`.
 */
import { assertBytes, assertSize } from './guards.js';
import { assertWithin, sizeInBytes, type Memory } from './memory.js';

/** Where a reader or a writer starts, and how it treats short pieces. */
export interface StreamOptions {
  /** The address of the first byte; 0 unless told. */
  readonly offset?: number;
  /** The most bytes to read ahead, or to hold back until there are so many; none unless told. */
  readonly bufferSizeInBytes?: number;
}

/**
 * Reads a memory from one place on.
 *
 * @example
 * const reader = new MemoryReader(memory, { offset: 64 });
 * const part = new Uint8Array(1024);
 * for (let size = reader.read(part); size > 0; size = reader.read(part)) {
 *   use(part.subarray(0, size));
 * }
 */
export class MemoryReader {
  readonly #memory: Memory;
  readonly #buffer: Uint8Array;
  #offset: number;
  /** What was read ahead: the bytes from the offset on. */
  #ahead: Uint8Array = new Uint8Array(0);

  /** Throws `TypeError` or `RangeError` for options that are no sizes. */
  constructor(memory: Memory, { offset = 0, bufferSizeInBytes = 0 }: StreamOptions = {}) {
    this.#memory = memory;
    this.#offset = assertSize('offset', offset);
    this.#buffer = new Uint8Array(assertSize('bufferSizeInBytes', bufferSizeInBytes));
  }

  /** The address of the byte that comes next. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * Fills `target` from its start on, and returns with how many bytes: fewer than it holds where
   * the memory ends, 0 at its end and behind it. O(bytes).
   */
  read(target: Uint8Array): number {
    const left = Math.max(0, sizeInBytes(this.#memory) - this.#offset);
    const size = Math.min(assertBytes('target', target).length, left);
    const rest = target.subarray(this.#takeAhead(target.subarray(0, size)), size);
    if (rest.length === 0) return size;
    if (rest.length < this.#buffer.length) {
      this.#readAhead();
      this.#takeAhead(rest);
      return size;
    }
    this.#memory.read(this.#offset, rest);
    this.#offset += rest.length;
    return size;
  }

  /**
   * Fills the whole of `target`. Throws `OUT_OF_BOUNDS` where the memory ends before, and then
   * nothing was read. O(bytes).
   */
  readExactly(target: Uint8Array): void {
    const { length } = assertBytes('target', target);
    assertWithin(this.#offset, length, sizeInBytes(this.#memory));
    this.read(target);
  }

  /** Moves on over what was read ahead, and says how far. */
  #takeAhead(target: Uint8Array): number {
    const taken = this.#ahead.subarray(0, target.length);
    target.set(taken);
    this.#ahead = this.#ahead.subarray(taken.length);
    this.#offset += taken.length;
    return taken.length;
  }

  /** PRECONDITION: nothing is left of what was read ahead, and the memory goes on. */
  #readAhead(): void {
    const left = sizeInBytes(this.#memory) - this.#offset;
    const ahead = this.#buffer.subarray(0, left);
    this.#memory.read(this.#offset, ahead);
    this.#ahead = ahead;
  }
}
