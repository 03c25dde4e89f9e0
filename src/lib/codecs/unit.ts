/**
 * The type with one value, for maps that only say which keys they hold. It takes no bytes.
 *
 * It is declared *variable* in size, although its size never varies: Rust does so, and the sizes of
 * nodes and tuples follow from the declaration.
 *
 * Source: `specs/ic-stable-structures.md` section 5.1.
 */
import { compareBytes } from '../bytes.js';
import type { KeyCodec } from '../codec.js';
import { assertStoredSize } from './fixed-size.js';
import { wrongType } from './refusals.js';

/**
 * Rust's `()`: `undefined` in 0 bytes. O(1).
 *
 * Throws `TypeError` for anything but `undefined`, `CORRUPTED` for stored bytes.
 *
 * @example
 * const byJoined = BTreeMap.init(memory.get(1), tuple(u64, principal), unit);
 * byJoined.insert([joined, caller], undefined);
 */
export const unit: KeyCodec<undefined> = {
  name: 'unit',
  bound: { maxSize: 0, fixedSize: false },
  order: compareBytes,
  encode(value) {
    if (value !== undefined) throw wrongType('unit', 'undefined', value);
    return new Uint8Array(0);
  },
  encodeInto(value, target, offset) {
    if (value !== undefined) throw wrongType('unit', 'undefined', value);
    return offset <= target.length ? offset : -1;
  },
  decode(bytes) {
    assertStoredSize('unit', bytes.length, 0);
    return undefined;
  },
  decodeAt(_bytes, start, end) {
    assertStoredSize('unit', end - start, 0);
    return undefined;
  },
};
