/**
 * Whole numbers with a sign. Rust's crate has none, so this encoding is ours: the number plus 2^63,
 * big-endian. That flips the sign bit of two's complement and nothing else, and so -2^63 is eight
 * zero bytes, -1 comes right before 0, and the order of the bytes is the order of the numbers.
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  value + 2^63, big-endian
 *
 * Source: design section 5; golden vectors `test/golden/codecs.txt`.
 */
import { compareBytes, readU64BigEndian, writeU64BigEndian } from '../bytes.js';
import type { KeyCodec } from '../codec.js';
import { assertStoredSize } from './fixed-size.js';
import { invalidValue, wrongType } from './refusals.js';

const SIZE = 8;

/** How far the numbers are shifted upwards, so that none is negative. */
const SHIFT = 2n ** 63n;

/**
 * A bigint from -2^63 to 2^63 - 1 in 8 bytes, ordered as numbers are. O(1).
 *
 * Throws `TypeError` for what is no bigint (write `-5n`), `INVALID_VALUE` for a bigint out of
 * range, `CORRUPTED` for stored bytes of another length.
 *
 * @example
 * const readings = BTreeMap.init(memory.get(0), int64, text);
 * readings.insert(-40n, 'cold');
 */
export const int64: KeyCodec<bigint> = {
  name: 'int64',
  bound: { maxSize: SIZE, fixedSize: true },
  order: compareBytes,
  encode(value) {
    if (typeof value !== 'bigint') throw wrongType('int64', 'a bigint, such as -5n', value);
    if (value < -SHIFT || value >= SHIFT) {
      throw invalidValue('int64', 'a bigint from -2^63 to 2^63 - 1', String(value));
    }
    const bytes = new Uint8Array(SIZE);
    writeU64BigEndian(bytes, 0, value + SHIFT);
    return bytes;
  },
  decode(bytes) {
    assertStoredSize('int64', bytes.length, SIZE);
    return readU64BigEndian(bytes, 0) - SHIFT;
  },
};
