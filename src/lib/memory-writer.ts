/**
 * Writes a memory from one place on, like a file: each write goes on where the last one stopped,
 * and the memory grows as it must. With a buffer, many short writes become few long ones.
 *
 *     const writer = new MemoryWriter(memory.get(9), { bufferSizeInBytes: 4096 });
 *     for (const line of lines) writer.write(encodeUtf8(line));
 *     writer.flush();
 *
 * There is no format: the bytes are the caller's. The memory must be no structure's, for a writer
 * knows nothing of what it writes over. To read it again, see `memory-reader.ts`.
 *
 * After a refused grow, the bytes of that write are not in the memory, nor in the buffer, and the
 * next write takes their place.
 *
 * Source: `specs/ic-stable-structures.md` section 1.4; crate modules `writer` and `BufferedWriter`.
 */
import { assertBytes, assertSize } from './guards.js';
import type { StreamOptions } from './memory-reader.js';
import { safeWrite, type Memory } from './memory.js';

/**
 * Writes a memory from one place on.
 *
 * @example
 * const writer = new MemoryWriter(memory, { offset: 64 });
 * writer.write(Uint8Array.of(1, 2, 3));
 * writer.offset; // 67
 */
export class MemoryWriter {
  readonly #memory: Memory;
  readonly #buffer: Uint8Array;
  /** Where the buffer's first byte belongs. */
  #bufferOffset: number;
  #bufferedSize = 0;

  /** Throws `TypeError` or `RangeError` for options that are no sizes. */
  constructor(memory: Memory, { offset = 0, bufferSizeInBytes = 0 }: StreamOptions = {}) {
    this.#memory = memory;
    this.#bufferOffset = assertSize('offset', offset);
    this.#buffer = new Uint8Array(assertSize('bufferSizeInBytes', bufferSizeInBytes));
  }

  /** The address of the byte that comes next. */
  get offset(): number {
    return this.#bufferOffset + this.#bufferedSize;
  }

  /**
   * Writes all of `source`, into the buffer where it fits. O(bytes). Throws `GROW_FAILED` without
   * room; nothing of `source` was written then.
   *
   * NOTE: like the crate's, a writer without a buffer grows the memory up to where it stands even
   * for no bytes.
   */
  write(source: Uint8Array): void {
    const { length } = assertBytes('source', source);
    if (this.#bufferedSize + length > this.#buffer.length) this.flush();
    if (length < this.#buffer.length) {
      this.#buffer.set(source, this.#bufferedSize);
      this.#bufferedSize += length;
      return;
    }
    safeWrite(this.#memory, this.#bufferOffset, source);
    this.#bufferOffset += length;
  }

  /** Writes what the buffer holds. Throws `GROW_FAILED` without room, and still holds it then. */
  flush(): void {
    if (this.#bufferedSize === 0) return;
    safeWrite(this.#memory, this.#bufferOffset, this.#buffer.subarray(0, this.#bufferedSize));
    this.#bufferOffset = this.offset;
    this.#bufferedSize = 0;
  }
}
