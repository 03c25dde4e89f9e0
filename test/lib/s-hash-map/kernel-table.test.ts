/**
 * Hash maps in the kernel against those of TypeScript: the same operations, and after each the same
 * answer, and for values that own nothing the same memory, byte for byte.
 */
import { afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import * as fc from 'fast-check';
import { StableMemoryAllocator } from '../../../src/lib/allocator.js';
import type { OutOfMemoryError } from '../../../src/lib/allocator/out-of-memory.js';
import type { Codec } from '../../../src/lib/codec.js';
import { blob, bytes, fixedBytes, text, tuple, u16, u64 } from '../../../src/lib/codecs/index.js';
import { ARGUMENT_LIMIT, Kernel } from '../../../src/lib/kernel-client.js';
import type { Memory } from '../../../src/lib/memory.js';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import type { StableType } from '../../../src/lib/ownership/stable-type.js';
import { SHashMap } from '../../../src/lib/s-hash-map.js';
import { SHashSet } from '../../../src/lib/s-hash-set.js';
import { SipHash } from '../../../src/lib/sip-hash.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { expectSound } from '../../support/failing-heap.js';
import { HASH_CASES, hashMapType, plainOf, type AnyHashMap } from '../../support/hash-cases.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { kernelMemory } from '../../support/kernel-memory.js';
import { codeOf, imageOf } from '../../support/memories.js';
import { checkProperty } from '../../support/property.js';
import { expectSame } from '../../support/vec-model.js';

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);
afterEach(() => void jest.restoreAllMocks());

const HASH_KEY = Uint8Array.from({ length: 16 }, (_, index) => 3 * index + 1);

const COPY = 93;
const FALL_BACK = -2;

/** Counts the operations on hash maps that the kernel did, and those that it left to TypeScript. */
function watchHashMaps(): { served: number; left: number; copied: number } {
  const counts = { served: 0, left: 0, copied: 0 };
  const ask = Kernel.prototype.ask;
  jest.spyOn(Kernel.prototype, 'ask').mockImplementation(function (this: Kernel, request) {
    const result = ask.call(this, request);
    const operation = Math.floor(request / ARGUMENT_LIMIT);
    if (operation === COPY) counts.copied += 1;
    if (operation < 90 || operation > COPY) return result;
    if (result === FALL_BACK) counts.left += 1;
    else counts.served += 1;
    return result;
  });
  return counts;
}

/** A heap in a virtual memory between whose buckets those of another one lie. */
function heapIn(memory: Memory, maxPages = 0): { heap: StableMemoryAllocator; other: Memory } {
  const manager = MemoryManager.init(memory, { bucketSizeInPages: 1 });
  const heap = StableMemoryAllocator.init(manager.get(0), { hashKey: HASH_KEY, maxPages });
  return { heap, other: manager.get(1) };
}

const KINDS = [
  ...['insert', 'insert', 'insert', 'insert', 'remove', 'delete', 'get', 'containsKey'],
  ...['detach', 'update', 'retain', 'clear', 'length', 'growOther'],
] as const;

interface Step {
  readonly kind: (typeof KINDS)[number];
  readonly key: unknown;
  readonly value: unknown;
}

/** A map in one of the two memories. */
class Subject {
  readonly heap: StableMemoryAllocator;
  readonly map: AnyHashMap;
  readonly #other: Memory;

  constructor(memory: Memory, type: StableType<ReadonlyMap<unknown, unknown>, AnyHashMap>) {
    const { heap, other } = heapIn(memory);
    this.heap = heap;
    this.#other = other;
    this.map = heap.root('map', type);
  }

  play({ kind, key, value }: Step): unknown {
    const { map } = this;
    switch (kind) {
      case 'insert':
        return map.insert(key, value);
      case 'update':
        return map.update(key, (old) => old ?? value);
      case 'retain':
        return map.retain((_, each) => String(each).length % 2 === 0);
      case 'clear':
        return map.clear();
      case 'length':
        return [map.length, map.capacity];
      case 'growOther':
        return this.#other.size() < 4 && this.#other.grow(1);
      case 'detach':
        return plainOf(this.#takeOut(key));
      default:
        return plainOf(map[kind](key));
    }
  }

  get image(): Uint8Array {
    const memory = this.heap.intoMemory();
    return imageOf(memory);
  }

  #takeOut(key: unknown): unknown {
    const value = this.map.detach(key);
    const plain = plainOf(value);
    if (value instanceof SHashMap || value instanceof SHashSet) value.destroy();
    return plain;
  }
}

function hashCase<K, V>(
  keys: Codec<K>,
  key: fc.Arbitrary<K>,
  values: Codec<V>,
  value: fc.Arbitrary<V>,
): { type: StableType<never, AnyHashMap>; key: fc.Arbitrary<K>; value: fc.Arbitrary<V> } {
  return { type: SHashMap.of(keys, values) as never, key, value };
}

const someNumber = fc.bigInt(0n, 60n);
const somePart = fc.tuple(fc.constantFrom('', 'ada', 'charles'), fc.bigInt(0n, 9n));

/** Keys inline and in blocks, of no bytes and of many; values that own nothing. */
const PLAIN_CASES = [
  ['u64 to u64', hashCase(u64, someNumber, u64, fc.bigInt(0n, 2n ** 64n - 1n))],
  ['text to u16', hashCase(text, fc.string({ maxLength: 40 }), u16, fc.nat(0xffff))],
  [
    'tuples to bytes',
    hashCase(
      tuple(text, u64),
      somePart,
      fixedBytes(9),
      fc.uint8Array({ minLength: 9, maxLength: 9 }),
    ),
  ],
  ['nothing to u16', hashCase(fixedBytes(0), fc.constant(new Uint8Array(0)), u16, fc.nat(9))],
  ['u16 to nothing', hashCase(u16, fc.nat(60), fixedBytes(0), fc.constant(new Uint8Array(0)))],
] as const;

function stepsOf(key: fc.Arbitrary<unknown>, value: fc.Arbitrary<unknown>): fc.Arbitrary<Step[]> {
  const step = fc.record({ kind: fc.constantFrom(...KINDS), key, value });
  return fc.array(step, { minLength: 20, maxLength: 60, size: 'max' });
}

describe.each(PLAIN_CASES)('a map of %s', (_, { type, key, value }) => {
  test('answers alike, and leaves the same bytes', () => {
    const counts = watchHashMaps();
    checkProperty(
      fc.property(stepsOf(key, value), (steps) => {
        const inKernel = new Subject(kernelMemory().memory, type as never);
        const inTypeScript = new Subject(new VectorMemory(), type as never);
        for (const step of steps) expectSame(inKernel.play(step), inTypeScript.play(step));
        expectSound(inKernel.heap, inKernel.map);
        expect(Buffer.compare(inKernel.image, inTypeScript.image)).toBe(0);
      }),
      { numRuns: 10 },
    );
    expect(counts.served).toBeGreaterThan(100);
    expect(counts.left).toBeLessThan(counts.served / 10);
  });
});

test.each(HASH_CASES)('a map of %s answers alike', (_, types) => {
  const counts = watchHashMaps();
  checkProperty(
    fc.property(stepsOf(types.key, types.value), (steps) => {
      const inKernel = new Subject(kernelMemory().memory, hashMapType(types));
      const inTypeScript = new Subject(new VectorMemory(), hashMapType(types));
      for (const step of steps) expectSame(inKernel.play(step), inTypeScript.play(step));
      const contents = (map: AnyHashMap) => map.toPlain().size;
      expect(contents(inKernel.map)).toBe(contents(inTypeScript.map));
      expectSound(inKernel.heap, inKernel.map);
    }),
    { numRuns: 6 },
  );
  expect(counts.served).toBeGreaterThan(100);
});

test('a set answers alike, and leaves the same bytes', () => {
  checkProperty(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(40)), { maxLength: 60 }), (steps) => {
      const heaps = [heapIn(kernelMemory().memory).heap, heapIn(new VectorMemory()).heap];
      const sets = heaps.map((heap) => heap.root('set', SHashSet.of(u16)));
      for (const [isInsertion, element] of steps) {
        const answers = sets.map((set) => [
          isInsertion ? set.insert(element) : set.remove(element),
          set.has(element),
        ]);
        expect(answers[0]).toEqual(answers[1]);
      }
      const images = heaps.map((heap) => imageOf(heap.intoMemory()));
      expect(Buffer.compare(images[0]!, images[1]!)).toBe(0);
    }),
    { numRuns: 10 },
  );
});

describe('long runs that come round the end', () => {
  /** Keys whose homes are all in the first and the last of the slots. */
  function crowd(count: number): bigint[] {
    const sip = new SipHash(HASH_KEY);
    const keys: bigint[] = [];
    for (let key = 0n; keys.length < count; key++) {
      const part = sip.hash32(u64.encode(key)) / 2 ** 32;
      if (part < 0.01 || part > 0.97) keys.push(key);
    }
    return keys;
  }

  test('are searched, filled, emptied and copied alike', () => {
    const counts = watchHashMaps();
    const keys = crowd(150);
    const heaps = [heapIn(kernelMemory().memory).heap, heapIn(new VectorMemory()).heap];
    const maps = heaps.map((heap) => heap.root('map', SHashMap.of(u64, u16)));
    for (const map of maps) {
      for (const key of keys) map.insert(key, 7);
      for (const key of keys.slice(20, 90)) expect(map.remove(key)).toBe(7);
      for (const key of keys.slice(90)) expect(map.get(key)).toBe(7);
      for (const key of keys.slice(20, 90)) expect(map.containsKey(key)).toBe(false);
      expect(map.checkInvariants()).toBeUndefined();
    }
    expect(counts).toMatchObject({ left: 0, copied: 6 });
    const images = heaps.map((heap) => imageOf(heap.intoMemory()));
    expect(Buffer.compare(images[0]!, images[1]!)).toBe(0);
  });
});

test('a large table is copied in pieces', () => {
  const wide = fixedBytes(300);
  const heaps = [heapIn(kernelMemory().memory).heap, heapIn(new VectorMemory()).heap];
  const maps = heaps.map((heap) => heap.root('map', SHashMap.of(u64, wide)));
  for (const map of maps) {
    for (let key = 0n; key < 1_200n; key++) map.insert(key, new Uint8Array(300).fill(Number(key)));
  }
  expect(maps[0]!.checkInvariants()).toBeUndefined();
  const images = heaps.map((heap) => imageOf(heap.intoMemory()));
  expect(Buffer.compare(images[0]!, images[1]!)).toBe(0);
});

describe('what the kernel leaves to TypeScript', () => {
  const inKernel = (maxPages = 0) => heapIn(kernelMemory().memory, maxPages).heap;

  test('is a value that the staging area has no room for', () => {
    const counts = watchHashMaps();
    const huge = fixedBytes(140_000);
    const map = inKernel().root('map', SHashMap.of(u16, huge));
    map.insert(1, new Uint8Array(140_000).fill(7));
    expect(map.get(1)).toEqual(new Uint8Array(140_000).fill(7));
    expect(map.remove(1)).toHaveLength(140_000);
    expect(counts.left).toBeGreaterThan(0);
  });

  test('is a key that has no room there', () => {
    const map = inKernel().root('map', SHashMap.of(text, u16));
    const long = 'x'.repeat(140_000);
    expect(map.insert(long, 7)).toBeUndefined();
    expect([map.get(long), map.containsKey(long), map.remove(long)]).toEqual([7, true, 7]);
  });

  test('is a heap without room: the error has the value, and the map is as it was', () => {
    const heap = inKernel(1);
    const map = heap.root('map', SHashMap.of(text, text));
    let error: OutOfMemoryError | undefined;
    const long = 'x'.repeat(3_000);
    for (let key = 0; error === undefined; key++) {
      try {
        map.insert(`key ${key}`, long);
      } catch (caught) {
        error = caught as OutOfMemoryError;
      }
    }
    expect([error.code, error.rejected]).toEqual(['OUT_OF_MEMORY', long]);
    expectSound(heap, map);
    expect(map.insert('key 1', 'short')).toBe(long);
    expectSound(heap, map);
  });

  test('is a map that somebody uses while a value of another one is encoded', () => {
    const heap = inKernel();
    const log = heap.root('log', SHashMap.of(u64, u64));
    const noting: Codec<bigint> = {
      ...u64,
      encodeInto(value, target, offset) {
        log.update(value, (count = 0n) => count + 1n);
        return u64.encodeInto!(value, target, offset);
      },
    };
    const map = heap.root('map', SHashMap.of(u64, noting));
    map.insert(1n, 5n);
    map.insert(2n, 5n);
    expect([map.get(1n), map.get(2n), log.get(5n)]).toEqual([5n, 5n, 2n]);
    expectSound(heap, log);
  });

  test('is every mistake: the errors are the same', () => {
    const heap = inKernel();
    const type = SHashMap.of(text, SHashMap.of(u64, u64));
    const map = heap.root('map', type, new Map([['ada', new Map([[1n, 1n]])]]));
    const inner = map.get('ada')!;
    const owned = map.detach('ada')!;
    map.attach('grace', owned);
    expect(codeOf(() => owned.get(1n))).toBe('VALUE_CONSUMED');
    expect(inner.get(1n)).toBe(1n);
    map.delete('grace');
    for (const use of [
      () => inner.get(1n),
      () => inner.containsKey(1n),
      () => inner.insert(1n, 1n),
      () => inner.remove(1n),
      () => inner.delete(1n),
      () => inner.length,
    ]) {
      expect(codeOf(use)).toBe('VALUE_CONSUMED');
    }
    expect(() => map.get(7 as never)).toThrow(TypeError);
    const bounded = heap.root('bounded', SHashMap.of(blob(3), u64));
    expect(codeOf(() => bounded.insert(new Uint8Array(4), 1n))).toBe('VALUE_TOO_LARGE');
    expect(codeOf(() => bounded.get(new Uint8Array(4)))).toBe('VALUE_TOO_LARGE');
    expect(bounded.insert(new Uint8Array(3), 1n)).toBeUndefined();
    expect(codeOf(() => heap.root('n', SHashMap.of(u64, u64)).insert(-1n, 1n))).toBe(
      'INVALID_VALUE',
    );
    heap.intoMemory();
    expect(codeOf(() => map.get('ada'))).toBe('HANDLE_CLOSED');
    expect(codeOf(() => map.insert('ada', new Map()))).toBe('HANDLE_CLOSED');
  });

  test('is a damaged table: no search goes on for ever', () => {
    const heap = inKernel();
    const map = heap.root('map', SHashMap.of(bytes, u64), new Map([[Uint8Array.of(1), 1n]]));
    const ptrs: number[] = [];
    map.trace((ptr) => void ptrs.push(ptr));
    heap.writeBytes(ptrs[1]! + 8, new Uint8Array(28).fill(0xff));
    expect(map.get(Uint8Array.of(1))).toBeUndefined();
    expect(codeOf(() => map.insert(Uint8Array.of(2), 2n))).toBe('CORRUPTED');
  });
});
