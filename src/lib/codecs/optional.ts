/**
 * A value that may be missing, as Rust's `Option`: the mark comes *last*.
 *
 *     OFFSET     SIZE  FIELD
 *          0     size  the value; nothing where it is missing
 *       size        1  mark: 1 = there is a value, 0 = there is none
 *
 * Rust declares the option of a fixed-size type fixed in size too, and then cannot store that a
 * value is missing: one byte is not the declared size. Here the mark follows as many zeros as the
 * value would take. So both kinds have the declared size, Rust's bytes of present values stay as
 * they are, and its single zero byte (its cells and logs accept it) is read as missing.
 *
 * NOTE: the order is not that of the bytes: a missing value comes before all others.
 *
 * Source: `specs/ic-stable-structures.md` sections 5.1 and 5.3.
 */
import {
  decodeRange,
  encodeChecked,
  encodeCheckedInto,
  putBytes,
  type Bound,
  type ByteOrder,
  type Codec,
  type KeyCodec,
} from '../codec.js';
import { corrupted } from '../errors.js';
import { describeOptionals } from '../order-program.js';
import { assertCodec, isKeyCodec } from './refusals.js';
import { isFixed } from './tuple-layout.js';
import { unit } from './unit.js';

const PRESENT = 1;
const MISSING = 0;

/** A codec for a value or `undefined`; in a record, a field that may be left out. */
export interface OptionalCodec<T> extends Codec<T | undefined> {
  /** The codec of a value that is there. */
  readonly present: Codec<T>;
}

/** An {@link OptionalCodec} whose values can be keys: `undefined` first. */
export interface OptionalKeyCodec<T> extends OptionalCodec<T>, KeyCodec<T | undefined> {}

/**
 * A codec for a value or `undefined`. As a field of a record it makes the property optional.
 * Costs one byte and what `codec` costs.
 *
 * Throws what `codec` throws, and `CORRUPTED` for stored bytes with another mark; `optional`
 * itself throws `TypeError` for what is no codec, and for one that already has `undefined` among
 * its values: nobody could tell the two apart.
 *
 * @example
 * const users = BTreeMap.init(memory.get(0), u64, record({ name: text, bio: optional(text) }));
 * users.insert(1n, { name: 'Ada' });
 */
export function optional<T>(codec: KeyCodec<T>): OptionalKeyCodec<T>;
export function optional<T>(codec: Codec<T>): OptionalCodec<T>;
export function optional<T>(codec: Codec<T>): OptionalCodec<T> {
  assertCodec('optional', codec);
  if (isOptional(codec) || (codec as Codec<unknown>) === unit) {
    throw new TypeError(`optional: expected a codec without undefined, got ${codec.name}`);
  }
  const optionalCodec = codecFor(codec);
  if (!isKeyCodec(codec)) return optionalCodec;
  const keyCodec: OptionalKeyCodec<T> = { ...optionalCodec, order: orderOf(codec.order) };
  return keyCodec;
}

/** Whether a codec was made by {@link optional}. */
export function isOptional(codec: Codec<unknown>): codec is OptionalCodec<unknown> {
  return 'present' in codec;
}

function codecFor<T>(codec: Codec<T>): OptionalCodec<T> {
  const name = `optional(${codec.name})`;
  const missing = new Uint8Array(isFixed(codec.bound) ? codec.bound.maxSize + 1 : 1);
  return {
    name,
    bound: withMark(codec.bound),
    present: codec,
    encode(value) {
      if (value === undefined) return new Uint8Array(missing);
      const encoded = encodeChecked(codec, value);
      const bytes = new Uint8Array(encoded.length + 1);
      bytes.set(encoded);
      bytes[encoded.length] = PRESENT;
      return bytes;
    },
    encodeInto(value, target, offset) {
      if (value === undefined) return putBytes(missing, target, offset);
      const end = encodeCheckedInto(codec, value, target, offset);
      if (end < 0 || end === target.length) return -1;
      target[end] = PRESENT;
      return end + 1;
    },
    decode: (bytes) => decodeAt(bytes, 0, bytes.length),
    decodeAt,
  };

  function decodeAt(bytes: Uint8Array, start: number, end: number): T | undefined {
    if (start === end) throw corrupted(`mark of ${name}`, '0 or 1', 'no bytes');
    const mark = bytes[end - 1]!;
    if (mark === PRESENT) return decodeRange(codec, bytes, start, end - 1);
    if (mark !== MISSING) throw corrupted(`mark of ${name}`, '0 or 1', mark);
    assertMissing(name, bytes.subarray(start, end), missing.length);
    return undefined;
  }
}

function withMark(bound: Bound): Bound {
  return bound === 'unbounded' ? bound : { ...bound, maxSize: bound.maxSize + 1 };
}

/** A missing value is nothing but zeros: the mark alone, or as many as are declared. */
function assertMissing(name: string, bytes: Uint8Array, size: number): void {
  if (bytes.length !== 1 && bytes.length !== size) {
    throw corrupted(`size of ${name} without a value`, size, bytes.length);
  }
  const stray = bytes.findIndex((byte) => byte !== 0);
  if (stray >= 0) throw corrupted(`padding of ${name}`, 0, bytes[stray]!);
}

function orderOf(order: ByteOrder): ByteOrder {
  const optionalOrder: ByteOrder = (left, leftStart, leftEnd, right, rightStart, rightEnd) => {
    const leftMark = left[leftEnd - 1]!;
    const rightMark = right[rightEnd - 1]!;
    if (leftMark !== rightMark) return leftMark - rightMark;
    if (leftMark === MISSING) return 0;
    return order(left, leftStart, leftEnd - 1, right, rightStart, rightEnd - 1);
  };
  describeOptionals(optionalOrder, order);
  return optionalOrder;
}
