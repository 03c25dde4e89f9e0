/**
 * How every structure's first bytes say what it is:
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic, three ASCII letters
 *          3     1  layout version
 *
 * Source: `specs/ic-stable-structures.md`, the headers of all structures; house style rules 3
 * and 6.
 */
import { corrupted, StorageError } from './errors.js';

const VERSION_OFFSET = 3;

/** Bytes of the magic and the layout version together. */
export const MAGIC_SIZE = VERSION_OFFSET + 1;

/** Writes magic and version at the start of `header`. */
export function writeMagic(header: Uint8Array, magic: string, version: number): void {
  writeLetters(header, magic);
  header[VERSION_OFFSET] = version;
}

/** Writes the three letters alone: an overflow page has no version. */
export function writeLetters(bytes: Uint8Array, magic: string): void {
  for (let index = 0; index < VERSION_OFFSET; index++) bytes[index] = magic.charCodeAt(index);
}

/** Whether the three letters of this magic lie in `bytes` from `start` on. */
export function hasMagic(bytes: Uint8Array, magic: string, start = 0): boolean {
  for (let index = 0; index < VERSION_OFFSET; index++) {
    if (bytes[start + index] !== magic.charCodeAt(index)) return false;
  }
  return true;
}

/** The layout version behind the magic at `start`. */
export function versionAt(bytes: Uint8Array, start = 0): number {
  return bytes[start + VERSION_OFFSET]!;
}

/** Throws `BAD_MAGIC` or `UNSUPPORTED_VERSION` unless `header` starts with magic and version. */
export function assertMagic(header: Uint8Array, magic: string, version: number): void {
  if (!hasMagic(header, magic)) throw badMagic(magic, header);
  const found = versionAt(header);
  if (found !== version) throw unsupportedVersion(magic, version, found);
}

/**
 * As {@link assertMagic}, for a part that our own addresses lead to: other bytes there are damage,
 * so the error is `CORRUPTED`. `what` is the part's name, for the message; it lies from `start` on.
 */
export function assertStoredMagic(
  what: string,
  address: number,
  bytes: Uint8Array,
  magic: string,
  version: number,
  start = 0,
): void {
  if (hasMagic(bytes, magic, start) && versionAt(bytes, start) === version) return;
  throw corrupted(`${what} at address ${address}`, `${magic} version ${version}`, 'other bytes');
}

/** Throws `CORRUPTED` unless `length` bytes at `offset` are zero. */
export function assertReservedZero(
  what: string,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  for (let index = offset; index < offset + length; index++) {
    if (bytes[index] !== 0) throw corrupted(`${what}, reserved byte ${index}`, 0, bytes[index]!);
  }
}

function unsupportedVersion(magic: string, expected: number, found: number): StorageError {
  return new StorageError(
    'UNSUPPORTED_VERSION',
    `expected layout version ${expected} of "${magic}", found ${found}. ` +
      'Open it with a release that knows this version.',
    { magic, expected, found },
  );
}

function badMagic(expected: string, bytes: Uint8Array): StorageError {
  const found = Array.from(bytes.subarray(0, VERSION_OFFSET), (byte) =>
    byte > 0x20 && byte < 0x7f
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('');
  return new StorageError(
    'BAD_MAGIC',
    `expected a memory that starts with "${expected}", found "${found}". Nothing was written; ` +
      'use an empty memory, or the structure that these bytes belong to.',
    { expected, found },
  );
}
