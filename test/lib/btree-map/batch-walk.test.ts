import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeMap, type MapIterator, type Range } from '../../../src/lib/btree-map.js';
import { bytes, principal, text, u32, u64, u8, unit } from '../../../src/lib/codecs/index.js';
import type { Codec } from '../../../src/lib/codec.js';
import type { StorageError } from '../../../src/lib/errors.js';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { anyPrincipal, anyText } from '../../support/arbitraries.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { kernelMemory } from '../../support/kernel-memory.js';
import { mapCase, type MapCase } from '../../support/map-case.js';
import { checkProperty } from '../../support/property.js';
import '../../support/byte-equality.js';

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);

const someBytes = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.nat(maxLength).map((length) => new Uint8Array(length).fill(length));

const CASES: [string, MapCase<unknown, unknown>][] = [
  ['u64 to u64', mapCase(u64, fc.bigInt(0n, 900n), u64, fc.bigInt(0n, 2n ** 64n - 1n))],
  ['u32 to u8', mapCase(u32, fc.nat(900), u8, fc.nat(255))],
  ['text to bytes', mapCase(text, anyText(8), bytes, someBytes(300))],
  ['text to large', mapCase(text, fc.string({ maxLength: 2 }), bytes, someBytes(20_000))],
  ['principal to u64', mapCase(principal, anyPrincipal(), u64, fc.bigInt(0n, 5n))],
];

/** The same entries in a map that the kernel serves and in one that it does not. */
function twins<K, V>({ keys, values }: MapCase<K, V>, entries: Iterable<[K, V]>) {
  const { memory, stable } = kernelMemory(4000);
  const manager = MemoryManager.init(memory, { bucketSizeInPages: 1 });
  const heap = new VectorMemory();
  const fast = BTreeMap.init(manager.get(0), keys, values);
  const slow = BTreeMap.init(
    MemoryManager.init(heap, { bucketSizeInPages: 1 }).get(0),
    keys,
    values,
  );
  for (const [key, value] of entries) {
    fast.insert(key, value);
    slow.insert(key, value);
  }
  return { fast, slow, stable, heap };
}

describe.each(CASES)('%s', (_name, kind) => {
  const { key, value } = kind;
  const range: fc.Arbitrary<Range<unknown>> = fc.record(
    { gte: key, gt: key, lte: key, lt: key, reverse: fc.boolean() },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Range<unknown>>;

  test('batches give what a cursor gives', () => {
    const entries = fc.array(fc.tuple(key, value), { maxLength: 150, size: 'max' });
    checkProperty(
      fc.property(entries, fc.array(range, { maxLength: 4 }), (list, ranges) => {
        const { fast, slow } = twins(kind, list);
        for (const range of [{}, { reverse: true }, ...ranges]) {
          expect([...fast.entries(range)]).toEqual([...slow.entries(range)]);
          expect([...fast.keys(range)]).toEqual([...slow.keys(range)]);
          expect([...fast.values(range)]).toEqual([...slow.values(range)]);
          expect(fast.count(range)).toBe(slow.count(range));
          expect(fast.scan({ ...range, limit: 3 })).toEqual(slow.scan({ ...range, limit: 3 }));
        }
        expect([fast.first(), fast.last()]).toEqual([slow.first(), slow.last()]);
      }),
      { numRuns: 4 },
    );
  });
});

const NUMBERS: MapCase<bigint, bigint> = {
  keys: u64,
  values: u64,
  key: fc.bigInt(0n, 999n),
  value: fc.bigInt(0n, 999n),
};

function* numbers(count: number): Generator<[bigint, bigint]> {
  for (let index = 0n; index < count; index++) yield [index, index * 3n];
}

/** An iterator's steps, taken one by one from either end, as `plan` says. */
function steps<T>(iterator: MapIterator<T>, plan: readonly boolean[]): (T | undefined)[] {
  return plan.map((isFront) => (isFront ? iterator.next() : iterator.nextBack()).value);
}

test('a codec may be an object of a class, whose methods know themselves', () => {
  class Shouted implements Codec<string> {
    readonly name = 'shouted';
    readonly bound = 'unbounded';
    readonly mark = '!';
    encode(value: string) {
      return text.encode(value + this.mark);
    }
    encodeInto(value: string, target: Uint8Array, offset: number) {
      return text.encodeInto!(value + this.mark, target, offset);
    }
    decode(stored: Uint8Array) {
      return this.decodeAt(stored, 0, stored.length);
    }
    decodeAt(stored: Uint8Array, start: number, end: number) {
      return text.decodeAt!(stored, start, end).replace(this.mark, '');
    }
  }
  const map = BTreeMap.init(kernelMemory(100).memory, u64, new Shouted());
  map.insertMany([
    [1n, 'a'],
    [2n, 'b'],
  ]);
  expect([...map]).toEqual([
    [1n, 'a'],
    [2n, 'b'],
  ]);
  expect([...map.values()]).toEqual(['a', 'b']);
  expect(map.scan({ limit: 1 }).entries).toEqual([[1n, 'a']]);
  expect(map.getMany([1n, 2n, 3n, 1n, 2n, 3n, 1n])).toHaveLength(7);
});

describe('an iterator', () => {
  test('takes from both ends, in any order, until they meet', () => {
    const { fast, slow } = twins(NUMBERS, numbers(60));
    const plan = fc.array(fc.boolean(), { minLength: 70, maxLength: 70 });
    checkProperty(
      fc.property(plan, fc.boolean(), (plan, reverse) => {
        const range = { gte: 3n, lt: 50n, reverse };
        expect(steps(fast.keys(range), plan)).toEqual(steps(slow.keys(range), plan));
        expect(steps(fast.entries(range), plan)).toEqual(steps(slow.entries(range), plan));
      }),
      { numRuns: 20 },
    );
  });

  test('goes on by steps where a loop was left for a step', () => {
    const { fast } = twins(NUMBERS, numbers(40));
    const iterator = fast.keys();
    const seen: (bigint | undefined)[] = [];
    for (const key of iterator) {
      seen.push(key, iterator.next().value);
      if (seen.length >= 30) seen.push(iterator.nextBack().value);
    }
    expect(seen.slice(0, 30)).toEqual([...numbers(30)].map(([key]) => key));
    expect(seen.slice(30, 33)).toEqual([39n, 30n, 31n]);
    expect(new Set(seen.filter((key) => key !== undefined)).size).toBe(40);
  });

  test('ends where a loop is left, and gives its batch to the next one', () => {
    const { fast } = twins(NUMBERS, numbers(40));
    const iterator = fast.entries();
    for (const [key] of iterator) if (key === 5n) break;
    expect(iterator.next()).toEqual({ done: true, value: undefined });
    const others = [fast.keys(), fast.keys({ reverse: true })] as const;
    expect(others.map((other) => other.next().value)).toEqual([0n, 39n]);
    expect(iterator.next().done).toBe(true);
    expect(others.map((other) => other.next().value)).toEqual([1n, 38n]);
  });

  test('throws after a change, by whichever engine, also within a batch', () => {
    for (const change of [
      (map: BTreeMap<bigint, bigint>) => map.insert(1000n, 0n),
      (map: BTreeMap<bigint, bigint>) => map.clear(),
      (map: BTreeMap<bigint, bigint>) => map.intoMemory(),
    ]) {
      const { fast } = twins(NUMBERS, numbers(40));
      const loop = fast.entries()[Symbol.iterator]();
      const iterator = fast.entries();
      const lazy = fast.lazyEntries().next().value!;
      expect([loop.next().value, iterator.next().value, lazy.value]).toEqual([
        [0n, 0n],
        [0n, 0n],
        0n,
      ]);
      change(fast);
      for (const step of [() => loop.next(), () => iterator.next(), () => lazy.value]) {
        expect(step).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^CHANGED|CLOSED$/) }),
        );
      }
    }
  });

  test('of lazy entries keeps each, over many batches', () => {
    const { fast } = twins(NUMBERS, numbers(300));
    const lazy = [...fast.lazyEntries()];
    expect(lazy.map(({ key, value }) => [key, value])).toEqual([...numbers(300)]);
  });
});

test('a prefix is a range of bytes, also where no bytes come behind it', () => {
  const kind = { keys: bytes, values: unit, key: fc.uint8Array(), value: fc.constant(undefined) };
  const key = fc
    .array(fc.constantFrom(0, 0xfe, 0xff), { maxLength: 4 })
    .map((list) => Uint8Array.from(list));
  checkProperty(
    fc.property(fc.array(key, { maxLength: 60 }), key, key, (keys, prefix, gt) => {
      const { fast, slow } = twins(
        kind,
        keys.map((key) => [key, undefined]),
      );
      for (const range of [{ prefix }, { prefix, gt }, { prefix, lte: gt, reverse: true }]) {
        expect([...fast.keys(range)]).toEqual([...slow.keys(range)]);
        expect(fast.count(range)).toBe(slow.count(range));
      }
    }),
    { numRuns: 40 },
  );
});

test('damaged bytes are found at the same entry, with the same error', () => {
  const outcome = (walk: () => Iterable<unknown>): unknown[] => {
    const seen: unknown[] = [];
    try {
      for (const element of walk()) seen.push(element);
    } catch (error) {
      seen.push((error as StorageError).code, (error as StorageError).message);
    }
    return seen;
  };
  const { fast, slow, stable, heap } = twins(NUMBERS, numbers(200));
  fast.resizeNodeCache(0);
  expect(stable.toBytes()).toEqual(heap.toBytes());
  const end = stable.toBytes().findLastIndex((byte) => byte !== 0);
  checkProperty(
    fc.property(fc.integer({ min: 65_536 + 100, max: end }), fc.nat(255), (offset, byte) => {
      const before = new Uint8Array(1);
      stable.read(offset, before);
      for (const memory of [stable, heap]) memory.write(offset, Uint8Array.of(byte));
      expect(outcome(() => fast.entries())).toEqual(outcome(() => slow.entries()));
      expect(outcome(() => [fast.count()])).toEqual(outcome(() => [slow.count()]));
      for (const memory of [stable, heap]) memory.write(offset, before);
    }),
    { numRuns: 60 },
  );
});
