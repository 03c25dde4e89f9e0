/**
 * What reads a map beyond plain lookups and ranges: neighbours, prefixes, both ends, pages.
 */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BTreeMap } from '../../src/lib/btree-map.js';
import type { Codec } from '../../src/lib/codec.js';
import { bytes, text, tuple, u32, u64, unit } from '../../src/lib/codecs/index.js';
import type { Memory } from '../../src/lib/memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf, restarted } from '../support/memories.js';
import { checkProperty } from '../support/property.js';
import { WRONG_BYTES } from '../support/wrong-inputs.js';

/** The even numbers below 200, each to its tenfold. */
function evenNumbers() {
  const map = BTreeMap.init(new VectorMemory(), u32, u32);
  for (let key = 0; key < 200; key += 2) map.insert(key, key * 10);
  return map;
}

describe('neighbours', () => {
  const map = evenNumbers();

  test.each([
    [50, 50, 50, 48, 52],
    [51, 50, 52, 50, 52],
    [0, 0, 0, undefined, 2],
    [198, 198, 198, 196, undefined],
    [500, 198, undefined, 198, undefined],
  ])('of %i: floor %s, ceiling %s, lower %s, higher %s', (key, floor, ceiling, lower, higher) => {
    const entry = (found?: number) => (found === undefined ? undefined : [found, found * 10]);
    expect(map.floor(key)).toEqual(entry(floor));
    expect(map.ceiling(key)).toEqual(entry(ceiling));
    expect(map.lower(key)).toEqual(entry(lower));
    expect(map.higher(key)).toEqual(entry(higher));
  });

  test('of a key, from the one before it on: as the crate iterates from the previous key', () => {
    expect([...map.entriesFromBefore(196)].map(([key]) => key)).toEqual([194, 196, 198]);
    expect([...map.entriesFromBefore(197)].map(([key]) => key)).toEqual([196, 198]);
    expect([...map.entriesFromBefore(0)]).toEqual([]);
    expect([...map.entriesFromBefore(1)]).toHaveLength(100);
  });
});

describe('a range', () => {
  const map = evenNumbers();

  test('is counted without decoding', () => {
    expect(map.count()).toBe(100);
    expect(map.count({ gt: 10, lte: 20 })).toBe(5);
    expect(map.count({ gt: 20, lt: 10 })).toBe(0);
  });

  test('keeps to both bounds of a side', () => {
    expect([...map.keys({ gte: 10, gt: 12, lt: 20, lte: 30 })]).toEqual([14, 16, 18]);
    expect([...map.keys({ gte: 14, gt: 4, lt: 200, lte: 18 })]).toEqual([14, 16, 18]);
  });

  test('gives entries that decode nothing until they are asked', () => {
    const decoded: string[] = [];
    const spy: Codec<number> = {
      name: u32.name,
      bound: u32.bound,
      encode: (value) => u32.encode(value),
      decode(stored) {
        decoded.push('value');
        return u32.decode(stored);
      },
    };
    const watched = BTreeMap.init(evenNumbers().intoMemory(), u32, spy);
    const [first, second] = watched.lazyEntries({ gte: 6 });
    expect(decoded).toEqual([]);
    expect([first!.key, second!.key, second!.value]).toEqual([6, 8, 80]);
    expect(decoded).toEqual(['value']);
    watched.remove(6);
    expect(codeOf(() => first!.key)).toBe('CHANGED_WHILE_ITERATING');
    expect(codeOf(() => first!.value)).toBe('CHANGED_WHILE_ITERATING');
  });
});

describe('lazy entries', () => {
  test.each([
    ['on the heap', (memory: Memory) => memory],
    ['that is copied', restarted],
  ])('in a memory %s all stay true while the iterator goes on', (_, placed) => {
    const map = BTreeMap.init(placed(evenNumbers().intoMemory()), u32, u32);
    const all = [...map.lazyEntries()];
    expect(all.map(({ key, value }) => [key, value])).toEqual([...map]);
  });
});

describe('a prefix', () => {
  const words = ['a', 'ab', 'abc', 'abd', 'ac', 'b', 'ba', 'ab\u{10ffff}', 'é'];

  test('of texts finds what starts with it, in both directions and within bounds', () => {
    const map = BTreeMap.init(new VectorMemory(), text, unit);
    for (const word of words) map.insert(word, undefined);
    expect([...map.keys({ prefix: 'ab' })]).toEqual(['ab', 'abc', 'abd', 'ab\u{10ffff}']);
    expect([...map.keys({ prefix: 'ab', reverse: true })][0]).toBe('ab\u{10ffff}');
    expect([...map.keys({ prefix: 'ab', gt: 'abc' })]).toEqual(['abd', 'ab\u{10ffff}']);
    expect([...map.keys({ prefix: 'ab', lt: 'abc', reverse: true })]).toEqual(['ab']);
    expect([...map.keys({ prefix: 'x' })]).toEqual([]);
    expect(map.count({ prefix: '' })).toBe(words.length);
  });

  test('of bytes, also where they end with 255', () => {
    const map = BTreeMap.init(new VectorMemory(), bytes, unit);
    const keys = [[0xfe], [0xff], [0xff, 0], [0xff, 0xff], [0xff, 0xff, 1]].map((content) =>
      Uint8Array.from(content),
    );
    for (const key of keys) map.insert(key, undefined);
    expect([...map.keys({ prefix: Uint8Array.of(0xff, 0xff) })]).toEqual(keys.slice(3));
    expect([...map.keys({ prefix: Uint8Array.of(0xff), reverse: true })]).toEqual(
      keys.slice(1).reverse(),
    );
  });

  test('of tuples is some of their first elements', () => {
    const map = BTreeMap.init(new VectorMemory(), tuple(u32, text, u64), unit);
    const keys = [1, 2, 3].flatMap((a) =>
      ['', 'x', 'xy'].flatMap((b) => [0n, 9n].map((c) => [a, b, c] as const)),
    );
    for (const key of keys) map.insert(key, undefined);
    expect([...map.keys({ prefix: [2] })]).toEqual(keys.filter(([a]) => a === 2));
    expect([...map.keys({ prefix: [2, 'x'] })]).toEqual([
      [2, 'x', 0n],
      [2, 'x', 9n],
    ]);
    expect([...map.keys({ prefix: [2, 'x'], reverse: true })][0]).toEqual([2, 'x', 9n]);
    expect(codeOf(() => map.keys({ prefix: [1, 'x', 0n] as never }))).toBe('INVALID_VALUE');
    expect(codeOf(() => map.keys({ prefix: [] as never }))).toBe('INVALID_VALUE');
    expect(() => map.keys({ prefix: 1 as never })).toThrow(TypeError);
  });

  test('is refused where keys have no beginnings', () => {
    expect(() => evenNumbers().keys({ prefix: 1 as never })).toThrow(TypeError);
  });

  test('agrees with startsWith, whatever the texts', () => {
    const short = fc.string({
      unit: fc.constantFrom('a', 'b', '\uffff', '\u{1f600}'),
      maxLength: 4,
    });
    checkProperty(
      fc.property(fc.uniqueArray(short, { maxLength: 60 }), short, (all, prefix) => {
        const map = BTreeMap.init(new VectorMemory(), text, unit);
        for (const word of all) map.insert(word, undefined);
        const found = [...map.keys({ prefix })];
        expect(new Set(found)).toEqual(new Set(all.filter((word) => word.startsWith(prefix))));
        expect([...map.keys({ prefix, reverse: true })]).toEqual(found.reverse());
      }),
    );
  });
});

describe('an iterator', () => {
  test('gives from both ends until they meet', () => {
    const ends = evenNumbers().keys({ gte: 10, lt: 20 });
    expect(ends.next().value).toBe(10);
    expect(ends.nextBack().value).toBe(18);
    expect(ends.nextBack().value).toBe(16);
    expect(ends.next().value).toBe(12);
    expect(ends.next().value).toBe(14);
    expect(ends.next()).toEqual({ done: true, value: undefined });
    expect(ends.nextBack()).toEqual({ done: true, value: undefined });
  });

  test('gives each entry once, in whatever order the ends are asked', () => {
    const backs = fc.array(fc.boolean(), { minLength: 120, maxLength: 120 });
    checkProperty(
      fc.property(backs, fc.boolean(), fc.boolean(), (turns, reverse, onHeap) => {
        const memory = evenNumbers().intoMemory();
        const map = BTreeMap.init(onHeap ? memory : restarted(memory), u32, u32);
        const ends = map.keys({ gte: 20, lte: 150, reverse });
        const [front, back]: number[][] = [[], []];
        for (const fromBack of turns) {
          const { value } = fromBack ? ends.nextBack() : ends.next();
          if (value !== undefined) (fromBack ? back : front)!.push(value);
        }
        expect([...front!, ...back!.reverse()]).toEqual([
          ...map.keys({ gte: 20, lte: 150, reverse }),
        ]);
      }),
    );
  });

  test('goes on behind a value that cannot be decoded', () => {
    const decode = (stored: Uint8Array) => {
      const value = u32.decode(stored);
      if (value === 5) throw new Error('a five');
      return value;
    };
    const noFives: Codec<number> = {
      name: 'no fives',
      bound: 'unbounded',
      encode: u32.encode,
      decode,
    };
    const map = BTreeMap.init(new VectorMemory(), u32, noFives);
    for (let key = 0; key < 100; key++) map.insert(key, key);
    const values = map.values();
    const given: (number | undefined)[] = [];
    for (let step = 0; step < 100; step++) {
      try {
        given.push(values.next().value);
      } catch {
        given.push(-1);
      }
    }
    expect(given).toEqual(Array.from({ length: 100 }, (_, key) => (key === 5 ? -1 : key)));
    expect(values.next().done).toBe(true);
  });

  test('throws once the map has changed, from either end, and after the map was closed', () => {
    const map = evenNumbers();
    const [first, second] = [map.keys(), map.values()];
    first.next();
    map.insert(1, 1);
    expect(codeOf(() => first.next())).toBe('CHANGED_WHILE_ITERATING');
    expect(codeOf(() => first.nextBack())).toBe('CHANGED_WHILE_ITERATING');
    expect(codeOf(() => second.next())).toBe('CHANGED_WHILE_ITERATING');
    const third = map.keys();
    map.intoMemory();
    expect(codeOf(() => third.next())).toBe('HANDLE_CLOSED');
  });

  test('stays true when the memory moves because a neighbour grows', () => {
    const memory = new VectorMemory();
    const map = BTreeMap.init(memory, u32, u32);
    for (let key = 0; key < 50; key++) map.insert(key, key);
    const keys = map.keys();
    keys.next();
    memory.grow(10);
    expect([...keys]).toEqual(Array.from({ length: 49 }, (_, index) => index + 1));
  });
});

describe('a scan', () => {
  const map = evenNumbers();

  test.each([
    [{}],
    [{ reverse: true }],
    [{ gte: 10, lt: 100 }],
    [{ gt: 10, lte: 100, reverse: true }],
  ])('of %j turns page after page', (range) => {
    const found: number[] = [];
    for (let after: Uint8Array | undefined, more = true; more; more = after !== undefined) {
      const page = map.scan({ ...range, limit: 7, after });
      expect(page.entries.length).toBeLessThanOrEqual(7);
      found.push(...page.entries.map(([key]) => key));
      after = page.next;
    }
    expect(found).toEqual([...map.keys(range)]);
  });

  test('goes on where it was after entries came and went, and the map was opened anew', () => {
    const changing = evenNumbers();
    const { entries, next } = changing.scan({ limit: 10 });
    expect(entries.at(-1)).toEqual([18, 180]);
    changing.remove(18);
    changing.insert(19, 0);
    const reopened = BTreeMap.load(changing.intoMemory(), u32, u32);
    expect(reopened.scan({ limit: 2, after: next }).entries).toEqual([
      [19, 0],
      [20, 200],
    ]);
  });

  test('has positions with frozen bytes: one from an older release must go on', () => {
    const position = Uint8Array.of(1, 0, 0, 0, 18);
    expect(map.scan({ limit: 10 }).next).toEqual(position);
    expect(map.scan({ limit: 1, after: position }).entries).toEqual([[20, 200]]);
  });

  test('has no next page when the range has ended exactly', () => {
    expect(map.scan({ limit: 100 })).toEqual({ entries: [...map] });
    expect(map.scan({ limit: 99 }).next).toBeDefined();
  });

  test('never leaves its range, whatever position it is given', () => {
    const { next } = map.scan({ limit: 100, reverse: true, lt: 50 });
    expect(next).toBeUndefined();
    const at100 = map.scan({ limit: 1, gte: 100 }).next;
    const within = { gt: 150, lt: 160, limit: 99 };
    expect(map.scan({ ...within, after: at100 }).entries).toEqual([...map.entries(within)]);
    const reversed = { gte: 20, lt: 30, limit: 99, reverse: true, after: at100 };
    expect(map.scan(reversed).entries).toEqual([...map.entries(reversed)]);
  });

  test.each([[0], [-1], [1.5]])('refuses a limit of %p', (limit) => {
    expect(() => map.scan({ limit })).toThrow(RangeError);
  });

  test('refuses a position that no scan has made', () => {
    for (const position of [[], [0], [2, 0, 0, 0, 0], [1], [1, 2, 3]]) {
      const after = Uint8Array.from(position);
      expect(codeOf(() => map.scan({ limit: 1, after }))).toBe('INVALID_VALUE');
    }
  });

  test.each(WRONG_BYTES.slice(1))('refuses %s for a position', (_, after) => {
    expect(() => map.scan({ limit: 1, after: after as Uint8Array })).toThrow(TypeError);
  });
});
