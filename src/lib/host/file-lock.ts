/**
 * The right to a file: one handle at a time has it. Between processes a lock file beside it keeps
 * others away, `<file>.lock`; within one, so does a list of the files that are open.
 *
 * Both go by the real path, so that a symbolic link or another spelling is no way around them. Two
 * hard links are two files here.
 *
 * Source: `specs/wasm-dbms.md` sections 3 ("Two writers") and 14.2.
 */
import { StorageError } from '../errors.js';
import { acquireLockFile } from './lock-file.js';
import { onFile } from './system-error.js';

/** What is appended to a file's name for its lock. */
export const LOCK_SUFFIX = '.lock';

const lockedHere = new Set<string>();

/** The right to one file, until it is released. */
export class FileLock {
  private constructor(
    /** The real path of the file. */
    readonly path: string,
    readonly releaseLockFile: () => void,
  ) {}

  /**
   * Takes the right to the file at this real path. Throws `FILE_IN_USE` where somebody else has it,
   * `PERMISSION_DENIED` where no file may be made beside it, `IO_FAILED`.
   */
  static take(path: string): FileLock {
    if (lockedHere.has(path)) throw openHere(path);
    const lock = new FileLock(
      path,
      onFile(path, () => acquireLockFile(path + LOCK_SUFFIX)),
    );
    lockedHere.add(path);
    return lock;
  }

  /** Gives the right back. To be called once. */
  release(): void {
    lockedHere.delete(this.path);
    onFile(this.path, this.releaseLockFile);
  }
}

function openHere(path: string): StorageError {
  return new StorageError(
    'FILE_IN_USE',
    `${path} is open in this process already. Use that handle, or close it first.`,
    { path },
  );
}
