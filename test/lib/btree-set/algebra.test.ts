import { expect, test } from '@jest/globals';
import { BTreeMap } from '../../../src/lib/btree-map.js';
import {
  areDisjoint,
  isSubset,
  mergeSets,
  type KeySet,
} from '../../../src/lib/btree-set/algebra.js';
import { SYMMETRIC_DIFFERENCE } from '../../../src/lib/btree-set/merge.js';
import { u16, u32, unit } from '../../../src/lib/codecs/index.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { codeOf } from '../../support/memories.js';

function keySet(keys: readonly number[], codec = u32): KeySet<number> {
  const map = BTreeMap.create(new VectorMemory(), codec, unit);
  map.insertMany(keys.map((key) => [key, undefined]));
  return { codec, map };
}

const hundred = keySet(Array.from({ length: 100 }, (_, index) => index));

test('two sets are merged as the operation wants it', () => {
  const merged = mergeSets(keySet([1, 2, 3]), keySet([2, 4]), SYMMETRIC_DIFFERENCE);
  expect([...merged]).toEqual([1, 3, 4]);
});

test.each([
  [[3, 5], true, false],
  [[3, 500], false, false],
  [[500], false, true],
  [[], true, true],
  [Array.from({ length: 90 }, (_, index) => index + 10), true, false],
  [Array.from({ length: 90 }, (_, index) => index + 100), false, true],
])('keys are compared by looking them up or by walking: %j', (keys, isWithin, isApart) => {
  const set = keySet(keys);
  expect([isSubset(set, hundred), areDisjoint(set, hundred)]).toEqual([isWithin, isApart]);
  expect([isSubset(hundred, set), areDisjoint(hundred, set)]).toEqual([false, isApart]);
});

test('sets of other keys are refused', () => {
  const other = keySet([1], u16);
  expect(codeOf(() => isSubset(other, hundred))).toBe('INCOMPATIBLE_TYPE');
  expect(codeOf(() => areDisjoint(hundred, other))).toBe('INCOMPATIBLE_TYPE');
});
