import { describe, expect, test } from '@jest/globals';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { text, u16, u32, u64 } from '../../src/lib/codecs/index.js';
import { SBTreeMap } from '../../src/lib/s-btree-map.js';
import { SBTreeSet } from '../../src/lib/s-btree-set.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { checkEveryAllocation, expectSound } from '../support/failing-heap.js';
import { codeOf, restarted } from '../support/memories.js';
import { WRONG_OBJECTS } from '../support/wrong-inputs.js';

const NUMBERS = SBTreeSet.of(u32);

const newHeap = (): StableMemoryAllocator => StableMemoryAllocator.init(new VectorMemory());

/** A set of a root with this name. */
function setOf(elements: Iterable<number>, heap = newHeap(), name = 'set'): SBTreeSet<number> {
  return heap.root(name, NUMBERS, new Set(elements));
}

/** `count` numbers from `start` on. */
function range(start: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => start + index);
}

describe('a set', () => {
  test('that is new is empty and says so everywhere', () => {
    const set = setOf([]);
    expect([set.length, set.isEmpty, set.has(1), set.remove(1)]).toEqual([0, true, false, false]);
    expect([set.first(), set.last(), set.popFirst(), set.popLast()]).toEqual(
      Array(4).fill(undefined),
    );
    expect([[...set], set.toPlain(), set.checkInvariants()]).toEqual([[], new Set(), undefined]);
  });

  test('says what is new and what was there', () => {
    const set = setOf([]);
    expect([set.insert(7), set.insert(7), set.has(7)]).toEqual([true, false, true]);
    expect([set.insertMany([5, 7, 6, 5]), set.length]).toEqual([2, 3]);
    expect([set.remove(7), set.remove(7), set.removeMany([5, 9])]).toEqual([true, false, 1]);
    expect([...set]).toEqual([6]);
    set.clear();
    expect(set.isEmpty).toBe(true);
    expectSound(set.allocator, set);
  });

  test('gives its elements in order, in both directions, and in ranges', () => {
    const set = setOf(range(0, 300).map((index) => (index * 7_919) % 300));
    expect([...set]).toEqual(range(0, 300));
    expect([...set.keys({ reverse: true })]).toEqual(range(0, 300).reverse());
    expect([...set.keys({ gte: 10, lt: 13 })]).toEqual([10, 11, 12]);
    expect([set.count({ lt: 13 }), set.count()]).toEqual([13, 300]);
    expect([set.popFirst(), set.popLast(), set.first(), set.last()]).toEqual([0, 299, 1, 298]);
    expect(set.retain((element) => element < 100)).toBe(199);
    expectSound(set.allocator, set);
  });

  test('is there again after an upgrade, and gone with its root', () => {
    const memory = new VectorMemory();
    setOf(range(0, 50), StableMemoryAllocator.init(memory));
    const heap = StableMemoryAllocator.load(restarted(memory));
    const set = heap.root('set', NUMBERS);
    expect([...set]).toEqual(range(0, 50));
    expect(heap.roots()).toEqual([{ name: 'set', type: 'SBTreeSet(u32)' }]);
    expect(codeOf(() => heap.root('set', SBTreeSet.of(u64)))).toBe('INCOMPATIBLE_TYPE');
    heap.removeRoot('set', NUMBERS);
    expect(codeOf(() => set.has(1))).toBe('VALUE_CONSUMED');
    expect(heap.allocatedSize).toBe(0);
  });

  test('refuses what is no element and what is no set', () => {
    const set = setOf([1]);
    expect(codeOf(() => set.insert(-1))).toBe('INVALID_VALUE');
    expect(() => set.insert('one' as never)).toThrow(TypeError);
    expect(codeOf(() => set.insertMany([2, 3, -1]))).toBe('INVALID_VALUE');
    for (const wrong of [null, 7, 'text', [1], {}, new Map()]) {
      expect(() => set.allocator.create(NUMBERS, wrong as never)).toThrow(TypeError);
    }
    expect([...set]).toEqual([1]);
    expectSound(set.allocator, set);
  });

  test('without room for it takes no element, and says which', () => {
    const elements = range(0, 40);
    for (const initial of [[], range(100, 11), range(100, 60)]) {
      const start = new Set(initial);
      checkEveryAllocation({
        type: NUMBERS,
        initial: start,
        act: (set) => set.insert(50),
        rejected: 50,
      });
      checkEveryAllocation({
        type: NUMBERS,
        initial: start,
        act: (set) => set.insertMany(elements),
        rejected: elements,
      });
    }
  });
});

describe('the algebra of two sets', () => {
  const evens = range(0, 50).map((n) => 2 * n);
  const threes = range(0, 40).map((n) => 3 * n);

  test('is that of their elements', () => {
    const heap = newHeap();
    const [left, right] = [setOf(evens, heap, 'left'), setOf(threes, heap, 'right')];
    const [inLeft, inRight] = [new Set(evens), new Set(threes)];
    const all = [...new Set([...evens, ...threes])].sort((a, b) => a - b);
    expect([...left.union(right)]).toEqual(all);
    expect([...left.intersection(right)]).toEqual(evens.filter((n) => inRight.has(n)));
    expect([...left.difference(right)]).toEqual(evens.filter((n) => !inRight.has(n)));
    expect([...left.symmetricDifference(right)]).toEqual(
      all.filter((n) => inLeft.has(n) !== inRight.has(n)),
    );
  });

  test('compares them, also where one is far smaller', () => {
    const heap = newHeap();
    const large = setOf(range(0, 200), heap, 'large');
    const small = setOf([3, 5], heap, 'small');
    const other = setOf([3, 500], heap, 'other');
    expect([small.isSubsetOf(large), large.isSupersetOf(small)]).toEqual([true, true]);
    expect([other.isSubsetOf(large), large.isSubsetOf(small)]).toEqual([false, false]);
    expect([small.isDisjointFrom(large), setOf([900], heap, 'x').isDisjointFrom(large)]).toEqual([
      false,
      true,
    ]);
  });

  test('refuses other sets, and what is none', () => {
    const heap = newHeap();
    const set = setOf([1], heap);
    const others = heap.root('others', SBTreeSet.of(u16));
    expect(codeOf(() => set.union(others))).toBe('INCOMPATIBLE_TYPE');
    for (const wrong of WRONG_OBJECTS) {
      expect(() => set.isSubsetOf(wrong as never)).toThrow(TypeError);
    }
  });
});

test('a set of a map is worked on by a handle, and goes with its key', () => {
  const heap = newHeap();
  const type = SBTreeMap.of(text, SBTreeSet.of(text));
  const followers = heap.root('followers', type);
  expect(followers.getOrInsert('ada', () => new Set()).insert('grace')).toBe(true);
  expect(followers.get('ada')!.insert('edith')).toBe(true);
  expect(followers.toPlain()).toEqual(new Map([['ada', new Set(['edith', 'grace'])]]));
  expect(followers.remove('ada')).toEqual(new Set(['edith', 'grace']));
  expectSound(heap, followers);
  heap.removeRoot('followers', type);
  expect(heap.allocatedSize).toBe(0);
});
