import { describe, expect, test } from '@jest/globals';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { BTreeSet } from '../../src/lib/btree-set.js';
import type { KeyCodec } from '../../src/lib/codec.js';
import {
  blob,
  bytes,
  principal,
  record,
  text,
  tuple,
  u32,
  u64,
  u8,
  unit,
} from '../../src/lib/codecs/index.js';
import { MultiMap } from '../../src/lib/multi-map.js';
import { Principal } from '../../src/lib/principal.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf, CountdownMemory, CountingMemory, DiskFull, imageOf } from '../support/memories.js';
import { WRONG_CODECS } from '../support/wrong-inputs.js';

/** A map of texts with as many values as the table says, from 0 on. */
function mapOf(counts: Readonly<Record<string, number>>, memory = new VectorMemory()) {
  const map = MultiMap.create(memory, text, u32);
  for (const [key, count] of Object.entries(counts)) {
    for (let value = 0; value < count; value++) map.insert(key, value);
  }
  return map;
}

/** `count` numbers from 0 on. */
function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

describe('a new multimap', () => {
  test('is empty and says so everywhere', () => {
    const map = MultiMap.init(new VectorMemory(), u64, text);
    expect(map.length).toBe(0);
    expect(map.isEmpty).toBe(true);
    expect(map.has(1n, 'a')).toBe(false);
    expect(map.hasKey(1n)).toBe(false);
    expect(map.countOf(1n)).toBe(0);
    expect(map.remove(1n, 'a')).toBe(false);
    expect(map.removeKey(1n)).toBe(0);
    expect([...map.valuesOf(1n)]).toEqual([]);
    expect([...map.keys()]).toEqual([]);
    expect([...map]).toEqual([]);
    expect(map.checkInvariants()).toBeUndefined();
  });

  test.each(WRONG_CODECS)('refuses %s for a codec', (_, codec) => {
    const memory = new VectorMemory();
    const wrong = codec as KeyCodec<number>;
    expect(() => MultiMap.init(memory, wrong, u32)).toThrow(TypeError);
    expect(() => MultiMap.create(memory, u32, wrong)).toThrow(TypeError);
    expect(() => MultiMap.load(memory, u32, wrong)).toThrow(TypeError);
    expect(memory.size()).toBe(0);
  });

  test('refuses values without an order', () => {
    const values = record({ name: text }) as unknown as KeyCodec<{ name: string }>;
    expect(() => MultiMap.init(new VectorMemory(), u32, values)).toThrow(TypeError);
  });
});

describe('values', () => {
  test('are kept once each, in order', () => {
    const map = MultiMap.create(new VectorMemory(), u64, text);
    expect(map.insert(7n, 'red')).toBe(true);
    expect(map.insert(7n, 'green')).toBe(true);
    expect(map.insert(7n, 'red')).toBe(false);
    expect(map.insert(8n, 'red')).toBe(true);
    expect(map.length).toBe(3);
    expect([...map.valuesOf(7n)]).toEqual(['green', 'red']);
    expect([...map.valuesOf(7n, { reverse: true })]).toEqual(['red', 'green']);
    expect([...map]).toEqual([
      [7n, 'green'],
      [7n, 'red'],
      [8n, 'red'],
    ]);
    expect(map.has(7n, 'red')).toBe(true);
    expect(map.has(8n, 'green')).toBe(false);
    expect([map.countOf(7n), map.countOf(8n), map.countOf(9n)]).toEqual([2, 1, 0]);
  });

  test('are removed one by one, or all that a key has', () => {
    const map = mapOf({ a: 2, b: 70, c: 1 });
    expect(map.remove('a', 1)).toBe(true);
    expect(map.remove('a', 1)).toBe(false);
    expect(map.removeKey('b')).toBe(70);
    expect(map.removeKey('b')).toBe(0);
    expect([...map]).toEqual([
      ['a', 0],
      ['c', 0],
    ]);
    expect([map.hasKey('a'), map.hasKey('b'), map.hasKey('c')]).toEqual([true, false, true]);
    map.clear();
    expect(map.isEmpty).toBe(true);
    expect(map.checkInvariants()).toBeUndefined();
  });

  test('of a key do not mix with those of a key that begins alike', () => {
    const map = mapOf({ a: 3, aa: 2, '': 4, ab: 1 });
    expect([...map.valuesOf('a')]).toEqual([0, 1, 2]);
    expect(map.countOf('')).toBe(4);
    expect(map.removeKey('a')).toBe(3);
    expect([...map.keys()]).toEqual(['', 'aa', 'ab']);
  });

  test('that the codec does not know are refused, and nothing changes', () => {
    const map = MultiMap.create(new VectorMemory(), u8, blob(2));
    map.insert(1, Uint8Array.of(1));
    expect(codeOf(() => map.insert(1, new Uint8Array(3)))).toBe('VALUE_TOO_LARGE');
    expect(codeOf(() => map.insert(256, Uint8Array.of(1)))).toBe('INVALID_VALUE');
    expect(() => map.insert(1, 'a' as unknown as Uint8Array)).toThrow(TypeError);
    expect(() => map.countOf('a' as unknown as number)).toThrow(TypeError);
    expect(map.length).toBe(1);
  });
});

describe('keys', () => {
  const counts = { a: 1, b: 15, c: 16, d: 17, e: 200, f: 1, g: 33 };
  const map = mapOf(counts);
  const names = Object.keys(counts);

  test('come once each, in either direction', () => {
    expect([...map.keys()]).toEqual(names);
    expect([...map.keys({ reverse: true })]).toEqual(names.toReversed());
  });

  test.each([
    [{ gte: 'b', lt: 'd' }, ['b', 'c']],
    [{ gt: 'b', lte: 'd' }, ['c', 'd']],
    [{ gte: 'bb', lte: 'dd' }, ['c', 'd']],
    [{ gt: 'bb', lt: 'dd' }, ['c', 'd']],
    [{ lt: 'b' }, ['a']],
    [{ gt: 'g' }, []],
    [{ gte: 'd', lt: 'c' }, []],
    [{ gte: 'a', gt: 'e' }, ['f', 'g']],
    [{ lte: 'g', lt: 'c' }, ['a', 'b']],
    [{ gte: 'b', lt: 'd', reverse: true }, ['c', 'b']],
    [{ gt: 'b', lte: 'e', reverse: true }, ['e', 'd', 'c']],
    [{}, names],
  ])('and pairs within %j are those of %j', (range, expected) => {
    expect([...map.keys(range)]).toEqual(expected);
    const reverse = 'reverse' in range;
    const pairs = expected.flatMap((key) => {
      const values = numbers(counts[key as keyof typeof counts]);
      return (reverse ? values.toReversed() : values).map((value) => [key, value]);
    });
    expect([...map.entries(range)]).toEqual(pairs);
  });

  test('are found by seeking behind the values of the one before', () => {
    const memory = new CountingMemory();
    const large = MultiMap.create(memory, u8, u32);
    for (const key of [1, 2, 3]) for (const value of numbers(3_000)) large.insert(key, value);
    memory.reads = 0;
    expect([...large.keys()]).toEqual([1, 2, 3]);
    expect([...large.keys({ reverse: true })]).toEqual([3, 2, 1]);
    expect(large.hasKey(2)).toBe(true);
    expect(memory.reads).toBeGreaterThan(0);
    expect(memory.reads).toBeLessThan(100);
  });

  test('with few values each are walked, not sought one by one', () => {
    const memory = new CountingMemory();
    const large = MultiMap.create(memory, u32, u8);
    for (const key of numbers(2_000)) large.insert(key, key & 0xff);
    memory.reads = 0;
    expect([...large]).toHaveLength(2_000);
    const readsOfAll = memory.reads;
    expect([...large.keys()]).toEqual(numbers(2_000));
    expect(memory.reads - readsOfAll).toBeLessThanOrEqual(readsOfAll);
  });

  test('are compared in the order of their codec', () => {
    const byPrincipal = MultiMap.create(new VectorMemory(), principal, u8);
    const [short, long] = [[9], [1, 1]].map((each) =>
      Principal.fromUint8Array(Uint8Array.from(each)),
    );
    byPrincipal.insert(long!, 1);
    byPrincipal.insert(long!, 3);
    byPrincipal.insert(short!, 2);
    expect([...byPrincipal.keys()]).toEqual([short, long]);
    expect([...byPrincipal.entries({ gt: short! })]).toEqual([
      [long, 1],
      [long, 3],
    ]);
  });
});

describe('an iterator', () => {
  test.each([
    ['keys', (map: MultiMap<string, number>) => map.keys()],
    ['entries', (map: MultiMap<string, number>) => map.entries()],
    ['valuesOf', (map: MultiMap<string, number>) => map.valuesOf('a')],
  ])('of %s throws where the map is changed under it', (_, iterate) => {
    for (const count of [2, 40]) {
      const map = mapOf({ a: count, b: 1 });
      const iterator = iterate(map);
      iterator.next();
      map.remove('b', 0);
      expect(codeOf(() => iterator.next())).toBe('CHANGED_WHILE_ITERATING');
    }
  });

  test('reads nothing before it is asked', () => {
    const memory = new CountingMemory();
    const map = MultiMap.create(memory, u8, u32);
    map.insert(1, 1);
    memory.reads = 0;
    for (const iterator of [map.keys(), map.entries(), map.valuesOf(1)]) {
      expect(memory.reads).toBe(0);
      iterator.return?.(undefined as never);
    }
  });
});

describe('the bytes', () => {
  test('are those of a set of pairs, and of a map of pairs to units', () => {
    const map = MultiMap.create(new VectorMemory(), u64, blob(3));
    const set = BTreeSet.create(new VectorMemory(), tuple(u64, blob(3)));
    const units = BTreeMap.create(new VectorMemory(), tuple(u64, blob(3)), unit);
    for (const number of numbers(300)) {
      const pair = [BigInt((number * 7) % 20), Uint8Array.of(number & 0xff)] as const;
      map.insert(...pair);
      set.insert(pair);
      units.insert(pair, undefined);
    }
    const [a, b, c] = [map, set, units].map((each) => imageOf(each.intoMemory()));
    expect(Buffer.compare(a!, b!)).toBe(0);
    expect(Buffer.compare(a!, c!)).toBe(0);
  });

  // The sample of section 5.2 of the specification: (Principal [01], u64 1).
  test('of a pair are the tuple of the crate', () => {
    const map = MultiMap.create(new VectorMemory(), principal, u64);
    map.insert(Principal.fromUint8Array(Uint8Array.of(1)), 1n);
    const hex = Buffer.from(imageOf(map.intoMemory())).toString('hex');
    expect(hex).toContain(`26000000${'01'}${'00'.repeat(28)}${'0000000000000001'}${'01'}`);
  });
});

describe('a memory', () => {
  test('belongs to one open multimap', () => {
    const memory = new VectorMemory();
    const map = mapOf({ a: 1 }, memory);
    expect(codeOf(() => MultiMap.init(memory, text, u32))).toBe('MEMORY_IN_USE');
    expect(map.intoMemory()).toBe(memory);
    expect(codeOf(() => map.insert('a', 2))).toBe('HANDLE_CLOSED');
    expect(codeOf(() => map.valuesOf('a'))).toBe('HANDLE_CLOSED');
    expect([...MultiMap.load(memory, text, u32)]).toEqual([['a', 0]]);
  });

  test('that holds something else is refused', () => {
    const memory = new VectorMemory();
    memory.grow(1);
    expect(codeOf(() => MultiMap.init(memory, text, u32))).toBe('BAD_MAGIC');
    expect(codeOf(() => MultiMap.create(memory, text, u32))).toBe('NOT_EMPTY');
    expect(codeOf(() => MultiMap.load(memory, text, u32))).toBe('BAD_MAGIC');
    expect(codeOf(() => MultiMap.init(new VectorMemory(0), text, u32))).toBe('GROW_FAILED');
  });

  test('of pairs of another type gives errors, not wrong pairs', () => {
    const memory = mapOf({ hello: 3 }).intoMemory();
    expect(codeOf(() => [...MultiMap.load(memory, u64, blob(3))])).toMatch(
      /^(CORRUPTED|INCOMPATIBLE_TYPE)$/,
    );
  });
});

describe('failure', () => {
  /** Three keys with twenty long values each, on a memory that can be told to fail. */
  function fragile() {
    const memory = new CountdownMemory(new VectorMemory());
    const map = MultiMap.create(memory, u8, bytes);
    for (const key of [1, 2, 3]) {
      for (const fill of numbers(20)) map.insert(key, new Uint8Array(1_000).fill(fill));
    }
    return { memory, map };
  }

  test('a refused grow leaves the map as it was', () => {
    const { memory, map } = fragile();
    const before = imageOf(memory);
    memory.refuseGrowsAfter(0);
    expect(codeOf(() => map.insert(2, new Uint8Array(300_000)))).toBe('GROW_FAILED');
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    expect(map.length).toBe(60);
    expect(map.checkInvariants()).toBeUndefined();
  });

  test('after a write that failed half-way the map refuses to go on', () => {
    for (let writes = 0; ; writes += 7) {
      const { memory, map } = fragile();
      memory.failWritesAfter(writes);
      try {
        map.removeKey(2);
        expect(writes).toBeGreaterThan(20);
        return;
      } catch (error) {
        expect(error).toBeInstanceOf(DiskFull);
        memory.relent();
        expect(codeOf(() => map.hasKey(1))).toBe('PREVIOUS_FAILURE');
        expect(codeOf(() => map.remove(1, new Uint8Array(0)))).toBe('PREVIOUS_FAILURE');
      }
    }
  });
});
