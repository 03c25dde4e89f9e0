/**
 * The keys of a multimap, each once. A key with few values is left behind step by step, one with
 * many by a seek: stepping costs little, and a seek a whole descent, however many values it skips.
 *
 * Source: the section on layouts of `multi-map.ts`.
 */
import type { MapIterator } from '../btree-map.js';
import type { BTreeSet } from '../btree-set.js';
import { compareValues, type KeyCodec } from '../codec.js';
import { pairsWithin, type KeyRange, type Pair } from './key-range.js';

/** About as many steps as a descent costs. */
const STEPS_BEFORE_SEEK = 16;

/** The keys of a range, lazily. O(log n + 1) a key, whatever the number of its values. */
export function distinctKeys<K, V>(
  pairs: BTreeSet<Pair<K, V>>,
  keys: KeyCodec<K>,
  range: KeyRange<K>,
): Generator<K, void> {
  return walk(pairs, keys, range, pairs.keys(pairsWithin(range)));
}

function* walk<K, V>(
  pairs: BTreeSet<Pair<K, V>>,
  keys: KeyCodec<K>,
  range: KeyRange<K>,
  begun: MapIterator<Pair<K, V>>,
): Generator<K, void> {
  let iterator = begun;
  let step = iterator.next();
  while (step.done !== true) {
    const [key] = step.value;
    yield key;
    step = stepBeyond(iterator, keys, key);
    if (step.done === true || !isSame(keys, key, step.value[0])) continue;
    iterator = pairs.keys(pairsWithin({ ...range, ...behind(key, range.reverse) }));
    step = iterator.next();
  }
}

/** The first step to another key; where that is far, a step to a later value of this one. */
function stepBeyond<K, V>(
  iterator: MapIterator<Pair<K, V>>,
  keys: KeyCodec<K>,
  key: K,
): IteratorResult<Pair<K, V>, undefined> {
  let step = iterator.next();
  for (let count = 1; count < STEPS_BEFORE_SEEK; count++) {
    if (step.done === true || !isSame(keys, key, step.value[0])) break;
    step = iterator.next();
  }
  return step;
}

/** The part of a range that comes after a key. */
function behind<K>(key: K, isReverse = false): KeyRange<K> {
  return isReverse ? { lt: key, lte: undefined } : { gt: key, gte: undefined };
}

function isSame<K>(keys: KeyCodec<K>, left: K, right: K): boolean {
  return compareValues(keys, left, right) === 0;
}
