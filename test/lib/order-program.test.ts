/** Orders that the kernel is told, against the orders themselves: whatever is done, it is the same. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { BTreeSet } from '../../src/lib/btree-set.js';
import { compareBytes, compareShorterFirst } from '../../src/lib/bytes.js';
import type { ByteOrder, KeyCodec } from '../../src/lib/codec.js';
import { descending, f64, text, tuple, u64, u8, unit } from '../../src/lib/codecs/index.js';
import type { Memory } from '../../src/lib/memory.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { MultiMap } from '../../src/lib/multi-map.js';
import { describeTuples, orderProgramOf } from '../../src/lib/order-program.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import '../support/byte-equality.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../support/kernel-host.js';
import { kernelMemory } from '../support/kernel-memory.js';
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

test('a stored key that is no such tuple is left to TypeScript, which says what is wrong', () => {
  const { memory, stable } = kernelMemory(200);
  const pairs = tuple(text, u8);
  const set = BTreeSet.init(memory, pairs);
  for (let index = 0; index < 9; index++) set.insert([`key ${index}`, index]);
  const marked = pairs.encode(['key 4', 4]);
  const at = Buffer.from(stable.heap).indexOf(marked);
  for (const [offset, byte] of [
    [0, 0x10],
    [0, 0xfe],
    [0, 0xfd],
    [1, 200],
  ] as const) {
    const sound = stable.heap[at + offset]!;
    stable.heap[at + offset] = byte;
    expect(() => set.has(['key 4', 4])).toThrow(expect.objectContaining({ code: 'CORRUPTED' }));
    expect(() => set.insert(['key 4', 5])).toThrow(expect.objectContaining({ code: 'CORRUPTED' }));
    expect(() => [...set.keys({ prefix: ['key 4'] })]).toThrow(
      expect.objectContaining({ code: 'CORRUPTED' }),
    );
    stable.heap[at + offset] = sound;
  }
  expect(set.has(['key 4', 4])).toBe(true);
});
