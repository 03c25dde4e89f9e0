/**
 * Operations on a map that do more than one thing at once: update, retain, loading in order.
 */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { blob, bytes, text, u32, u64, unit } from '../../src/lib/codecs/index.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf, CountdownMemory, imageOf } from '../support/memories.js';
import { checkProperty } from '../support/property.js';

const numbers = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => [from + index, index] as const);

// A node that is saved twice in one operation leaves the tail of the longer save in memory.
test('insertMany leaves the bytes of inserting one by one, also where values become shorter', () => {
  const [one, many] = [new VectorMemory(), new VectorMemory()];
  const pairs = [20, 3, 12, 0, 7].flatMap((size) =>
    numbers(40).map(([key]) => [key, new Uint8Array(size).fill(size + 1)] as const),
  );
  const oneByOne = BTreeMap.init(one, u32, blob(20));
  for (const [key, value] of pairs) oneByOne.insert(key, value);
  BTreeMap.init(many, u32, blob(20)).insertMany(pairs);
  expect(Buffer.compare(imageOf(one), imageOf(many))).toBe(0);
});

describe('update', () => {
  test('gives a key the value that its old one leads to', () => {
    const visits = BTreeMap.init(new VectorMemory(), text, u32);
    for (const name of ['ada', 'bob', 'ada']) visits.update(name, (count = 0) => count + 1);
    expect([...visits]).toEqual([
      ['ada', 2],
      ['bob', 1],
    ]);
    expect(visits.update('bob', () => 7)).toBe(7);
  });

  test('leaves the bytes of inserting', () => {
    const [updated, inserted] = [new VectorMemory(), new VectorMemory()];
    const [one, other] = [updated, inserted].map((memory) => BTreeMap.init(memory, u64, bytes));
    for (let index = 0; index < 400; index++) {
      const key = BigInt((index * 7919) % 150);
      const value = new Uint8Array((index * 37) % 700).fill(index);
      one!.update(key, () => value);
      other!.insert(key, value);
    }
    expect(Buffer.compare(imageOf(updated), imageOf(inserted))).toBe(0);
  });

  test('changes nothing where the function throws, or the value is refused', () => {
    const memory = new VectorMemory();
    const map = BTreeMap.init(memory, u32, blob(2));
    for (let key = 0; key < 11; key++) map.insert(key, Uint8Array.of(key));
    const before = imageOf(memory);
    const failing = () => {
      throw new RangeError('no');
    };
    expect(() => map.update(5, failing)).toThrow('no');
    expect(() => map.update(50, failing)).toThrow('no');
    expect(codeOf(() => map.update(50, () => new Uint8Array(3)))).toBe('VALUE_TOO_LARGE');
    expect(codeOf(() => map.update(-1, () => new Uint8Array(1)))).toBe('INVALID_VALUE');
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    expect(map.length).toBe(11);
    expect(map.checkInvariants()).toBeUndefined();
  });

  test('refuses a function that uses the map', () => {
    const map = BTreeMap.init(new VectorMemory(), u32, u32);
    map.insert(1, 1);
    expect(codeOf(() => map.update(1, () => map.get(1)!))).toBe('CHANGED_WHILE_ITERATING');
    expect(codeOf(() => map.update(1, () => map.insert(2, 2) ?? 0))).toBe(
      'CHANGED_WHILE_ITERATING',
    );
    expect([...map]).toEqual([[1, 1]]);
  });

  test('getOrInsert makes a value only where there is none', () => {
    const map = BTreeMap.init(new VectorMemory(), text, u32);
    expect(map.getOrInsert('a', () => 1)).toBe(1);
    expect(map.getOrInsert('a', () => 2)).toBe(1);
    expect([...map]).toEqual([['a', 1]]);
  });
});

describe('retain', () => {
  test('removes what is not kept and says how much that was', () => {
    const map = BTreeMap.init(new VectorMemory(), u32, u32);
    map.insertMany(numbers(500));
    expect(map.retain((key) => key % 3 === 0)).toBe(333);
    expect([...map.keys()]).toEqual(
      numbers(500)
        .map(([key]) => key)
        .filter((key) => key % 3 === 0),
    );
    expect(map.checkInvariants()).toBeUndefined();
    expect(map.retain(() => false)).toBe(167);
    expect(map.isEmpty).toBe(true);
    expect(map.checkInvariants()).toBeUndefined();
  });

  test('removes nothing where the question throws, or asks the map to change', () => {
    const map = BTreeMap.init(new VectorMemory(), u32, u32);
    map.insertMany(numbers(50));
    const failing = (key: number) => {
      if (key === 30) throw new RangeError('no');
      return false;
    };
    expect(() => map.retain(failing)).toThrow('no');
    expect(codeOf(() => map.retain((key) => map.remove(key) === undefined))).toBe(
      'CHANGED_WHILE_ITERATING',
    );
    expect(map.length).toBe(49);
  });
});

describe('removing many', () => {
  // Nodes that were written and then freed within the operation leave their bytes behind.
  test('leaves the bytes of removing one by one', () => {
    const [one, many] = [new VectorMemory(), new VectorMemory()];
    const maps = [one, many].map((memory) => BTreeMap.init(memory, u32, blob(20)));
    for (const map of maps) {
      map.insertMany(numbers(500).map(([key]) => [key, new Uint8Array(key % 21).fill(key)]));
    }
    const keys = numbers(480).map(([key]) => (key * 7919) % 500);
    for (const key of keys) maps[0]!.remove(key);
    maps[1]!.removeMany(keys);
    expect(Buffer.compare(imageOf(one), imageOf(many))).toBe(0);
  });

  test('takes what is there and says how much that was', () => {
    const map = BTreeMap.init(new VectorMemory(), u32, u32);
    map.insertMany(numbers(100));
    expect(map.removeMany([3, 5, 3, 1_000])).toBe(2);
    expect(map.length).toBe(98);
    expect(map.checkInvariants()).toBeUndefined();
  });

  // A merge takes pages for the joined node before it gives back those of the other one.
  test('that finds no room, at whichever step, leaves the map as it was', () => {
    for (let grows = 0; ; grows++) {
      const memory = new CountdownMemory(new VectorMemory());
      const map = BTreeMap.init(memory, u32, bytes);
      for (const [key] of numbers(12)) map.insert(key, new Uint8Array(100_000).fill(key));
      const before = [...map.keys()];
      memory.refuseGrowsAfter(grows);
      try {
        map.removeMany([0, 1]);
        expect(grows).toBeGreaterThan(0);
        return;
      } catch (error) {
        expect(error).toMatchObject({ code: 'GROW_FAILED' });
        expect([...map.keys()]).toEqual(before);
        expect(map.checkInvariants()).toBeUndefined();
      }
    }
  });
});

describe('loading in order', () => {
  test('is the map of inserting, with less memory', () => {
    const [loaded, inserted] = [new VectorMemory(), new VectorMemory()];
    const one = BTreeMap.init(loaded, u32, u32);
    one.loadSorted(numbers(20_000));
    const other = BTreeMap.init(inserted, u32, u32);
    for (const [key, value] of numbers(20_000)) other.insert(key, value);
    expect(one.checkInvariants()).toBeUndefined();
    expect([...one]).toEqual([...other]);
    expect(loaded.size() / inserted.size()).toBeLessThan(0.6);
  });

  test('of any number of entries, in any parts, leaves a sound tree', () => {
    const parts = fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 6 });
    checkProperty(
      fc.property(parts, fc.nat(60), (counts, before) => {
        const map = BTreeMap.init(new VectorMemory(), u32, text);
        for (let key = 0; key < before; key++) map.insert(key, String(key));
        let length = before;
        for (const count of counts) {
          map.loadSorted(numbers(count, length).map(([key]) => [key, String(key)]));
          length += count;
          expect(map.checkInvariants()).toBeUndefined();
        }
        expect([...map]).toEqual(numbers(length).map(([key]) => [key, String(key)]));
        for (let key = 0; key < length; key++) expect(map.remove(key)).toBe(String(key));
        expect(map.checkInvariants()).toBeUndefined();
      }),
    );
  });

  test('of nothing changes nothing', () => {
    const map = BTreeMap.init(new VectorMemory(), u32, u32);
    const keys = map.keys();
    map.loadSorted([]);
    expect(keys.next().done).toBe(true);
  });

  test.each([
    ['a key twice', [1, 2, 2]],
    ['a key below the one before it', [1, 3, 2]],
    ['a key that is not behind the last one of the map', [0, 1]],
  ])('refuses %s, and changes nothing', (_, keys) => {
    const memory = new VectorMemory();
    const map = BTreeMap.init(memory, u32, unit);
    map.insert(0, undefined);
    const before = imageOf(memory);
    const entries = keys.map((key) => [key, undefined] as const);
    expect(codeOf(() => map.loadSorted(entries))).toBe('INVALID_VALUE');
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    expect([...map.keys()]).toEqual([0]);
  });

  test('without room, at whichever step, leaves the map as it was', () => {
    for (let grows = 0; ; grows++) {
      const memory = new CountdownMemory(new VectorMemory());
      const map = BTreeMap.init(memory, u32, bytes);
      map.insert(0, new Uint8Array(10));
      memory.refuseGrowsAfter(grows);
      const entries = numbers(300, 1).map(([key]) => [key, new Uint8Array(1_000)] as const);
      try {
        map.loadSorted(entries);
        expect(grows).toBeGreaterThan(0);
        return;
      } catch (error) {
        expect(error).toMatchObject({ code: 'GROW_FAILED' });
        expect([...map]).toEqual([[0, new Uint8Array(10)]]);
        expect(map.checkInvariants()).toBeUndefined();
      }
    }
  });
});
