/**
 * How an arena says which allocator it belongs to. The original's allocators all have these bytes,
 * each at its own place:
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  four ASCII letters
 *          4     2  version of the layout, 0 and 1
 *          6     1  patch of the release that made it: of no meaning, never rewritten
 *          7     1  reserved, zero
 *
 * Source: `specs/bstack.md` section 3.
 */
import type { StackReader } from '../bstack/stack-edit.js';
import { equalBytes } from '../bytes.js';
import { StorageError } from '../errors.js';

const LETTERS_OFFSET = 0;
const VERSION_OFFSET = LETTERS_OFFSET + 4;
const PATCH_OFFSET = VERSION_OFFSET + 2;
const RESERVED_OFFSET = PATCH_OFFSET + 1;

/** Bytes of a magic. */
export const ARENA_MAGIC_SIZE = RESERVED_OFFSET + 1;

/** Where each field lies, for the test that compares the table above with the code. */
export const ARENA_MAGIC_LAYOUT = {
  letters: LETTERS_OFFSET,
  version: VERSION_OFFSET,
  patch: PATCH_OFFSET,
  reserved: RESERVED_OFFSET,
} as const;

const VERSION = Uint8Array.of(0, 1);

/** The magic of an allocator with these four letters. */
export function encodeArenaMagic(letters: string, patch: number): Uint8Array {
  const magic = new Uint8Array(ARENA_MAGIC_SIZE);
  magic.set(bytesOf(letters), LETTERS_OFFSET);
  magic.set(VERSION, VERSION_OFFSET);
  magic[PATCH_OFFSET] = patch;
  return magic;
}

/**
 * Throws unless a stack begins with a header of `headerSize` bytes that has the magic at `offset`:
 * `BAD_MAGIC` where it is shorter or has other letters, `UNSUPPORTED_VERSION` for another version.
 */
export function assertArena(
  stack: StackReader,
  letters: string,
  offset: number,
  headerSize: number,
): void {
  if (stack.length < headerSize) throw badMagic(letters);
  const magic = new Uint8Array(ARENA_MAGIC_SIZE);
  stack.getInto(offset, magic);
  const found = magic.subarray(LETTERS_OFFSET, VERSION_OFFSET);
  if (!equalBytes(found, bytesOf(letters))) throw badMagic(letters);
  const version = magic.subarray(VERSION_OFFSET, PATCH_OFFSET);
  if (!equalBytes(version, VERSION)) throw unsupportedVersion(letters, version);
}

function bytesOf(letters: string): Uint8Array {
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

function badMagic(letters: string): StorageError {
  return new StorageError(
    'BAD_MAGIC',
    `expected a stack that holds "${letters}". Nothing was written; ` +
      'use an empty stack, or the allocator that these bytes belong to.',
    { letters },
  );
}

function unsupportedVersion(letters: string, version: Uint8Array): StorageError {
  const found = version.join('.');
  return new StorageError(
    'UNSUPPORTED_VERSION',
    `expected version ${VERSION.join('.')} of "${letters}", found ${found}. ` +
      'Open it with a release that knows this version.',
    { letters, found },
  );
}
