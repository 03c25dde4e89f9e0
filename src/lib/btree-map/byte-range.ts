/**
 * A range of keys as bytes, for the kernel, which knows no functions. Of the edges on either side
 * the innermost counts. A prefix becomes a range: the keys that begin with "ab" are those from "ab"
 * on and before "ac".
 *
 * Source: `src/lib/btree-map/key-range.ts`, which makes any range.
 */
import { compareBytes } from '../bytes.js';
import { compareWhole, type ByteOrder, type KeyCodec } from '../codec.js';
import { keyEdge, type KeyRange } from './cursor.js';
import { probeOf } from './key-range.js';
import type { Range } from './map-queries.js';

/** One end of a range. */
export interface ByteEdge {
  /** The encoded key. */
  readonly key: Uint8Array;
  /** Whether that key belongs to the range. */
  readonly isInclusive: boolean;
}

/** From where to where; an end that is absent is open. */
export interface ByteRange {
  readonly lower: ByteEdge | undefined;
  readonly upper: ByteEdge | undefined;
}

const BYTE_MAX = 0xff;

/** Which side of an edge is inside. */
const ABOVE = 1;
const BELOW = -1;

/**
 * The range in bytes, or `undefined` where its prefix is no range of bytes. Throws as encoding its
 * keys does, and `TypeError` for a prefix of keys that have no beginnings.
 */
export function byteRangeOf<K>(keys: KeyCodec<K>, range: Range<K>): ByteRange | undefined {
  const { order } = keys;
  const { prefix, gte, gt, lte, lt } = range;
  let lower: ByteEdge | undefined;
  let upper: ByteEdge | undefined;
  if (prefix !== undefined) {
    const bytes = probeOf(keys, prefix).prefix;
    if (bytes === undefined || order !== compareBytes) return undefined;
    lower = { key: bytes, isInclusive: true };
    upper = edgeBehind(bytes);
  }
  if (gte !== undefined) lower = innermost(lower, edgeAt(keys, gte, true), order, ABOVE);
  if (gt !== undefined) lower = innermost(lower, edgeAt(keys, gt, false), order, ABOVE);
  if (lte !== undefined) upper = innermost(upper, edgeAt(keys, lte, true), order, BELOW);
  if (lt !== undefined) upper = innermost(upper, edgeAt(keys, lt, false), order, BELOW);
  return { lower, upper };
}

/** The same range for a cursor. */
export function cursorRangeOf({ lower, upper }: ByteRange, order: ByteOrder): KeyRange {
  return {
    lower: lower === undefined ? [] : [keyEdge(order, lower.key, lower.isInclusive)],
    upper: upper === undefined ? [] : [keyEdge(order, upper.key, upper.isInclusive)],
  };
}

function edgeAt<K>(keys: KeyCodec<K>, key: K, isInclusive: boolean): ByteEdge {
  return { key: keys.encode(key), isInclusive };
}

/** The edge behind all that begins with these bytes; `undefined` where nothing comes behind. */
function edgeBehind(prefix: Uint8Array): ByteEdge | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === BYTE_MAX) length--;
  if (length === 0) return undefined;
  const key = prefix.slice(0, length);
  key[length - 1]! += 1;
  return { key, isInclusive: false };
}

/** Of two edges the one that leaves out more. */
function innermost(
  left: ByteEdge | undefined,
  right: ByteEdge,
  order: ByteOrder,
  inside: number,
): ByteEdge {
  if (left === undefined) return right;
  const sign = compareWhole(order, left.key, right.key) * inside;
  if (sign === 0) return left.isInclusive ? right : left;
  return sign > 0 ? left : right;
}
