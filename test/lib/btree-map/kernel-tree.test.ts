/**
 * Both engines side by side: the same operations on a map over the real kernel and on one that runs
 * in TypeScript, and after each of them the same answer and the same memory, byte for byte.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeMap } from '../../../src/lib/btree-map.js';
import { blob, bytes, principal, text, u16, u64, unit } from '../../../src/lib/codecs/index.js';
import type { Memory } from '../../../src/lib/memory.js';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { anyPrincipal, anyText } from '../../support/arbitraries.js';
import '../../support/byte-equality.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { kernelMemory } from '../../support/kernel-memory.js';
import { mapCase, type MapCase } from '../../support/map-case.js';
import { checkProperty } from '../../support/property.js';

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);

/** Insertions and removals in turns, so that trees grow some levels and shrink again. */
const KINDS = [
  ...['insert', 'insert', 'insert', 'insert', 'remove', 'remove', 'remove'],
  ...['popFirst', 'popLast', 'update', 'getOrInsert', 'insertMany', 'reopen', 'growOther'],
] as const;

/** Enough for the buckets of the two memories to lie between each other. */
const OTHER_PAGES_MAX = 5;

/** Bytes of every length up to this one, as likely as any other. */
function someBytes(maxLength: number): fc.Arbitrary<Uint8Array> {
  const ofLength = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  return fc.nat(maxLength).chain(ofLength);
}

const CASES: readonly [string, MapCase<unknown, unknown>][] = [
  ['u64 to u64', mapCase(u64, fc.bigInt(0n, 200n), u64, fc.bigInt(0n, 2n ** 64n - 1n))],
  ['u16 to bytes', mapCase(u16, fc.nat(200), bytes, someBytes(400))],
  ['text to bytes', mapCase(text, anyText(8), bytes, someBytes(300))],
  ['long text to bytes', mapCase(text, fc.string({ maxLength: 300 }), bytes, someBytes(3_000))],
  ['principal to u64', mapCase(principal, anyPrincipal(), u64, fc.bigInt(0n, 5n))],
  ['blob to blob', mapCase(blob(32), fc.uint8Array({ maxLength: 32 }), blob(128), someBytes(128))],
  ['unit to text', mapCase(unit, fc.constant(undefined), text, anyText())],
  ['u64 to unit', mapCase(u64, fc.bigInt(0n, 200n), unit, fc.constant(undefined))],
];

/** A map that can be opened again, in a virtual memory between whose buckets others lie. */
class Subject {
  map: BTreeMap<unknown, unknown>;
  readonly #other: Memory;

  constructor(
    memory: Memory,
    readonly types: MapCase<unknown, unknown>,
  ) {
    const manager = MemoryManager.init(memory, { bucketSizeInPages: 1 });
    this.#other = manager.get(1);
    this.map = BTreeMap.init(manager.get(0), types.keys, types.values);
  }

  apply(kind: (typeof KINDS)[number], key: unknown, value: unknown): unknown {
    const { map } = this;
    switch (kind) {
      case 'insert':
        return map.insert(key, value);
      case 'remove':
        return map.remove(key);
      case 'popFirst':
        return map.popFirst();
      case 'popLast':
        return map.popLast();
      case 'update':
        return map.update(key, () => value);
      case 'getOrInsert':
        return map.getOrInsert(key, () => value);
      case 'insertMany':
        return map.insertMany([[key, value]]);
      case 'reopen':
        this.map = BTreeMap.init(map.intoMemory(), this.types.keys, this.types.values);
        return undefined;
      case 'growOther':
        return this.#other.size() < OTHER_PAGES_MAX && this.#other.grow(1);
      default:
        throw new Error(`no operation ${kind}`);
    }
  }
}

/** Without a copy: there are many comparisons. */
function bytesOf(memory: VectorMemory): Uint8Array {
  return memory.heap.subarray(0, memory.size() * 65_536);
}

describe.each(CASES)('a map from %s', (_, types) => {
  test('is the same on both engines after every operation', () => {
    const { key, value } = types;
    const operation = fc.record({ kind: fc.constantFrom(...KINDS), key, value });
    const operations = fc.array(operation, { minLength: 100, maxLength: 300, size: 'max' });
    checkProperty(
      fc.property(operations, (list) => {
        const { memory, stable } = kernelMemory();
        const twin = new VectorMemory();
        const fast = new Subject(memory, types);
        const slow = new Subject(twin, types);
        for (const { kind, key, value } of list) {
          expect(fast.apply(kind, key, value)).toEqual(slow.apply(kind, key, value));
          expect(bytesOf(stable)).toEqual(bytesOf(twin));
          expect(fast.map.length).toBe(slow.map.length);
          expect(fast.map.get(key)).toEqual(slow.map.get(key));
          expect(fast.map.containsKey(key)).toBe(slow.map.containsKey(key));
        }
        expect(fast.map.checkInvariants()).toBeUndefined();
        expect([...fast.map]).toEqual([...slow.map]);
      }),
      { numRuns: 3 },
    );
  });
});

test('the kernel goes on where the TypeScript engine has grown the memory', () => {
  const manager = MemoryManager.init(kernelMemory(100).memory, { bucketSizeInPages: 1 });
  const map = BTreeMap.init(manager.get(0), u64, u64);
  const sorted = Array.from({ length: 20_000 }, (_, index) => [BigInt(index), 7n] as const);
  map.loadSorted(sorted);
  map.resetNodeCacheMetrics();
  for (const key of [0n, 10_000n, 19_999n]) expect(map.get(key)).toBe(7n);
  expect(map.nodeCacheMetrics).toEqual({ hits: 0, coldMisses: 0, collisionMisses: 0 });
});
