/** Witnesses, judged by the code that clients run. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import type { HashTree } from '../../src/lib/certification/hash-tree.js';
import { bytes, u64 } from '../../src/lib/codecs/index.js';
import { SCertifiedBTreeMap } from '../../src/lib/s-certified-btree-map.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { judged, labelsOf, lookUp, prunedCount, received } from '../support/certified-reference.js';
import { toHex } from '../support/hex.js';
import { checkAsyncProperty } from '../support/property.js';

const NUMBERS = SCertifiedBTreeMap.of(u64, u64);
const BYTES = SCertifiedBTreeMap.of(bytes, bytes);

/** Committed maps of numbers to their squares. */
function squaresOf(keys: readonly bigint[]) {
  const heap = StableMemoryAllocator.init(new VectorMemory());
  const map = heap.root('map', NUMBERS);
  map.insertMany(keys.map((key) => [key, key * key]));
  map.commit();
  return map;
}

const EVEN = Array.from({ length: 50 }, (_, index) => BigInt(2 * index));
const numbersOf = (tree: HashTree) => labelsOf(tree).map((label) => u64.decode(label));

describe('the witness of a key', () => {
  test('shows the client its value, and nothing else', async () => {
    const map = squaresOf(EVEN);
    for (const key of EVEN) {
      const tree = await received(map.witness(key), map.rootHash);
      expect(lookUp(tree, u64.encode(key))).toEqual(u64.encode(key * key));
      expect(labelsOf(tree as HashTree)).toHaveLength(1);
      expect(lookUp(tree, u64.encode(key === 0n ? 98n : 0n))).toBe('Unknown');
    }
  });

  test('shows the client that a key is absent: between others, before all, behind all', async () => {
    const map = squaresOf(EVEN);
    for (const key of [...EVEN.map((even) => even + 1n), 1_000n, 2n ** 64n - 1n]) {
      const witness = map.witness(key);
      const tree = await received(witness, map.rootHash);
      expect(lookUp(tree, u64.encode(key))).toBe('Absent');
      expect(numbersOf(witness)).toEqual(key < 98n ? [key - 1n, key + 1n] : [98n]);
    }
    const above = squaresOf(EVEN.slice(3));
    const witness = above.witness(1n);
    expect(lookUp(await received(witness, above.rootHash), u64.encode(1n))).toBe('Absent');
    expect(numbersOf(witness)).toEqual([6n]);
  });

  test('of an empty map, and of one with a single entry, is the whole tree', async () => {
    const empty = squaresOf([]);
    expect(empty.witness(1n)).toEqual([0]);
    expect(lookUp(await received(empty.witness(1n), empty.rootHash), u64.encode(1n))).toBe(
      'Absent',
    );
    const single = squaresOf([7n]);
    expect(single.witness(7n)).toEqual([2, u64.encode(7n), [3, u64.encode(49n)]]);
    for (const key of [6n, 8n]) {
      const tree = await received(single.witness(key), single.rootHash);
      expect(lookUp(tree, u64.encode(key))).toBe('Absent');
    }
  });

  test('has one pruned hash a level: about 13 of 5,000 entries', () => {
    const keys = Array.from(
      { length: 5_000 },
      (_, index) => BigInt(index * 2_654_435_761) % 2n ** 31n,
    );
    const map = squaresOf(keys);
    const counts = keys.slice(0, 200).map((key) => prunedCount(map.witness(key)));
    expect(counts.reduce((sum, count) => sum + count) / counts.length).toBeLessThan(15);
    expect(Math.max(...counts)).toBeLessThan(40);
  });

  test('hides no label of the tree, and lets the client see no other value', async () => {
    const key = fc.array(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), { maxLength: 3 });
    await checkAsyncProperty(
      fc.asyncProperty(fc.array(key, { maxLength: 25 }), fc.array(key), async (keys, probes) => {
        const heap = StableMemoryAllocator.init(new VectorMemory());
        const map = heap.root('map', BYTES);
        map.insertMany(keys.map((each) => [Uint8Array.from(each), Uint8Array.of(each.length)]));
        map.commit();
        for (const probe of [...keys.slice(0, 5), ...probes]) {
          const label = Uint8Array.from(probe);
          const witness = map.witness(label);
          const tree = await received(witness, map.rootHash);
          const value = map.get(label);
          expect(judged(witness, label)).toEqual(value ?? 'Absent');
          if (value !== undefined) expect(lookUp(tree, label)).toEqual(value);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the witness of a range', () => {
  const map = squaresOf(EVEN);

  test.each([
    [{ gte: 31n, lte: 33n }, [30n, 32n, 34n]],
    [{ gte: 32n, lte: 32n }, [30n, 32n, 34n]],
    [{ gt: 30n, lt: 34n }, [30n, 32n, 34n]],
    [{ gt: 32n, lt: 34n }, [32n, 34n]],
    [{ gte: 33n, lte: 33n }, [32n, 34n]],
    [{ gte: 0n, lt: 3n }, [0n, 2n, 4n]],
    [{ gte: 97n }, [96n, 98n]],
    [{ gte: 300n, lte: 400n }, [98n]],
    [{ lt: 3n }, [0n, 2n, 4n]],
    [{ lt: 0n }, [0n]],
    [{}, EVEN],
  ])('%p shows the labels %p, those beside the range included', async (range, labels) => {
    const witness = map.witnessOfRange(range);
    expect(numbersOf(witness)).toEqual(labels);
    const tree = await received(witness, map.rootHash);
    const within = [...map.keys(range)];
    for (const key of within) {
      expect(lookUp(tree, u64.encode(key))).toEqual(u64.encode(key * key));
    }
    for (const key of labels.filter((each) => !within.includes(each))) {
      expect(lookUp(tree, u64.encode(key))).toBe('Unknown');
    }
  });

  test('proves that every other key of the range is absent', async () => {
    for (const [gte, lt] of [
      [0n, 20n],
      [13n, 40n],
      [90n, 120n],
      [200n, 220n],
    ] as const) {
      const tree = await received(map.witnessOfRange({ gte, lt }, { values: false }), map.rootHash);
      for (let key = gte; key < lt; key += 1n) {
        const expected = map.containsKey(key) ? 'Unknown' : 'Absent';
        expect(lookUp(tree, u64.encode(key))).toBe(expected);
      }
    }
  });

  test('has no values where none are wanted', () => {
    const witness = map.witnessOfRange({ gte: 10n, lt: 20n }, { values: false });
    expect(numbersOf(witness)).toEqual([8n, 10n, 12n, 14n, 16n, 18n, 20n]);
    expect(JSON.stringify(witness)).not.toContain('[3,');
  });

  test('may not end before it begins', () => {
    expect(() => map.witnessOfRange({ gte: 5n, lt: 4n })).toThrow(RangeError);
    expect(numbersOf(map.witnessOfRange({ gt: 4n, lt: 4n }))).toEqual([4n]);
  });
});

test('of the labels in a witness none is missing between two, as the specification reads them', () => {
  const keys = Array.from({ length: 300 }, (_, index) => BigInt((index * 7_919) % 65_536));
  const map = squaresOf(keys);
  for (let key = 0n; key < 65_536n; key += 331n) {
    const value = map.get(key);
    const expected = value === undefined ? 'Absent' : u64.encode(value);
    expect(judged(map.witness(key), u64.encode(key))).toEqual(expected);
  }
});

test('defect 12: who leaves out the first or the last entry of a range is found out', async () => {
  const map = squaresOf(EVEN);
  const whole = map.witnessOfRange({ gte: 30n, lt: 40n });
  const rootHash = toHex(map.rootHash);
  // A witness that begins one entry later, or ends one earlier, shows no neighbour of the range.
  for (const range of [
    { gt: 30n, lt: 40n },
    { gte: 30n, lt: 38n },
  ]) {
    const shorter = map.witnessOfRange(range);
    const labels = numbersOf(shorter);
    const isComplete = labels[0]! < 30n && labels.at(-1)! >= 40n;
    expect(isComplete).toBe(false);
    expect(toHex(map.rootHash)).toBe(rootHash);
  }
  expect(numbersOf(whole)[0]).toBe(28n);
  expect(numbersOf(whole).at(-1)).toBe(40n);
  // Beyond the last entry the edge of the tree shows: no pruned hash to the right of the last label.
  const beyond = map.witnessOfRange({ gte: 300n, lte: 400n });
  expect(lookUp(await received(beyond, map.rootHash), u64.encode(350n))).toBe('Absent');
  expect(rightmost(beyond)[0]).toBe(2);
});

function rightmost(tree: HashTree): HashTree {
  return tree[0] === 1 ? rightmost(tree[2]) : tree;
}
