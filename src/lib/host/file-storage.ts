/**
 * A file as a storage: the bytes of a `BStack` or a journal on a disk. Each access names its
 * position, so there is no cursor to share, and goes on until all bytes are read or written.
 *
 * The length is asked for at opening and kept. Before it changes, and before a sync says that all
 * is well, the file is asked again: who has shortened or lengthened it behind our back is found out
 * (`FILE_CHANGED`) before anything is cut off that is theirs.
 *
 *     CALL                       SYSTEM CALLS
 *     read, write within         one pread or pwrite
 *     write past the end         fstat, pwrite; without room an ftruncate back to the old length
 *     setLength                  fstat, ftruncate: what is added is a hole and takes no room; and
 *                                statfs before it, so that a full disk is not met half-way later
 *     sync                       fstat, fdatasync
 *     open of a new file         fsync of the file and of its folder: it is there after a crash
 *
 * LIMIT: a write into a hole may find the disk full; that is `IO_FAILED`, and part of it may be
 * written.
 *
 * Source: `specs/wasm-dbms.md` sections 3, 13 and 14.2; `specs/bstack.md` sections 1.5 and 6.2.
 */
import fs from 'node:fs';
import { StorageError } from '../errors.js';
import { assertBytes, assertSize } from '../guards.js';
import { DISPOSE } from '../dispose.js';
import { assertStored, storageClosed, type Storage } from '../storage.js';
import { FileLock } from './file-lock.js';
import { hasRoomFor } from './free-space.js';
import { openFile, syncNewFile, type OpenedFile } from './open-file.js';
import { isDiskFull, onFile } from './system-error.js';

/** The system reads and writes no more than 2 GiB in one call. */
const CALL_SIZE_MAX = 2 ** 30;

const FILE_MODES = ['open', 'create', 'openOrCreate'] as const;

/**
 * What may be at the path: `open` wants a file, `create` none or an empty one, `openOrCreate` takes
 * either.
 */
export type FileMode = (typeof FILE_MODES)[number];

/** How a file is opened. */
export interface FileOptions {
  /** `openOrCreate` unless told; a file that is only read must be there. */
  readonly mode?: FileMode;
  /** Whether every change is to be refused. False unless told. */
  readonly readOnly?: boolean;
  /**
   * Whether nobody else may have the file open meanwhile. True unless told, also for reading: what
   * is read then belongs together. Without a lock it is up to the caller that nobody writes.
   */
  readonly lock?: boolean;
}

/**
 * A file. Reading and writing cost O(bytes) and a call to the system; nothing is durable before
 * {@link FileStorage.sync}.
 *
 * @example
 * const stack = BStack.open(FileStorage.open('events.bstack'));
 * stack.push(Uint8Array.of(1, 2, 3)); // durable
 */
export class FileStorage implements Storage {
  readonly isAtomic = false;
  #descriptor: number | undefined;
  readonly #lock: FileLock | undefined;
  #length: number;
  #syncFailed = false;

  private constructor(
    /** The real path of the file. */
    readonly path: string,
    readonly isReadOnly: boolean,
    file: OpenedFile,
    lock: FileLock | undefined,
  ) {
    this.#descriptor = file.descriptor;
    this.#lock = lock;
    this.#length = fs.fstatSync(file.descriptor).size;
  }

  /**
   * Opens the file at `path`. Throws `FILE_NOT_FOUND` (also where a folder is missing),
   * `NOT_A_FILE`, `PERMISSION_DENIED`, `FILE_IN_USE`, `NOT_EMPTY` (`create` found bytes),
   * `IO_FAILED`; then the file is as it was.
   */
  static open(path: string, options: FileOptions = {}): FileStorage {
    const { readOnly = false, mode = readOnly ? 'open' : 'openOrCreate' } = options;
    if (readOnly && mode !== 'open') {
      throw new RangeError(`mode: expected "open" for a file that is only read, got "${mode}"`);
    }
    if (!FILE_MODES.includes(mode)) {
      throw new RangeError(`mode: expected ${FILE_MODES.join(', ')}, got "${mode}"`);
    }
    const file = openFile(path, mode, readOnly);
    let lock: FileLock | undefined;
    try {
      if (options.lock ?? true) lock = FileLock.take(file.path);
      if (lock !== undefined) assertInPlace(file);
      const storage = onFile(path, () => new FileStorage(file.path, readOnly, file, lock));
      if (mode === 'create' && storage.length() > 0) throw notEmpty(path, storage.length());
      if (file.isNew) syncNewFile(file);
      return storage;
    } catch (error) {
      fs.closeSync(file.descriptor);
      lock?.release();
      throw error;
    }
  }

  length(): number {
    this.#assertOpen();
    return this.#length;
  }

  /** As every storage; and throws `FILE_CHANGED` where somebody has cut the file, `IO_FAILED`. */
  read(offset: number, target: Uint8Array): void {
    const file = this.#assertOpen();
    const { length } = assertBytes('target', target);
    assertStored(offset, length, this.#length);
    for (let done = 0; done < length;) {
      const left = Math.min(length - done, CALL_SIZE_MAX);
      const count = onFile(this.path, () => fs.readSync(file, target, done, left, offset + done));
      if (count === 0) throw fileChanged(this.path, this.#length, offset + done);
      done += count;
    }
  }

  /** As every storage; and throws `READ_ONLY`, `FILE_CHANGED`, `IO_FAILED`. */
  write(offset: number, source: Uint8Array): void {
    const file = this.#assertWritable();
    const end = offset + assertBytes('source', source).length;
    assertStored(offset, 0, this.#length);
    if (end <= this.#length) this.#writeAll(file, offset, source);
    else this.#resize(file, end, () => this.#writeAll(file, offset, source));
  }

  /** As every storage; and throws `READ_ONLY`, `FILE_CHANGED`, `IO_FAILED`. */
  setLength(length: number): void {
    const file = this.#assertWritable();
    assertSize('length', length);
    if (length === this.#length) return;
    const added = length - this.#length;
    if (added > 0 && !hasRoomFor(this.path, added)) {
      throw growFailed(this.path, this.#length, length);
    }
    this.#resize(file, length, () => onFile(this.path, () => fs.ftruncateSync(file, length)));
  }

  /**
   * Returns once all bytes and the length are on the disk. Throws `FILE_CHANGED`, `IO_FAILED`; and
   * after that `PREVIOUS_FAILURE`: a system that could not write may have forgotten what it was.
   */
  sync(): void {
    const file = this.#assertOpen();
    if (this.isReadOnly) return;
    if (this.#syncFailed) throw syncFailedBefore(this.path);
    this.#assertUnchanged(file);
    this.#syncFailed = true;
    onFile(this.path, () => fs.fdatasyncSync(file));
    this.#syncFailed = false;
  }

  close(): void {
    const file = this.#assertOpen();
    this.#descriptor = undefined;
    try {
      onFile(this.path, () => fs.closeSync(file));
    } finally {
      this.#lock?.release();
    }
  }

  /** Closes the file unless that was done. For `using`. */
  [DISPOSE](): void {
    if (this.#descriptor !== undefined) this.close();
  }

  #writeAll(file: number, offset: number, source: Uint8Array): void {
    for (let done = 0; done < source.length;) {
      const left = Math.min(source.length - done, CALL_SIZE_MAX);
      done += onFile(this.path, () => fs.writeSync(file, source, done, left, offset + done));
    }
  }

  /** Runs a change of the length. Where it throws, the file has its old length again. */
  #resize(file: number, length: number, change: () => void): void {
    this.#assertUnchanged(file);
    try {
      change();
    } catch (error) {
      this.#restoreLength(file);
      const { cause } = error as Error;
      throw isDiskFull(cause) ? growFailed(this.path, this.#length, length, cause) : error;
    }
    this.#length = length;
  }

  #restoreLength(file: number): void {
    try {
      fs.ftruncateSync(file, this.#length);
    } catch {
      // The next change of the length finds out, and refuses.
    }
  }

  /** Throws `FILE_CHANGED` unless the file has the length that this handle has given it. */
  #assertUnchanged(file: number): void {
    const { size } = onFile(this.path, () => fs.fstatSync(file));
    if (size !== this.#length) throw fileChanged(this.path, this.#length, size);
  }

  #assertWritable(): number {
    const file = this.#assertOpen();
    if (this.isReadOnly) throw readOnlyFile(this.path);
    return file;
  }

  #assertOpen(): number {
    if (this.#descriptor === undefined) throw storageClosed('FileStorage');
    return this.#descriptor;
  }
}

function notEmpty(path: string, length: number): StorageError {
  return new StorageError(
    'NOT_EMPTY',
    `${path} was to be created and holds ${length} bytes. Open it, or name another file.`,
    { path, length },
  );
}

function growFailed(path: string, length: number, wanted: number, cause?: unknown): StorageError {
  return new StorageError(
    'GROW_FAILED',
    `${path} has ${length} bytes and there is no room for ${wanted}. It has its old length; ` +
      'free some space, or raise the limit of the file.',
    { path, length, wanted },
    cause === undefined ? {} : { cause },
  );
}

/**
 * Throws `FILE_CHANGED` where another file was put at the path between the opening and the lock, as
 * a migration does: what is written to the old one would be lost.
 */
function assertInPlace({ descriptor, path }: OpenedFile): void {
  const [opened, found] = onFile(path, () => [
    fs.fstatSync(descriptor),
    fs.statSync(path, { throwIfNoEntry: false }),
  ]);
  if (opened.ino === found?.ino && opened.dev === found.dev) return;
  throw new StorageError(
    'FILE_CHANGED',
    `${path} was replaced by another file while it was being opened. Open it again.`,
    { path },
  );
}

/** `found` is the length that the file has, or where it was found to end. */
function fileChanged(path: string, expected: number, found: number): StorageError {
  return new StorageError(
    'FILE_CHANGED',
    `${path} was left with ${expected} bytes, and ${found} are there: somebody else has changed ` +
      'it. Close it, and open it again once you know who.',
    { path, expected, found },
  );
}

function readOnlyFile(path: string): StorageError {
  return new StorageError(
    'READ_ONLY',
    `${path} was opened for reading only. Open it without readOnly.`,
    { path },
  );
}

function syncFailedBefore(path: string): StorageError {
  return new StorageError(
    'PREVIOUS_FAILURE',
    `an earlier sync of ${path} failed, and what it was to write may be lost. Open it again.`,
    { path },
  );
}
