import { describe, expect, test } from '@jest/globals';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { BTreeSet } from '../../src/lib/btree-set.js';
import { blob, bytes, text, u32, u64, unit } from '../../src/lib/codecs/index.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf, CountdownMemory, CountingMemory, DiskFull, imageOf } from '../support/memories.js';
import { WRONG_OBJECTS } from '../support/wrong-inputs.js';

function setOf(keys: Iterable<number>): BTreeSet<number> {
  const set = BTreeSet.create(new VectorMemory(), u32);
  set.insertMany(keys);
  return set;
}

/** `count` numbers from `start` on. */
function range(start: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => start + index);
}

describe('a new set', () => {
  test('is empty and says so everywhere', () => {
    const set = BTreeSet.init(new VectorMemory(), u64);
    expect(set.length).toBe(0);
    expect(set.isEmpty).toBe(true);
    expect(set.has(1n)).toBe(false);
    expect(set.remove(1n)).toBe(false);
    expect(set.first()).toBeUndefined();
    expect(set.last()).toBeUndefined();
    expect(set.popFirst()).toBeUndefined();
    expect(set.popLast()).toBeUndefined();
    expect([...set]).toEqual([]);
    expect(set.checkInvariants()).toBeUndefined();
  });
});

describe('keys', () => {
  test('insert says whether the key is new, remove whether it was there', () => {
    const set = BTreeSet.init(new VectorMemory(), text);
    expect(set.insert('ada')).toBe(true);
    expect(set.insert('ada')).toBe(false);
    expect(set.has('ada')).toBe(true);
    expect(set.length).toBe(1);
    expect(set.isEmpty).toBe(false);
    expect(set.remove('ada')).toBe(true);
    expect(set.remove('ada')).toBe(false);
    expect(set.has('ada')).toBe(false);
    expect(set.isEmpty).toBe(true);
  });

  test('come out in order, in both directions, and in ranges', () => {
    const set = setOf(range(0, 300).map((index) => (index * 7919) % 300));
    expect([...set]).toEqual(range(0, 300));
    expect([...set.keys({ reverse: true })]).toEqual(range(0, 300).reverse());
    expect([...set.keys({ gte: 10, lt: 13 })]).toEqual([10, 11, 12]);
    expect([...set.keys({ gt: 10, lte: 13, reverse: true })]).toEqual([13, 12, 11]);
    expect(set.count({ gte: 10, lt: 13 })).toBe(3);
    expect(set.count()).toBe(300);
    expect([set.first(), set.last()]).toEqual([0, 299]);
    expect([set.popFirst(), set.popLast()]).toEqual([0, 299]);
    expect(set.length).toBe(298);
  });

  test('inserted many at once count where they are new', () => {
    const set = setOf([5, 1]);
    expect(set.insertMany(new Set([1, 2, 3]))).toBe(2);
    expect([...set]).toEqual([1, 2, 3, 5]);
    const limited = BTreeSet.init(new VectorMemory(), blob(1));
    expect(codeOf(() => limited.insertMany([Uint8Array.of(1), Uint8Array.of(1, 2)]))).toBe(
      'VALUE_TOO_LARGE',
    );
    expect(limited.length).toBe(0);
  });

  test('are all gone after clear', () => {
    const set = setOf(range(0, 500));
    set.clear();
    expect([...set]).toEqual([]);
    expect(set.checkInvariants()).toBeUndefined();
  });

  test('of another type are refused, and nothing changes', () => {
    const set = setOf([1]);
    expect(() => set.insert('1' as unknown as number)).toThrow(TypeError);
    expect(codeOf(() => set.insert(-1))).toBe('INVALID_VALUE');
    expect([...set]).toEqual([1]);
  });
});

/** That they are the crate's after the same operations, `reference-recipes.test.ts` proves. */
describe('the bytes', () => {
  // As in the crate: an overwrite splits the full nodes above the key, also in a set.
  test('change where a key is inserted that is there already', () => {
    const [set, map] = [new VectorMemory(), new VectorMemory()];
    const keys = [...range(0, 11), 5, 5];
    const numbers = BTreeSet.init(set, u32);
    const entries = BTreeMap.init(map, u32, unit);
    for (const key of keys) {
      numbers.insert(key);
      entries.insert(key, undefined);
    }
    expect(Buffer.compare(imageOf(set), imageOf(map))).toBe(0);
    expect(numbers.length).toBe(11);
  });

  test('open as a map to units, and the reverse', () => {
    const map = BTreeMap.create(new VectorMemory(), text, unit);
    map.insertMany([
      ['b', undefined],
      ['a', undefined],
    ]);
    const set = BTreeSet.load(map.intoMemory(), text);
    expect([...set]).toEqual(['a', 'b']);
    set.insert('c');
    expect([...BTreeMap.load(set.intoMemory(), text, unit).keys()]).toEqual(['a', 'b', 'c']);
  });
});

describe('opening', () => {
  test('refuses a memory in use, and an empty one to load', () => {
    const memory = new VectorMemory();
    expect(codeOf(() => BTreeSet.load(memory, u32))).toBe('CORRUPTED');
    memory.grow(1);
    expect(codeOf(() => BTreeSet.create(memory, u32))).toBe('NOT_EMPTY');
    expect(codeOf(() => BTreeSet.init(memory, u32))).toBe('BAD_MAGIC');
    expect(codeOf(() => BTreeSet.load(memory, u32))).toBe('BAD_MAGIC');
    expect(codeOf(() => BTreeSet.init(new VectorMemory(0), u32))).toBe('GROW_FAILED');
  });
});

describe('a memory', () => {
  test('belongs to one open set', () => {
    const memory = new VectorMemory();
    const set = BTreeSet.create(memory, u32);
    set.insert(7);
    expect(codeOf(() => BTreeSet.load(memory, u32))).toBe('MEMORY_IN_USE');
    const both = set.union(setOf([1]));
    expect(set.intoMemory()).toBe(memory);
    expect(codeOf(() => set.insert(8))).toBe('HANDLE_CLOSED');
    expect(codeOf(() => set.has(7))).toBe('HANDLE_CLOSED');
    expect(codeOf(() => set.isSubsetOf(setOf([7])))).toBe('HANDLE_CLOSED');
    expect(codeOf(() => both.next())).toBe('HANDLE_CLOSED');
    expect(codeOf(() => set.intoMemory())).toBe('HANDLE_CLOSED');
    expect([...BTreeSet.load(memory, u32)]).toEqual([7]);
  });
});

describe('the algebra of sets', () => {
  const evens = setOf(range(0, 50).map((index) => index * 2));
  const threes = setOf(range(0, 40).map((index) => index * 3));
  const within = (set: BTreeSet<number>) => (key: number) => set.has(key);

  test('answers in the order of the keys', () => {
    const all = range(0, 120);
    const [even, three] = [within(evens), within(threes)];
    expect([...evens.union(threes)]).toEqual(all.filter((key) => even(key) || three(key)));
    expect([...evens.intersection(threes)]).toEqual(all.filter((key) => even(key) && three(key)));
    expect([...evens.difference(threes)]).toEqual(all.filter((key) => even(key) && !three(key)));
    expect([...evens.symmetricDifference(threes)]).toEqual(
      all.filter((key) => even(key) !== three(key)),
    );
  });

  test('of a set with itself', () => {
    expect([...evens.union(evens)]).toEqual([...evens]);
    expect([...evens.intersection(evens)]).toEqual([...evens]);
    expect([...evens.difference(evens)]).toEqual([]);
    expect([...evens.symmetricDifference(evens)]).toEqual([]);
    expect(evens.isSubsetOf(evens)).toBe(true);
    expect(evens.isSupersetOf(evens)).toBe(true);
    expect(evens.isDisjointFrom(evens)).toBe(false);
  });

  test('of a set with an empty one', () => {
    const empty = setOf([]);
    expect([...evens.union(empty)]).toEqual([...evens]);
    expect([...empty.union(evens)]).toEqual([...evens]);
    expect([...evens.intersection(empty)]).toEqual([]);
    expect([...evens.difference(empty)]).toEqual([...evens]);
    expect([...empty.difference(evens)]).toEqual([]);
    expect(empty.isSubsetOf(evens)).toBe(true);
    expect(evens.isSubsetOf(empty)).toBe(false);
    expect(evens.isSupersetOf(empty)).toBe(true);
    expect(empty.isDisjointFrom(evens)).toBe(true);
    expect(empty.isDisjointFrom(empty)).toBe(true);
  });

  // The sizes take both ways: a walk through both sets, and lookups in the larger.
  test.each([2, 200, 400])('says of a set with %i keys how it lies in one with 400', (count) => {
    const large = setOf(range(0, 400));
    const inside = setOf(range(400 - count, count));
    const outside = setOf(range(400, count));
    const across = setOf(range(401 - count, count));
    expect([inside, outside, across].map((set) => set.isSubsetOf(large))).toEqual([
      true,
      false,
      false,
    ]);
    expect([inside, outside, across].map((set) => large.isSupersetOf(set))).toEqual([
      true,
      false,
      false,
    ]);
    expect([inside, outside, across].map((set) => set.isDisjointFrom(large))).toEqual([
      false,
      true,
      false,
    ]);
    expect([inside, outside, across].map((set) => large.isDisjointFrom(set))).toEqual([
      false,
      true,
      false,
    ]);
    expect(large.isSubsetOf(inside)).toBe(count === 400);
  });

  test('reads little of a large set where a small one decides', () => {
    const memory = new CountingMemory();
    const large = BTreeSet.create(memory, u32);
    large.insertMany(range(0, 5_000));
    const small = setOf([3, 4_999]);
    memory.reads = 0;
    expect(small.isSubsetOf(large)).toBe(true);
    expect(small.isDisjointFrom(large)).toBe(false);
    expect(large.isDisjointFrom(setOf([5_000, 5_001]))).toBe(true);
    expect(memory.reads).toBeGreaterThan(0);
    expect(memory.reads).toBeLessThan(40);
    const first = setOf(range(0, 3_000));
    memory.reads = 0;
    expect(large.isSubsetOf(first)).toBe(false);
    expect(memory.reads).toBe(0);
  });

  test('stops at the first key that answers', () => {
    const memory = new CountingMemory();
    const large = BTreeSet.create(memory, u32);
    large.insertMany(range(0, 5_000));
    const shifted = setOf(range(0, 5_000));
    shifted.remove(1);
    shifted.insert(5_000);
    memory.reads = 0;
    expect(large.isSubsetOf(shifted)).toBe(false);
    expect(shifted.isDisjointFrom(large)).toBe(false);
    expect(memory.reads).toBeGreaterThan(0);
    expect(memory.reads).toBeLessThan(40);
  });

  test('throws where a set is changed under it, and says nothing wrong before', () => {
    const left = setOf([1, 2, 3, 4]);
    const right = setOf([2, 3, 4, 5]);
    const both = left.intersection(right);
    expect(both.next().value).toBe(2);
    right.remove(4);
    expect(codeOf(() => [...both])).toBe('CHANGED_WHILE_ITERATING');
  });

  test('refuses a set of other keys, at once', () => {
    const words = BTreeSet.create(new VectorMemory(), text) as unknown as BTreeSet<number>;
    for (const name of OPERATIONS) {
      expect(codeOf(() => evens[name](words))).toBe('INCOMPATIBLE_TYPE');
      expect(codeOf(() => setOf([])[name](words))).toBe('INCOMPATIBLE_TYPE');
    }
    expect(codeOf(() => setOf([1]).union(blobs(2)))).toBe('INCOMPATIBLE_TYPE');
  });

  test.each(WRONG_OBJECTS)('refuses %s for a set', (_, value) => {
    for (const name of OPERATIONS) {
      const call = (): unknown => evens[name](value as BTreeSet<number>);
      expect(call).toThrow(TypeError);
      expect(call).toThrow('other: expected a BTreeSet, got');
    }
  });
});

const OPERATIONS = [
  'union',
  'intersection',
  'difference',
  'symmetricDifference',
  'isDisjointFrom',
  'isSubsetOf',
  'isSupersetOf',
] as const;

function blobs(size: number): BTreeSet<number> {
  return BTreeSet.create(new VectorMemory(), blob(size)) as unknown as BTreeSet<number>;
}

describe('failure', () => {
  /** A set of long keys on a memory that can be told to fail. */
  function fragile() {
    const memory = new CountdownMemory(new VectorMemory());
    const set = BTreeSet.create(memory, bytes);
    for (let key = 0; key < 60; key++) set.insert(new Uint8Array(1_000).fill(key));
    return { memory, set };
  }
  const long = new Uint8Array(300_000).fill(9);

  test('a refused grow leaves the set as it was', () => {
    const { memory, set } = fragile();
    const before = imageOf(memory);
    memory.refuseGrowsAfter(0);
    expect(codeOf(() => set.insert(long))).toBe('GROW_FAILED');
    expect(codeOf(() => set.insertMany([Uint8Array.of(1), long]))).toBe('GROW_FAILED');
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    expect(set.length).toBe(60);
    expect(set.checkInvariants()).toBeUndefined();
    memory.relent();
    expect(set.insert(long)).toBe(true);
  });

  test('after a write that failed half-way the set refuses to go on', () => {
    for (let writes = 0; ; writes++) {
      const { memory, set } = fragile();
      memory.failWritesAfter(writes);
      try {
        set.remove(new Uint8Array(1_000).fill(30));
        expect(writes).toBeGreaterThan(2);
        return;
      } catch (error) {
        expect(error).toBeInstanceOf(DiskFull);
        memory.relent();
        expect(codeOf(() => set.has(long))).toBe('PREVIOUS_FAILURE');
        expect(codeOf(() => set.insert(long))).toBe('PREVIOUS_FAILURE');
        expect(codeOf(() => [...set])).toBe('PREVIOUS_FAILURE');
      }
    }
  });
});
