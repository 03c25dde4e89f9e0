/**
 * Bytes as they are, with three ways to say how many: any number (`bytes`), up to so many (`blob`)
 * or exactly so many (`fixedBytes`). A tighter bound makes smaller nodes: see how a map sizes them.
 *
 * Rust's `BoundedVecN<N>` and `UnboundedVecN<N>` are stored as they are, too: read and write them
 * as `blob(N)` and `bytes`. Both are filled up with zeros to N bytes when they are made there, and
 * the zeros are stored; so pad what you write, and expect the padding in what you read.
 *
 * All three copy on the way in and out, so that an array which is changed later changes nothing
 * that is stored. They do not copy with `slice` alone: that of a Node `Buffer` is no copy.
 *
 * Source: `specs/ic-stable-structures.md` section 5.1.
 */
import { beginningWithBytes, compareBytes, copyRange } from '../bytes.js';
import { putBytes, type KeyCodec } from '../codec.js';
import { corrupted } from '../errors.js';
import { assertBytes, assertSize } from '../guards.js';
import { fixedSizeParts } from './fixed-size.js';
import { invalidValue } from './refusals.js';

/** A bound is a 32-bit field in the headers of structures. */
const SIZE_MAX = 0xffff_ffff;

/**
 * Rust's `Vec<u8>`: bytes of any length, ordered byte by byte, a prefix first. O(length).
 *
 * Throws `TypeError` for what is no `Uint8Array`.
 *
 * @example
 * const files = BTreeMap.init(memory.get(0), text, bytes);
 */
export const bytes: KeyCodec<Uint8Array> = {
  name: 'bytes',
  bound: 'unbounded',
  order: compareBytes,
  beginningWith: (prefix) => beginningWithBytes(new Uint8Array(assertBytes('bytes', prefix))),
  encode: (value) => new Uint8Array(assertBytes('bytes', value)),
  encodeInto: (value, target, offset) => putBytes(assertBytes('bytes', value), target, offset),
  decode: (stored) => new Uint8Array(stored),
  decodeAt: copyRange,
};

/**
 * Rust's `Blob<N>`: at most `maxSize` bytes, ordered as {@link bytes} are. O(length).
 *
 * A longer value is refused by the structure that stores it, with `VALUE_TOO_LARGE`. Throws
 * `TypeError` for what is no `Uint8Array`, `CORRUPTED` for stored bytes that are longer; `blob`
 * itself throws `TypeError` or `RangeError` for a size that is none.
 *
 * @param maxSize The most bytes that a value has, 0 to 2^32 - 1.
 *
 * @example
 * const thumbnails = BTreeMap.init(memory.get(0), u64, blob(4096));
 */
export function blob(maxSize: number): KeyCodec<Uint8Array> {
  assertSize('blob size', maxSize, SIZE_MAX);
  const name = `blob(${maxSize})`;
  return {
    name,
    bound: { maxSize, fixedSize: false },
    order: compareBytes,
    beginningWith: (prefix) => beginningWithBytes(new Uint8Array(assertBytes(name, prefix))),
    encode: (value) => new Uint8Array(assertBytes(name, value)),
    encodeInto: (value, target, offset) => putBytes(assertBytes(name, value), target, offset),
    decode: (stored) => decodeAt(stored, 0, stored.length),
    decodeAt,
  };

  function decodeAt(stored: Uint8Array, start: number, end: number): Uint8Array {
    if (end - start > maxSize) throw corrupted(name, `at most ${maxSize} bytes`, end - start);
    // Most arrays are plain: to ask for that here saves interpreters a call for each value.
    if (stored.constructor === Uint8Array) return stored.slice(start, end);
    return copyRange(stored, start, end);
  }
}

/**
 * Rust's `[u8; N]`: exactly `size` bytes, ordered byte by byte. O(size).
 *
 * Throws `TypeError` for what is no `Uint8Array`, `INVALID_VALUE` for another length, `CORRUPTED`
 * for stored bytes of another length; `fixedBytes` itself throws `TypeError` or `RangeError` for a
 * size that is none.
 *
 * @param size The bytes that every value has, 0 to 2^32 - 1.
 *
 * @example
 * const byHash = BTreeMap.init(memory.get(0), fixedBytes(32), u64);
 */
export function fixedBytes(size: number): KeyCodec<Uint8Array> {
  assertSize('fixedBytes size', size, SIZE_MAX);
  const name = `fixedBytes(${size})`;
  return {
    ...fixedSizeParts(name, size, (stored, offset) => copyRange(stored, offset, offset + size)),
    order: compareBytes,
    encode: (value) => new Uint8Array(assertSized(value)),
    encodeInto: (value, target, offset) => putBytes(assertSized(value), target, offset),
  };

  function assertSized(value: unknown): Uint8Array {
    const sized = assertBytes(name, value);
    if (sized.length === size) return sized;
    throw invalidValue(name, `exactly ${size} bytes`, String(sized.length));
  }
}
