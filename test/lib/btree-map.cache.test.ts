/**
 * The node cache: it must never be noticed, except in what is read.
 */
import { describe, expect, test } from '@jest/globals';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { bytes, u32, u64 } from '../../src/lib/codecs/index.js';
import type { Memory } from '../../src/lib/memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf, CountdownMemory, imageOf, restarted } from '../support/memories.js';

/** A memory that counts reads, and does not say that it lies on the heap. */
function watched() {
  const base = new VectorMemory();
  const memory = {
    ...restarted(base),
    reads: 0,
    read(offset: number, target: Uint8Array) {
      memory.reads += 1;
      base.read(offset, target);
    },
  };
  return memory;
}

function filled(memory: Memory, slots?: number) {
  const map = BTreeMap.init(memory, u32, u32);
  if (slots !== undefined) map.resizeNodeCache(slots);
  for (let index = 0; index < 3_000; index++) map.insert((index * 7919) % 2_003, index);
  for (let index = 0; index < 1_500; index++) map.remove((index * 104_729) % 2_003);
  for (let index = 0; index < 500; index++) map.insert((index * 7919) % 2_003, index);
  return map;
}

describe('the node cache', () => {
  const [reference, entries] = (() => {
    const memory = new VectorMemory();
    const map = filled(memory);
    return [imageOf(memory), [...map]];
  })();

  test.each([0, 1, 3, 16, 256])('with %i slots changes no byte and no answer', (slots) => {
    const memory = watched();
    const map = filled(memory, slots);
    expect(Buffer.compare(imageOf(memory), reference)).toBe(0);
    expect(map.getMany(entries.map(([key]) => key))).toEqual(entries.map(([, value]) => value));
    expect(map.checkInvariants()).toBeUndefined();
  });

  test('saves reading the root and the nodes below it', () => {
    const memory = watched();
    const map = filled(memory);
    expect(map.nodeCacheSlots).toBe(16);
    const readsOf = (action: () => void) => {
      const before = memory.reads;
      action();
      return memory.reads - before;
    };
    const lookups = () => entries.forEach(([key]) => map.get(key));
    const cached = readsOf(lookups);
    map.resizeNodeCache(0);
    expect(map.nodeCacheSizeInBytes).toBe(0);
    expect(cached).toBeLessThan(readsOf(lookups) * 0.7);
  });

  test('counts what it had and what it had not', () => {
    const map = filled(watched());
    map.resizeNodeCache(1);
    expect(map.nodeCacheMetrics).toEqual({ hits: 0, coldMisses: 0, collisionMisses: 0 });
    map.get(entries[0]![0]);
    map.get(entries[0]![0]);
    const { hits, coldMisses, collisionMisses } = map.nodeCacheMetrics;
    expect([hits, coldMisses]).toEqual([1, 1]);
    expect(collisionMisses).toBeGreaterThan(0);
    map.clearNodeCache();
    map.get(entries[0]![0]);
    expect(map.nodeCacheMetrics.coldMisses).toBe(2);
    map.resetNodeCacheMetrics();
    expect(map.nodeCacheMetrics.hits).toBe(0);
  });

  test('is not used where nodes are read where they lie', () => {
    const map = filled(new VectorMemory());
    expect(map.nodeCacheSlots).toBe(0);
    map.resizeNodeCache(16);
    map.get(entries[0]![0]);
    map.get(entries[0]![0]);
    expect(map.nodeCacheMetrics.hits).toBe(0);
  });

  test('forgets the nodes of a map that was cleared', () => {
    const map = filled(watched());
    map.clear();
    expect(map.get(entries[0]![0])).toBeUndefined();
    for (let key = 0; key < 100; key++) map.insert(key, key);
    expect([...map.keys()]).toEqual(Array.from({ length: 100 }, (_, key) => key));
    for (let key = 0; key < 100; key++) expect(map.get(key)).toBe(key);
    expect(map.checkInvariants()).toBeUndefined();
  });

  test.each([-1, 1.5, 2 ** 40, NaN])('refuses %p slots', (slots) => {
    expect(() => filled(new VectorMemory()).resizeNodeCache(slots)).toThrow(RangeError);
  });

  test('forgets what was planned and then given up', () => {
    const memory = new CountdownMemory(new VectorMemory());
    const map = BTreeMap.init(memory, u64, bytes);
    for (let key = 0n; key < 200n; key++) map.insert(key, new Uint8Array(50).fill(Number(key)));
    const before = [...map];
    memory.refuseGrowsAfter(0);
    for (let key = 0n; key < 200n; key += 7n) {
      expect(codeOf(() => map.insert(key, new Uint8Array(200_000)))).toBe('GROW_FAILED');
      expect(map.get(key)).toEqual(before[Number(key)]![1]);
    }
    memory.relent();
    expect([...map]).toEqual(before);
    for (const [key] of before) expect(map.remove(key)).toBeDefined();
    expect(map.checkInvariants()).toBeUndefined();
  });
});
