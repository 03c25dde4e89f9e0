/**
 * Truth in one byte, as Rust stores it: 0 is false, 1 is true, and anything else is damage.
 *
 * Source: `specs/ic-stable-structures.md` section 5.1.
 */
import { compareBytes } from '../bytes.js';
import type { KeyCodec } from '../codec.js';
import { corrupted } from '../errors.js';
import { assertStoredSize, wrongType } from './refusals.js';

/**
 * Rust's `bool`: `false` or `true` in 1 byte, `false` first. O(1).
 *
 * Throws `TypeError` for what is no boolean, `CORRUPTED` for stored bytes other than 0 or 1.
 *
 * @example
 * const isPaid = BTreeMap.init(memory.get(0), u64, bool);
 */
export const bool: KeyCodec<boolean> = {
  name: 'bool',
  bound: { maxSize: 1, fixedSize: true },
  order: compareBytes,
  encode(value) {
    if (typeof value !== 'boolean') throw wrongType('bool', 'a boolean', value);
    return Uint8Array.of(value ? 1 : 0);
  },
  decode(bytes) {
    assertStoredSize('bool', bytes, 1);
    const byte = bytes[0]!;
    if (byte > 1) throw corrupted('bool', '0 or 1', byte);
    return byte === 1;
  },
};
