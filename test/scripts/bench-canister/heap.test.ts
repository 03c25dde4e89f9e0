/** What is measured in the canister `heap`, and what is made of its figures. */
import { describe, expect, test } from '@jest/globals';
import {
  keysOf,
  operationsOf,
  pageStartsOf,
  PAGE_LENGTH,
  PLANS,
  plansWithin,
} from '../../../scripts/bench-canister/canisters/heap/plan.js';
import type { Figure } from '../../../scripts/bench-canister/figures.js';
import { publishedCostOf } from '../../../scripts/bench-canister/heap/published.js';
import { heapLines } from '../../../scripts/bench-canister/heap/report.js';

describe('the plans', () => {
  test('have each work of a structure and size once', () => {
    const works = PLANS.flatMap(({ structure, entries, orders, works }) =>
      orders.flatMap((order) => works.map((work) => `${structure} ${entries} ${order} ${work}`)),
    );
    expect(new Set(works).size).toBe(works.length);
  });

  test('are cut where fewer entries are asked for', () => {
    expect(plansWithin(100_000)).toEqual(PLANS);
    expect(plansWithin(500).length).toBeLessThan(PLANS.length);
    for (const { entries } of plansWithin(500)) expect(entries).toBe(500);
  });

  test('count entries as operations, also in batches; but pages', () => {
    expect(operationsOf('insert in tens', 1_000)).toBe(1_000);
    expect(operationsOf('page of 100', 1_000)).toBe(5);
  });
});

describe('the keys', () => {
  test('are distinct, in order or in none', () => {
    expect(keysOf('ascending', 3)).toEqual([0n, 1n, 2n]);
    const random = keysOf('random', 1_000);
    expect(new Set(random).size).toBe(1_000);
    expect(random).not.toEqual(random.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(keysOf('random', 10)).toEqual(random.slice(0, 10));
  });

  test.each(['ascending', 'random'] as const)(
    'have whole pages from the starts on: %s',
    (order) => {
      const keys = keysOf(order, 200);
      for (const start of pageStartsOf(keys)) {
        expect(keys.filter((key) => key >= start).length).toBeGreaterThanOrEqual(PAGE_LENGTH);
      }
    },
  );
});

test('published figures are those of one operation', () => {
  expect(publishedCostOf('SHashMap', 'insert')).toBeCloseTo(2_145.3, 1);
  expect(publishedCostOf('SCertifiedBTreeMap', 'insert in tens')).toBeCloseTo(270_921.6, 1);
  expect(publishedCostOf('SHashMap', 'walk')).toBeUndefined();
  expect(publishedCostOf('BTreeMap', 'insert')).toBeUndefined();
});

describe('the tables', () => {
  const figures: readonly Figure[] = [
    { work: 'free blocks 1024', subject: 'heap', instructions: 500_000, operations: 10 },
    {
      work: 'insert SCertifiedBTreeMap random 5000',
      subject: 'heap',
      instructions: 4_554_362_521,
      operations: 5_000,
    },
  ];
  const plan = PLANS.find(({ structure }) => structure === 'SCertifiedBTreeMap')!;
  const lines = heapLines(figures, [1_024], [{ ...plan, orders: ['random'] }]);

  test('show costs by the number of live blocks, and their share of log2 n', () => {
    const row = lines.findIndex((line) => line.startsWith('free'));
    expect(cellsOf(lines[row]!)).toEqual(['free, a random block', '50,000']);
    expect(cellsOf(lines[row + 1]!)).toEqual(['', '/ log2 n', '5,000']);
    expect(cellsOf(lines.find((line) => line.startsWith('open'))!)).toEqual(['open the heap', '—']);
  });

  test('compare structures with what the original has published', () => {
    expect(lines).toContain('SCertifiedBTreeMap of u64, 5,000 entries, keys in random order');
    const rowOf = (work: string): string[] =>
      cellsOf(lines.find((line) => line.startsWith(`${work}  `))!);
    expect(rowOf('insert')).toEqual(['insert', '910,873', '1,821,745', '0.50x']);
    expect(rowOf('get')).toEqual(['get', '—', '—', '—']);
  });
});

/** Columns are at least two spaces apart. */
function cellsOf(line: string): string[] {
  return line.trimEnd().split(/ {2,}/);
}
