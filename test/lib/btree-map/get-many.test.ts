/**
 * `getMany` over the kernel: the values that single gets have, in few requests; and what the kernel
 * leaves to TypeScript comes from there.
 */
import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeMap } from '../../../src/lib/btree-map.js';
import type { Codec, KeyCodec } from '../../../src/lib/codec.js';
import { bytes, record, text, u16, u32, u64 } from '../../../src/lib/codecs/index.js';
import { StorageError } from '../../../src/lib/errors.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import '../../support/byte-equality.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { kernelMemory } from '../../support/kernel-memory.js';
import { codeOf } from '../../support/memories.js';
import { checkProperty } from '../../support/property.js';
import { watchKernel } from '../../support/watch-kernel.js';

const GET_MANY = 37;
const STAGING_SIZE = 131_072;

/** How far each request has come. */
let results: number[];

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);
beforeEach(() => {
  results = watchKernel(GET_MANY);
});

function mapInKernel<K, V>(keys: KeyCodec<K>, values: Codec<V>): BTreeMap<K, V> {
  return BTreeMap.init(kernelMemory().memory, keys, values);
}

const person = record({ name: text, mail: text, age: u32, joined: u64 });

/** Maps of every kind of value: numbers of both sorts, bytes on overflow pages, records. */
const KINDS: [string, (entries: ReadonlyMap<number, number>) => BTreeMap<unknown, unknown>][] = [
  [
    'bigints by bigints',
    (entries) =>
      filled(
        u64,
        u64,
        entries,
        (key) => BigInt(key) << 50n,
        (value) => BigInt(value),
      ),
  ],
  [
    'numbers',
    (entries) =>
      filled(
        u32,
        u16,
        entries,
        (key) => key,
        (value) => value,
      ),
  ],
  [
    'bytes of all lengths',
    (entries) =>
      filled(
        text,
        bytes,
        entries,
        (key) => 'k'.repeat(key % 40) + String(key),
        (value) => new Uint8Array(value).fill(value),
      ),
  ],
  [
    'records',
    (entries) =>
      filled(
        text,
        person,
        entries,
        (key) => `key ${key}`,
        (value) => ({
          name: `name ${value}`,
          mail: value % 3 === 0 ? '' : `müller${value}@example.org`,
          age: value,
          joined: BigInt(value),
        }),
      ),
  ],
];

/** The key that `getMany` of such a map is to be asked for. */
const keyMakers = new WeakMap<object, (key: number) => unknown>();

function filled<K, V>(
  keys: KeyCodec<K>,
  values: Codec<V>,
  entries: ReadonlyMap<number, number>,
  keyOf: (key: number) => K,
  valueOf: (value: number) => V,
): BTreeMap<unknown, unknown> {
  const map = mapInKernel(keys, values);
  map.insertMany(Array.from(entries, ([key, value]) => [keyOf(key), valueOf(value)]));
  keyMakers.set(map, keyOf);
  return map as unknown as BTreeMap<unknown, unknown>;
}

const someEntries = fc
  .array(fc.tuple(fc.nat(400), fc.nat(900)), { maxLength: 300, size: 'max' })
  .map((entries) => new Map(entries));
const someKeys = fc.array(fc.nat(420), { maxLength: 200, size: 'max' });

test.each(KINDS)('has what single gets have: %s', (_, mapOf) => {
  checkProperty(
    fc.property(someEntries, someKeys, (entries, wanted) => {
      const map = mapOf(entries);
      const keys = wanted.map(keyMakers.get(map)!);
      expect(map.getMany(keys)).toEqual(keys.map((key) => map.get(key)));
    }),
    { numRuns: 15 },
  );
  expect(results.length).toBeGreaterThan(0);
  expect(results).not.toContain(-2);
});

test('few keys are got one by one; more than a table holds are several', () => {
  const map = mapInKernel(u32, u32);
  const numbers = Array.from({ length: 1_200 }, (_, index) => index);
  map.insertMany(numbers.map((number) => [number * 2, number]));
  expect(map.getMany([])).toEqual([]);
  expect(map.getMany([4, 5, 4])).toEqual([2, undefined, 2]);
  expect(results).toEqual([]);
  expect(map.getMany(numbers)).toEqual(numbers.map((n) => (n % 2 === 0 ? n / 2 : undefined)));
  expect(results).toEqual([512, 512, 176]);
});

test('keys and values for which the staging area is too small come in pieces', () => {
  const map = mapInKernel(text, bytes);
  const keys = Array.from({ length: 12 }, (_, index) => 'k'.repeat(6_000) + String(index));
  map.insertMany(keys.map((key, index) => [key, new Uint8Array(30_000).fill(index)]));
  const values = map.getMany([...keys, 'absent', ...keys]);
  expect(values).toEqual([...keys, 'absent', ...keys].map((key) => map.get(key)));
  expect(results.length).toBeGreaterThan(5);
  expect(results.every((result) => result > 0)).toBe(true);
});

test('a key or a value beyond the staging area is left to TypeScript, those beside it are not', () => {
  const map = mapInKernel(text, bytes);
  const [largeKey, largeValue] = ['k'.repeat(STAGING_SIZE + 1), new Uint8Array(STAGING_SIZE + 1)];
  map.insert('a', Uint8Array.of(1));
  map.insert('b', largeValue);
  map.insert(largeKey, Uint8Array.of(3));
  const values = map.getMany(['a', 'b', 'a', largeKey, 'a', 'c']);
  expect(values).toEqual([
    Uint8Array.of(1),
    largeValue,
    Uint8Array.of(1),
    Uint8Array.of(3),
    Uint8Array.of(1),
    undefined,
  ]);
  expect(results).toEqual([1, 1, 3, 2]);
});

/** The code of the error that an action ends in, or `undefined`. */
function codeIfAny(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof StorageError) return error.code;
    throw error;
  }
}

test('a damaged node is an error for who gets to it, as for single gets', () => {
  const { memory, stable } = kernelMemory();
  const map = BTreeMap.init(memory, u32, u32);
  map.insertMany(Array.from({ length: 40 }, (_, key) => [key, key]));
  const nodes: number[] = [];
  stable.toBytes().forEach((_, at, all) => {
    if (all[at] === 0x42 && all[at + 1] === 0x54 && all[at + 2] === 0x4e) nodes.push(at);
  });
  stable.write(nodes[0]!, Uint8Array.of(0));
  const twin = BTreeMap.load(VectorMemory.from(stable.toBytes()), u32, u32);
  const keys = Array.from({ length: 40 }, (_, key) => key);
  const codes = keys.map((key) => codeIfAny(() => twin.get(key)));
  expect(codes).toContain('CORRUPTED');
  const asMany = (key: number) => new Array<number>(6).fill(key);
  expect(keys.map((key) => codeIfAny(() => map.getMany(asMany(key))))).toEqual(codes);
  expect(codeOf(() => map.getMany(keys))).toBe('CORRUPTED');
  const sound = keys.filter((key) => codes[key] === undefined);
  expect(map.getMany(sound)).toEqual(sound);
});

test('refuses a wrong key, and keeps working', () => {
  const map = mapInKernel(u32, u32);
  map.insert(5, 6);
  expect(codeOf(() => map.getMany([5, 5, 5, 5, 5, -1]))).toBe('INVALID_VALUE');
  expect(map.getMany([5, 7, 7, 7, 7, 5])).toEqual([
    6,
    undefined,
    undefined,
    undefined,
    undefined,
    6,
  ]);
});

test('keys may come from the map itself, and codecs may use maps meanwhile', () => {
  const keys = [1, 2, 3, 4, 5, 6, 7];
  const kernel = kernelMemory();
  const map: BTreeMap<number, string> = BTreeMap.init(kernel.memory, u32, {
    ...text,
    decodeAt(stored: Uint8Array, start: number, end: number): string {
      const value = text.decode(stored.slice(start, end));
      return `${value} ${String(map.containsKey(1))} ${String(map.getMany(new Array<number>(8).fill(9)).length)}`;
    },
  });
  map.insertMany(keys.map((key) => [key, `value ${key}`]));
  expect(map.getMany(map.keys())).toEqual(keys.map((key) => `value ${key} true 8`));
  expect(results).toEqual([7]);
});
