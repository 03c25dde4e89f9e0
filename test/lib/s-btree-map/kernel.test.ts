/**
 * Maps in a heap in stable memory: the kernel and the TypeScript engine against each other, byte
 * for byte, and together on one map.
 */
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { StableMemoryAllocator } from '../../../src/lib/allocator.js';
import { bytes, descending, text, tuple, u16, u32, u64 } from '../../../src/lib/codecs/index.js';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import type { Memory } from '../../../src/lib/memory.js';
import { SBTreeMap } from '../../../src/lib/s-btree-map.js';
import { SBTreeSet } from '../../../src/lib/s-btree-set.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import '../../support/byte-equality.js';
import { expectSound } from '../../support/failing-heap.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { kernelMemory } from '../../support/kernel-memory.js';
import { codeOf, imageOf } from '../../support/memories.js';
import { countFallBacks } from '../../support/watch-kernel.js';

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);

let kernelHeap: StableMemoryAllocator;
let kernelStable: Memory;
let plainHeap: StableMemoryAllocator;
let plainStable: Memory;

beforeEach(() => {
  const kernel = kernelMemory(400);
  kernelStable = kernel.stable;
  kernelHeap = StableMemoryAllocator.init(kernel.memory);
  plainStable = new VectorMemory();
  plainHeap = StableMemoryAllocator.init(plainStable);
});

/** Does the same in both heaps, and compares what is answered and all bytes. */
function inBoth(act: (heap: StableMemoryAllocator) => unknown): void {
  expect(act(kernelHeap)).toEqual(act(plainHeap));
  expect(imageOf(kernelStable)).toEqual(imageOf(plainStable));
}

const keysOf = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => (index * 7_919) % 10_007);

describe('the bytes are the same, whoever has written them:', () => {
  test('splits, merges and overwritten values', () => {
    const type = SBTreeMap.of(u32, u64);
    for (const key of keysOf(300)) {
      inBoth((heap) => heap.root('map', type).insert(key, BigInt(key)));
    }
    for (const key of keysOf(330)) {
      inBoth((heap) => {
        const map = heap.root('map', type);
        return [map.insert(key + 1, 7n), map.remove(key), map.delete(key + 2)];
      });
    }
    inBoth((heap) => heap.root('map', type).popFirst());
    inBoth((heap) => heap.root('map', type).popLast());
    inBoth((heap) => [...heap.root('map', type)]);
    inBoth((heap) => heap.root('map', type).clear());
    inBoth((heap) => heap.root('map', type).insert(1, 1n));
  });

  test('values that take pages of their own, and keys of all sizes', () => {
    const type = SBTreeMap.of(text, bytes);
    for (const key of keysOf(150)) {
      const name = `${key % 90}`.padEnd((key % 7) * 40, '-');
      inBoth((heap) => heap.root('map', type).insert(name, new Uint8Array((key * 13) % 3_000)));
      inBoth((heap) => heap.root('map', type).remove(`${key % 50}`));
    }
    inBoth((heap) => heap.root('map', type).toPlain());
  });

  test('many entries at once', () => {
    const type = SBTreeMap.of(u32, u64);
    const entries = keysOf(500).map((key): [number, bigint] => [key, BigInt(key)]);
    // There is no room to begin with: the first pages are TypeScript's to get.
    inBoth((heap) => heap.makeSureCanAllocate(100_000));
    inBoth((heap) => heap.root('map', type).insertMany(entries));
    inBoth((heap) => heap.root('map', type).removeMany(keysOf(400)));
    inBoth((heap) => heap.root('map', type).retain((key) => key % 2 === 0));
    inBoth((heap) => heap.root('map', type).retain(() => false));
    // What empties a leaf saves no node: only the header changes.
    inBoth((heap) => heap.root('few', type).insertMany([[1, 1n]]));
    inBoth((heap) => heap.root('few', type).removeMany([2, 1, 1]));
    expect(kernelHeap.root('few', type).length).toBe(0);
  });

  test('maps of maps, of sets and of keys with orders of their own', () => {
    const maps = SBTreeMap.of(descending(u16), SBTreeMap.of(tuple(text, u16), u32));
    const sets = SBTreeMap.of(text, SBTreeSet.of(u64));
    for (const key of keysOf(60)) {
      inBoth((heap) => {
        const inner = heap.root('maps', maps).getOrInsert(key % 7, () => new Map());
        const set = heap.root('sets', sets).getOrInsert(`${key % 5}`, () => new Set());
        return [
          inner.insert([`${key % 3}`, key], key),
          set.insert(BigInt(key)),
          inner.remove(['1', key + 1]),
          heap.root('sets', sets).insert('a', new Set([1n, BigInt(key)])),
        ];
      });
    }
    inBoth((heap) => [heap.root('maps', maps).toPlain(), heap.root('sets', sets).toPlain()]);
    inBoth((heap) => heap.root('maps', maps).remove(3));
    inBoth((heap) => heap.root('sets', sets).clear());
  });
});

describe('the kernel', () => {
  const NUMBERS = SBTreeMap.of(u32, u64);

  test.each([
    ['right in stable memory', (memory: Memory) => memory],
    ['in a virtual memory', (memory: Memory) => MemoryManager.init(memory as never).get(3)],
  ])('does all that needs no page more, %s', (_, place) => {
    const heap = StableMemoryAllocator.init(place(kernelMemory(400).memory));
    heap.makeSureCanAllocate(200_000);
    const map = heap.root('map', NUMBERS);
    const fallBacks = countFallBacks();
    for (const key of keysOf(1_000)) map.insert(key, BigInt(key));
    for (const key of keysOf(1_000)) expect(map.get(key)).toBe(BigInt(key));
    expect([...map.keys()]).toEqual(keysOf(1_000).sort((a, b) => a - b));
    for (const key of keysOf(900)) expect(map.remove(key)).toBe(BigInt(key));
    expect([map.popFirst() !== undefined, map.popLast() !== undefined]).toEqual([true, true]);
    expect(map.length).toBe(98);
    expect(fallBacks()).toBe(0);
    expectSound(heap, map);
  });

  test('works on many maps of a type in turn, and on two handles of one', () => {
    kernelHeap.makeSureCanAllocate(100_000);
    const type = SBTreeMap.of(u32, NUMBERS);
    const maps = kernelHeap.root('maps', type);
    for (let key = 0; key < 20; key++) maps.insert(key, new Map());
    for (let round = 0; round < 20; round++) {
      for (const [key, map] of maps) map.insert(round, BigInt(key * round));
    }
    for (const [key, map] of maps) expect(map.get(19)).toBe(BigInt(19 * key));
    const [one, other] = [maps.get(3)!, maps.get(3)!];
    const entries = one.entries();
    entries.next();
    other.insert(99, 1n);
    expect(codeOf(() => entries.next())).toBe('CHANGED_WHILE_ITERATING');
    expect([one.length, one.get(99), [...one].length]).toEqual([21, 1n, 21]);
    one.clear();
    expect([other.length, other.get(99), [...other]]).toEqual([0, undefined, []]);
    maps.delete(3);
    expect(codeOf(() => other.get(1))).toBe('VALUE_CONSUMED');
    expectSound(kernelHeap, maps);
  });

  test('goes on from what TypeScript has done, and the other way round', () => {
    const map = kernelHeap.root('map', NUMBERS);
    const model = new Map<number, bigint>();
    for (const key of keysOf(600)) {
      map.insert(key, 1n);
      if (key % 3 === 0) map.update(key, (old) => old! + 1n);
      if (key % 5 === 0) map.insertMany([[key + 20_000, 3n]]);
      model.set(key, key % 3 === 0 ? 2n : 1n);
      if (key % 5 === 0) model.set(key + 20_000, 3n);
    }
    expect(map.toPlain()).toEqual(new Map([...model].sort(([a], [b]) => a - b)));
    expectSound(kernelHeap, map);
  });

  test('refuses where there is no room, and has changed nothing', () => {
    const heap = StableMemoryAllocator.init(kernelMemory(2).memory);
    const map = heap.root('map', NUMBERS);
    let count = 0;
    const fill = () => {
      for (; ; count++) map.insert(count, 0n);
    };
    expect(codeOf(fill)).toBe('OUT_OF_MEMORY');
    const { allocatedSize } = heap;
    expect(codeOf(fill)).toBe('OUT_OF_MEMORY');
    const many = Array.from({ length: 100 }, (_, key): [number, bigint] => [key + count, 0n]);
    expect(codeOf(() => map.insertMany(many))).toBe('OUT_OF_MEMORY');
    expect([map.length, heap.allocatedSize]).toEqual([count, allocatedSize]);
    expectSound(heap, map);
    for (let key = 0; key < count; key++) expect(map.remove(key)).toBe(0n);
    expectSound(heap, map);
  });

  test('leaves damage to TypeScript, which has words for it', () => {
    const map = kernelHeap.root('map', NUMBERS);
    map.insertMany(keysOf(200).map((key) => [key, 0n]));
    const header = new Uint8Array(40);
    kernelHeap.readBlock(map.ptr, header);
    kernelHeap.writeBytes(map.ptr + 8 + 36, Uint8Array.of(1));
    expect(codeOf(() => map.get(1))).toBe('CORRUPTED');
    expect(codeOf(() => map.insert(1, 1n))).toBe('CORRUPTED');
  });
});
