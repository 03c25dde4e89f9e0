/**
 * A range of keys as bytes, for the kernel, which knows no functions. Of the edges on either side
 * the innermost counts. A prefix becomes a range: the keys that begin with "ab" are those from "ab"
 * on and before "ac".
 *
 * Source: `src/lib/btree-map/key-range.ts`, which makes any range.
 */
import {
  compareWhole,
  type ByteOrder,
  type EncodedEdge,
  type EncodedRange,
  type KeyCodec,
} from '../codec.js';
import { keyEdge, type Edge, type KeyRange } from './cursor.js';
import { probeOf } from './key-range.js';
import type { Range } from './map-queries.js';

/** Which side of an edge is inside. */
const ABOVE = 1;
const BELOW = -1;

/**
 * The range in bytes, or `undefined` where its prefix is no range of bytes. Throws as encoding its
 * keys does, and `TypeError` for a prefix of keys that have no beginnings.
 */
export function byteRangeOf<K>(keys: KeyCodec<K>, range: Range<K>): EncodedRange | undefined {
  const { order } = keys;
  const { prefix, gte, gt, lte, lt } = range;
  let lower: EncodedEdge | undefined;
  let upper: EncodedEdge | undefined;
  if (prefix !== undefined) {
    const { range: known } = probeOf(keys, prefix);
    if (known === undefined || (isOfParts(known) && isBounded(range))) return undefined;
    ({ lower, upper } = known);
  }
  if (gte !== undefined) lower = innermost(lower, edgeAt(keys, gte, true), order, ABOVE);
  if (gt !== undefined) lower = innermost(lower, edgeAt(keys, gt, false), order, ABOVE);
  if (lte !== undefined) upper = innermost(upper, edgeAt(keys, lte, true), order, BELOW);
  if (lt !== undefined) upper = innermost(upper, edgeAt(keys, lt, false), order, BELOW);
  return { lower, upper };
}

/** The same range for a cursor. */
export function cursorRangeOf({ lower, upper }: EncodedRange, order: ByteOrder): KeyRange {
  return {
    lower: lower === undefined ? [] : [cursorEdge(lower, order)],
    upper: upper === undefined ? [] : [cursorEdge(upper, order)],
  };
}

function cursorEdge({ key, isInclusive, leading }: EncodedEdge, order: ByteOrder): Edge {
  if (leading === undefined) return keyEdge(order, key, isInclusive);
  return { compare: leading.compare, isInclusive };
}

/** Whether the edges are beginnings of tuples, which cannot be compared with whole ones. */
function isOfParts({ lower, upper }: EncodedRange): boolean {
  return (lower?.leading ?? upper?.leading) !== undefined;
}

/** Whether there are bounds beside the prefix. */
function isBounded<K>({ gte, gt, lte, lt }: Range<K>): boolean {
  return (gte ?? gt ?? lte ?? lt) !== undefined;
}

function edgeAt<K>(keys: KeyCodec<K>, key: K, isInclusive: boolean): EncodedEdge {
  return { key: keys.encode(key), isInclusive };
}

/** Of two edges the one that leaves out more. */
function innermost(
  left: EncodedEdge | undefined,
  right: EncodedEdge,
  order: ByteOrder,
  inside: number,
): EncodedEdge {
  if (left === undefined) return right;
  const sign = compareWhole(order, left.key, right.key) * inside;
  if (sign === 0) return left.isInclusive ? right : left;
  return sign > 0 ? left : right;
}
