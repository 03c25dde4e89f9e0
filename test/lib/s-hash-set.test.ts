import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import type { Codec } from '../../src/lib/codec.js';
import { text, u16, u64 } from '../../src/lib/codecs/index.js';
import { SHashMap } from '../../src/lib/s-hash-map.js';
import { SHashSet } from '../../src/lib/s-hash-set.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { checkEveryAllocation, expectSound } from '../support/failing-heap.js';
import { toHex } from '../support/hex.js';
import { codeOf, restarted } from '../support/memories.js';
import { checkProperty } from '../support/property.js';
import { hex } from '../support/stored.js';
import { WRONG_CODECS, WRONG_NUMBERS } from '../support/wrong-inputs.js';
import { HASH_KEY } from '../support/hash-key.js';

const WORDS = SHashSet.of(text);

const newHeap = (): StableMemoryAllocator =>
  StableMemoryAllocator.init(new VectorMemory(), { hashKey: HASH_KEY });

function setOf(numbers: readonly number[], heap = newHeap()): SHashSet<number> {
  return heap.create(SHashSet.of(u16), new Set(numbers));
}

const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b);

describe('a hash set', () => {
  test('says of an element whether it is new, was there, is there', () => {
    const heap = newHeap();
    const words = heap.root('words', WORDS);
    expect([words.insert('ada'), words.insert('ada'), words.insert('grace')]).toEqual([
      true,
      false,
      true,
    ]);
    expect([words.length, words.isEmpty]).toEqual([2, false]);
    expect([words.has('ada'), words.has('edith')]).toEqual([true, false]);
    expect([words.remove('ada'), words.remove('ada')]).toEqual([true, false]);
    expect([...words]).toEqual(['grace']);
    expectSound(heap, words);
    words.clear();
    expect(words.isEmpty).toBe(true);
    heap.removeRoot('words', WORDS);
    expect(heap.allocatedSize).toBe(0);
  });

  test('gives its elements slot by slot, forwards and backwards, and not after a change', () => {
    const set = setOf([1, 2, 3, 4, 5]);
    const elements = [...set];
    expect(sorted(elements)).toEqual([1, 2, 3, 4, 5]);
    expect([...set.values({ reverse: true })]).toEqual(elements.toReversed());
    expect(set.toPlain()).toEqual(new Set(elements));
    const iterator = set.values();
    iterator.next();
    set.insert(6);
    expect(codeOf(() => iterator.next())).toBe('CHANGED_WHILE_ITERATING');
  });

  test('keeps what it is told to keep', () => {
    const heap = newHeap();
    const words = heap.root('words', WORDS, new Set(['a', 'bb', 'ccc', 'dddd']));
    words.retain((word) => word.length % 2 === 0);
    expect(words.toPlain()).toEqual(new Set(['bb', 'dddd']));
    expectSound(heap, words);
  });

  test('is there again when the heap is opened, and no map', () => {
    const heap = newHeap();
    heap.root('words', WORDS, new Set(['ada']));
    const reopened = StableMemoryAllocator.init(restarted(heap.intoMemory()));
    expect(reopened.root('words', WORDS).has('ada')).toBe(true);
    expect(codeOf(() => reopened.root('words', SHashMap.of(text, text)))).toBe('INCOMPATIBLE_TYPE');
  });

  test('is a value of other structures', () => {
    const heap = newHeap();
    const tags = heap.root('tags', SHashMap.of(u64, WORDS), new Map([[7n, new Set(['new'])]]));
    expect(tags.get(7n)!.insert('read')).toBe(true);
    expect(tags.remove(7n)).toEqual(new Set(['new', 'read']));
    expectSound(heap, tags);
  });
});

test('defect 9: sets with room for no element, or one, from the start work', () => {
  for (const count of [0, 1]) {
    const set = setOf([]);
    set.reserve(count);
    for (let element = 0; element < 20; element++) expect(set.insert(element)).toBe(true);
    expect(set.length).toBe(20);
  }
});

test('the bytes are frozen: a table of tags and keys', () => {
  const heap = StableMemoryAllocator.init(new VectorMemory(), {
    hashKey: new Uint8Array(16).fill(7),
  });
  const set = heap.create(SHashSet.of(u16), new Set([5]));
  const bytes = new Uint8Array(48);
  heap.readBlock(set.ptr, bytes);
  expect(toHex(bytes)).toBe(
    hex(
      `05 01 0000 02000000 010000000000 5353` +
        `4800000000000000 0700000000000000 0100000000000000 02000000 00000000`,
    ),
  );
  heap.readBlock(0x48, bytes);
  expect(toHex(bytes)).toBe(
    hex(`00000000 4d7b0e2a ${'00000000'.repeat(5)} 0000 0005 ${'00'.repeat(16)}`),
  );
});

describe('the algebra of sets', () => {
  const subset = fc.uniqueArray(fc.nat(30), { maxLength: 20 });

  test('is that of plain sets', () => {
    checkProperty(
      fc.property(subset, subset, (left, right) => {
        const [one, other] = [setOf(left), setOf(right)];
        const isIn = (numbers: readonly number[]) => (each: number) => numbers.includes(each);
        const isNotIn = (numbers: readonly number[]) => (each: number) => !numbers.includes(each);
        const common = left.filter(isIn(right));
        const leftOnly = left.filter(isNotIn(right));
        const rightOnly = right.filter(isNotIn(left));
        expect(sorted(one.union(other))).toEqual(sorted([...left, ...rightOnly]));
        expect(sorted(one.intersection(other))).toEqual(sorted(common));
        expect(sorted(one.difference(other))).toEqual(sorted(leftOnly));
        expect(sorted(one.symmetricDifference(other))).toEqual(sorted([...leftOnly, ...rightOnly]));
        expect(one.isDisjointFrom(other)).toBe(common.length === 0);
        expect(one.isSubsetOf(other)).toBe(leftOnly.length === 0);
        expect(one.isSupersetOf(other)).toBe(rightOnly.length === 0);
      }),
    );
  });

  test('is also that of sets in two heaps, with keys of their own', () => {
    const heap = (byte: number) =>
      StableMemoryAllocator.init(new VectorMemory(), { hashKey: new Uint8Array(16).fill(byte) });
    const [one, other] = [setOf([1, 2, 3], heap(1)), setOf([2, 3, 4], heap(2))];
    expect(sorted(one.intersection(other))).toEqual([2, 3]);
  });

  test('refuses what is no set, or one of other elements', () => {
    const set = setOf([1]);
    const words = newHeap().create(WORDS, new Set());
    for (const operation of [
      'union',
      'intersection',
      'difference',
      'symmetricDifference',
      'isDisjointFrom',
      'isSubsetOf',
      'isSupersetOf',
    ] as const) {
      expect(() => set[operation](new Set([1]) as never)).toThrow(TypeError);
      expect(codeOf(() => set[operation](words as never))).toBe('INCOMPATIBLE_TYPE');
    }
  });
});

describe('what is refused changes nothing', () => {
  test.each(WRONG_CODECS)('%s as a codec', (_, value) => {
    expect(() => SHashSet.of(value as Codec<number>)).toThrow(TypeError);
  });

  test.each(WRONG_NUMBERS)('%s as an element', (_, value) => {
    const set = setOf([1]);
    const wrong = value as number;
    for (const use of [() => set.insert(wrong), () => set.has(wrong), () => set.remove(wrong)]) {
      expect(use).toThrow(TypeError);
    }
    expect([...set]).toEqual([1]);
  });

  test('no room at any step of an insertion', () => {
    const initial = new Set(['a', 'b', 'c']);
    const refusals = checkEveryAllocation({
      type: WORDS,
      initial,
      act: (words: SHashSet<string>) => words.insert('d'),
      rejected: 'd',
    });
    expect(refusals).toBeGreaterThan(2);
    for (const act of [
      (words: SHashSet<string>) => words.insert('a'),
      (words: SHashSet<string>) => words.remove('a'),
      (words: SHashSet<string>) => words.clear(),
    ]) {
      expect(checkEveryAllocation({ type: WORDS, initial, act })).toBe(0);
    }
  });
});
