/** What a hash map does where there is no room, and where its bytes were damaged. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { text, u64 } from '../../src/lib/codecs/index.js';
import { SHashMap } from '../../src/lib/s-hash-map.js';
import { HASH_MAP_LAYOUT } from '../../src/lib/s-hash-map/header.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import {
  checkEveryAllocation,
  Countdown,
  expectSound,
  outOfMemoryOf,
} from '../support/failing-heap.js';
import { HASH_CASES, hashMapType } from '../support/hash-cases.js';
import { fromHex } from '../support/hex.js';
import { codeOf } from '../support/memories.js';
import { HASH_KEY } from '../support/hash-key.js';

const NUMBERS = SHashMap.of(u64, u64);
const NESTED = SHashMap.of(text, SHashMap.of(u64, text));

type NestedMap = SHashMap<string, ReadonlyMap<bigint, string>, SHashMap<bigint, string>>;

const newHeap = (): StableMemoryAllocator =>
  StableMemoryAllocator.init(new VectorMemory(), { hashKey: HASH_KEY });

describe('without room at every step', () => {
  const full = new Map([1n, 2n, 3n].map((number) => [`key ${number}`, new Map([[number, 'x']])]));
  const fresh = new Map([
    [7n, 'seven'],
    [8n, 'eight'],
  ]);

  test.each([
    ['insert a key', (map) => map.insert('new', fresh), fresh],
    ['overwrite a value', (map) => map.insert('key 1', fresh), fresh],
    ['update a value', (map) => map.update('key 1', () => fresh), fresh],
    ['update what is not there', (map) => map.update('new', () => fresh), fresh],
    ['insert into an inner map', (map) => map.get('key 2')!.insert(9n, 'nine'), 'nine'],
    ['reserve', (map) => map.reserve(100), undefined],
  ] as readonly [string, (map: NestedMap) => unknown, unknown][])(
    '%s changes nothing, leaks nothing, and works the next time',
    (_, act, rejected) => {
      expect(checkEveryAllocation({ type: NESTED, initial: full, act, rejected })).toBeGreaterThan(
        0,
      );
    },
  );

  test('attach leaves its handle owned', () => {
    const refusals = checkEveryAllocation({
      type: NESTED,
      initial: full,
      prepare: (_, heap) => heap.create(SHashMap.of(u64, text), fresh),
      act: (map, _, handle) => map.attach('new', handle),
    });
    expect(refusals).toBeGreaterThan(0);
  });

  test('removing asks for no room at all', () => {
    for (const act of [
      (map: NestedMap) => map.remove('key 1'),
      (map: NestedMap) => map.delete('key 1'),
      (map: NestedMap) => map.detach('key 1')![Symbol.dispose](),
      (map: NestedMap) => map.retain(() => false),
      (map: NestedMap) => map.clear(),
    ]) {
      expect(checkEveryAllocation({ type: NESTED, initial: full, act })).toBe(0);
    }
  });

  test('a growth that finds no room leaves the old table, from which all goes on', () => {
    const heap = StableMemoryAllocator.init(new VectorMemory(), { maxPages: 1, hashKey: HASH_KEY });
    const map = heap.root('map', NUMBERS);
    const error = outOfMemoryOf(() => {
      for (let each = 0n; ; each++) map.insert(each, each);
    });
    expect([map.length, map.capacity, error?.rejected]).toEqual([1152, 1537, 1152n]);
    for (let each = 0n; each < 1152n; each++) expect(map.get(each)).toBe(each);
    expect(outOfMemoryOf(() => map.insert(5000n, 1n))).toBeDefined();
    map.remove(7n);
    expect(map.insert(5000n, 1n)).toBeUndefined();
    expect(map.insert(6n, 1n)).toBe(6n);
    expectSound(heap, map);
  });
});

test.each(HASH_CASES)('a root of %s is made of a plain map, or is not made', (_, types) => {
  const type = hashMapType(types);
  const [key, value] = [fc.sample(types.key, 20), fc.sample(types.value, 20)];
  const plain = new Map(key.map((each, index) => [each, value[index]]));
  for (let count = 0; ; count++) {
    const heap = newHeap();
    const countdown = new Countdown(heap);
    countdown.refuseAfter(count);
    const error = outOfMemoryOf(() => heap.root('map', type, plain));
    if (error === undefined) break;
    expect([error.rejected, heap.allocatedSize]).toEqual([plain, 0]);
  }
});

describe('damaged bytes', () => {
  const { table, capacity, length, keySize } = HASH_MAP_LAYOUT;
  /** Where the first table of a heap lies, behind the header of its map. */
  const TABLE = 72;

  /** Opens a map of 5 entries after some bytes were overwritten, counted from its header. */
  function openDamaged(offset: number, bytes: string): SHashMap<bigint, bigint> {
    const heap = newHeap();
    const map = heap.create(NUMBERS, new Map([0n, 1n, 2n, 3n, 4n].map((each) => [each, each])));
    expect(map.ptr).toBe(8);
    heap.writeBytes(map.ptr + 8 + offset, fromHex(bytes));
    return NUMBERS.view(heap, Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0), 0);
  }

  test.each([
    ['a capacity that no table has', capacity, '0c', 'CORRUPTED'],
    ['a capacity that does not fit the block', capacity, '19', 'CORRUPTED'],
    ['a capacity beyond 2^53', capacity, 'ffffffffffffffff', 'CORRUPTED'],
    ['a capacity of none', capacity, '00', 'CORRUPTED'],
    ['a length above what the capacity allows', length, '0a', 'CORRUPTED'],
    ['a pointer to no block', table, '50', 'CORRUPTED'],
    ['a pointer beyond the heap', table, 'ffffffff', 'CORRUPTED'],
    ['a pointer to nothing', table, '0000', 'CORRUPTED'],
    ['keys of another size', keySize, '04', 'INCOMPATIBLE_TYPE'],
    ['the kind of another structure', 0, '05', 'CORRUPTED'],
  ])('%s: no handle is given', (_, offset, bytes, code) => {
    expect(codeOf(() => openDamaged(offset, bytes))).toBe(code);
  });

  test('a table without an empty slot ends every search', () => {
    const map = openDamaged(TABLE - 8, 'ffffffff'.repeat(13));
    expect(map.capacity).toBe(13);
    for (let each = 0n; each < 20n; each++) {
      expect(map.get(each)).toBeUndefined();
      expect(map.remove(each)).toBeUndefined();
      expect(codeOf(() => map.insert(each, each))).toBe('CORRUPTED');
    }
    expect(codeOf(() => map.retain(() => false))).toBe('CORRUPTED');
    expect(map.checkInvariants()).toBeDefined();
    expect([...map]).toHaveLength(13);
  });

  test('a tag that is not that of its key is found by the check', () => {
    const heap = newHeap();
    const map = heap.create(NUMBERS, new Map([[1n, 1n]]));
    const bytes = new Uint8Array(28);
    heap.readBlock(TABLE, bytes);
    const slot = bytes.findIndex((byte) => byte !== 0) >> 2;
    heap.writeBytes(TABLE + 8 + 4 * slot, Uint8Array.of(bytes[4 * slot]! ^ 1));
    expect(map.checkInvariants()).toBe(`slot ${slot} has a tag that is not that of its key`);
  });

  test('a key whose block is gone is no crash', () => {
    const heap = newHeap();
    const map = heap.root('map', SHashMap.of(text, u64), new Map([['ada', 1n]]));
    const box = heap.verify();
    expect(box.allocatedBlockCount).toBe(4);
    const ptrs: number[] = [];
    map.trace((ptr) => void ptrs.push(ptr));
    heap.deallocate(heap.sliceAt(ptrs.at(-1)!));
    expect(codeOf(() => map.get('ada'))).toBe('CORRUPTED');
    expect(codeOf(() => map.insert('ada', 2n))).toBe('CORRUPTED');
    expect(codeOf(() => [...map])).toBe('CORRUPTED');
  });
});
