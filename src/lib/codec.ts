/**
 * How values become bytes and back, and how keys are ordered.
 *
 * Order is the order of the *type*, not of the bytes: a principal with fewer bytes comes first,
 * a tuple compares element by element. Still it is defined on encoded keys, so that a search in a
 * tree compares what is stored and decodes nothing.
 *
 * Source: `specs/ic-stable-structures.md` section 5; crate `ic-stable-structures`, trait
 * `Storable`.
 */
import { StorageError } from './errors.js';

/** How long an encoding can be: without limit, or at most (exactly, if fixed) `maxSize` bytes. */
export type Bound = 'unbounded' | { readonly maxSize: number; readonly fixedSize: boolean };

/** To bytes and back. Codecs hold no state, so one value serves every structure. */
export interface Codec<T> {
  /** The type's name in messages, such as `u64`. */
  readonly name: string;

  readonly bound: Bound;

  /** The bytes of a value. Throws `INVALID_VALUE` for what the type does not have. */
  encode(value: T): Uint8Array;

  /**
   * As {@link encode}, into `target` from `offset` on. Returns where the bytes end, or -1 exactly
   * where `target` has no room for them; then those behind `offset` may be anything, and of a value
   * that is to be refused this may be all that is said. Optional: it saves an array for each value,
   * and what comes of it is never different.
   */
  encodeInto?(value: T, target: Uint8Array, offset: number): number;

  /**
   * Where values are whole numbers from 0 on, and are stored big-endian in so many bytes: numbers
   * in 1, 2 or 4, bigints in 8. In a canister many of them are then read at once. Optional.
   */
  readonly numberSize?: 1 | 2 | 4 | 8 | undefined;

  /**
   * The value of stored bytes. `bytes` may be a view on the memory itself: a codec copies what it
   * keeps, and never writes to it. Throws `CORRUPTED` for bytes that {@link encode} never makes.
   */
  decode(bytes: Uint8Array): T;

  /**
   * As {@link decode}, for the bytes from `start` up to `end`: a codec that can read a value where
   * it lies saves the view. Optional, and never different in its outcome.
   */
  decodeAt?(bytes: Uint8Array, start: number, end: number): T;
}

/** A codec whose values can be keys: it also knows their order. */
export interface KeyCodec<T> extends Codec<T> {
  readonly order: ByteOrder;

  /**
   * Where the keys lie that begin with `prefix`: some first letters, bytes or elements. Absent
   * where keys have no beginnings. Throws as {@link encode} does.
   */
  beginningWith?(prefix: Prefix<T>): KeyProbe;
}

/** Asked of a stored key: negative, zero or positive, as it lies before, at or behind a place. */
export interface KeyProbe {
  (bytes: Uint8Array, start: number, end: number): number;

  /** The place as a range of encoded keys, where it is one: for those who cannot call us. */
  readonly range?: EncodedRange | undefined;
}

/** From where to where; an end that is absent is open. */
export interface EncodedRange {
  readonly lower: EncodedEdge | undefined;
  readonly upper: EncodedEdge | undefined;
}

/** One end of a range: an encoded key. */
export interface EncodedEdge {
  readonly key: Uint8Array;
  /** Whether keys at the edge belong to the range. */
  readonly isInclusive: boolean;
  /** Where only the first parts of tuples count: how many, and what compares just those. */
  readonly leading?: { readonly count: number; readonly compare: KeyProbe } | undefined;
}

/** What a key can begin with: text with text, bytes with bytes, a tuple with some of its parts. */
export type Prefix<K> = K extends string
  ? string
  : K extends Uint8Array
    ? Uint8Array
    : K extends readonly unknown[]
      ? LeadingParts<K>
      : never;

type LeadingParts<T extends readonly unknown[]> = T extends readonly [...infer Lead, unknown]
  ? Lead extends readonly []
    ? never
    : Readonly<Lead> | LeadingParts<Lead>
  : never;

/**
 * Compares two encoded keys, each a range of bytes: negative, zero or positive, as `left` comes
 * before, with or after `right`. Ranges, because a search compares keys where they lie in a node.
 */
export type ByteOrder = (
  left: Uint8Array,
  leftStart: number,
  leftEnd: number,
  right: Uint8Array,
  rightStart: number,
  rightEnd: number,
) => number;

/** The value type of a codec: `ValueOf<typeof u64>` is `bigint`. */
export type ValueOf<C> = C extends Codec<infer T> ? T : never;

/** The value that lies in `bytes` from `start` up to `end`. */
export function decodeRange<T>(codec: Codec<T>, bytes: Uint8Array, start: number, end: number): T {
  if (codec.decodeAt !== undefined) return codec.decodeAt(bytes, start, end);
  return codec.decode(bytes.subarray(start, end));
}

/** Compares two values in the order that their codec gives them in a map. */
export function compareValues<T>(codec: KeyCodec<T>, left: T, right: T): number {
  return compareWhole(codec.order, codec.encode(left), codec.encode(right));
}

/** Compares two encoded keys, each of which fills its array. */
export function compareWhole(order: ByteOrder, left: Uint8Array, right: Uint8Array): number {
  return order(left, 0, left.length, right, 0, right.length);
}

/** Encodes and checks the result against the codec's bound. Throws `VALUE_TOO_LARGE`. */
export function encodeChecked<T>(codec: Codec<T>, value: T): Uint8Array {
  const bytes = codec.encode(value);
  if (codec.bound !== 'unbounded') assertWithinBound(codec, bytes.length, codec.bound);
  return bytes;
}

/**
 * As {@link encodeChecked}, into `target` from `offset` on. Returns where the bytes end, or -1
 * exactly where `target` has no room for them; see {@link Codec.encodeInto}.
 *
 * @example
 * const end = encodeCheckedInto(u64, 5n, staging, 0); // 8
 */
export function encodeCheckedInto<T>(
  codec: Codec<T>,
  value: T,
  target: Uint8Array,
  offset: number,
): number {
  if (codec.encodeInto === undefined) return putBytes(encodeChecked(codec, value), target, offset);
  const end = codec.encodeInto(value, target, offset);
  const { bound } = codec;
  if (end < 0 || bound === 'unbounded' || end - offset === bound.maxSize) return end;
  assertWithinBound(codec, end - offset, bound);
  return end;
}

/** Copies `bytes` to `offset`. Returns where they end, or -1 where `target` has no room. O(n). */
export function putBytes(bytes: Uint8Array, target: Uint8Array, offset: number): number {
  const end = offset + bytes.length;
  if (end > target.length) return -1;
  target.set(bytes, offset);
  return end;
}

function assertWithinBound<T>(
  codec: Codec<T>,
  size: number,
  bound: Exclude<Bound, 'unbounded'>,
): void {
  if (size === bound.maxSize || (size < bound.maxSize && !bound.fixedSize)) return;
  const expected = `${bound.fixedSize ? 'exactly' : 'at most'} ${bound.maxSize} bytes`;
  throw new StorageError(
    'VALUE_TOO_LARGE',
    `${codec.name}: expected ${expected}, found ${size}. ` +
      'Shorten it or declare a larger bound.',
    { codec: codec.name, maxSize: bound.maxSize, size },
  );
}
