/**
 * The bytes of one file as a disk has them: they may grow, shrink and be lost when the power goes.
 * A `Memory` has no length of its own in bytes, never shrinks and knows no crash; what has to
 * survive one (a `BStack`, a journal) stands on a storage instead.
 *
 *     HeapStorage      in RAM, for tests and for files that are read as a whole
 *     FileStorage      a file, see `host/file-storage.ts`
 *     MemoryStorage    a file within any `Memory`, so that a stack also lives in stable memory
 *
 * What was written is visible at once, and durable once `sync` has returned. In between a crash of
 * the machine keeps any part of it, in any order; only the 256 bytes from a multiple of 256 on are
 * taken to be written as a whole or not at all. A crash of the process alone keeps everything.
 *
 * Source: `specs/bstack.md` sections 1.5, 1.8 and 6.1 (there `Backend`).
 */
import { StorageError } from './errors.js';

/** The smallest piece that a disk is taken to write as a whole, in bytes, and its alignment. */
export const ATOMIC_BLOCK_SIZE = 256;

/** The verbs of a storage. Offsets and lengths are whole numbers of bytes below 2^53. */
export interface Storage {
  /**
   * Whether a crash undoes all that one message did, as a canister's trap does. Then there is
   * nothing to put in order and nothing to sync.
   */
  readonly isAtomic: boolean;

  /** Bytes from the first to the last. O(1). Throws `IO_FAILED`, `HANDLE_CLOSED`. */
  length(): number;

  /** Fills `target` from `offset` on. Throws `OUT_OF_BOUNDS` and leaves `target` alone. */
  read(offset: number, target: Uint8Array): void;

  /**
   * Copies `source` to `offset`, which is at most the length, and lengthens the storage where
   * `source` reaches past its end. Throws `OUT_OF_BOUNDS` beyond that, and `GROW_FAILED` without
   * room; the length is then what it was.
   */
  write(offset: number, source: Uint8Array): void;

  /** Cuts the storage, or lengthens it by zeros. Throws `GROW_FAILED`, and nothing has changed. */
  setLength(length: number): void;

  /** Returns once all that was done so far is durable. Throws `IO_FAILED`. */
  sync(): void;

  /** Gives the storage up: each further use throws `HANDLE_CLOSED`. Syncs nothing. */
  close(): void;
}

/** Looked up once, see `guards.ts`. */
const { isSafeInteger } = Number;

/** Throws `OUT_OF_BOUNDS` unless `[offset, offset + count)` lies within a storage of `length`. */
export function assertStored(offset: number, count: number, length: number): void {
  if (isSafeInteger(offset) && offset >= 0 && offset + count <= length) return;
  throw outsideStorage(offset, count, length);
}

/** The error of an access beyond the end of a storage. */
export function outsideStorage(offset: number, count: number, length: number): StorageError {
  return new StorageError(
    'OUT_OF_BOUNDS',
    `bytes ${offset} to ${offset + count} are not within the ${length} bytes that are stored. ` +
      'Check the offset against the length first.',
    { offset, count, length },
  );
}

/** The error of a use after {@link Storage.close}. `what` names the storage. */
export function storageClosed(what: string): StorageError {
  return new StorageError('HANDLE_CLOSED', `this ${what} was closed. Open it again.`, { what });
}
