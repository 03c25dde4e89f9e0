/**
 * A memory that is one flat file: byte k of the file is byte k of the memory, with no header and no
 * trailer, and its length is a whole number of pages of 64 KiB. So the stable memory of a canister,
 * saved to a file, *is* such a memory, and the file can be put back into the canister. Everything
 * in this library that stands on a `Memory` stands on it.
 *
 *     A FILE                   IS OPENED AS
 *     missing                  made, 0 pages; with `mode: 'open'` FILE_NOT_FOUND
 *     of whole pages           so many pages, its bytes untouched
 *     of any other length      NOT_PAGE_ALIGNED, untouched; with `padToPage` zeros are added, for
 *                              tools that cut the zeros at the end of an image
 *     open elsewhere           FILE_IN_USE: two who grow one file would cut each other's pages
 *
 * What is added by `grow` is a hole: it reads as zeros and takes no room until it is written.
 *
 * Promise: what was written is there when the process dies, however it dies. Where the machine
 * does, what was written before the last {@link FileMemory.sync} is there, and of what came after
 * it any part. For changes that are there as a whole or not at all, see
 * `journaled-file-memory.ts`.
 *
 * Source: `specs/wasm-dbms.md` sections 1 to 4, 10 and 14.2; crate `wasi-dbms-memory`, type
 * `WasiMemoryProvider`; crate `ic-stable-structures`, type `FileMemory`.
 */
import { StorageError } from '../errors.js';
import { assertBytes, assertSize } from '../guards.js';
import { assertWithin, WASM_PAGE_SIZE, type Memory } from '../memory.js';
import { DISPOSE } from '../dispose.js';
import { FileStorage, type FileOptions } from './file-storage.js';
import { assertNoJournalInUse } from './image-journal.js';

/** No address reaches 2^53 bytes. */
const PAGES_MAX = 2 ** 37 - 1;

/** How a file is opened as a memory. */
export interface FileMemoryOptions extends FileOptions {
  /** The memory grows to at most so many pages of 64 KiB. Without, as far as the disk allows. */
  readonly maxPages?: number;
  /** Whether a file that ends within a page is lengthened to its end. False unless told. */
  readonly padToPage?: boolean;
}

/**
 * A memory in a file. Reading and writing cost O(bytes) and one call to the system, growing O(1).
 *
 * @example
 * using memory = FileMemory.open('image.bin');
 * const map = BTreeMap.init(MemoryManager.init(memory).get(0), text, u64);
 * map.insert('ada', 36n);
 * memory.sync(); // durable
 */
export class FileMemory implements Memory {
  readonly #file: FileStorage;
  readonly #pagesMax: number;

  private constructor(
    file: FileStorage,
    pagesMax: number,
    /** How many zeros were added at opening, in bytes: 0 unless `padToPage` was told and needed. */
    readonly paddedBytes: number,
  ) {
    this.#file = file;
    this.#pagesMax = pagesMax;
  }

  /**
   * Opens the file at `path`. O(1), whatever is in it. Throws `NOT_PAGE_ALIGNED`, `FILE_IN_USE`
   * for the image of a `JournaledFileMemory` that was not closed, and what
   * {@link FileStorage.open} throws; then the file is as it was.
   */
  static open(path: string, options: FileMemoryOptions = {}): FileMemory {
    const { maxPages = PAGES_MAX, padToPage = false } = options;
    assertSize('maxPages', maxPages, PAGES_MAX);
    const file = FileStorage.open(path, options);
    try {
      assertNoJournalInUse(file.path);
      const missing = -file.length() & (WASM_PAGE_SIZE - 1);
      if (missing > 0) padTo(file, file.length() + missing, padToPage);
      return new FileMemory(file, maxPages, missing);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** The real path of the file. */
  get path(): string {
    return this.#file.path;
  }

  /** Whether every change is refused. */
  get isReadOnly(): boolean {
    return this.#file.isReadOnly;
  }

  /** The size in pages, as this handle has left it. Throws `HANDLE_CLOSED`. O(1). */
  size(): number {
    return this.#file.length() / WASM_PAGE_SIZE;
  }

  /**
   * As every memory. -1 where the disk has no room for so many bytes, or `maxPages` is reached:
   * then nothing has changed. Throws `FILE_CHANGED` where somebody else has grown or cut the file,
   * and leaves it to them; `READ_ONLY`, `IO_FAILED`.
   */
  grow(pages: number): number {
    const oldSize = this.size();
    const newSize = oldSize + assertSize('pages', pages);
    if (pages === 0) return oldSize;
    if (newSize > this.#pagesMax) return -1;
    try {
      this.#file.setLength(newSize * WASM_PAGE_SIZE);
    } catch (error) {
      if (error instanceof StorageError && error.code === 'GROW_FAILED') return -1;
      throw error;
    }
    return oldSize;
  }

  /** As every memory; and throws `FILE_CHANGED` where somebody has cut the file, `IO_FAILED`. */
  read(offset: number, target: Uint8Array): void {
    this.#file.read(offset, target);
  }

  /**
   * As every memory; and throws `READ_ONLY`, and `IO_FAILED`, also where a hole is written and the
   * disk is full: then part of it may be written.
   */
  write(offset: number, source: Uint8Array): void {
    const { length } = assertBytes('source', source);
    assertWithin(offset, length, this.#file.length());
    this.#file.write(offset, source);
  }

  /**
   * Returns once everything written so far, and the size, is on the disk. Throws `FILE_CHANGED`,
   * `IO_FAILED`, and from then on `PREVIOUS_FAILURE`.
   */
  sync(): void {
    this.#file.sync();
  }

  /** Gives the file up: each further use throws `HANDLE_CLOSED`. Syncs nothing. */
  close(): void {
    this.#file.close();
  }

  /** Closes the file unless that was done. For `using`. */
  [DISPOSE](): void {
    this.#file[DISPOSE]();
  }
}

function padTo(file: FileStorage, length: number, isWanted: boolean): void {
  if (isWanted && !file.isReadOnly) return file.setLength(length);
  throw new StorageError(
    'NOT_PAGE_ALIGNED',
    `${file.path} has ${file.length()} bytes, which are no whole pages of ${WASM_PAGE_SIZE}. It ` +
      'is no memory, or was cut: open it with { padToPage: true } if only zeros are missing.',
    { path: file.path, length: file.length() },
  );
}
