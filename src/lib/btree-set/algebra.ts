/**
 * The algebra of sets whose keys are those of a map: two of them side by side. A set on a memory of
 * its own and a set in a heap differ in where their map is, not in this.
 *
 * Source: `specs/ic-stable-structures.md` section 4.1.
 */
import type { MapQueries } from '../btree-map/map-queries.js';
import type { KeyCodec } from '../codec.js';
import { StorageError } from '../errors.js';
import { DIFFERENCE, INTERSECTION, merge, type Wanted } from './merge.js';

/** The keys of a set. */
export interface KeySet<K> {
  readonly codec: KeyCodec<K>;
  readonly map: MapQueries<K, undefined>;
}

/** The wanted keys of two sets, lazily, ascending. Throws `INCOMPATIBLE_TYPE`. O(n + m). */
export function mergeSets<K>(
  left: KeySet<K>,
  right: KeySet<K>,
  wanted: Wanted,
): Generator<K, void> {
  assertSameKeys(left, right);
  return merge(left.codec, left.map.keys(), right.map.keys(), wanted);
}

/** Whether no key is in both sets. Throws `INCOMPATIBLE_TYPE`. O(min(n + m, n log m)). */
export function areDisjoint<K>(left: KeySet<K>, right: KeySet<K>): boolean {
  assertSameKeys(left, right);
  const [small, large] = left.map.length <= right.map.length ? [left, right] : [right, left];
  if (isFarSmaller(small, large)) {
    return !hasAny(small.map.keys(), (key) => large.map.containsKey(key));
  }
  return !hasAny(mergeSets(left, right, INTERSECTION), () => true);
}

/** Whether the other set has every key. Throws `INCOMPATIBLE_TYPE`. O(min(n + m, n log m)). */
export function isSubset<K>(keys: KeySet<K>, other: KeySet<K>): boolean {
  assertSameKeys(keys, other);
  if (keys.map.length > other.map.length) return false;
  if (isFarSmaller(keys, other)) {
    return !hasAny(keys.map.keys(), (key) => !other.map.containsKey(key));
  }
  return !hasAny(mergeSets(keys, other, DIFFERENCE), () => true);
}

/** Keys of two types cannot be compared; a codec's name says what its type is. */
function assertSameKeys<K>(left: KeySet<K>, right: KeySet<K>): void {
  const expected = left.codec.name;
  const found = right.codec.name;
  if (found === expected) return;
  throw new StorageError(
    'INCOMPATIBLE_TYPE',
    `a set of ${expected} was to be compared with a set of ${found}. Give both the same codec.`,
    { expected, found },
  );
}

/** Whether looking up each key of one set in the other takes fewer steps than walking both. */
function isFarSmaller<K>(small: KeySet<K>, large: KeySet<K>): boolean {
  return small.map.length * Math.log2(large.map.length + 1) < large.map.length;
}

/** Whether a key has what is asked for. Stops at the first that has. */
function hasAny<K>(keys: Iterable<K>, isWanted: (key: K) => boolean): boolean {
  for (const key of keys) if (isWanted(key)) return true;
  return false;
}
