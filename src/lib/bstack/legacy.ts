/**
 * Stacks of the formats 0.1 and 0.2, which have a shorter header and no journal. They are not
 * written here, only read, into a new file of format 0.4.
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  magic "BSTK"
 *          4     2  version of the format, 0 and 1 (also in files of 0.2)
 *          6     1  patch of the release that made the file: of no meaning
 *          7     1  reserved, zero
 *          8     8  how many bytes of the payload count
 *         16        payload
 *
 * (Numbers little-endian.)
 *
 * What a crash has left is taken as those releases do: of the length in the header and that of the
 * file, the smaller one counts. They refused a file whose header was cut off while it was first
 * written, for ever; here that is a stack without a byte.
 *
 * Promise: the old file is only read. The new one gets its header last, behind a sync, so that one
 * which is not whole is never taken for a stack.
 *
 * Source: `specs/bstack.md` sections 1.2, 1.3 and 1.7.
 */
import { readBigU64 } from '../bytes.js';
import { StorageError } from '../errors.js';
import type { Storage } from '../storage.js';
import { freshHeader, PAYLOAD_OFFSET } from './header.js';

const MAGIC_AND_VERSION = Uint8Array.of(0x42, 0x53, 0x54, 0x4b, 0, 1);

const VERSION_OFFSET = 4;
const PATCH_OFFSET = VERSION_OFFSET + 2;
const RESERVED_OFFSET = PATCH_OFFSET + 1;
const LENGTH_OFFSET = RESERVED_OFFSET + 1;
const LEGACY_PAYLOAD_OFFSET = LENGTH_OFFSET + 8;

/** Where each field lies, for the test that compares the table above with the code. */
export const LEGACY_BSTACK_LAYOUT = {
  magic: 0,
  version: VERSION_OFFSET,
  patch: PATCH_OFFSET,
  reserved: RESERVED_OFFSET,
  length: LENGTH_OFFSET,
  payload: LEGACY_PAYLOAD_OFFSET,
} as const;

/** Bounds the room that a copy takes in RAM. */
const PART_SIZE_MAX = 65_536;

/** Whether a file is a stack of format 0.1 or 0.2: one that `BStack.open` refuses. O(1). */
export function isLegacyStack(storage: Storage): boolean {
  if (storage.length() < MAGIC_AND_VERSION.length) return false;
  const found = new Uint8Array(MAGIC_AND_VERSION.length);
  storage.read(0, found);
  return MAGIC_AND_VERSION.every((byte, index) => byte === found[index]);
}

/**
 * Writes what a stack of format 0.1 or 0.2 holds into an empty storage, as a stack of format 0.4,
 * and returns its length. `from` is only read, and both stay open. O(bytes); 2 syncs.
 *
 * Throws `BAD_MAGIC` where `from` is no such stack, `NOT_EMPTY`, `GROW_FAILED`. After an error `to`
 * holds the whole stack or none; cut it to 0 bytes to try again.
 *
 * @example
 * const old = new HeapStorage(bytesOfAnOldFile);
 * const storage = MemoryStorage.init(memory.get(0));
 * migrateStack(old, storage);
 * const stack = BStack.open(storage);
 */
export function migrateStack(from: Storage, to: Storage): number {
  if (!isLegacyStack(from)) throw notLegacy();
  if (to.length() > 0) throw notEmpty(to.length());
  const length = lengthOf(from);
  to.setLength(PAYLOAD_OFFSET + length);
  const buffer = new Uint8Array(Math.min(length, PART_SIZE_MAX));
  for (let copied = 0; copied < length; copied += buffer.length) {
    const part = buffer.subarray(0, length - copied);
    from.read(LEGACY_PAYLOAD_OFFSET + copied, part);
    to.write(PAYLOAD_OFFSET + copied, part);
  }
  to.sync();
  to.write(0, freshHeader(length));
  to.sync();
  return length;
}

/** How many bytes of the payload count, after the recovery of those releases. */
function lengthOf(storage: Storage): number {
  const present = storage.length() - LEGACY_PAYLOAD_OFFSET;
  if (present <= 0) return 0;
  const field = new Uint8Array(LEGACY_PAYLOAD_OFFSET - LENGTH_OFFSET);
  storage.read(LENGTH_OFFSET, field);
  return Math.min(Number(readBigU64(field, 0)), present);
}

function notLegacy(): StorageError {
  return new StorageError(
    'BAD_MAGIC',
    'expected a stack of format 0.1 or 0.2, which starts with "BSTK" and the bytes 0 and 1. ' +
      'Nothing was written; a stack of format 0.4 needs no migration.',
    { expected: 'BSTK 0.1' },
  );
}

function notEmpty(length: number): StorageError {
  return new StorageError(
    'NOT_EMPTY',
    `a stack was to be written to an empty storage, which holds ${length} bytes. ` +
      'Nothing was written; name another one.',
    { length },
  );
}
