/**
 * Opens a file, or makes it, and nothing that merely looks like one: a pipe would block, a device
 * has no length. What is there is never cut.
 *
 * A new file is durable only once its folder is, so both are synced.
 *
 * Source: `specs/wasm-dbms.md` section 3 ("Open rules").
 */
import fs from 'node:fs';
import { dirname } from 'node:path';
import { StorageError } from '../errors.js';
import { onFile } from './system-error.js';

const { O_CREAT, O_RDONLY, O_RDWR } = fs.constants;

/** A file that was just opened. */
export interface OpenedFile {
  readonly descriptor: number;
  /** With all symbolic links followed. */
  readonly path: string;
  readonly isNew: boolean;
}

/**
 * Opens the file at `path`; a missing one is made if `mode` allows. Throws `FILE_NOT_FOUND`,
 * `NOT_A_FILE`, `PERMISSION_DENIED`, `IO_FAILED`.
 */
export function openFile(
  path: string,
  mode: 'open' | 'create' | 'openOrCreate',
  readOnly: boolean,
): OpenedFile {
  return onFile(path, () => {
    const found = fs.statSync(path, { throwIfNoEntry: false });
    if (found !== undefined) assertFile(path, found);
    const flags = (readOnly ? O_RDONLY : O_RDWR) | (mode === 'open' ? 0 : O_CREAT);
    const descriptor = fs.openSync(path, flags);
    return { descriptor, path: fs.realpathSync(path), isNew: found === undefined };
  });
}

/** Throws `NOT_A_FILE` unless that is what was found at `path`. */
export function assertFile(path: string, found: fs.Stats): void {
  if (found.isFile()) return;
  throw new StorageError('NOT_A_FILE', `${path} is no file. Name a regular file.`, { path });
}

/** Makes a new file one that is there after a crash. Throws `IO_FAILED`. */
export function syncNewFile({ descriptor, path }: OpenedFile): void {
  onFile(path, () => fs.fsyncSync(descriptor));
  syncFolderOf(path);
}

/** Makes the names in the folder of `path` durable. Throws `IO_FAILED`. */
export function syncFolderOf(path: string): void {
  // There a folder cannot be opened, and its names are durable without.
  if (process.platform === 'win32') return;
  onFile(path, () => {
    const folder = fs.openSync(dirname(path), O_RDONLY);
    try {
      fs.fsyncSync(folder);
    } finally {
      fs.closeSync(folder);
    }
  });
}
