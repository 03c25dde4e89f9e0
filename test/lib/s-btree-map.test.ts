import { describe, expect, test } from '@jest/globals';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { bytes, text, u16, u32, u64 } from '../../src/lib/codecs/index.js';
import { SBTreeMap } from '../../src/lib/s-btree-map.js';
import { SBTreeSet } from '../../src/lib/s-btree-set.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { Countdown, expectSound, outOfMemoryOf, plainOf } from '../support/failing-heap.js';
import { toHex } from '../support/hex.js';
import { codeOf, restarted } from '../support/memories.js';

const NUMBERS = SBTreeMap.of(u32, u64);
const MAPS = SBTreeMap.of(text, SBTreeMap.of(u32, text));

type Squares = SBTreeMap<number, bigint>;

const newHeap = (maxPages = 0): StableMemoryAllocator =>
  StableMemoryAllocator.init(new VectorMemory(), { maxPages });

/** A map from 0, 1, ... to their squares. */
function squares(count: number, heap = newHeap()): Squares {
  const map = heap.root('squares', NUMBERS);
  map.insertMany(Array.from({ length: count }, (_, key) => [key, BigInt(key) ** 2n]));
  return map;
}

describe('a map that is new', () => {
  test('is empty, says so everywhere, and has nothing but its header', () => {
    const heap = newHeap();
    const map = heap.create(NUMBERS, new Map());
    expect([map.length, map.isEmpty]).toEqual([0, true]);
    expect([map.get(1), map.first(), map.last(), map.popFirst()]).toEqual(Array(4).fill(undefined));
    expect([map.containsKey(1), map.delete(1), map.remove(1)]).toEqual([false, false, undefined]);
    expect([...map]).toEqual([]);
    expect(heap.allocatedSize).toBe(56);
    map.insert(1, 1n);
    map.clear();
    expect(heap.allocatedSize).toBe(56);
    map.destroy();
    expect(heap.allocatedSize).toBe(0);
  });

  test('begins with the entries that it is given, and takes nothing else', () => {
    const heap = newHeap();
    const map = heap.root('squares', NUMBERS, new Map([[2, 4n]]));
    expect([...map]).toEqual([[2, 4n]]);
    for (const wrong of [null, 7, 'text', [[1, 1n]], {}, new Set([1])]) {
      expect(() => heap.create(NUMBERS, wrong as never)).toThrow(TypeError);
    }
    expect(() => heap.create(NUMBERS, new Map([[1, 'one' as never]]))).toThrow(TypeError);
    expect(codeOf(() => heap.create(NUMBERS, new Map([[-1, 1n]])))).toBe('INVALID_VALUE');
    expectSound(heap, map);
  });
});

describe('entries', () => {
  test('come out in order, in both directions, in ranges and pages', () => {
    const map = squares(300);
    const keys = Array.from({ length: 300 }, (_, key) => key);
    expect([...map.keys()]).toEqual(keys);
    expect([...map.keys({ reverse: true })]).toEqual([...keys].reverse());
    expect([...map.values({ gt: 1, lte: 3 })]).toEqual([4n, 9n]);
    expect([map.floor(7), map.ceiling(7), map.lower(7), map.higher(7)].map((e) => e?.[0])).toEqual([
      7, 7, 6, 8,
    ]);
    expect([...map.lazyEntries({ gte: 298 })].map(({ key, value }) => [key, value])).toEqual([
      [298, 88_804n],
      [299, 89_401n],
    ]);
    const page = map.scan({ limit: 2, reverse: true });
    expect(page.entries.map(([key]) => key)).toEqual([299, 298]);
    expect(map.scan({ limit: 1, reverse: true, after: page.next }).entries[0]![0]).toBe(297);
    expect(map.getMany([3, 999, 2])).toEqual([9n, undefined, 4n]);
    expect([map.popFirst(), map.popLast()]).toEqual([
      [0, 0n],
      [299, 89_401n],
    ]);
    expect(map.retain((key, value) => key % 2 === 0 && value > 4n)).toBe(150);
    expect(map.first()).toEqual([4, 16n]);
    expectSound(map.allocator, map);
  });

  test('may be of any size: they lie in the nodes and take pages of their own', () => {
    const heap = newHeap();
    const map = heap.root('files', SBTreeMap.of(text, bytes));
    for (const size of [0, 1, 1_000, 100_000]) map.insert(`${size}`, new Uint8Array(size));
    expect(map.get('100000')).toHaveLength(100_000);
    expect(map.insert('100000', Uint8Array.of(1))).toHaveLength(100_000);
    expectSound(heap, map);
    expect(heap.allocatedSize).toBeLessThan(8_000);
  });

  test('are there again after an upgrade', () => {
    const memory = new VectorMemory();
    squares(100, StableMemoryAllocator.init(memory));
    const heap = StableMemoryAllocator.load(restarted(memory));
    const map = heap.root('squares', NUMBERS);
    expect([map.length, map.get(99), map.checkInvariants()]).toEqual([100, 9_801n, undefined]);
    expect(heap.roots()).toEqual([{ name: 'squares', type: 'SBTreeMap(u32, u64)' }]);
    expect(codeOf(() => heap.root('squares', SBTreeMap.of(u32, u32)))).toBe('INCOMPATIBLE_TYPE');
  });

  test('are refused as codecs refuse them, and nothing has changed', () => {
    const map = squares(20);
    const { allocatedSize } = map.allocator;
    expect(codeOf(() => map.insert(-1, 1n))).toBe('INVALID_VALUE');
    expect(codeOf(() => map.insert(1, -1n))).toBe('INVALID_VALUE');
    expect(() => map.insert('one' as never, 1n)).toThrow(TypeError);
    expect(
      codeOf(() =>
        map.insertMany([
          [50, 1n],
          [51, -1n],
        ]),
      ),
    ).toBe('INVALID_VALUE');
    expect(() => map.update(1, () => 'x' as never)).toThrow(TypeError);
    expect(() => map.scan({ limit: 0 })).toThrow(RangeError);
    expect([map.length, map.get(1), map.allocator.allocatedSize]).toEqual([20, 1n, allocatedSize]);
    expectSound(map.allocator, map);
  });
});

describe('values that are structures', () => {
  test('go in as plain values, are worked on by handles, and come out as plain values', () => {
    const heap = newHeap();
    const maps = heap.root('maps', MAPS);
    expect(maps.insert('ada', new Map([[1, 'one']]))).toBeUndefined();
    const ada = maps.get('ada')!;
    expect([ada.ownership, ada.get(1)]).toEqual(['borrowed', 'one']);
    ada.insert(2, 'two');
    expect(maps.toPlain()).toEqual(
      new Map([
        [
          'ada',
          new Map([
            [1, 'one'],
            [2, 'two'],
          ]),
        ],
      ]),
    );
    expect(maps.insert('ada', new Map())).toEqual(
      new Map([
        [1, 'one'],
        [2, 'two'],
      ]),
    );
    expect(codeOf(() => ada.get(1))).toBe('VALUE_CONSUMED');
    expect(maps.remove('ada')).toEqual(new Map());
    expect(maps.remove('ada')).toBeUndefined();
    expectSound(heap, maps);
    expect(heap.removeRoot('maps', MAPS)).toBe(true);
    expect(heap.allocatedSize).toBe(0);
  });

  test('are made where there are none, and replaced as plain values', () => {
    const maps = newHeap().root('maps', MAPS);
    maps.getOrInsert('ada', () => new Map([[1, 'one']])).insert(2, 'two');
    maps.getOrInsert('ada', () => new Map()).insert(3, 'three');
    expect(maps.update('ada', (old) => new Map([...old!].reverse().slice(0, 1)))).toEqual(
      new Map([[3, 'three']]),
    );
    expect(maps.popLast()).toEqual(['ada', new Map([[3, 'three']])]);
    expectSound(maps.allocator, maps);
  });

  test('are moved in and out without a copy', () => {
    const heap = newHeap();
    const maps = heap.root('maps', MAPS, new Map([['ada', new Map([[1, 'one']])]]));
    const taken = maps.detach('ada')!;
    expect([taken.ownership, taken.get(1), maps.length]).toEqual(['owned', 'one', 0]);
    expectSound(heap, maps);
    maps.insert('grace', new Map([[7, 'seven']]));
    maps.attach('grace', taken);
    expect([taken.ownership, maps.get('grace')!.ptr]).toEqual(['consumed', taken.ptr]);
    expect(maps.toPlain()).toEqual(new Map([['grace', new Map([[1, 'one']])]]));
    expect(maps.detach('nobody')).toBeUndefined();
    expectSound(heap, maps);
  });

  test('are not attached by a handle that does not own them, nor are those of another type', () => {
    const heap = newHeap();
    const maps = heap.root('maps', MAPS, new Map([['ada', new Map([[1, 'one']])]]));
    const other = heap.create(NUMBERS, new Map([[1, 1n]]));
    const foreign = newHeap().create(SBTreeMap.of(u32, text), new Map());
    const { allocatedSize } = heap;
    expect(codeOf(() => maps.attach('x', maps.get('ada')!))).toBe('VALUE_CONSUMED');
    expect(codeOf(() => maps.attach('x', other as never))).toBe('INCOMPATIBLE_TYPE');
    expect(codeOf(() => maps.attach('x', foreign))).toBe('INCOMPATIBLE_TYPE');
    expect([maps.length, other.ownership, foreign.ownership]).toEqual([1, 'owned', 'owned']);
    expect(heap.allocatedSize).toBe(allocatedSize);
    other.destroy();
    expectSound(heap, maps);
  });

  test('nest to any depth, and go with what owns them', () => {
    const heap = newHeap();
    const type = SBTreeMap.of(u16, SBTreeMap.of(text, SBTreeSet.of(u64)));
    const years = heap.root('years', type);
    for (let year = 0; year < 30; year++) {
      years.insert(
        year,
        new Map([
          ['primes', new Set([2n, 3n])],
          ['squares', new Set([4n])],
        ]),
      );
    }
    expect([...years.get(7)!.get('primes')!]).toEqual([2n, 3n]);
    expect(years.retain((year, topics) => year < 20 && topics.length === 2)).toBe(10);
    expectSound(heap, years);
    years.clear();
    expect([years.length, years.isEmpty]).toEqual([0, true]);
    expectSound(heap, years);
    heap.removeRoot('years', type);
    expect(heap.allocatedSize).toBe(0);
  });

  test('are all refused where one is', () => {
    const heap = newHeap();
    const maps = heap.root('maps', MAPS, new Map([['ada', new Map()]]));
    const { allocatedSize } = heap;
    const good = new Map([[1, 'one']]);
    const bad = new Map([[1, 7 as never]]);
    expect(() =>
      maps.insertMany([
        ['a', good],
        ['ada', good],
        ['b', bad],
      ]),
    ).toThrow(TypeError);
    expect(() => maps.insert('a', bad)).toThrow(TypeError);
    expect([heap.allocatedSize, maps.length]).toEqual([allocatedSize, 1]);
    expect(
      maps.insertMany([
        ['a', good],
        ['ada', good],
        ['a', new Map()],
      ]),
    ).toBe(1);
    expect(maps.toPlain()).toEqual(
      new Map([
        ['a', new Map()],
        ['ada', good],
      ]),
    );
    expect(maps.removeMany(['a', 'x', 'a'])).toBe(1);
    expectSound(heap, maps);
  });
});

describe('two handles of a map', () => {
  test('see what the other one does', () => {
    const heap = newHeap();
    const [one, other] = [squares(20, heap), heap.root('squares', NUMBERS)];
    expect(other.length).toBe(20);
    for (let key = 20; key < 200; key++) (key % 2 === 0 ? one : other).insert(key, 0n);
    expect([one.length, other.length]).toEqual([200, 200]);
    one.clear();
    expect([other.length, other.get(5), [...other]]).toEqual([0, undefined, []]);
    other.insert(1, 1n);
    expect([...one]).toEqual([[1, 1n]]);
    heap.removeRoot('squares', NUMBERS);
    for (const use of [() => one.length, () => other.get(1), () => [...one], () => one.clear()]) {
      expect(codeOf(use)).toBe('VALUE_CONSUMED');
    }
  });

  test.each([
    ['insert', (map: Squares) => map.insert(19, 1n), 361n],
    ['insertMany', (map: Squares) => map.insertMany([[19, 1n]]), 0],
    ['update', (map: Squares) => map.update(19, (old) => old! + 1n), 362n],
    ['getOrInsert', (map: Squares) => map.getOrInsert(0, () => 7n), 7n],
    ['remove', (map: Squares) => map.remove(0), undefined],
    ['delete', (map: Squares) => map.delete(0), false],
    ['removeMany', (map: Squares) => map.removeMany([0, 19]), 1],
    ['retain', (map: Squares) => map.retain((key) => key < 19), 1],
    ['popFirst', (map: Squares) => map.popFirst(), [19, 361n]],
    ['popLast', (map: Squares) => map.popLast(), [19, 361n]],
    ['first', (map: Squares) => map.first(), [19, 361n]],
    ['count', (map: Squares) => map.count(), 1],
    ['lower', (map: Squares) => map.lower(19), undefined],
    ['keys', (map: Squares) => [...map.keys()], [19]],
    ['scan', (map: Squares) => map.scan({ limit: 5 }).entries, [[19, 361n]]],
    ['toPlain', (map: Squares) => map.toPlain(), new Map([[19, 361n]])],
  ])('%s finds out by itself what the other one has done', (_, use, answer) => {
    const heap = newHeap();
    const [one, other] = [squares(20, heap), heap.root('squares', NUMBERS)];
    expect(other.length).toBe(20);
    one.retain((key) => key === 19);
    expect(use(other)).toEqual(answer);
    expectSound(heap, other);
  });

  test('have iterators that see what the other one does', () => {
    const heap = newHeap();
    const [one, other] = [squares(20, heap), heap.root('squares', NUMBERS)];
    const [entries, ends, lazy] = [one.entries(), one.keys(), one.lazyEntries()];
    entries.next();
    ends.nextBack();
    const entry = lazy.next().value!;
    other.insert(99, 1n);
    expect(codeOf(() => entries.next())).toBe('CHANGED_WHILE_ITERATING');
    expect(codeOf(() => ends.next())).toBe('CHANGED_WHILE_ITERATING');
    expect(codeOf(() => entry.value)).toBe('CHANGED_WHILE_ITERATING');
  });

  test('may not change a map from within an update of it', () => {
    const heap = newHeap();
    const [one, other] = [squares(20, heap), heap.root('squares', NUMBERS)];
    const change = () => one.update(3, () => other.insert(4, 0n)!);
    expect(codeOf(change)).toBe('CHANGED_WHILE_ITERATING');
    expect([one.get(3), one.get(4)]).toEqual([9n, 0n]);
    const maps = heap.root('maps', MAPS);
    const changeMaps = () =>
      maps.update('a', () => {
        maps.insert('b', new Map());
        return new Map();
      });
    expect(codeOf(changeMaps)).toBe('CHANGED_WHILE_ITERATING');
    expect([...maps.keys()]).toEqual(['b']);
    expectSound(heap, maps);
  });

  test('do not disturb the iterators of a map by changing what its values own', () => {
    const maps = newHeap().root(
      'maps',
      MAPS,
      new Map([
        ['a', new Map()],
        ['b', new Map()],
      ]),
    );
    for (const [name, map] of maps) map.insert(1, name);
    expect([...maps.values()].map((map) => map.get(1))).toEqual(['a', 'b']);
  });
});

describe('defect 10: what the original loses in its tree', () => {
  /** Vector 12 of the specification: the original has lost keys at the 241st insertion. */
  test('(a) removing absent keys between insertions in descending order loses nothing', () => {
    const map = newHeap().root('squares', NUMBERS);
    for (let key = 6_000; key > 0; key -= 2) {
      expect(map.remove(key + 1)).toBeUndefined();
      map.insert(key, BigInt(key));
    }
    const keys = Array.from({ length: 3_000 }, (_, index) => 2 * index + 2);
    expect([...map.keys()]).toEqual(keys);
    for (const key of keys) expect(map.get(key)).toBe(BigInt(key));
    expectSound(map.allocator, map);
  });

  test('(b) an insertion that finds no room and is done again loses nothing', () => {
    const map = newHeap().root('squares', NUMBERS);
    const countdown = new Countdown(map.allocator);
    let refusals = 0;
    for (let key = 6_000; key > 0; key -= 2) {
      const insert = (): unknown => map.insert(key, BigInt(key));
      countdown.refuseAfter(0);
      const error = outOfMemoryOf(insert);
      countdown.relent();
      if (error === undefined) continue;
      refusals += 1;
      insert();
    }
    expect(refusals).toBeGreaterThan(300);
    expect([...map.keys()]).toEqual(Array.from({ length: 3_000 }, (_, index) => 2 * index + 2));
    expectSound(map.allocator, map);
  });

  test('(c) going backwards comes by every key, in whatever order they came', () => {
    const map = newHeap().root('squares', NUMBERS);
    for (let index = 0; index < 500; index++) map.insert((index * 7_919) % 500, 0n);
    const forwards = [...map.keys()];
    expect(forwards).toHaveLength(500);
    expect([...map.keys({ reverse: true })]).toEqual(forwards.reverse());
  });

  test('(d) both ends of an iterator meet, and neither gives what the other one has given', () => {
    const map = squares(100);
    const ends = map.keys();
    const [front, back]: [number[], number[]] = [[], []];
    for (let index = 0; index < 50; index++) {
      front.push(ends.next().value!);
      back.push(ends.nextBack().value!);
    }
    expect([...front, ...back.reverse()]).toEqual([...map.keys()]);
    expect([ends.next().done, ends.nextBack().done]).toEqual([true, true]);
  });
});

test('a map has frozen bytes', () => {
  const heap = newHeap();
  const map = heap.root(
    'squares',
    NUMBERS,
    new Map([
      [1, 1n],
      [2, 4n],
    ]),
  );
  const header = new Uint8Array(40);
  heap.readBlock(map.ptr, header);
  expect(toHex(header)).toMatchInlineSnapshot(
    `"0601000002000000010000000000535348000000000000000200000000000000f200000000000000"`,
  );
  const root = new Uint8Array(48);
  heap.readBytes(Number(`0x${toHex(header.slice(16, 17))}`), root);
  expect(toHex(root)).toMatchInlineSnapshot(
    `"42544e020002000000000000000000000000010000000208000000000000000000000108000000000000000000000400"`,
  );
  expect(plainOf(map, NUMBERS)).toEqual(
    new Map([
      [1, 1n],
      [2, 4n],
    ]),
  );
});
