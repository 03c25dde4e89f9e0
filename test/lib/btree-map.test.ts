import { describe, expect, test } from '@jest/globals';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { newHeader } from '../../src/lib/btree-map/header.js';
import { blob, bytes, principal, text, u32, u64, unit } from '../../src/lib/codecs/index.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf, CountdownMemory, DiskFull, imageOf } from '../support/memories.js';

const fixed = (size: number) => ({ maxSize: size, fixedSize: true });

function numbers(count: number, memory = new VectorMemory()) {
  const map = BTreeMap.init(memory, u32, u32);
  for (let key = 0; key < count; key++) map.insert(key, key * 10);
  return map;
}

describe('a new map', () => {
  test('is empty and says so everywhere', () => {
    const map = BTreeMap.init(new VectorMemory(), u64, text);
    expect(map.length).toBe(0);
    expect(map.isEmpty).toBe(true);
    expect(map.get(1n)).toBeUndefined();
    expect(map.containsKey(1n)).toBe(false);
    expect(map.remove(1n)).toBeUndefined();
    expect(map.first()).toBeUndefined();
    expect(map.last()).toBeUndefined();
    expect(map.popFirst()).toBeUndefined();
    expect(map.popLast()).toBeUndefined();
    expect([...map]).toEqual([]);
    expect(map.checkInvariants()).toBeUndefined();
  });

  // Examples of section 3.3 of the specification.
  test.each([
    ['(u64, u64)', fixed(8), fixed(8), 275],
    ['(u64, ())', fixed(8), fixed(0), 209],
    ['(u128, u128)', fixed(16), fixed(16), 407],
    ['(Principal, u64)', fixed(29), fixed(8), 448],
    ['(Blob32, Blob128)', fixed(32), fixed(128), 1463],
    ['(String, u64)', 'unbounded', fixed(8), 1024],
    ['(u64, String)', fixed(8), 'unbounded', 1024],
  ] as const)('of %s has nodes of the size that the crate gives them', (_, key, value, size) => {
    expect(newHeader(key, value).pageSize).toBe(size);
  });

  // Appendix B of the specification, to the byte.
  test('with one entry is the worked image of the specification', () => {
    const memory = new VectorMemory();
    BTreeMap.init(memory, u64, u64).insert(1n, 2n);
    const hex = Buffer.from(imageOf(memory).subarray(0, 407)).toString('hex');
    const zeros = (count: number) => '00'.repeat(count);
    expect(hex).toBe(
      ['42545202', '13010000', 'ffffffff', '7400000000000000', '0100000000000000', zeros(24)].join(
        '',
      ) +
        [
          '42544101',
          zeros(4),
          '1301000000000000',
          '0100000000000000',
          '8701000000000000',
          zeros(16),
        ].join('') +
        ['43484b01', '01', zeros(3), zeros(8)].join('') +
        [
          '42544e02',
          '00',
          '0100',
          zeros(8),
          '0000000000000001',
          '08000000',
          '0000000000000002',
        ].join('') +
        zeros(391 - 116 - 35) +
        ['43484b01', '00', zeros(3), zeros(8)].join(''),
    );
  });
});

describe('entries', () => {
  test('insert returns the old value, remove the last one', () => {
    const map = BTreeMap.init(new VectorMemory(), text, u32);
    expect(map.insert('ada', 1)).toBeUndefined();
    expect(map.insert('ada', 2)).toBe(1);
    expect(map.length).toBe(1);
    expect(map.remove('ada')).toBe(2);
    expect(map.remove('ada')).toBeUndefined();
    expect(map.length).toBe(0);
  });

  test('come out in order, whatever the order in which they went in', () => {
    const map = BTreeMap.init(new VectorMemory(), u32, unit);
    const keys = Array.from({ length: 500 }, (_, index) => (index * 7919) % 500);
    for (const key of keys) map.insert(key, undefined);
    expect([...map.keys()]).toEqual(Array.from({ length: 500 }, (_, index) => index));
    expect([...map.keys({ reverse: true })]).toEqual([...map.keys()].reverse());
    expect(map.first()).toEqual([0, undefined]);
    expect(map.last()).toEqual([499, undefined]);
  });

  test('of texts are ordered by their UTF-8 bytes, not by JavaScript code units', () => {
    const map = BTreeMap.init(new VectorMemory(), text, unit);
    for (const key of ['\u{1f600}', '\uffee', 'a b', 'a', 'ab', 'a!']) map.insert(key, undefined);
    expect([...map.keys()]).toEqual(['a', 'a b', 'a!', 'ab', '\uffee', '\u{1f600}']);
  });

  test('pop takes from either end', () => {
    const map = numbers(40);
    expect(map.popFirst()).toEqual([0, 0]);
    expect(map.popLast()).toEqual([39, 390]);
    expect(map.length).toBe(38);
    expect(map.checkInvariants()).toBeUndefined();
  });

  test('values of any size go over overflow pages and back', () => {
    const map = BTreeMap.init(new VectorMemory(), u64, bytes);
    const sizes = [0, 1, 900, 1_024, 5_000, 100_000, 3];
    sizes.forEach((size, key) => map.insert(BigInt(key), new Uint8Array(size).fill(key)));
    sizes.forEach((size, key) => {
      expect(map.get(BigInt(key))).toEqual(new Uint8Array(size).fill(key));
    });
    expect(map.checkInvariants()).toBeUndefined();
    sizes.forEach((_, key) => map.remove(BigInt(key)));
    expect(map.checkInvariants()).toBeUndefined();
  });

  test('clear empties the map and keeps the memory', () => {
    const memory = new VectorMemory();
    const map = numbers(5_000, memory);
    const pages = memory.size();
    map.clear();
    expect(map.length).toBe(0);
    expect(map.get(1)).toBeUndefined();
    expect(map.checkInvariants()).toBeUndefined();
    for (let key = 0; key < 5_000; key++) map.insert(key, key);
    expect(memory.size()).toBe(pages);
  });

  test('insertMany leaves the bytes of inserting one by one', () => {
    const pairs = Array.from({ length: 700 }, (_, index) => {
      const key = BigInt((index * 7919) % 400);
      return [key, new Uint8Array((index * 37) % 900).fill(index)] as const;
    });
    const [one, many] = [new VectorMemory(), new VectorMemory()];
    const oneByOne = BTreeMap.init(one, u64, bytes);
    for (const [key, value] of pairs) oneByOne.insert(key, value);
    const atOnce = BTreeMap.init(many, u64, bytes);
    expect(atOnce.insertMany(pairs)).toBe(400);
    expect(Buffer.compare(imageOf(one), imageOf(many))).toBe(0);
  });

  test('insertMany inserts nothing where one entry is wrong', () => {
    const memory = new VectorMemory();
    const map = BTreeMap.init(memory, u32, blob(2));
    map.insert(1, Uint8Array.of(1));
    const before = imageOf(memory);
    const pairs = [
      [2, Uint8Array.of(2)],
      [3, Uint8Array.of(1, 2, 3)],
    ] as const;
    expect(codeOf(() => map.insertMany(pairs))).toBe('VALUE_TOO_LARGE');
    expect(imageOf(memory)).toEqual(before);
  });
});

describe('ranges', () => {
  const map = numbers(100);

  test.each([
    [{ gte: 10, lt: 13 }, [10, 11, 12]],
    [{ gt: 10, lte: 13 }, [11, 12, 13]],
    [{ lt: 3 }, [0, 1, 2]],
    [{ gte: 97 }, [97, 98, 99]],
    [{ gt: 99 }, []],
    [{ gte: 20, lt: 20 }, []],
    [{ gte: 30, lt: 20 }, []],
    [{ gte: 10, lt: 13, reverse: true }, [12, 11, 10]],
    [{ gt: 10, lte: 13, reverse: true }, [13, 12, 11]],
    [{ lt: 3, reverse: true }, [2, 1, 0]],
    [{ gte: 98, reverse: true }, [99, 98]],
    [{ gte: 30, lt: 20, reverse: true }, []],
  ])('%j has the keys %j', (range, keys) => {
    expect([...map.keys(range)]).toEqual(keys);
    expect([...map.values(range)]).toEqual(keys.map((key) => key * 10));
    expect([...map.entries(range)]).toEqual(keys.map((key) => [key, key * 10]));
  });

  test('every start and end, in both directions, agrees with a filtered array', () => {
    const sparse = BTreeMap.init(new VectorMemory(), u32, unit);
    const keys = Array.from({ length: 90 }, (_, index) => index * 2);
    for (const key of keys) sparse.insert(key, undefined);
    for (let low = 0; low < 184; low += 3) {
      for (let high = 0; high < 184; high += 5) {
        const within = keys.filter((key) => key >= low && key < high);
        expect([...sparse.keys({ gte: low, lt: high })]).toEqual(within);
        const open = keys.filter((key) => key > low && key <= high).reverse();
        expect([...sparse.keys({ gt: low, lte: high, reverse: true })]).toEqual(open);
      }
    }
  });

  test('an iterator over a map that was changed throws and returns nothing wrong', () => {
    const changing = numbers(50);
    const keys = changing.keys();
    keys.next();
    changing.remove(1);
    expect(codeOf(() => keys.next())).toBe('CHANGED_WHILE_ITERATING');
  });

  test("iterators and lookups do not get in each other's way", () => {
    const shared = numbers(200);
    const [up, down] = [shared.entries(), shared.entries({ reverse: true })];
    for (let index = 0; index < 200; index++) {
      expect(up.next().value).toEqual([index, index * 10]);
      expect(shared.get((index * 37) % 200)).toBe(((index * 37) % 200) * 10);
      expect(down.next().value).toEqual([199 - index, (199 - index) * 10]);
      expect(shared.first()).toEqual([0, 0]);
    }
  });

  test('an iterator goes on where a call changed nothing', () => {
    const steady = numbers(5);
    const keys = steady.keys();
    keys.next();
    steady.remove(77);
    expect(keys.next().value).toBe(1);
  });
});

describe('opening', () => {
  test('finds the same entries after the handle was closed', () => {
    const reopened = BTreeMap.init(numbers(1_000).intoMemory(), u32, u32);
    expect(reopened.length).toBe(1_000);
    expect(reopened.get(777)).toBe(7_770);
    expect(reopened.checkInvariants()).toBeUndefined();
  });

  test.each([
    ['a foreign memory', 'hello', 'BAD_MAGIC'],
    ['zeros', '\0\0\0\0', 'BAD_MAGIC'],
    ['a memory manager where a virtual memory was meant', 'MGR\x01', 'BAD_MAGIC'],
    ['a future version', 'BTR\x03', 'UNSUPPORTED_VERSION'],
    ['a header without an allocator', 'BTR\x01', 'CORRUPTED'],
  ])('refuses %s and leaves it as it is', (_, content, code) => {
    const memory = new VectorMemory();
    memory.grow(1);
    memory.write(0, new TextEncoder().encode(content));
    const before = imageOf(memory);
    expect(codeOf(() => BTreeMap.init(memory, u32, u32))).toBe(code);
    expect(codeOf(() => BTreeMap.create(memory, u32, u32))).toBe('NOT_EMPTY');
    expect(imageOf(memory)).toEqual(before);
  });

  test('is over for a map that gave its memory back: it refuses every call', () => {
    const map = numbers(3);
    const memory = map.intoMemory();
    const calls: (() => unknown)[] = [
      () => map.length,
      () => map.isEmpty,
      () => map.get(1),
      () => map.insert(1, 1),
      () => map.remove(1),
      () => map.clear(),
      () => map.first(),
      () => [...map],
      () => map.checkInvariants(),
      () => map.intoMemory(),
    ];
    for (const call of calls) expect(codeOf(call)).toBe('HANDLE_CLOSED');
    expect(BTreeMap.load(memory, u32, u32).length).toBe(3);
  });

  test('refuses keys that are longer than those of the type', () => {
    const map = BTreeMap.init(new VectorMemory(), blob(8), u32);
    map.insert(new Uint8Array(8), 1);
    const memory = map.intoMemory();
    expect(codeOf(() => BTreeMap.load(memory, blob(7), u32))).toBe('INCOMPATIBLE_TYPE');
    expect(BTreeMap.load(memory, blob(8), u32).length).toBe(1);
  });

  test('refuses a memory without room for the first chunk', () => {
    expect(codeOf(() => BTreeMap.init(new VectorMemory(0), u32, u32))).toBe('GROW_FAILED');
  });
});

describe('bounds', () => {
  test('a key or value above its bound is refused and nothing changes', () => {
    const memory = new VectorMemory();
    const map = BTreeMap.init(memory, blob(3), blob(2));
    map.insert(Uint8Array.of(1), Uint8Array.of(1));
    const before = imageOf(memory);
    const tooLong = Uint8Array.of(1, 2, 3, 4);
    expect(codeOf(() => map.insert(tooLong, Uint8Array.of(1)))).toBe('VALUE_TOO_LARGE');
    expect(codeOf(() => map.insert(Uint8Array.of(1), tooLong))).toBe('VALUE_TOO_LARGE');
    expect(imageOf(memory)).toEqual(before);
    expect(map.length).toBe(1);
  });

  test('a value that its codec does not know is refused and nothing changes', () => {
    const map = numbers(1);
    expect(() => map.insert(2, 'two' as unknown as number)).toThrow(TypeError);
    expect(codeOf(() => map.insert(-1, 2))).toBe('INVALID_VALUE');
    expect(() => map.insert({} as unknown as number, 2)).toThrow(TypeError);
    expect([...map]).toEqual([[0, 0]]);
  });
});

describe('failure', () => {
  /** A map of values that split, overflow and merge, on a memory that can be told to fail. */
  function fragile() {
    const memory = new CountdownMemory(new VectorMemory());
    const manager = MemoryManager.init(memory, { bucketSizeInPages: 1 });
    const map = BTreeMap.init(manager.get(0), u32, bytes);
    for (let key = 0; key < 60; key++) map.insert(key, new Uint8Array(1_000).fill(key));
    return { memory, map };
  }

  const operations = {
    'a large insert': (map: BTreeMap<number, Uint8Array>) =>
      map.insert(99, new Uint8Array(300_000).fill(9)),
    'a large overwrite': (map: BTreeMap<number, Uint8Array>) =>
      map.insert(30, new Uint8Array(300_000).fill(9)),
    'a batch': (map: BTreeMap<number, Uint8Array>) =>
      map.insertMany(Array.from({ length: 200 }, (_, key) => [1_000 + key, new Uint8Array(3_000)])),
  };

  test.each(Object.entries(operations))(
    '%s that finds no room, at whichever step, leaves the map as it was',
    (_, operate) => {
      for (let grows = 0; ; grows++) {
        const { memory, map } = fragile();
        const before = [...map];
        memory.refuseGrowsAfter(grows);
        try {
          operate(map);
        } catch (error) {
          expect(error).toMatchObject({ code: 'GROW_FAILED' });
          expect([...map]).toEqual(before);
          expect(map.checkInvariants()).toBeUndefined();
          memory.relent();
          operate(map);
          expect(map.checkInvariants()).toBeUndefined();
          continue;
        }
        expect(grows).toBeGreaterThan(0);
        return;
      }
    },
  );

  test('after a write that failed half-way the handle refuses to go on', () => {
    for (let writes = 0; ; writes++) {
      const { memory, map } = fragile();
      memory.failWritesAfter(writes);
      try {
        map.remove(30);
        expect(writes).toBeGreaterThan(2);
        return;
      } catch (error) {
        expect(error).toBeInstanceOf(DiskFull);
        memory.relent();
        expect(codeOf(() => map.get(1))).toBe('PREVIOUS_FAILURE');
        expect(codeOf(() => map.insert(1, Uint8Array.of(1)))).toBe('PREVIOUS_FAILURE');
        expect(codeOf(() => [...map])).toBe('PREVIOUS_FAILURE');
      }
    }
  });
});

test('a map made with codecs needs no type annotation', () => {
  const map = BTreeMap.init(new VectorMemory(), principal, text);
  const value: string | undefined = map.get({ toUint8Array: () => Uint8Array.of(4) } as never);
  expect(value).toBeUndefined();
});
