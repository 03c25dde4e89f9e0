/**
 * `insertMany` over the kernel: the same entries and the same bytes as in TypeScript, and where the
 * memory refuses to grow half-way, the entries from before.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeMap } from '../../../src/lib/btree-map.js';
import { bytes, u16 } from '../../../src/lib/codecs/index.js';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import '../../support/byte-equality.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { kernelMemory } from '../../support/kernel-memory.js';
import { codeOf } from '../../support/memories.js';
import { checkProperty } from '../../support/property.js';

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);

/** Values of every length, among them such that take overflow pages. */
const someValue = fc
  .nat(600)
  .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
const someEntries = fc.array(fc.tuple(fc.nat(300), someValue), { maxLength: 80, size: 'max' });

test('leaves the bytes of inserting one by one, on either engine', () => {
  checkProperty(
    fc.property(fc.array(someEntries, { minLength: 1, maxLength: 6 }), (batches) => {
      const { memory, stable } = kernelMemory();
      const twin = new VectorMemory();
      const inKernel = BTreeMap.init(memory, u16, bytes);
      const inTypeScript = BTreeMap.init(twin, u16, bytes);
      for (const batch of batches) {
        const lengthBefore = inTypeScript.length;
        for (const [key, value] of batch) inTypeScript.insert(key, value);
        expect(inKernel.insertMany(batch)).toBe(inTypeScript.length - lengthBefore);
        expect(stable.heap.subarray(0, stable.size() * 65_536)).toEqual(
          twin.heap.subarray(0, twin.size() * 65_536),
        );
      }
      expect([...inKernel]).toEqual([...inTypeScript]);
    }),
    { numRuns: 10 },
  );
});

describe('where the memory refuses to grow', () => {
  /** Overwrites every other entry that is there, and fills the memory with new ones. */
  const TOO_MANY = Array.from({ length: 200 }, (_, index): [number, Uint8Array] => [
    index * 2,
    new Uint8Array(3_000).fill(index),
  ]);

  function filled(pagesMax: number) {
    const { memory } = kernelMemory(pagesMax);
    const map = BTreeMap.init(memory, u16, bytes);
    map.insertMany(Array.from({ length: 40 }, (_, key) => [key, new Uint8Array(key + 20)]));
    return map;
  }

  test.each([2, 4, 5, 6, 7])('at %i pages: the map has the entries that it had', (pagesMax) => {
    const map = filled(pagesMax);
    const before = [...map];
    expect(codeOf(() => map.insertMany(TOO_MANY))).toBe('GROW_FAILED');
    expect([...map]).toEqual(before);
    expect(map.checkInvariants()).toBeUndefined();
    map.insert(1_000, new Uint8Array(10));
    expect(map.length).toBe(before.length + 1);
  });

  test.each([3, 8])('at %i pages: there is no way back, and it says: trap', (pagesMax) => {
    const map = filled(pagesMax);
    expect(() => map.insertMany(TOO_MANY)).toThrow(/no room to take back.*trap/);
    expect(codeOf(() => map.get(1))).toBe('PREVIOUS_FAILURE');
    expect(codeOf(() => map.insert(1, new Uint8Array(1)))).toBe('PREVIOUS_FAILURE');
  });
});

test('inserts nothing where one entry is wrong', () => {
  const map = BTreeMap.init(MemoryManager.init(kernelMemory().memory).get(0), u16, bytes);
  const wrong = [[1, new Uint8Array(1)] as const, [-2, new Uint8Array(1)] as const];
  expect(codeOf(() => map.insertMany(wrong))).toBe('INVALID_VALUE');
  expect(map.length).toBe(0);
});
