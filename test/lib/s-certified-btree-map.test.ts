import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { reconstruct } from '../../src/lib/certification/hash-tree.js';
import { blob, bytes, principal, text, u64, u8, unit } from '../../src/lib/codecs/index.js';
import { Principal } from '../../src/lib/principal.js';
import { SCertifiedBTreeMap } from '../../src/lib/s-certified-btree-map.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { rootHashOf } from '../support/certified-reference.js';
import { checkEveryAllocation, expectSound, outOfMemoryOf } from '../support/failing-heap.js';
import { toHex } from '../support/hex.js';
import { codeOf, restarted } from '../support/memories.js';
import { checkProperty } from '../support/property.js';

const newHeap = (maxPages = 0): StableMemoryAllocator =>
  StableMemoryAllocator.init(new VectorMemory(), { maxPages });

const TEXTS = SCertifiedBTreeMap.of(text, text);
const NUMBERS = SCertifiedBTreeMap.of(u64, u64);
const BYTES = SCertifiedBTreeMap.of(bytes, bytes);

const encoded = (entries: Iterable<readonly [string, string]>) =>
  Array.from(entries, ([key, value]) => [text.encode(key), text.encode(value)] as const);

const PLANETS: [string, string][] = [
  ['mars', 'red'],
  ['earth', 'blue'],
  ['venus', 'white'],
  ['ear', 'no planet'],
  ['', 'nothing'],
  ['saturn', 'ringed'],
  ['earthy', 'no planet either'],
];
const SORTED = [...PLANETS].sort(([a], [b]) => (a < b ? -1 : 1));

/** A map of the planets, in a heap of its own. */
function planets() {
  const map = newHeap().root('planets', TEXTS);
  map.insertMany(PLANETS);
  return map;
}

describe('a certified map', () => {
  test('inserts, overwrites, finds and removes', () => {
    const map = newHeap().root('map', TEXTS);
    expect([map.length, map.isEmpty, map.first(), map.last()]).toEqual([
      0,
      true,
      undefined,
      undefined,
    ]);
    expect(map.insert('b', '1')).toBeUndefined();
    expect(map.insert('a', '2')).toBeUndefined();
    expect(map.insert('b', '3')).toBe('1');
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual(['2', '3', undefined]);
    expect([map.containsKey('a'), map.containsKey('')]).toEqual([true, false]);
    expect([map.first(), map.last()]).toEqual([
      ['a', '2'],
      ['b', '3'],
    ]);
    expect([map.remove('a'), map.remove('a'), map.length]).toEqual(['2', undefined, 1]);
    expect([map.delete('b'), map.delete('b'), map.isEmpty]).toEqual([true, false, true]);
    expectSound(map.allocator, map);
  });

  test('has keys that are the beginnings of others, and the empty one, in the order of bytes', () => {
    const map = planets();
    expect([...map]).toEqual(SORTED);
    expect([...map.entries({ reverse: true })]).toEqual([...SORTED].reverse());
    expect([...map.keys()]).toEqual(SORTED.map(([key]) => key));
    expect([...map.values()]).toEqual(SORTED.map(([, value]) => value));
    for (const [key, value] of PLANETS) expect(map.get(key)).toBe(value);
    for (const absent of ['e', 'eart', 'earths', 'm', 'zz'])
      expect(map.get(absent)).toBeUndefined();
    expectSound(map.allocator, map);
  });

  test('walks any range, both ways', () => {
    const map = planets();
    const places = [...SORTED.map(([key]) => key), 'a', 'eart', 'z', 'mb'];
    for (const gte of places) {
      for (const lt of places) {
        const expected = SORTED.filter(([key]) => key >= gte && key < lt);
        expect([...map.entries({ gte, lt })]).toEqual(expected);
        expect([...map.entries({ gte, lt, reverse: true })]).toEqual(expected.reverse());
      }
    }
    for (const edge of places) {
      expect([...map.keys({ gt: edge })]).toEqual([...map.keys()].filter((key) => key > edge));
      expect([...map.keys({ lte: edge })]).toEqual([...map.keys()].filter((key) => key <= edge));
      expect([...map.keys({ gte: edge, lte: edge })]).toEqual(map.containsKey(edge) ? [edge] : []);
    }
  });

  test('orders keys by their bytes, whatever the order of their type', () => {
    const map = newHeap().root('map', SCertifiedBTreeMap.of(principal, unit));
    const short = Principal.fromUint8Array(Uint8Array.of(9));
    const long = Principal.fromUint8Array(Uint8Array.of(1, 2));
    map.insertMany([
      [short, undefined],
      [long, undefined],
    ]);
    expect([...map.keys()].map(String)).toEqual([long, short].map(String));
  });

  test('updates a value by its old one', () => {
    const map = newHeap().root('map', NUMBERS);
    expect(map.update(1n, (old = 5n) => old + 1n)).toBe(6n);
    expect(map.update(1n, (old = 5n) => old + 1n)).toBe(7n);
    expect(map.get(1n)).toBe(7n);
  });

  test('takes values that grow and shrink, and gives back what they do not need', () => {
    const heap = newHeap();
    const map = heap.root('map', TEXTS, new Map(PLANETS));
    const { allocatedSize } = heap;
    const long = 'x'.repeat(100_000);
    for (const [key] of PLANETS) {
      map.insert(key, long);
      expectSound(heap, map);
    }
    for (const [key, value] of PLANETS) expect(map.insert(key, value)).toBe(long);
    expect([...map]).toEqual(SORTED);
    expect(heap.allocatedSize).toBe(allocatedSize);
    expectSound(heap, map);
  });

  test('inserts and removes many at once, the last of equal keys', () => {
    const map = newHeap().root('map', NUMBERS);
    expect(
      map.insertMany([
        [1n, 1n],
        [2n, 2n],
        [1n, 3n],
      ]),
    ).toBe(2);
    expect([...map]).toEqual([
      [1n, 3n],
      [2n, 2n],
    ]);
    expect(map.insertMany([])).toBe(0);
    expect(map.removeMany([2n, 5n, 2n])).toBe(1);
    expect([...map.keys()]).toEqual([1n]);
    expectSound(map.allocator, map);
  });

  test('is as it was where one of many entries is wrong', () => {
    const map = newHeap().root('map', SCertifiedBTreeMap.of(text, u8));
    map.insertAndCommit('a', 1);
    const wrong: [string, number][] = [
      ['b', 2],
      ['c', 256],
    ];
    expect(codeOf(() => map.insertMany(wrong))).toBe('INVALID_VALUE');
    expect(codeOf(() => map.insert('a', -1))).toBe('INVALID_VALUE');
    expect(() => map.insert(7 as never, 1)).toThrow();
    expect([...map]).toEqual([['a', 1]]);
    expect(map.isCommitted).toBe(true);
    const bounded = newHeap().root('map', SCertifiedBTreeMap.of(blob(2), unit));
    expect(codeOf(() => bounded.insert(new Uint8Array(3), undefined))).toBe('VALUE_TOO_LARGE');
    expect(codeOf(() => bounded.get(new Uint8Array(3)))).toBe('VALUE_TOO_LARGE');
    expectSound(map.allocator, map);
  });

  test('is empty again after clear, and owes nothing once it is dropped', () => {
    const heap = newHeap();
    const map = heap.root('map', TEXTS, new Map(PLANETS));
    map.clear();
    expect([map.length, [...map], map.isCommitted]).toEqual([0, [], false]);
    map.insertMany(PLANETS);
    expect(map.length).toBe(PLANETS.length);
    expectSound(heap, map);
    heap.removeRoot('map', TEXTS);
    expect(heap.allocatedSize).toBe(0);
    expect(codeOf(() => map.length)).toBe('VALUE_CONSUMED');
  });

  test('ends the iterators that it is changed under', () => {
    const map = planets();
    for (const change of [
      () => map.insert('new', ''),
      () => map.remove('mars'),
      () => map.commit(),
    ]) {
      const keys = map.keys();
      keys.next();
      change();
      expect(codeOf(() => keys.next())).toBe('CHANGED_WHILE_ITERATING');
    }
  });

  test('is the same through all of its handles, and after an upgrade', () => {
    const memory = new VectorMemory();
    const heap = StableMemoryAllocator.init(memory);
    const [one, other] = [heap.root('map', TEXTS), heap.root('map', TEXTS)];
    one.insertMany(PLANETS);
    expect(other.length).toBe(PLANETS.length);
    const hash = other.commit();
    expect(one.rootHash).toEqual(hash);
    const later = StableMemoryAllocator.load(restarted(memory)).root('map', TEXTS);
    expect([...later]).toEqual(SORTED);
    expect(later.rootHash).toEqual(hash);
  });

  test('lives in other structures, as a whole and by itself', () => {
    const heap = newHeap();
    const draft = heap.create(TEXTS, new Map(PLANETS));
    expect([draft.ownership, draft.length]).toEqual(['owned', PLANETS.length]);
    heap.attachRoot('planets', TEXTS, draft);
    const map = heap.openRoot('planets', TEXTS)!;
    expect(new Map(map)).toEqual(new Map(PLANETS));
    expectSound(heap, map);
    expect(codeOf(() => heap.root('planets', NUMBERS))).toBe('INCOMPATIBLE_TYPE');
  });
});

describe('the root hash', () => {
  test('of an empty map is that of the empty tree, from the beginning', () => {
    const map = newHeap().root('map', TEXTS);
    expect(map.isCommitted).toBe(true);
    expect(toHex(map.rootHash)).toBe(rootHashOf([]));
    map.insert('a', 'b');
    map.remove('a');
    expect(toHex(map.commit())).toBe(rootHashOf([]));
  });

  test('is that of the whole tree, after one change as after many', () => {
    const map = newHeap().root('map', TEXTS);
    const model = new Map<string, string>();
    for (const [key, value] of PLANETS) {
      model.set(key, value);
      expect(toHex(map.insertAndCommit(key, value))).toBe(rootHashOf(encoded(model)));
    }
    for (const [key] of SORTED) {
      model.delete(key);
      expect(toHex(map.removeAndCommit(key))).toBe(rootHashOf(encoded(model)));
    }
    map.insertMany(PLANETS);
    expect(toHex(map.commit())).toBe(rootHashOf(encoded(PLANETS)));
    expect(map.commit()).toEqual(map.rootHash);
    expectSound(map.allocator, map);
  });

  test('is not to be had while the map is uncommitted', () => {
    const map = planets();
    for (const use of [
      () => map.rootHash,
      () => map.witness('mars'),
      () => map.witnessOfRange({}),
    ]) {
      expect(codeOf(use)).toBe('UNCOMMITTED');
    }
    map.commit();
    expect(reconstruct(map.witness('mars'))).toEqual(map.rootHash);
    map.removeMany(['pluto']);
    expect(map.isCommitted).toBe(true);
    map.delete('mars');
    expect(map.isCommitted).toBe(false);
  });

  test('depends on the contents alone', () => {
    const entries = fc.uniqueArray(fc.tuple(fc.uint8Array({ maxLength: 3 }), fc.nat(255)), {
      selector: ([key]) => String(key),
      maxLength: 30,
    });
    checkProperty(
      fc.property(
        entries,
        fc.array(fc.uint8Array({ maxLength: 3 })),
        fc.nat(),
        (pairs, others, n) => {
          const map = newHeap().root('map', BYTES);
          const shuffled = [...pairs].sort(
            ([a], [b]) => ((a.length * n) % 7) - ((b.length * n) % 5),
          );
          map.insertMany(others.map((key) => [key, Uint8Array.of(1)]));
          for (const [key, value] of shuffled) map.insert(key, Uint8Array.of(value));
          map.commit();
          const kept = new Set(pairs.map(([key]) => String(key)));
          map.removeMany(others.filter((key) => !kept.has(String(key))));
          expect(toHex(map.commit())).toBe(
            rootHashOf(pairs.map(([key, value]) => [key, Uint8Array.of(value)])),
          );
          expect(map.checkInvariants()).toBeUndefined();
        },
      ),
    );
  });
});

describe('without room', () => {
  const initial = new Map(PLANETS);
  const LONG = 'x'.repeat(1_000);

  test.each([
    ['insert', () => ['pluto', 'far'], (map: Planets) => map.insert('pluto', 'far')],
    ['overwrite', () => ['mars', LONG], (map: Planets) => map.insert('mars', LONG)],
    ['update', () => ['earth', LONG], (map: Planets) => map.update('earth', () => LONG)],
  ])('%s changes nothing, at every allocation', (_name, rejected, act) => {
    expect(checkEveryAllocation({ type: TEXTS, initial, act, rejected: rejected() })).toBe(2);
  });

  test('insertMany changes nothing, at every allocation', () => {
    const entries: [string, string][] = [...PLANETS.slice(0, 3), ['new', LONG], ['newer', LONG]];
    const act = (map: Planets) => map.insertMany(entries);
    expect(checkEveryAllocation({ type: TEXTS, initial, act, rejected: entries })).toBe(10);
  });

  test('a map is made as a whole or not at all', () => {
    const act = (_map: Planets, heap: StableMemoryAllocator) => heap.create(TEXTS, initial);
    expect(checkEveryAllocation({ type: TEXTS, initial, act })).toBeGreaterThan(10);
  });

  test('values can be overwritten, made shorter and removed in a full heap', () => {
    const heap = newHeap(1);
    const map = heap.root('map', NUMBERS);
    let count = 0n;
    while (outOfMemoryOf(() => map.insert(count, count)) === undefined) count += 1n;
    expect(map.insert(7n, 8n)).toBe(7n);
    map.commit();
    expect(map.removeMany(Array.from({ length: Number(count) }, (_, key) => BigInt(key)))).toBe(
      Number(count),
    );
    expectSound(heap, map);
  });
});

type Planets = SCertifiedBTreeMap<string, string>;

test('defect 10: a removal that finds nothing leaves nothing behind for the next insertion', () => {
  const map = newHeap().root('map', NUMBERS);
  for (let key = 6_000n; key > 4_000n; key -= 2n) {
    expect(map.remove(key + 1n)).toBeUndefined();
    map.insert(key, key);
  }
  expect(map.length).toBe(1_000);
  for (let key = 6_000n; key > 4_000n; key -= 2n) expect(map.get(key)).toBe(key);
  expect([...map.keys({ reverse: true })]).toEqual([...map.keys()].reverse());
});

test('defect 10: an insertion that found no room can be tried again', () => {
  const heap = newHeap(1);
  const map = heap.root('map', NUMBERS);
  const keys = Array.from({ length: 700 }, (_, index) => BigInt((index * 7_919) % 10_007));
  const refused = keys.filter((key) => outOfMemoryOf(() => map.insert(key, key)) !== undefined);
  expect(refused.length).toBeGreaterThan(0);
  for (const key of keys.slice(0, 100)) map.delete(key);
  for (const key of refused.slice(0, 50)) map.insert(key, key);
  const expected = [...keys.slice(100, keys.length - refused.length), ...refused.slice(0, 50)];
  expect([...map.keys()]).toEqual(expected.sort((a, b) => Number(a - b)));
  expectSound(heap, map);
});

test('the depth of the tree is that of its bits, not of its history', () => {
  const map = newHeap().root('map', BYTES);
  const chain = Array.from({ length: 300 }, (_, length) => new Uint8Array(length).fill(0xff));
  for (const key of chain) map.insert(key, new Uint8Array(0));
  map.commit();
  expect(map.length).toBe(300);
  expect(reconstruct(map.witness(chain.at(-1)!))).toEqual(map.rootHash);
  expect(map.removeMany(chain.reverse())).toBe(300);
});
