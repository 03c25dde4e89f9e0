/**
 * The first 32 bytes of a stack's file: format 0.4 of the Rust crate, to the byte.
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  magic "BSTK"
 *          4     2  version of the format, 0 and 4
 *          6     1  patch of the release that made the file: of no meaning, never rewritten
 *          7     1  reserved, zero
 *          8     8  how many bytes of the payload count
 *         16     8  journal: where in the file it is to be replayed, 0 at rest
 *         24     8  journal: its mode, see `journal.ts`, 0 at rest
 *         32     …  payload
 *
 * All numbers are little-endian. At rest the file ends where the payload does. The header lies in
 * one block that a disk writes as a whole, so that the length and both fields of the journal change
 * together where one write names them together.
 *
 * Source: `specs/bstack.md` section 1.8.
 */
import { readBigU64, readU64, writeBigU64, writeU64 } from '../bytes.js';
import { corrupted, StorageError } from '../errors.js';
import type { Storage } from '../storage.js';

const MAGIC_OFFSET = 0;
const VERSION_OFFSET = MAGIC_OFFSET + 4;
const PATCH_OFFSET = VERSION_OFFSET + 2;
const RESERVED_OFFSET = PATCH_OFFSET + 1;
const LENGTH_OFFSET = RESERVED_OFFSET + 1;
const TARGET_OFFSET = LENGTH_OFFSET + 8;
const MODE_OFFSET = TARGET_OFFSET + 8;

/** Where the payload begins: bytes of the header. */
export const PAYLOAD_OFFSET = MODE_OFFSET + 8;

export const BSTACK_LAYOUT = {
  magic: MAGIC_OFFSET,
  version: VERSION_OFFSET,
  patch: PATCH_OFFSET,
  reserved: RESERVED_OFFSET,
  length: LENGTH_OFFSET,
  target: TARGET_OFFSET,
  mode: MODE_OFFSET,
  payload: PAYLOAD_OFFSET,
} as const;

const MAGIC_AND_VERSION = Uint8Array.of(0x42, 0x53, 0x54, 0x4b, 0, 4);
const PATCH = 3;

/** The mode of a journal at rest; with a target, that of a plain write. */
export const AT_REST = 0n;

/** What a header says, once it is known to be one. */
export interface Header {
  /** How many bytes of the payload count. */
  readonly length: number;
  /** Offset in the file; what is none is so large that no range check lets it through. */
  readonly target: number;
  readonly mode: bigint;
}

/** The header of a new stack, without a byte unless told. */
export function freshHeader(length = 0): Uint8Array {
  const header = new Uint8Array(PAYLOAD_OFFSET);
  header.set(MAGIC_AND_VERSION, MAGIC_OFFSET);
  header[PATCH_OFFSET] = PATCH;
  writeU64(header, LENGTH_OFFSET, length);
  return header;
}

/**
 * Whether a file holds nothing yet: it is empty, or so short that the crash came while its first
 * header was being written.
 */
export function isUnborn(storage: Storage): boolean {
  const length = storage.length();
  if (length >= PAYLOAD_OFFSET) return false;
  const found = new Uint8Array(length);
  storage.read(0, found);
  const fresh = freshHeader();
  return found.every((byte, index) => byte === fresh[index] || index === PATCH_OFFSET);
}

/**
 * Reads the header of a file. Throws `BAD_MAGIC` for another kind of file, `UNSUPPORTED_VERSION`
 * for another format, `CORRUPTED` for a header that is cut short or has an impossible length.
 */
export function readHeader(storage: Storage): Header {
  const found = new Uint8Array(Math.min(PAYLOAD_OFFSET, storage.length()));
  storage.read(0, found);
  assertFormat(found);
  if (found.length < PAYLOAD_OFFSET)
    throw corrupted('bytes of header', PAYLOAD_OFFSET, found.length);
  return {
    length: readU64(found, LENGTH_OFFSET),
    target: Number(readBigU64(found, TARGET_OFFSET)),
    mode: readBigU64(found, MODE_OFFSET),
  };
}

/** Writes the length alone. */
export function writeLength(storage: Storage, length: number): void {
  const field = new Uint8Array(TARGET_OFFSET - LENGTH_OFFSET);
  writeU64(field, 0, length);
  storage.write(LENGTH_OFFSET, field);
}

/** Writes both fields of the journal, as one. */
export function writeJournal(storage: Storage, target: number, mode: bigint): void {
  const fields = new Uint8Array(PAYLOAD_OFFSET - TARGET_OFFSET);
  writeU64(fields, 0, target);
  writeBigU64(fields, MODE_OFFSET - TARGET_OFFSET, mode);
  storage.write(TARGET_OFFSET, fields);
}

/** Writes the length and puts the journal to rest, as one. */
export function writeLengthAtRest(storage: Storage, length: number): void {
  const fields = new Uint8Array(PAYLOAD_OFFSET - LENGTH_OFFSET);
  writeU64(fields, 0, length);
  storage.write(LENGTH_OFFSET, fields);
}

function assertFormat(found: Uint8Array): void {
  const differs = MAGIC_AND_VERSION.findIndex((byte, index) => byte !== found[index]);
  if (differs < 0) return;
  if (differs >= VERSION_OFFSET && found.length >= PATCH_OFFSET) throw unsupportedFormat(found);
  throw new StorageError(
    'BAD_MAGIC',
    'expected a file that starts with "BSTK". Nothing was written; use an empty file, or the ' +
      'program that these bytes belong to.',
    { expected: 'BSTK' },
  );
}

function unsupportedFormat(found: Uint8Array): StorageError {
  const [major, minor] = [found[VERSION_OFFSET]!, found[VERSION_OFFSET + 1]!];
  const remedy =
    major === 0 && minor < 4
      ? 'Migrate it first: openFileStack does so, and migrateStack.'
      : 'Open it with a release that knows this format.';
  return new StorageError(
    'UNSUPPORTED_VERSION',
    `expected a stack of format 0.4, found ${major}.${minor}. Nothing was written. ${remedy}`,
    { expected: '0.4', found: `${major}.${minor}` },
  );
}
