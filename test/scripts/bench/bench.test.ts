/** The benchmark measures what it says: every subject does the work, on entries from the seed. */
import { describe, expect, test } from '@jest/globals';
import { measureAll, medianOf, roundsFor } from '../../../scripts/bench/measure.js';
import { distinctNumbers, shuffled } from '../../../scripts/bench/random.js';
import { measureStructures } from '../../../scripts/bench/structures.js';
import { Ours, Rival } from '../../../scripts/bench/subjects.js';
import { linesOf, nanoseconds, ratio } from '../../../scripts/bench/table.js';
import {
  TEXT_TO_BYTES,
  U64_TO_U64,
  workloadOf,
  type EntryType,
} from '../../../scripts/bench/workload.js';

describe('the random choices', () => {
  // Reference values of SplitMix64 with the seed 0.
  test('are those of a known generator', () => {
    expect(distinctNumbers(0, 3)).toEqual([
      0xe220a8397b1dcdafn,
      0x6e789e6aa1b965f4n,
      0x06c45d188009454fn,
    ]);
  });

  test('follow from the seed, and no key comes twice', () => {
    expect(distinctNumbers(5, 100)).toEqual(distinctNumbers(5, 100));
    expect(distinctNumbers(5, 100)).not.toEqual(distinctNumbers(6, 100));
    expect(new Set(distinctNumbers(5, 10_000)).size).toBe(10_000);
  });

  test('shuffle without loss', () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    expect(shuffled(1, items)).not.toEqual(items);
    expect(shuffled(1, items)).not.toEqual(shuffled(2, items));
    expect(shuffled(1, items).toSorted((a, b) => a - b)).toEqual(items);
  });
});

describe.each([
  ['u64', U64_TO_U64 as unknown as EntryType<unknown, unknown>],
  ['text', TEXT_TO_BYTES as unknown as EntryType<unknown, unknown>],
])('maps of %s', (_, type) => {
  test.each([1, 99, 100, 500])('with %i entries do all of the work', (count) => {
    const workload = workloadOf(type, count, 1);
    const times = measureAll([() => new Ours(type), () => new Rival()], workload, 1);
    expect(times).toHaveLength(2);
    for (const each of times.flatMap((time) => Object.values(time))) {
      expect(each).toBeGreaterThanOrEqual(0);
    }
  });

  test('answer both alike', () => {
    const { entries, rangeStarts } = workloadOf(type, 300, 2);
    const [ours, rival] = [new Ours(type), new Rival()];
    for (const subject of [ours, rival]) {
      for (const [key, value] of entries) subject.insert(key, value);
      expect(subject.length()).toBe(300);
      expect(subject.visitAll()).toBe(300);
      expect(subject.visitFrom(rangeStarts[0], 100)).toBe(100);
      for (const [key, value] of entries) expect(subject.get(key)).toEqual(value);
      subject.remove(entries[0]![0]);
      expect(subject.get(entries[0]![0])).toBeUndefined();
    }
  });
});

test('a subject that loses entries is not measured but found out', () => {
  class Forgetful extends Rival<bigint, bigint> {
    override insert(): void {
      // Keeps nothing.
    }
  }
  const workload = workloadOf(U64_TO_U64, 10, 1);
  expect(() => measureAll([() => new Forgetful()], workload, 1)).toThrow('length');
});

test('every operation of the other structures has its figure', () => {
  const operations = measureStructures(100, 1, 3).map(({ operation }) => operation);
  expect(operations).toEqual(expect.arrayContaining(['BTreeSet.insert', 'Vec.pop', 'Log.get']));
});

test('rounds are an odd number, and fewer for larger maps', () => {
  expect([1_000, 10_000, 100_000, 1_000_000].map(roundsFor)).toEqual([101, 31, 3, 1]);
  expect(medianOf([9, 1, 5])).toBe(5);
});

test('tables stand in columns', () => {
  const rows = [
    ['', 'ours'],
    ['insert', nanoseconds(1_234.4)],
    ['get', ratio(3, 2)],
  ];
  expect(linesOf(rows)).toEqual(['            ours', 'insert  1,234 ns', 'get        1.50x']);
});
