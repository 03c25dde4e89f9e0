/** Orders that the kernel is told, against the orders themselves: whatever is done, it is the same. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { compareBytes, compareShorterFirst } from '../../src/lib/bytes.js';
import type { ByteOrder, Codec, KeyCodec } from '../../src/lib/codec.js';
import {
  blob,
  bytes,
  descending,
  f64,
  text,
  tuple,
  u64,
  u8,
  unit,
} from '../../src/lib/codecs/index.js';
import type { Memory } from '../../src/lib/memory.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { MultiMap } from '../../src/lib/multi-map.js';
import { describeTuples, orderProgramOf } from '../../src/lib/order-program.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import '../support/byte-equality.js';
import { fromHex } from '../support/hex.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../support/kernel-host.js';
import { kernelMemory } from '../support/kernel-memory.js';
import { codeOf } from '../support/memories.js';
import { ORDER_CASES, type OrderCase } from '../support/order-cases.js';
import { checkProperty } from '../support/property.js';
import { countFallBacks, watchKernel } from '../support/watch-kernel.js';

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);

const programOf = ({ order }: { readonly order: ByteOrder }) => [...orderProgramOf(order)!];

const FILL_BATCH = 32;
const COUNT_BATCH = 33;

describe('a program', () => {
  test('is written as the table says', () => {
    expect(programOf(text)).toEqual([0]);
    expect([...orderProgramOf(compareShorterFirst)!]).toEqual([1]);
    expect(programOf(descending(text))).toEqual([2, 0]);
    expect(programOf(f64)).toEqual([3]);
    expect(programOf(tuple(text, descending(u8)))).toEqual([
      ...[4, 3, 2],
      ...[0xff, 0xff, 0xff, 0xff, 0, 1, 0, 0],
      ...[1, 0, 0, 0, 1, 2, 0, 2, 0],
    ]);
  });

  test('is that of bytes where the bytes of tuples are in order', () => {
    expect(tuple(u64, text).order).toBe(compareBytes);
  });

  test('is not made for orders that nobody has described, nor for too many parts', () => {
    const order: ByteOrder = (...ranges) => compareBytes(...ranges);
    const own: KeyCodec<string> = { ...text, order };
    expect(orderProgramOf(order)).toBeUndefined();
    expect(orderProgramOf(descending(own).order)).toBeUndefined();
    expect(orderProgramOf(tuple(own, u8).order)).toBeUndefined();
    const long: ByteOrder = (...ranges) => compareBytes(...ranges);
    describeTuples(long, 'adjacent', new Array<KeyCodec<number>>(256).fill(u8));
    expect(orderProgramOf(long)).toBeUndefined();
    describeTuples(long, 'adjacent', new Array<KeyCodec<number>>(255).fill(u8));
    expect(orderProgramOf(long)).toHaveLength(3 + 255 * 8);
  });
});

const FOUR = tuple(u8, text, text, text);

/** A key of each type that has wrong ones below. */
const SOUND = new Map<string, unknown>(
  (
    [
      [tuple(text, u8), ['a', 1]],
      [tuple(descending(u8), text), [1, 'a']],
      [tuple(text, text, u8), ['a', 'b', 1]],
      [tuple(text, u8, text), ['a', 1, 'b']],
      [tuple(u8, text, text), [1, 'a', 'b']],
      [tuple(blob(2), u8), [Uint8Array.of(1), 1]],
      [FOUR, [5, 'a', 'b', 'c']],
    ] as const
  ).map(([{ name }, key]) => [name, key]),
);

/** The same keys in a set that the kernel serves and in one that it does not. */
function twins({ keys }: OrderCase) {
  const { memory, stable } = kernelMemory(2000);
  const heap = new VectorMemory();
  const open = (memory: Memory) =>
    BTreeMap.init(MemoryManager.init(memory, { bucketSizeInPages: 1 }).get(0), keys, unit);
  return { fast: open(memory), slow: open(heap), stable, heap };
}

describe.each(ORDER_CASES)('%s', (_, kind) => {
  test('are found, inserted and removed by the kernel as in TypeScript', () => {
    const list = fc.array(kind.key, { minLength: 20, maxLength: 120, size: 'max' });
    checkProperty(
      fc.property(list, (keys) => {
        const { fast, slow, stable, heap } = twins(kind);
        const fallBacks = countFallBacks();
        for (const key of keys)
          expect(fast.insert(key, undefined)).toBe(slow.insert(key, undefined));
        expect(fast.length).toBe(slow.length);
        expect(stable.toBytes()).toEqual(heap.toBytes());
        for (const key of keys) expect(fast.containsKey(key)).toBe(true);
        expect([...fast.keys()]).toEqual([...slow.keys()]);
        for (const key of keys.slice(0, 50)) {
          fast.remove(key);
          slow.remove(key);
          expect(fast.containsKey(key)).toBe(false);
        }
        expect(stable.toBytes()).toEqual(heap.toBytes());
        expect(fallBacks()).toBe(0);
      }),
      { numRuns: 5 },
    );
  });

  test('come in ranges as in TypeScript', () => {
    const list = fc.array(kind.key, { maxLength: 100, size: 'max' });
    const range = fc.record(
      { gte: kind.key, gt: kind.key, lte: kind.key, lt: kind.key, reverse: fc.boolean() },
      { requiredKeys: [] },
    );
    const beginning = fc.record({ prefix: kind.prefix ?? fc.constant(undefined) });
    const ranges = fc.array(fc.oneof(range, beginning), { maxLength: 8 });
    checkProperty(
      fc.property(list, ranges, (keys, ranges) => {
        const { fast, slow } = twins(kind);
        for (const map of [fast, slow]) map.insertMany(keys.map((key) => [key, undefined]));
        for (const some of ranges) {
          for (const range of [some, { ...some, reverse: true }] as never[]) {
            expect([...fast.keys(range)]).toEqual([...slow.keys(range)]);
            expect(fast.count(range)).toBe(slow.count(range));
          }
        }
      }),
      { numRuns: 10 },
    );
  });
});

test('a multimap finds the values of a key by the kernel', () => {
  const { memory } = kernelMemory(2000);
  const tags = MultiMap.init(memory, text, u64);
  const names = ['', 'a', 'ab', 'b', '\u{ff}', 'x'.repeat(300)];
  for (let value = 0n; value < 40n; value++) {
    for (const name of names) tags.insert(name, value * 7n);
  }
  const counts = watchKernel(COUNT_BATCH);
  for (const name of names) expect(tags.countOf(name)).toBe(40);
  expect(counts).toEqual(names.map(() => 40));
  const filled = watchKernel(FILL_BATCH);
  for (const name of names) {
    expect([...tags.valuesOf(name)]).toHaveLength(40);
    expect([...tags.valuesOf(name, { reverse: true })].at(-1)).toBe(0n);
  }
  expect([...tags.keys()]).toEqual(names.toSorted());
  expect([...tags.keys({ gt: 'a', reverse: true })]).toEqual(names.slice(2).toSorted().reverse());
  expect([...tags.entries({ gte: 'a', lt: 'b' })]).toHaveLength(80);
  expect([...tags.entries({ gt: 'a', lte: 'b' })]).toHaveLength(80);
  expect(tags.removeKey('ab')).toBe(40);
  const handed = 80 * names.length + 2 * 80;
  expect(filled.reduce((sum, count) => sum + count)).toBeGreaterThan(handed);
});

/** Bytes that a map of these keys can hold, and that are none of them. */
const WRONG_KEYS: readonly [string, { readonly name: string }, Codec<Uint8Array>, string][] = [
  ['an open pair without its mark', tuple(text, u8), bytes, '0161 05'],
  ['an open pair of no bytes', tuple(text, u8), bytes, ''],
  ['an open pair with too wide a size', tuple(text, u8), bytes, 'fd0001 61 05'],
  ['an open pair with one far too wide', tuple(text, u8), bytes, 'ff00000001 61 05'],
  ['an open pair with a width that is none', tuple(text, u8), bytes, 'fe000001 61 05'],
  ['an open pair with a part beyond its end', tuple(text, u8), bytes, 'fc03 61 05'],
  ['an open pair that ends in its size', tuple(text, u8), bytes, 'ff0000'],
  ['a pair with the mark of another', tuple(descending(u8), text), bytes, 'fd05 61'],
  ['a pair shorter than its first part', tuple(descending(u8), text), bytes, 'fe'],
  ['a triple with too wide a size', tuple(text, text, u8), bytes, '01 0161 000162 05'],
  ['a triple with a wide size of a fixed part', tuple(text, u8, text), bytes, '01 0161 05 62'],
  ['a triple with a width that is none', tuple(text, text, u8), bytes, '02 0161 00000162 05'],
  ['a triple with a part beyond its end', tuple(text, text, u8), bytes, '00 0161 0462 05'],
  ['a tuple with too long a size', FOUR, bytes, '05 ff0000000161 0162 63'],
  ['a tuple that ends in its size', FOUR, bytes, '05 ff000001'],
  ['a tuple that ends before a size', FOUR, bytes, '05 0161'],
  ['a tuple with a part beyond its end', FOUR, bytes, '05 0161 0962 63'],
  ['a padded pair with too large a part', tuple(blob(2), u8), blob(4), '6162 05 03'],
  ['a padded pair that is too short', tuple(blob(2), u8), blob(4), '6162 05'],
  ['a wrong part that does not decide', tuple(text, text, u8), bytes, '00 0162 0962 05'],
];

describe('a stored key that is left to TypeScript, which says what is wrong, is', () => {
  test.each(WRONG_KEYS)('%s', (_, codec, stored, hex) => {
    const { memory } = kernelMemory(200);
    const raw = BTreeMap.init(memory, stored as KeyCodec<Uint8Array>, unit);
    raw.insert(fromHex(hex.replaceAll(' ', '')), undefined);
    const map = BTreeMap.load(raw.intoMemory(), codec as unknown as KeyCodec<unknown>, unit);
    const fallBacks = countFallBacks();
    expect(codeOf(() => map.containsKey(SOUND.get(codec.name)))).toBe('CORRUPTED');
    expect(codeOf(() => map.insert(SOUND.get(codec.name), undefined))).toBe('CORRUPTED');
    expect(fallBacks()).toBe(2);
  });
});
