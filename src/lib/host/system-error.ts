/**
 * What the operating system says of a file, in the words of this library: each of its error numbers
 * becomes a `StorageError` with a code to match on, and stays with it as the `cause`.
 *
 *     FILE_NOT_FOUND       ENOENT, ENOTDIR          also for a missing folder
 *     NOT_A_FILE           EISDIR, ENXIO, ENODEV
 *     PERMISSION_DENIED    EACCES, EPERM, EROFS
 *     IO_FAILED            every other
 *
 * A full disk is no error of its own here: whether anything is lost depends on what was going on,
 * so {@link isDiskFull} tells, and who was writing decides.
 *
 * Source: `specs/wasm-dbms.md` section 14.2.
 */
import { StorageError, type StorageErrorCode } from '../errors.js';

const CODES: Readonly<Record<string, StorageErrorCode>> = {
  ENOENT: 'FILE_NOT_FOUND',
  ENOTDIR: 'FILE_NOT_FOUND',
  EISDIR: 'NOT_A_FILE',
  ENXIO: 'NOT_A_FILE',
  ENODEV: 'NOT_A_FILE',
  EACCES: 'PERMISSION_DENIED',
  EPERM: 'PERMISSION_DENIED',
  EROFS: 'PERMISSION_DENIED',
};

const REMEDIES: Readonly<Partial<Record<StorageErrorCode, string>>> = {
  FILE_NOT_FOUND: 'Check the path; folders are not made for you.',
  NOT_A_FILE: 'Name a regular file.',
  PERMISSION_DENIED: 'Change the rights, or open it with { readOnly: true, lock: false }.',
  IO_FAILED: 'The cause has what the system said.',
};

/** No room on the disk, for one file, or for one user. */
const DISK_FULL: readonly string[] = ['ENOSPC', 'EFBIG', 'EDQUOT'];

/** The word for an error number, such as `ENOENT`; `undefined` where it is no system error. */
export function systemCodeOf(error: unknown): string | undefined {
  // Not by its class: in a context of its own, as in a test, a program has another `Error`.
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return syscall === undefined ? undefined : code;
}

/** Whether the system has refused a write because there is no room for it. */
export function isDiskFull(error: unknown): boolean {
  return DISK_FULL.includes(systemCodeOf(error) ?? '');
}

/** The error to throw for one that a call on `path` has thrown; others than the system's as is. */
export function fileError(path: string, error: unknown): unknown {
  const system = systemCodeOf(error);
  if (system === undefined) return error;
  const code = CODES[system] ?? 'IO_FAILED';
  const said = (error as Error).message;
  const details = { path, system };
  return new StorageError(code, `${path}: ${said}. ${REMEDIES[code]}`, details, { cause: error });
}

/** Runs a call on the file at `path`, and says in our words what the system says against it. */
export function onFile<R>(path: string, call: () => R): R {
  try {
    return call();
  } catch (error) {
    throw fileError(path, error);
  }
}
