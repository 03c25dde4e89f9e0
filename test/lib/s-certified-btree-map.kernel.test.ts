/**
 * The certified map of the kernel against that of TypeScript: the same operations, and after each the
 * same answers, the same errors and the same bytes in memory.
 */
import { beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import * as fc from 'fast-check';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { encodeHashTree } from '../../src/lib/certification/encode-hash-tree.js';
import { blob, bytes, optional, text, u64 } from '../../src/lib/codecs/index.js';
import type { StorageError } from '../../src/lib/errors.js';
import type { Memory } from '../../src/lib/memory.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { SCertifiedBTreeMap } from '../../src/lib/s-certified-btree-map.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { judged, rootHashOf } from '../support/certified-reference.js';
import { expectSound } from '../support/failing-heap.js';
import { toHex } from '../support/hex.js';
import { kernelMemory } from '../support/kernel-memory.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../support/kernel-host.js';
import { codeOf, imageOf } from '../support/memories.js';
import { checkProperty } from '../support/property.js';
import { countFallBacks } from '../support/watch-kernel.js';

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);
beforeEach(() => void jest.restoreAllMocks());

const BYTES = SCertifiedBTreeMap.of(bytes, bytes);
const NUMBERS = SCertifiedBTreeMap.of(u64, u64);
type Map = SCertifiedBTreeMap<Uint8Array, Uint8Array>;

type Verb =
  'insert' | 'remove' | 'delete' | 'get' | 'has' | 'commit' | 'witness' | 'many' | 'fewer';
interface Step {
  readonly verb: Verb;
  readonly keys: readonly Uint8Array[];
  readonly size: number;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  verb: fc.constantFrom<Verb>(
    ...(['insert', 'insert', 'insert', 'remove', 'remove', 'delete', 'get', 'has'] as const),
    ...(['commit', 'witness', 'many', 'fewer'] as const),
  ),
  keys: fc.array(
    fc
      .array(fc.constantFrom(0, 1, 0x40, 0x80, 0xff), { maxLength: 4 })
      .map((k) => Uint8Array.from(k)),
    { minLength: 1, maxLength: 6 },
  ),
  size: fc.nat(120),
});

function play(map: Map, { verb, keys, size }: Step): unknown {
  const key = keys[0]!;
  const value = new Uint8Array(size).fill(size);
  switch (verb) {
    case 'insert':
      return map.insert(key, value);
    case 'remove':
      return map.remove(key);
    case 'delete':
      return map.delete(key);
    case 'get':
      return map.get(key);
    case 'has':
      return map.containsKey(key);
    case 'commit':
      return toHex(map.commit());
    case 'witness':
      return toHex(map.encodedWitness(key));
    case 'many':
      return map.insertMany(keys.map((each) => [each, value]));
    case 'fewer':
      return map.removeMany(keys);
  }
}

/** What a step answers, or the message of its error. */
function outcome(map: Map, step: Step): unknown {
  try {
    return play(map, step);
  } catch (error) {
    return (error as StorageError).message;
  }
}

/** A map on the kernel, and the same one without it. */
function twins(maxPages = 0) {
  const open = (memory: Memory) =>
    StableMemoryAllocator.create(memory, { maxPages }).root('map', BYTES);
  const { memory, stable } = kernelMemory();
  const plain = new VectorMemory();
  return { served: open(memory), stable, alone: open(plain), plain };
}

test('every step has the same outcome', () => {
  checkProperty(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      const { served, stable, alone, plain } = twins();
      for (const step of steps) {
        expect(outcome(served, step)).toEqual(outcome(alone, step));
        expect(served.length).toBe(alone.length);
        expect([...served.keys()]).toEqual([...alone.keys()]);
        expect(served.isCommitted).toBe(alone.isCommitted);
      }
      expect(served.checkInvariants()).toBeUndefined();
      expectSound(served.allocator, served);
      expect(imageOf(stable).length).toBe(imageOf(plain).length);
    }),
    { numRuns: 25 },
  );
}, 60_000);

test('single changes and commits leave the same bytes behind as TypeScript does', () => {
  const { served, stable, alone, plain } = twins();
  for (let index = 0; index < 120; index++) {
    const key = Uint8Array.of((index * 37) % 101, index % 3);
    const value = new Uint8Array((index * 13) % 70).fill(index);
    for (const map of [served, alone]) {
      if (index % 4 === 3) map.delete(Uint8Array.of(((index - 2) * 37) % 101, (index - 2) % 3));
      else map.insert(key, value);
      if (index % 5 === 0) map.commit();
    }
    expect(Buffer.compare(imageOf(stable), imageOf(plain))).toBe(0);
  }
});

test('a starved map refuses the same, and loses nothing', () => {
  const { memory } = kernelMemory();
  const map = StableMemoryAllocator.create(memory, { maxPages: 1 }).root('map', BYTES);
  const keys = Array.from({ length: 900 }, (_, index) => Uint8Array.of(index >> 8, index));
  const inserted = keys.filter((key) => {
    try {
      map.insert(key, key);
      return true;
    } catch (error) {
      expect((error as StorageError).code).toBe('OUT_OF_MEMORY');
      return false;
    }
  });
  expect(inserted.length).toBeGreaterThan(300);
  expect(inserted.length).toBeLessThan(900);
  expect(codeOf(() => map.insertMany(keys.map((key) => [key, key])))).toBe('OUT_OF_MEMORY');
  expect([...map.keys()]).toEqual(inserted);
  expect(toHex(map.commit())).toBe(rootHashOf(inserted.map((key) => [key, key])));
  expect(map.removeMany(keys)).toBe(inserted.length);
  expectSound(map.allocator, map);
});

test('the kernel does it, and not TypeScript', () => {
  const { memory } = kernelMemory();
  const manager = MemoryManager.init(memory, { bucketSizeInPages: 1 });
  const map = StableMemoryAllocator.init(manager.get(3)).root('map', NUMBERS);
  for (let key = 0n; key < 1_000n; key++) map.insert(key * 7_919n, key);
  const fallBacks = countFallBacks();
  for (let key = 0n; key < 300n; key++) {
    expect(map.get(key * 7_919n)).toBe(key);
    expect(map.containsKey(key * 7_919n + 1n)).toBe(false);
    expect(map.insert(key * 7_919n, key + 1n)).toBe(key);
    map.commit();
    map.encodedWitness(key * 7_919n);
    expect(map.remove(key * 7_919n)).toBe(key + 1n);
  }
  expect(map.insertMany(Array.from({ length: 50 }, (_, key) => [BigInt(key), 1n]))).toBe(50);
  expect(map.removeMany([1n, 2n, 99_999n])).toBe(2);
  expect(fallBacks()).toBe(0);
  expectSound(map.allocator, map);
});

test('many entries go at once, also more than the staging area holds, and values that are missing', () => {
  const { memory } = kernelMemory();
  const heap = StableMemoryAllocator.init(memory);
  const map = heap.root('map', SCertifiedBTreeMap.of(u64, optional(blob(100))));
  const value = (key: number) => (key % 3 === 0 ? undefined : new Uint8Array(key % 100));
  const entries = Array.from({ length: 3_000 }, (_, key) => [BigInt(key * 7), value(key)] as const);
  expect(map.insertMany(entries.slice(0, 10))).toBe(10);
  expect(map.insertMany(entries)).toBe(2_990);
  expect([...map]).toEqual(entries);
  expect(map.removeMany(entries.map(([key]) => key))).toBe(3_000);
  expect(map.isEmpty).toBe(true);
  const wrong = [...entries.slice(0, 5), [1n, new Uint8Array(101)] as const];
  expect(codeOf(() => map.insertMany(wrong))).toBe('VALUE_TOO_LARGE');
  expect(map.isEmpty).toBe(true);
  expectSound(heap, map);
}, 60_000);

test('witnesses of the kernel are those of TypeScript, and prove what they say', () => {
  const { served } = twins();
  const keys = Array.from({ length: 60 }, (_, index) =>
    Uint8Array.from(text.encode(`key ${index * index}`)),
  );
  for (const length of [0, 1, 23, 24, 200, 255, 256, 70_000]) {
    served.insertMany(keys.map((key) => [key, new Uint8Array(length)]));
    served.commit();
    for (const key of keys.slice(0, 10)) {
      const witness = served.witness(key);
      expect(toHex(served.encodedWitness(key))).toBe(toHex(encodeHashTree(witness)));
      expect(judged(witness, key)).toEqual(new Uint8Array(length));
    }
  }
  expect(judged(served.witness(Uint8Array.of(1)), Uint8Array.of(1))).toBe('Absent');
}, 60_000);

test('what was changed by one handle is seen by all, also where the kernel has changed it', () => {
  const { served } = twins();
  const other = served.allocator.root('map', BYTES);
  served.insert(Uint8Array.of(1), Uint8Array.of(2));
  expect([other.length, other.get(Uint8Array.of(1))]).toEqual([1, Uint8Array.of(2)]);
  const keys = other.keys();
  keys.next();
  served.insert(Uint8Array.of(3), Uint8Array.of(4));
  expect(codeOf(() => keys.next())).toBe('CHANGED_WHILE_ITERATING');
  expect(served.commit()).toEqual(other.rootHash);
  served.allocator.removeRoot('map', BYTES);
  for (const use of [
    () => served.get(Uint8Array.of(1)),
    () => other.insert(Uint8Array.of(1), Uint8Array.of(1)),
    () => served.commit(),
    () => other.encodedWitness(Uint8Array.of(1)),
    () => served.delete(Uint8Array.of(1)),
  ]) {
    expect(codeOf(use)).toBe('VALUE_CONSUMED');
  }
});

test('damage is left to TypeScript, which says what it is', () => {
  checkProperty(
    fc.property(
      fc.array(fc.tuple(fc.nat(3_000), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      anyStep,
      (damages, step) => {
        const { served, stable } = twins();
        for (let key = 0; key < 12; key++) served.insert(Uint8Array.of(key), Uint8Array.of(key));
        if (step.size % 2 === 0) served.commit();
        for (const [offset, byte] of damages) stable.write(65_536 + offset, Uint8Array.of(byte));
        try {
          play(served, step);
          Array.from(served);
          served.checkInvariants();
        } catch (error) {
          expect(error).toHaveProperty('name', 'StorageError');
        }
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);
