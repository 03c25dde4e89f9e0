/**
 * A memory as a file, and back: the whole of it, byte for byte, whatever lives in it. So the stable
 * memory of a canister is saved, looked into and restored, and a memory moves from the heap to a
 * file or from one manager to another.
 *
 * An image is written under another name, synced, and renamed: a file with the name that was asked
 * for is whole, also after a crash, and an older one is there until then. Pages of zeros are holes
 * in it, and holes are not copied into the memory that takes it.
 *
 * LIMIT: an export stands in the way of nobody; whatever changes the memory in the middle of it
 * (only `onProgress` could) tears the image.
 *
 * Source: `specs/wasm-dbms.md` sections 10 and 14.3.
 */
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StorageError } from '../errors.js';
import { holderOf } from '../lease.js';
import { reserve, sizeInBytes, WASM_PAGE_SIZE, type Memory } from '../memory.js';
import { FileLock } from './file-lock.js';
import { FileStorage } from './file-storage.js';
import {
  isZero,
  pagesOf,
  piecesOf,
  withImage,
  type Image,
  type OnProgress,
} from './image-pieces.js';
import { assertFile, syncFolderOf } from './open-file.js';
import { onFile } from './system-error.js';

/** What is appended to a file's name while its image is being written. */
const UNFINISHED = '.new';

/** How an image is written. */
export interface ExportOptions {
  readonly onProgress?: OnProgress;
  /** Whether a file of that name is replaced. False unless told. */
  readonly overwrite?: boolean;
}

/** How an image is read. */
export interface ImportOptions {
  readonly onProgress?: OnProgress;
}

/**
 * Writes all of `memory` to a file at `path`. O(bytes), syncs twice. Throws `NOT_EMPTY` where there
 * is a file, `FILE_IN_USE` where it is open, `FILE_NOT_FOUND`, `NOT_A_FILE`, `PERMISSION_DENIED`,
 * `GROW_FAILED` on a full disk, `IO_FAILED`; then nothing is there that was not before.
 *
 * @example
 * exportImage(memory, 'balances.image', { onProgress: (done, total) => show(done / total) });
 */
export function exportImage(memory: Memory, path: string, options: ExportOptions = {}): void {
  const target = onFile(path, () => realPathOf(path));
  const lock = FileLock.take(target);
  try {
    assertMayWrite(target, options.overwrite ?? false);
    writeWhole(memory, target, options.onProgress);
  } finally {
    lock.release();
  }
}

/**
 * Makes `memory` equal to the image: a file, or another memory. It may be empty, or have pages that
 * are to be replaced, but no more than the image has, for a memory never shrinks. O(bytes).
 *
 * Throws what {@link FileMemory.open} throws; `MEMORY_IN_USE` where an open structure holds the
 * memory; `NOT_EMPTY` where it is larger; `GROW_FAILED`. Then it is as it was. After any other
 * failure, as of the disk, it is partly replaced.
 *
 * @example
 * const memory = new VectorMemory();
 * importImage('balances.image', memory);
 */
export function importImage(image: Image, memory: Memory, options: ImportOptions = {}): void {
  const holder = holderOf(memory);
  if (holder !== undefined) throw memoryInUse(holder);
  withImage(image, (source) => {
    const oldSize = sizeInBytes(memory);
    if (memory.size() > source.size()) throw tooLarge(memory.size(), source.size());
    reserve(memory, sizeInBytes(source));
    for (const piece of piecesOf(source, options.onProgress)) {
      for (const { offset, bytes } of pagesOf(piece)) {
        // What a memory is grown by is zero already.
        if (offset < oldSize || !isZero(bytes)) memory.write(offset, bytes);
      }
    }
  });
}

/** The path with all links followed, also of a file that is not there yet. */
function realPathOf(path: string): string {
  const isThere = fs.statSync(path, { throwIfNoEntry: false }) !== undefined;
  return isThere ? fs.realpathSync(path) : join(fs.realpathSync(dirname(path)), basename(path));
}

function assertMayWrite(target: string, overwrite: boolean): void {
  const found = fs.statSync(target, { throwIfNoEntry: false });
  if (found === undefined) return;
  assertFile(target, found);
  if (!overwrite) throw alreadyThere(target, found.size);
}

/** Writes a file that has its name only once it is whole and durable. */
function writeWhole(memory: Memory, target: string, onProgress: OnProgress | undefined): void {
  const unfinished = target + UNFINISHED;
  try {
    fs.rmSync(unfinished, { force: true });
    const file = FileStorage.open(unfinished, { mode: 'create', lock: false });
    try {
      copyTo(file, memory, onProgress);
      file.sync();
    } finally {
      file.close();
    }
    onFile(target, () => fs.renameSync(unfinished, target));
    syncFolderOf(target);
  } catch (error) {
    fs.rmSync(unfinished, { force: true });
    throw error;
  }
}

function copyTo(file: FileStorage, memory: Memory, onProgress: OnProgress | undefined): void {
  for (const piece of piecesOf(memory, onProgress)) {
    for (const { offset, bytes } of pagesOf(piece)) {
      if (isZero(bytes)) file.setLength(offset + bytes.length);
      else file.write(offset, bytes);
    }
  }
}

function alreadyThere(path: string, length: number): StorageError {
  return new StorageError(
    'NOT_EMPTY',
    `${path} is there, with ${length} bytes. Name another file, or tell { overwrite: true }.`,
    { path, length },
  );
}

function tooLarge(sizeInPages: number, imageSizeInPages: number): StorageError {
  return new StorageError(
    'NOT_EMPTY',
    `the memory has ${sizeInPages} pages of ${WASM_PAGE_SIZE} bytes, the image ` +
      `${imageSizeInPages}, and memories do not shrink. Take an empty memory.`,
    { sizeInPages, imageSizeInPages },
  );
}

function memoryInUse(holder: string): StorageError {
  return new StorageError(
    'MEMORY_IN_USE',
    `an image was to be put into a memory that an open ${holder} holds. Close it with ` +
      'intoMemory() first.',
    { holder },
  );
}
