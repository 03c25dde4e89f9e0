/**
 * Maps in heaps that run out of memory at each of their allocations, and maps whose bytes were
 * damaged. What is refused has changed nothing; damage is an error, never a crash or a loop.
 *
 * Source: house style rules 12 and 13.
 */
import { describe, expect, test } from '@jest/globals';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { TAG_SIZE } from '../../src/lib/allocator/free-block.js';
import { readU64, writeU16, writeU32, writeU64 } from '../../src/lib/bytes.js';
import { bytes, text, u32, u64 } from '../../src/lib/codecs/index.js';
import { NODE_LAYOUT } from '../../src/lib/btree-map/node-layout.js';
import { SBTreeMap } from '../../src/lib/s-btree-map.js';
import { SBTreeSet } from '../../src/lib/s-btree-set.js';
import { S_BTREE_MAP_LAYOUT } from '../../src/lib/s-btree-map/map-header.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { checkEveryAllocation } from '../support/failing-heap.js';
import { codeOf } from '../support/memories.js';

const NUMBERS = SBTreeMap.of(u32, u64);
const FILES = SBTreeMap.of(u32, bytes);
const SETS = SBTreeMap.of(u32, SBTreeSet.of(text));

/** `count` entries, of which the keys are even. */
function numbers(count: number): Map<number, bigint> {
  return new Map(Array.from({ length: count }, (_, index) => [2 * index, BigInt(index)]));
}

function sets(count: number): Map<number, Set<string>> {
  return new Map(Array.from({ length: count }, (_, index) => [2 * index, new Set(['a', 'b'])]));
}

describe('without room at every step', () => {
  test('an insertion into the first node, and one that splits nodes up to the root', () => {
    for (const count of [0, 11, 100, 101, 102, 103, 104, 105]) {
      checkEveryAllocation({
        type: NUMBERS,
        initial: numbers(count),
        act: (map) => map.insert(2 * count, 7n),
        rejected: 7n,
      });
    }
  });

  test('a value that takes more pages, or fewer', () => {
    const initial = new Map([
      [1, new Uint8Array(10)],
      [2, new Uint8Array(5_000)],
    ]);
    const large = new Uint8Array(9_000);
    const refusals = checkEveryAllocation({
      type: FILES,
      initial,
      act: (map) => map.insert(1, large),
      rejected: large,
    });
    expect(refusals).toBeGreaterThan(10);
    checkEveryAllocation({ type: FILES, initial, act: (map) => map.insert(2, new Uint8Array(1)) });
  });

  test('a value that is a structure, in the place of another one and of none', () => {
    const value = new Set(Array.from({ length: 30 }, (_, index) => `element ${index}`));
    for (const key of [0, 1]) {
      const refusals = checkEveryAllocation({
        type: SETS,
        initial: sets(11),
        act: (map) => map.insert(key, value),
        rejected: value,
      });
      expect(refusals).toBeGreaterThan(6);
    }
  });

  test('many entries at once', () => {
    const entries = [...sets(9)].map(([key, value]): [number, Set<string>] => [key + 1, value]);
    checkEveryAllocation({
      type: SETS,
      initial: sets(9),
      act: (map) => map.insertMany(entries),
      rejected: entries,
    });
    checkEveryAllocation({
      type: NUMBERS,
      initial: numbers(9),
      act: (map) => map.insertMany([...numbers(60)].map(([key, value]) => [key + 1, value])),
    });
  });

  test('a structure that is attached: its handle keeps owning it', () => {
    const refusals = checkEveryAllocation({
      type: SETS,
      initial: sets(11),
      prepare: (_, heap) => heap.create(SBTreeSet.of(text), new Set(['c'])),
      act: (map, _, handle) => {
        map.attach(99, handle);
      },
    });
    expect(refusals).toBeGreaterThan(0);
  });

  test('updates, and what is made where there is nothing', () => {
    const made = new Set(['made']);
    checkEveryAllocation({
      type: SETS,
      initial: sets(11),
      act: (map) => map.update(4, () => made),
      rejected: made,
    });
    checkEveryAllocation({
      type: SETS,
      initial: sets(11),
      act: (map) => map.getOrInsert(99, () => made).length,
      rejected: made,
    });
    checkEveryAllocation({
      type: NUMBERS,
      initial: numbers(11),
      act: (map) => map.update(99, () => 5n),
      rejected: 5n,
    });
  });

  test('removals, which seldom need any', () => {
    // Keys of very different sizes: a longer one may take the place of a removed one.
    const type = SBTreeMap.of(text, u32);
    const initial = new Map(
      Array.from({ length: 60 }, (_, index) => [
        `${index % 10}${'-'.repeat(index % 7 === 0 ? 3_000 : 0)}${index}`,
        index,
      ]),
    );
    for (const key of [...initial.keys()].slice(0, 20)) {
      checkEveryAllocation({ type, initial, act: (map) => map.remove(key) });
    }
  });

  test('a new map of maps', () => {
    const type = SBTreeMap.of(u32, NUMBERS);
    checkEveryAllocation({
      type,
      initial: new Map(),
      act: (map, heap) => {
        heap
          .create(
            type,
            new Map([
              [1, numbers(30)],
              [2, numbers(2)],
            ]),
          )
          .destroy();
        return map.length;
      },
    });
  });
});

/** A map of 200 entries, and how to write over the bytes of its header and its root. */
function damaged(spoil: (header: Uint8Array, root: Uint8Array) => void) {
  const heap = StableMemoryAllocator.init(new VectorMemory());
  const map = heap.root('map', NUMBERS, numbers(200));
  const header = new Uint8Array(map.shape.headerSize);
  heap.readBlock(map.ptr, header);
  const rootAddress = readU64(header, S_BTREE_MAP_LAYOUT.root);
  const root = new Uint8Array(100);
  heap.readBytes(rootAddress, root);
  spoil(header, root);
  heap.writeBytes(map.ptr + TAG_SIZE, header);
  heap.writeBytes(rootAddress, root);
  return heap.openRoot('map', NUMBERS)!;
}

const HEADER = S_BTREE_MAP_LAYOUT;
const DAMAGES: readonly [string, (header: Uint8Array, root: Uint8Array) => void][] = [
  ['a root that is no block', (header) => writeU64(header, HEADER.root, 8)],
  ['a root at an odd address', (header) => writeU64(header, HEADER.root, 1_001)],
  ['a root beyond the heap', (header) => writeU64(header, HEADER.root, 2 ** 40)],
  ['no root', (header) => writeU64(header, HEADER.root, 0)],
  ['too many entries', (header) => writeU64(header, HEADER.length, 2 ** 40)],
  ['no entries', (header) => writeU64(header, HEADER.length, 0)],
  ['another page size', (header) => writeU32(header, HEADER.pageSize, 4_000)],
  ['a page that is too small', (header) => writeU32(header, HEADER.pageSize, 127)],
  ['an enormous page', (header) => writeU32(header, HEADER.pageSize, 2 ** 32 - 1)],
  ['a reserved byte', (header) => writeU32(header, HEADER.zero, 1)],
  ['a node that is none', (_, root) => root.fill(0, 0, 4)],
  ['too many entries in a node', (_, root) => writeU16(root, NODE_LAYOUT.entryCount, 12)],
  ['a child that is no block', (_, root) => writeU64(root, NODE_LAYOUT.children, 12)],
  ['a child beyond the heap', (_, root) => writeU64(root, NODE_LAYOUT.children, 2 ** 40)],
];

describe('a map with damaged bytes is refused:', () => {
  test.each(DAMAGES)('%s', (_, spoil) => {
    const uses: ((map: SBTreeMap<number, bigint>) => unknown)[] = [
      (map) => map.get(0),
      (map) => map.insert(0, 1n),
      (map) => map.remove(0),
      (map) => [...map],
      (map) => map.toPlain(),
      (map) => map.clear(),
      (map) => map.allocator.verify(),
      (map) => map.allocator.removeRoot('map', NUMBERS),
    ];
    for (const use of uses) expect(codeOf(() => use(damaged(spoil)))).toBe('CORRUPTED');
  });

  test('a child that is its own parent', () => {
    const map = damaged((header, root) => {
      root.set(header.subarray(HEADER.root, HEADER.root + 8), NODE_LAYOUT.children);
    });
    expect(codeOf(() => map.get(0))).toBe('CORRUPTED');
    expect(codeOf(() => [...map])).toBe('CORRUPTED');
    expect(codeOf(() => map.clear())).toBe('CORRUPTED');
    expect(codeOf(() => map.allocator.removeRoot('map', NUMBERS))).toBe('CORRUPTED');
  });

  test('a slot that leads to no structure', () => {
    const heap = StableMemoryAllocator.init(new VectorMemory());
    const map = heap.root('map', SETS, sets(1));
    const set = map.get(0)!;
    heap.writeBytes(set.ptr + TAG_SIZE, new Uint8Array(16));
    for (const use of [() => map.remove(0), () => map.insert(0, new Set()), () => map.popFirst()]) {
      expect(codeOf(use)).toMatch(/CORRUPTED|VALUE_CONSUMED/);
      expect(map.length).toBe(1);
    }
  });
});

test('a heap that is full to the last byte can be emptied entry by entry', () => {
  const heap = StableMemoryAllocator.init(new VectorMemory(), { maxPages: 1 });
  const map = heap.root('map', NUMBERS);
  for (const step of [1, 7_919]) {
    let count = 0;
    const fill = () => {
      for (; ; count++) map.insert((count * step) % 10_007, 0n);
    };
    expect(codeOf(fill)).toBe('OUT_OF_MEMORY');
    while (heap.makeSureCanAllocate(16)) heap.allocate(16);
    for (let index = 0; index < count; index++)
      expect(map.delete((index * step) % 10_007)).toBe(true);
    expect(map.isEmpty).toBe(true);
    for (const ptr of heap.verify().leaked) heap.deallocate(heap.sliceAt(ptr));
  }
});
