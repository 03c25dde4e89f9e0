/**
 * From the range that a user asks for to one of encoded keys.
 *
 * Source: `specs/ic-stable-structures.md` section 3.11; `src/lib/btree-map/cursor.ts`.
 */
import type { KeyCodec, KeyProbe, Prefix } from '../codec.js';
import { keyEdge, type Edge, type KeyRange } from './cursor.js';
import type { Range } from './map-queries.js';

/**
 * The range in encoded keys. Throws as encoding its keys does, and `TypeError` for a prefix of keys
 * that have no beginnings.
 */
export function keyRangeOf<K>(keys: KeyCodec<K>, range: Range<K>): KeyRange {
  const lower: Edge[] = [];
  const upper: Edge[] = [];
  const { prefix, gte, gt, lte, lt } = range;
  if (prefix !== undefined) {
    const edge = { compare: probeOf(keys, prefix), isInclusive: true };
    lower.push(edge);
    upper.push(edge);
  }
  if (gte !== undefined) lower.push(edgeAt(keys, gte, true));
  if (gt !== undefined) lower.push(edgeAt(keys, gt, false));
  if (lte !== undefined) upper.push(edgeAt(keys, lte, true));
  if (lt !== undefined) upper.push(edgeAt(keys, lt, false));
  return { lower, upper };
}

function edgeAt<K>(keys: KeyCodec<K>, key: K, isInclusive: boolean): Edge {
  return keyEdge(keys.order, keys.encode(key), isInclusive);
}

/** Where the keys lie that begin with `prefix`. */
export function probeOf<K>(keys: KeyCodec<K>, prefix: Prefix<K>): KeyProbe {
  const { name, beginningWith } = keys;
  if (beginningWith === undefined) {
    throw new TypeError(`prefix: expected keys that have a beginning, got keys of type ${name}`);
  }
  return beginningWith(prefix);
}
