import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  capacityFor,
  countMax,
  distanceOf,
  entriesOffset,
  homeOf,
  isCapacity,
  nextCapacity,
  tableSize,
  tagOf,
} from '../../../src/lib/s-hash-map/table-layout.js';
import { checkProperty } from '../../support/property.js';

const CAPACITIES = [7, 13, 25, 49, 97, 193, 1_572_865, 805_306_369];

test('capacities and thresholds are those of the specification', () => {
  const capacities = [0];
  for (let count = 0; count < 5; count++) capacities.push(nextCapacity(capacities.at(-1)!));
  expect(capacities).toEqual([0, 7, 13, 25, 49, 97]);
  expect(capacities.map(countMax)).toEqual([0, 3, 9, 18, 36, 72]);
});

test.each([
  [0, 0],
  [1, 7],
  [3, 7],
  [4, 13],
  [9, 13],
  [10, 25],
  [72, 97],
  [73, 193],
  [1_000_000, 1_572_865],
])('%i entries need %i slots', (count, capacity) => {
  expect(capacityFor(count)).toBe(capacity);
});

test('no other number of slots is one', () => {
  const known = Array.from({ length: 100 }, (_, index) => index).filter(isCapacity);
  expect(known).toEqual([0, 7, 13, 25, 49, 97]);
  expect([2 ** 31, 2 ** 32, 6 * 2 ** 30 + 1, NaN, Infinity].filter(isCapacity)).toEqual([]);
  expect(isCapacity(6 * 2 ** 29 + 1)).toBe(true);
});

test('a table is its tags, and behind them its entries', () => {
  expect(entriesOffset(7)).toBe(28);
  expect(tableSize(7, 16)).toBe(28 + 112);
  expect(tableSize(13, 0)).toBe(52);
});

test('no key has the tag of an empty slot', () => {
  expect([0, 1, 2, 0xffff_ffff].map(tagOf)).toEqual([1, 1, 2, 0xffff_ffff]);
});

test.each(CAPACITIES)(
  'the homes in %i slots rise with the tags, from the first to the last',
  (c) => {
    const tag = fc.integer({ min: 0, max: 0xffff_ffff });
    expect(homeOf(1, c)).toBe(0);
    expect(homeOf(0xffff_ffff, c)).toBe(c - 1);
    checkProperty(
      fc.property(tag, tag, (a, b) => {
        expect(homeOf(Math.min(a, b), c)).toBeLessThanOrEqual(homeOf(Math.max(a, b), c));
      }),
    );
  },
);

test('homes are frozen', () => {
  expect([1, 0x1234_5678, 0x8000_0000, 0xdead_beef].map((tag) => homeOf(tag, 13))).toEqual([
    0, 0, 6, 11,
  ]);
  expect(homeOf(0xdead_beef, 805_306_369)).toBe(700_486_605);
});

test('a distance goes round the end', () => {
  expect(distanceOf(1, 0, 7)).toBe(0);
  expect(distanceOf(1, 6, 7)).toBe(6);
  expect(distanceOf(0xffff_ffff, 6, 7)).toBe(0);
  expect(distanceOf(0xffff_ffff, 2, 7)).toBe(3);
});
