/**
 * `removeMany` over the kernel: the bytes of removing one by one, in one request; and where it
 * cannot be done, nothing has changed.
 */
import { beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeMap } from '../../../src/lib/btree-map.js';
import { bytes, principal, text, u16 } from '../../../src/lib/codecs/index.js';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import { Principal } from '../../../src/lib/principal.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import '../../support/byte-equality.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { kernelMemory } from '../../support/kernel-memory.js';
import { codeOf } from '../../support/memories.js';
import { checkProperty } from '../../support/property.js';
import { watchKernel } from '../../support/watch-kernel.js';

const REMOVE_MANY = 38;

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);

/** Sizes that take overflow pages, and such that do not. */
const someKeys = fc.array(fc.nat(330), { maxLength: 250, size: 'max' });
const someSizes = fc.array(fc.nat(700), { minLength: 1, maxLength: 12 });

function fill(map: BTreeMap<number, Uint8Array>, sizes: readonly number[]): void {
  for (let key = 0; key < 300; key++) {
    map.insert(key, new Uint8Array(sizes[key % sizes.length]!).fill(key));
  }
}

test('leaves the bytes of removing one by one', () => {
  const results = watchKernel(REMOVE_MANY);
  checkProperty(
    fc.property(someSizes, fc.array(someKeys, { minLength: 1, maxLength: 4 }), (sizes, batches) => {
      const { memory, stable } = kernelMemory();
      const twin = new VectorMemory();
      const inKernel = BTreeMap.init(memory, u16, bytes);
      const oneByOne = BTreeMap.init(twin, u16, bytes);
      for (const map of [inKernel, oneByOne]) fill(map, sizes);
      for (const batch of batches) {
        const lengthBefore = oneByOne.length;
        for (const key of batch) oneByOne.remove(key);
        expect(inKernel.removeMany(batch)).toBe(lengthBefore - oneByOne.length);
        expect(inKernel.length).toBe(oneByOne.length);
        expect(stable.toBytes()).toEqual(twin.toBytes());
      }
      expect(inKernel.checkInvariants()).toBeUndefined();
    }),
    { numRuns: 12 },
  );
  expect(results.length).toBeGreaterThan(11);
  expect(results.filter((result) => result === -2)).toEqual([]);
});

test('removes all there is, texts and principals, in a virtual memory', () => {
  const results = watchKernel(REMOVE_MANY);
  const manager = MemoryManager.init(kernelMemory().memory, { bucketSizeInPages: 1 });
  const texts = BTreeMap.init(manager.get(0), text, bytes);
  const principals = BTreeMap.init(manager.get(1), principal, bytes);
  const ids = Array.from({ length: 256 }, (_, index) =>
    Principal.fromUint8Array(new Uint8Array((index % 29) + 1).fill(index)),
  );
  texts.insertMany(ids.map((id) => [id.toText(), new Uint8Array(60)]));
  principals.insertMany(ids.map((id) => [id, new Uint8Array(60)]));
  expect(texts.removeMany(ids.map((id) => id.toText()))).toBe(256);
  expect(principals.removeMany(ids)).toBe(256);
  expect([texts.length, principals.length]).toEqual([0, 0]);
  expect(results).toEqual([256, 256]);
});

test('a walk goes on where nothing was removed, and stops where something was', () => {
  const map = BTreeMap.init(kernelMemory().memory, u16, bytes);
  fill(map, [10]);
  const unchanged = map.keys();
  unchanged.next();
  expect(map.removeMany([])).toBe(0);
  expect(unchanged.next().value).toBe(1);
  const small = BTreeMap.init(kernelMemory().memory, u16, bytes);
  small.insertMany([1, 2, 3].map((key) => [key, new Uint8Array(1)]));
  const walk = small.keys();
  walk.next();
  expect(small.removeMany([7, 8])).toBe(0);
  expect(walk.next().value).toBe(2);
  expect(small.removeMany([1])).toBe(1);
  expect(codeOf(() => walk.next())).toBe('CHANGED_WHILE_ITERATING');
});

test('what is too much for one plan is removed in TypeScript', () => {
  const results = watchKernel(REMOVE_MANY);
  const map = BTreeMap.init(kernelMemory().memory, u16, bytes);
  map.insertMany(Array.from({ length: 100 }, (_, key) => [key, new Uint8Array(40_000)]));
  expect(map.removeMany(Array.from({ length: 95 }, (_, key) => key))).toBe(95);
  expect(results).toEqual([-2]);
  expect([...map.keys()]).toEqual([95, 96, 97, 98, 99]);
  expect(map.checkInvariants()).toBeUndefined();
});
