/**
 * How the kernel and the TypeScript engine share one map: who does what, who hears of what, and
 * what happens where the kernel cannot go on.
 */
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { BTreeMap } from '../../../src/lib/btree-map.js';
import { compareBytes } from '../../../src/lib/bytes.js';
import type { ByteOrder, Codec } from '../../../src/lib/codec.js';
import {
  blob,
  bytes,
  principal,
  text,
  tuple,
  u32,
  u64,
  unit,
} from '../../../src/lib/codecs/index.js';
import { ARGUMENT_LIMIT, Kernel } from '../../../src/lib/kernel-client.js';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import { RestrictedMemory } from '../../../src/lib/restricted-memory.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import '../../support/byte-equality.js';
import { COMPILE_TIMEOUT_MS, KernelHost } from '../../support/kernel-host.js';
import { kernelMemory, type KernelMemory } from '../../support/kernel-memory.js';
import { codeOf } from '../../support/memories.js';

/** Results of the kernel, see `tree/operations.ts`. */
const FALL_BACK = -2;

let kernel: KernelMemory;
/** What the kernel answered, by the operation's code. */
let answers: [operation: number, result: number][];

beforeAll(KernelHost.compile, COMPILE_TIMEOUT_MS);
beforeEach(() => {
  kernel = kernelMemory(200);
  answers = [];
  jest.restoreAllMocks();
  const ask = Kernel.prototype.ask;
  jest.spyOn(Kernel.prototype, 'ask').mockImplementation(function (this: Kernel, request) {
    const result = ask.call(this, request);
    answers.push([Math.floor(request / ARGUMENT_LIMIT), result]);
    return result;
  });
});

function fallBacks(): number {
  return answers.filter(([, result]) => result === FALL_BACK).length;
}

const ownOrder: ByteOrder = (...ranges) => compareBytes(...ranges);

describe('the kernel does', () => {
  test.each([
    ['right in stable memory', () => kernel.memory],
    ['in a virtual memory', () => MemoryManager.init(kernel.memory).get(3)],
    [
      'in one of small buckets',
      () => MemoryManager.init(kernel.memory, { bucketSizeInPages: 1 }).get(0),
    ],
  ])('all of a life with splits, merges and overflow pages %s', (_, memory) => {
    const map = BTreeMap.init(memory(), text, bytes);
    const keys = Array.from({ length: 400 }, (_, index) => `key ${(index * 7919) % 1009}`);
    keys.forEach((key, index) => map.insert(key, new Uint8Array(index * 4)));
    keys.forEach((key, index) => expect(map.get(key)).toHaveLength(index * 4));
    for (const key of keys) map.remove(key);
    expect(map.length).toBe(0);
    expect(map.checkInvariants()).toBeUndefined();
    expect(answers.length).toBeGreaterThan(1_200);
    expect(fallBacks()).toBe(0);
  });

  test.each([
    ['layout V1', () => BTreeMap.createV1(kernel.memory, u64, u64).insert(5n, 5n)],
    [
      'an order that it does not know',
      () => BTreeMap.init(kernel.memory, { ...u64, order: ownOrder }, unit).insert(5n, undefined),
    ],
    [
      'a memory that does not know its place',
      () => BTreeMap.init(new RestrictedMemory(kernel.memory, 0, 9), u64, u64).insert(5n, 5n),
    ],
  ])('nothing for %s', (_, use) => {
    expect(use()).toBeUndefined();
    expect(answers).toEqual([]);
  });
});

describe('each engine sees what the other has changed', () => {
  test('iterators of the one throw after a change by the other', () => {
    const map = BTreeMap.init(kernel.memory, u64, u64);
    map.insert(1n, 1n);
    map.insert(2n, 2n);
    for (const change of [() => map.insert(3n, 3n), () => map.remove(3n), () => map.popLast()]) {
      const iterator = map.entries();
      iterator.next();
      change();
      expect(codeOf(() => iterator.next())).toBe('CHANGED_WHILE_ITERATING');
    }
    const iterator = map.entries();
    iterator.next();
    map.remove(9n); // Not there, and nothing has moved.
    expect(iterator.next().done).toBe(true);
    expect(fallBacks()).toBe(0);
  });

  test('what TypeScript clears or loads is what the kernel finds', () => {
    const map = BTreeMap.init(kernel.memory, u32, text);
    for (let key = 0; key < 100; key++) map.insert(key, `old ${key}`);
    map.clear();
    expect(map.get(5)).toBeUndefined();
    map.loadSorted(Array.from({ length: 100 }, (_, key) => [key, `new ${key}`]));
    expect(map.get(5)).toBe('new 5');
    expect(map.insert(100, 'behind')).toBeUndefined();
    expect([...map.keys({ gte: 98 })]).toEqual([98, 99, 100]);
    expect(map.checkInvariants()).toBeUndefined();
  });

  test('what is too large for the staging area goes through TypeScript, and back', () => {
    const map = BTreeMap.init(kernel.memory, text, bytes);
    const large = new Uint8Array(200_000).fill(7);
    map.insert('small', Uint8Array.of(1));
    expect(map.insert('large', large)).toBeUndefined();
    expect(map.get('large')).toEqual(large);
    expect(map.get('small')).toEqual(Uint8Array.of(1));
    expect(map.update('large', (old) => old!.slice(0, 9))).toHaveLength(9);
    expect(map.insert('large', large)).toHaveLength(9);
    expect(map.remove('large')).toEqual(large);
    expect(map.get('x'.repeat(200_000))).toBeUndefined();
    expect([...map.keys()]).toEqual(['small']);
    expect(map.checkInvariants()).toBeUndefined();
  });
});

test('a closed map is refused, and its handle serves the next', () => {
  let map = BTreeMap.init(kernel.memory, u64, u64);
  for (let turn = 0n; turn < 300n; turn++) {
    map.insert(turn, turn);
    const closed = map;
    map = BTreeMap.init(map.intoMemory(), u64, u64);
    expect(codeOf(() => closed.get(1n))).toBe('HANDLE_CLOSED');
    expect(codeOf(() => closed.insert(1n, 1n))).toBe('HANDLE_CLOSED');
    expect(codeOf(() => closed.popFirst())).toBe('HANDLE_CLOSED');
  }
  expect(map.length).toBe(300);
  expect(fallBacks()).toBe(0);
});

test('a map is not used from within its own update', () => {
  const map = BTreeMap.init(kernel.memory, u64, u64);
  map.insert(1n, 1n);
  for (const use of [() => map.get(1n), () => map.insert(2n, 2n), () => map.remove(1n)]) {
    const update = () => map.update(1n, () => use() ?? 0n);
    expect(codeOf(update)).toBe('CHANGED_WHILE_ITERATING');
  }
  expect(map.update(1n, (old) => old! + 1n)).toBe(2n);
  expect([...map]).toEqual([[1n, 2n]]);
});

test('a codec may use another map while it encodes and decodes', () => {
  const manager = MemoryManager.init(kernel.memory, { bucketSizeInPages: 1 });
  const names = BTreeMap.init(manager.get(1), u64, text);
  /** Numbers that are written out by their names, by way of a map. */
  const named: Codec<bigint> = {
    name: 'named',
    bound: 'unbounded',
    encode: (value) => text.encode(names.getOrInsert(value, () => `number ${value}`)),
    decode: (stored) => {
      const name = text.decode(stored.slice());
      return [...names].find(([number]) => names.get(number) === name)![0];
    },
  };
  const map = BTreeMap.init(manager.get(0), text, tuple(named, named));
  expect(map.insert('first', [1n, 2n])).toBeUndefined();
  expect(map.insert('second', [3n, 1n])).toBeUndefined();
  expect(map.insert('first', [5n, 2n])).toEqual([1n, 2n]);
  expect(map.get('first')).toEqual([5n, 2n]);
  expect(map.remove('second')).toEqual([3n, 1n]);
  expect([...map]).toEqual([['first', [5n, 2n]]]);
  expect([...names.keys()]).toEqual([1n, 2n, 3n, 5n]);
});

test('after a codec has thrown, the kernel goes on', () => {
  const map = BTreeMap.init(kernel.memory, u64, u64);
  expect(codeOf(() => map.get(-1n))).toBe('INVALID_VALUE');
  answers = [];
  map.insert(1n, 1n);
  expect(map.get(1n)).toBe(1n);
  expect(answers).toHaveLength(2);
});

test('a key of no right size is refused before update calls anybody', () => {
  const map = BTreeMap.init(kernel.memory, blob(2), u64);
  const key = new Uint8Array(3);
  const next = jest.fn(() => 1n);
  expect(codeOf(() => map.update(key, next))).toBe('VALUE_TOO_LARGE');
  expect(codeOf(() => map.insert(key, 1n))).toBe('VALUE_TOO_LARGE');
  expect(map.get(key)).toBeUndefined();
  expect(map.remove(key)).toBeUndefined();
  expect(next).not.toHaveBeenCalled();
});

test('what a codec refuses changes nothing', () => {
  const map = BTreeMap.init(kernel.memory, u64, u64);
  map.insert(1n, 1n);
  const before = kernel.stable.toBytes();
  expect(codeOf(() => map.insert(2n, -1n))).toBe('INVALID_VALUE');
  expect(codeOf(() => map.insert(-1n, 2n))).toBe('INVALID_VALUE');
  expect(codeOf(() => map.update(1n, () => -1n))).toBe('INVALID_VALUE');
  expect(kernel.stable.toBytes()).toEqual(before);
  expect(map.get(1n)).toBe(1n);
});

test('where the memory refuses to grow, nothing has changed, and later it goes on', () => {
  const room = kernelMemory(6);
  const manager = MemoryManager.init(room.memory, { bucketSizeInPages: 1 });
  const map = BTreeMap.init(manager.get(0), u32, bytes);
  let key = 0;
  const insert = () => map.insert(key, new Uint8Array(900).fill(key));
  const refusals = Array.from({ length: 400 }, () => {
    const before = room.stable.toBytes();
    const length = map.length;
    key += 1;
    try {
      insert();
      return '';
    } catch {
      expect(room.stable.toBytes()).toEqual(before);
      expect(map.length).toBe(length);
      expect(map.get(key)).toBeUndefined();
      return codeOf(insert);
    }
  });
  expect([...new Set(refusals)]).toEqual(['', 'GROW_FAILED']);
  expect(map.checkInvariants()).toBeUndefined();
  map.clear();
  expect(map.insert(1, new Uint8Array(900))).toBeUndefined();
});

test('the kernel reads what the Rust crate has written', () => {
  const file = new URL('../../fixtures/images/s6_b.bin.gz', import.meta.url);
  const image = gunzipSync(readFileSync(file));
  kernel.memory.grow(image.length / 65_536);
  kernel.memory.write(0, image);
  const expected = BTreeMap.load(VectorMemory.from(image), principal, unit);
  const map = BTreeMap.load(kernel.memory, principal, unit);
  const keys = [...expected.keys()];
  expect(keys).toHaveLength(291);
  expect(keys.filter((key) => !map.containsKey(key))).toEqual([]);
  keys.forEach((key, index) => {
    if (index % 3 === 0) map.remove(key);
    if (index % 3 === 0) expected.remove(key);
  });
  expect(fallBacks()).toBe(0);
  expect(kernel.stable.toBytes()).toEqual((expected.intoMemory() as VectorMemory).toBytes());
});
