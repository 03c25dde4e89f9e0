/**
 * Truth in one byte, as Rust stores it: 0 is false, 1 is true, and anything else is damage.
 *
 * Source: `specs/ic-stable-structures.md` section 5.1.
 */
import { compareBytes } from '../bytes.js';
import type { KeyCodec } from '../codec.js';
import { corrupted } from '../errors.js';
import { fixedSizeParts, fixedSizeWriters } from './fixed-size.js';
import { wrongType } from './refusals.js';

/**
 * Rust's `bool`: `false` or `true` in 1 byte, `false` first. O(1).
 *
 * Throws `TypeError` for what is no boolean, `CORRUPTED` for stored bytes other than 0 or 1.
 *
 * @example
 * const isPaid = BTreeMap.init(memory.get(0), u64, bool);
 */
export const bool: KeyCodec<boolean> = {
  ...fixedSizeParts('bool', 1, readBool),
  order: compareBytes,
  ...fixedSizeWriters(1, writeBool, assertBool),
};

function assertBool(value: boolean): void {
  if (typeof value !== 'boolean') throw wrongType('bool', 'a boolean', value);
}

function writeBool(bytes: Uint8Array, offset: number, value: boolean): void {
  bytes[offset] = value ? 1 : 0;
}

function readBool(bytes: Uint8Array, offset: number): boolean {
  const byte = bytes[offset]!;
  if (byte > 1) throw corrupted('bool', '0 or 1', byte);
  return byte === 1;
}
