import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  DIFFERENCE,
  INTERSECTION,
  merge,
  SYMMETRIC_DIFFERENCE,
  UNION,
  type Wanted,
} from '../../../src/lib/btree-set/merge.js';
import { text, u32 } from '../../../src/lib/codecs/index.js';
import { checkProperty } from '../../support/property.js';

/** An operation of JavaScript's own sets, written as plainly as can be. */
const OPERATIONS: readonly [string, Wanted, (left: Set<number>, right: Set<number>) => number[]][] =
  [
    ['union', UNION, (left, right) => [...new Set([...left, ...right])]],
    ['intersection', INTERSECTION, (left, right) => [...left].filter((key) => right.has(key))],
    ['difference', DIFFERENCE, (left, right) => [...left].filter((key) => !right.has(key))],
    [
      'symmetric difference',
      SYMMETRIC_DIFFERENCE,
      (left, right) => [
        ...[...left].filter((key) => !right.has(key)),
        ...[...right].filter((key) => !left.has(key)),
      ],
    ],
  ];

/** Keys that count how often they were asked for. */
function* counted<K>(keys: Iterable<K>, count: { steps: number }): Generator<K, void> {
  for (const key of keys) {
    count.steps += 1;
    yield key;
  }
}

describe.each(OPERATIONS)('%s', (_, wanted, plainly) => {
  test('is that of plain sets, in order', () => {
    const keys = fc.uniqueArray(fc.nat(30), { maxLength: 20 });
    checkProperty(
      fc.property(keys, keys, (left, right) => {
        const expected = plainly(new Set(left), new Set(right)).sort((a, b) => a - b);
        const [l, r] = [left, right].map((each) => each.sort((a, b) => a - b)[Symbol.iterator]());
        expect([...merge(u32, l!, r!, wanted)]).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('reads nothing before it is asked, and one key ahead then', () => {
    const [left, right] = [{ steps: 0 }, { steps: 0 }];
    const both = [1, 3, 5, 7, 9];
    const merged = merge(u32, counted([0, ...both], left), counted([...both, 10], right), wanted);
    expect([left.steps, right.steps]).toEqual([0, 0]);
    const first = merged.next().value as number;
    expect(left.steps).toBeLessThanOrEqual(Math.max(1, both.indexOf(first) + 2));
    expect(right.steps).toBeLessThanOrEqual(Math.max(1, both.indexOf(first) + 1, first - 4));
  });
});

test('an operation stops where no wanted key can follow', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => index + 5);
  for (const wanted of [INTERSECTION, DIFFERENCE]) {
    const right = { steps: 0 };
    const left = [1, 2, 6][Symbol.iterator]();
    expect([...merge(u32, left, counted(many, right), wanted)].length).toBeGreaterThan(0);
    expect(right.steps).toBeLessThanOrEqual(3);
  }
  const left = { steps: 0 };
  const right = [1, 2, 6][Symbol.iterator]();
  expect([...merge(u32, counted(many, left), right, INTERSECTION)]).toEqual([6]);
  expect(left.steps).toBeLessThanOrEqual(3);
});

test("keys are compared in their codec's order, not in that of JavaScript", () => {
  const left = ['\uffee', '\u{1f600}'][Symbol.iterator]();
  const right = ['\u{1f600}'][Symbol.iterator]();
  expect([...merge(text, left, right, UNION)]).toEqual(['\uffee', '\u{1f600}']);
});
