import { describe, expect, test } from '@jest/globals';
import { writeU64 } from '../../src/lib/bytes.js';
import { blob, bytes, text, u32, u64 } from '../../src/lib/codecs/index.js';
import { Log } from '../../src/lib/log.js';
import { LOG_DATA_LAYOUT } from '../../src/lib/log/log-data.js';
import { LOG_INDEX_LAYOUT } from '../../src/lib/log/log-index.js';
import { MEMORY_MANAGER_LAYOUT, MemoryManager } from '../../src/lib/memory-manager.js';
import type { Memory } from '../../src/lib/memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { fromHex, toHex } from '../support/hex.js';
import { codeOf, CountdownMemory, DiskFull, imageOf } from '../support/memories.js';
import { headOf, hex } from '../support/stored.js';
import { WRONG_BYTES, WRONG_NUMBERS, WRONG_SIZES } from '../support/wrong-inputs.js';

/** Two memories, and the bytes of both. */
function memories() {
  const [index, data] = [new VectorMemory(), new VectorMemory()];
  return { index, data, images: () => [headOf(index), headOf(data)] };
}

function memoryWith(hex: string): VectorMemory {
  const memory = new VectorMemory();
  memory.grow(1);
  memory.write(0, fromHex(hex));
  return memory;
}

/** A log of so many numbers as text, `#0` and so on. */
function counted(count: number): Log<string> {
  const { index, data } = memories();
  const log = Log.init(index, data, text);
  log.appendMany(Array.from({ length: count }, (_, number) => `#${number}`));
  return log;
}

const reserved = '00'.repeat(28);

describe('a log', () => {
  test('without entries is empty and says so everywhere', () => {
    const log = counted(0);
    expect([log.length, log.isEmpty]).toEqual([0, true]);
    expect([log.first(), log.last(), log.get(0), log.get(7)]).toEqual(Array(4).fill(undefined));
    expect([...log]).toEqual([]);
    expect([...log.values({ reverse: true })]).toEqual([]);
    expect([log.logSizeInBytes, log.dataSizeInBytes, log.indexSizeInBytes]).toEqual([0, 32, 40]);
    expect(log.checkInvariants()).toBeUndefined();
  });

  test('gives each entry a number and finds it by that', () => {
    const log = counted(0);
    expect(['a', '', 'ccc'].map((entry) => log.append(entry))).toEqual([0, 1, 2]);
    expect([0, 1, 2, 3].map((number) => log.get(number))).toEqual(['a', '', 'ccc', undefined]);
    expect([log.first(), log.last()]).toEqual(['a', 'ccc']);
    expect([log.length, log.isEmpty]).toEqual([3, false]);
    expect([log.logSizeInBytes, log.dataSizeInBytes, log.indexSizeInBytes]).toEqual([4, 36, 64]);
  });

  test('adds many entries at once and says the number of the first', () => {
    const log = counted(3);
    expect(log.appendMany(['x', 'y'])).toBe(3);
    expect(log.appendMany([])).toBe(5);
    expect(log.appendMany(new Set(['z']))).toBe(5);
    expect([...log]).toEqual(['#0', '#1', '#2', 'x', 'y', 'z']);
  });

  test('can be added to itself', () => {
    const log = counted(2);
    log.appendMany(log);
    expect([...log]).toEqual(['#0', '#1', '#0', '#1']);
  });

  test('is there again when it is opened', () => {
    const log = Log.init(...counted(3).intoMemories(), text);
    expect([...log]).toEqual(['#0', '#1', '#2']);
    log.append('x');
    expect([...Log.load(...log.intoMemories(), text)]).toEqual(['#0', '#1', '#2', 'x']);
  });

  test('is emptied at once, and starts again from 0', () => {
    const log = counted(3);
    log.clear();
    expect([log.length, log.logSizeInBytes, log.last()]).toEqual([0, 0, undefined]);
    expect(log.append('x')).toBe(0);
    expect([...Log.load(...log.intoMemories(), text)]).toEqual(['x']);
  });
});

describe('the bytes', () => {
  test('are frozen', () => {
    const { index, data, images } = memories();
    const log = Log.create(index, data, text);
    expect(images()).toEqual(['474c4901', '474c4401']);
    log.append('ab');
    log.append('');
    log.append('c');
    expect(images()).toEqual([
      hex(`474c4901 ${reserved} 0300000000000000 0200000000000000 0200000000000000 03`),
      `474c4401${reserved}616263`,
    ]);
    log.clear();
    log.append('z');
    expect(images()).toEqual([
      hex(`474c4901 ${reserved} 0100000000000000 0100000000000000 0200000000000000 03`),
      `474c4401${reserved}7a6263`,
    ]);
    expect([index.size(), data.size()]).toEqual([1, 1]);
  });

  // 32 bytes of header and 65,504 of entries fill the page exactly.
  test.each([
    [65_504, 1],
    [65_505, 2],
    [131_040, 2],
    [131_041, 3],
  ])('of %i bytes of entries take %i pages', (size, pages) => {
    const { index, data } = memories();
    const log = Log.create(index, data, bytes);
    log.append(new Uint8Array(1));
    log.append(new Uint8Array(size - 1));
    log.append(new Uint8Array(0));
    expect([index.size(), data.size()]).toEqual([1, pages]);
    expect(log.checkInvariants()).toBeUndefined();
    expect(log.get(1)).toHaveLength(size - 1);
  });

  // 40 bytes of header and 8,187 places fill the page exactly.
  test.each([
    [8_187, 1],
    [8_188, 2],
  ])('of %i places take %i pages', (count, pages) => {
    const [index, data] = counted(count).intoMemories();
    expect(index.size()).toBe(pages);
    const log = Log.load(index, data, text);
    expect(log.last()).toBe(`#${count - 1}`);
  });

  test('are the same whether entries come one by one or all at once, buckets of a manager too', () => {
    const images = [true, false].map((isAtOnce) => {
      const base = new VectorMemory();
      const manager = MemoryManager.init(base, { bucketSizeInPages: 1 });
      const log = Log.init(manager.get(7), manager.get(8), bytes);
      const entries = Array.from({ length: 20_000 }, (_, number) => new Uint8Array(number % 17));
      if (isAtOnce) log.appendMany(entries);
      else for (const entry of entries) log.append(entry);
      return imageOf(base);
    });
    expect(Buffer.compare(images[0]!, images[1]!)).toBe(0);
  });

  // One entry for which both memories must grow: the table of the manager says who was first.
  test('grow the data first, as the crate does', () => {
    const base = new VectorMemory();
    const manager = MemoryManager.init(base, { bucketSizeInPages: 1 });
    const log = Log.init(manager.get(7), manager.get(8), bytes);
    log.appendMany(Array.from({ length: 8_187 }, () => new Uint8Array(0)));
    log.append(new Uint8Array(70_000));
    const { table } = MEMORY_MANAGER_LAYOUT;
    expect([...imageOf(base).subarray(table, table + 5)]).toEqual([7, 8, 8, 7, 255]);
  });
});

describe('opening', () => {
  const index = `474c4901${reserved}`;
  const data = `474c4401${reserved}`;

  test.each([
    ['a foreign index', '00', data, 'BAD_MAGIC'],
    ['foreign data', index, '53434c01', 'BAD_MAGIC'],
    ['memories that are exchanged', data, index, 'BAD_MAGIC'],
    ['an index without data', index, '', 'CORRUPTED'],
    ['data without an index', '', data, 'CORRUPTED'],
    ['a foreign index without data', '00', '', 'BAD_MAGIC'],
    ['foreign data without an index', '', '00', 'BAD_MAGIC'],
    ['another version of the index', `474c4902${reserved}`, data, 'UNSUPPORTED_VERSION'],
    ['another version of the data', index, `474c4402${reserved}`, 'UNSUPPORTED_VERSION'],
    ['a length beyond the memory', `${index}fc1f000000000000`, data, 'CORRUPTED'],
    ['a length beyond 2^53', `${index}0000000000000080`, data, 'CORRUPTED'],
    ['entries that end behind the memory', `${index}0100000000000000e1ff`, data, 'CORRUPTED'],
  ])('refuses %s, and changes nothing', (_, indexHex, dataHex, code) => {
    const parts = [indexHex, dataHex].map((hex) =>
      hex === '' ? new VectorMemory() : memoryWith(hex),
    );
    const [indexMemory, dataMemory] = parts as [VectorMemory, VectorMemory];
    const before = parts.map(imageOf);
    expect(codeOf(() => Log.init(indexMemory, dataMemory, text))).toBe(code);
    expect(codeOf(() => Log.load(indexMemory, dataMemory, text))).toBe(code);
    expect(codeOf(() => Log.create(indexMemory, dataMemory, text))).toBe('NOT_EMPTY');
    expect(parts.map((memory, part) => Buffer.compare(imageOf(memory), before[part]!))).toEqual([
      0, 0,
    ]);
  });

  test('accepts a log that fills both memories', () => {
    const full = Log.load(memoryWith(`${index}0100000000000000e0ff`), memoryWith(`${data}`), bytes);
    expect(full.get(0)).toHaveLength(65_504);
    const places = Log.load(memoryWith(`${index}fb1f`), memoryWith(data), bytes);
    expect(places.length).toBe(8_187);
    expect(places.last()).toHaveLength(0);
  });

  test('is refused while another structure holds one of the memories, and not after it', () => {
    const { index: indexMemory, data: dataMemory } = memories();
    expect(codeOf(() => Log.init(indexMemory, indexMemory, text))).toBe('MEMORY_IN_USE');
    const log = Log.init(indexMemory, dataMemory, text);
    const other = new VectorMemory();
    expect(codeOf(() => Log.init(other, dataMemory, text))).toBe('MEMORY_IN_USE');
    expect(log.intoMemories()).toEqual([indexMemory, dataMemory]);
    for (const use of [
      () => log.length,
      () => log.isEmpty,
      () => log.logSizeInBytes,
      () => log.dataSizeInBytes,
      () => log.indexSizeInBytes,
      () => log.append(''),
      () => log.appendMany([]),
      () => log.get(0),
      () => log.first(),
      () => log.last(),
      () => log.readEntry(0, new Uint8Array(1)),
      () => log.values(),
      () => log.clear(),
      () => log.truncateFront(0),
      () => log.intoMemories(),
      () => log.checkInvariants(),
    ]) {
      expect(codeOf(use)).toBe('HANDLE_CLOSED');
    }
    expect(Log.init(indexMemory, dataMemory, text).length).toBe(0);
  });
});

describe('walking', () => {
  test.each([
    [{}, [0, 1, 2, 3, 4]],
    [{ from: 2 }, [2, 3, 4]],
    [{ to: 2 }, [0, 1]],
    [{ from: 1, to: 4 }, [1, 2, 3]],
    [{ from: 1, to: 4, reverse: true }, [3, 2, 1]],
    [{ reverse: true }, [4, 3, 2, 1, 0]],
    [{ from: 4, to: 99 }, [4]],
    [{ from: 3, to: 1 }, []],
    [{ from: 5 }, []],
  ])('%j gives the entries of that range', (range, numbers) => {
    expect([...counted(5).values(range)]).toEqual(numbers.map((number) => `#${number}`));
  });

  test.each([0, 1, 300, 17_000])('meets every entry of %i bytes and its neighbours', (size) => {
    const { index, data } = memories();
    const log = Log.init(index, data, bytes);
    const entries = Array.from({ length: 700 }, (_, number) =>
      new Uint8Array(number % 50 === 0 ? size : number % 5).fill(number),
    );
    log.appendMany(entries);
    const inHex = (walk: Iterable<Uint8Array>) => Array.from(walk, toHex);
    expect(inHex(log)).toEqual(inHex(entries));
    expect(inHex(log.values({ reverse: true }))).toEqual(inHex(entries).reverse());
    expect(inHex(log.values({ from: 301, to: 699, reverse: true }))).toEqual(
      inHex(entries.slice(301, 699)).reverse(),
    );
  });

  test('reads neighbours together, but no more than is sensible at once', () => {
    const sizes: number[] = [];
    const watched = (base: Memory): Memory => ({
      size: () => base.size(),
      grow: (pages) => base.grow(pages),
      write: (offset, source) => base.write(offset, source),
      read: (offset, target) => {
        sizes.push(target.length);
        base.read(offset, target);
      },
    });
    const { index, data } = memories();
    const log = Log.init(watched(index), watched(data), bytes);
    log.appendMany(Array.from({ length: 1_000 }, () => new Uint8Array(10)));
    log.appendMany(Array.from({ length: 200 }, () => new Uint8Array(400)));
    for (const reverse of [false, true]) {
      sizes.length = 0;
      expect([...log.values({ reverse })]).toHaveLength(1_200);
      expect(sizes.length).toBeLessThan(50);
      expect(Math.max(...sizes)).toBeGreaterThan(15_000);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(16_384);
      expect(sizes.filter((size) => size === 129 * 8).length).toBeGreaterThan(5);
    }
    sizes.length = 0;
    log.get(500);
    expect(sizes).toEqual([16, 10]);
  });

  test('ends where the log is changed', () => {
    for (const change of [
      (log: Log<string>) => log.append('x'),
      (log: Log<string>) => log.clear(),
      (log: Log<string>) => log.truncateFront(1),
    ]) {
      const log = counted(3);
      const walk = log.values();
      walk.next();
      change(log);
      expect(codeOf(() => walk.next())).toBe('CHANGED_WHILE_ITERATING');
    }
    const log = counted(3);
    const walk = log.values();
    walk.next();
    log.appendMany([]);
    log.truncateFront(0);
    expect(walk.next().value).toBe('#1');
  });
});

describe('truncateFront', () => {
  test.each([0, 1, 2, 4, 5])('drops the oldest %i of five entries', (count) => {
    const log = counted(5);
    log.truncateFront(count);
    const kept = ['#0', '#1', '#2', '#3', '#4'].slice(count);
    expect([...log]).toEqual(kept);
    expect(log.logSizeInBytes).toBe(2 * kept.length);
    expect(log.checkInvariants()).toBeUndefined();
    expect(log.append('x')).toBe(kept.length);
    expect([...Log.load(...log.intoMemories(), text)]).toEqual([...kept, 'x']);
  });

  // More places than are moved at a time, and more bytes.
  test.each([1, 2_999, 3_000, 6_143])('moves everything behind %i entries', (count) => {
    const { index, data } = memories();
    const log = Log.init(index, data, bytes);
    const entries = Array.from({ length: 6_144 }, (_, number) =>
      new Uint8Array(number % 61).fill(number),
    );
    log.appendMany(entries);
    log.truncateFront(count);
    expect(log.checkInvariants()).toBeUndefined();
    expect(Array.from(log, toHex)).toEqual(entries.slice(count).map(toHex));
  });

  test('leaves the bytes of a log that never had the entries', () => {
    const { index, data } = memories();
    const log = Log.init(index, data, text);
    log.appendMany(['a', 'bb', 'ccc']);
    log.truncateFront(1);
    const used = (memory: Memory, size: number) => toHex(imageOf(memory).subarray(0, size));
    const { indexSizeInBytes, dataSizeInBytes } = log;
    expect(used(index, indexSizeInBytes)).toBe(
      `474c4901${reserved}020000000000000002000000000000000500000000000000`,
    );
    expect(used(data, dataSizeInBytes)).toBe(`474c4401${reserved}6262636363`);
  });
});

describe('readEntry', () => {
  test('copies what fits and says how long the entry is', () => {
    const { index, data } = memories();
    const log = Log.init(index, data, blob(4));
    log.appendMany([Uint8Array.of(1), Uint8Array.of(2, 3, 4), new Uint8Array(0)]);
    const target = new Uint8Array(5).fill(9);
    expect(log.readEntry(1, target)).toBe(3);
    expect([...target]).toEqual([2, 3, 4, 9, 9]);
    const short = new Uint8Array(2);
    expect(log.readEntry(1, short)).toBe(3);
    expect([...short]).toEqual([2, 3]);
    expect(log.readEntry(2, target)).toBe(0);
    expect(log.readEntry(3, target)).toBeUndefined();
    expect([...target]).toEqual([2, 3, 4, 9, 9]);
  });

  test.each(WRONG_BYTES)('refuses %s for a target', (_, target) => {
    expect(() => counted(1).readEntry(0, target as Uint8Array)).toThrow(TypeError);
  });
});

describe('wrong arguments are refused', () => {
  const USES: [string, (log: Log<string>, value: number) => unknown][] = [
    ['get', (log, value) => log.get(value)],
    ['readEntry', (log, value) => log.readEntry(value, new Uint8Array(1))],
    ['truncateFront', (log, value) => log.truncateFront(value)],
    ['values from', (log, value) => log.values({ from: value })],
    ['values to', (log, value) => log.values({ to: value })],
  ];

  test.each(USES)('by %s: what is no number', (name, use) => {
    for (const [label, value] of WRONG_NUMBERS) {
      const isLeftOut = value === undefined && name.startsWith('values');
      if (!isLeftOut)
        expect([label, errorOf(() => use(counted(1), value as number))]).toEqual([
          label,
          TypeError,
        ]);
    }
  });

  test.each(USES)('by %s: a number that is no size', (name, use) => {
    for (const [label, value] of WRONG_SIZES) {
      const isNoLimit = value === Infinity && name === 'values to';
      if (!isNoLimit)
        expect([label, errorOf(() => use(counted(1), value as number))]).toEqual([
          label,
          RangeError,
        ]);
    }
  });

  test('more entries to drop than there are', () => {
    expect(() => counted(2).truncateFront(3)).toThrow(RangeError);
  });

  test('entries above their bound or outside their type: none of a batch is added', () => {
    const { index, data } = memories();
    const log = Log.init(index, data, blob(2));
    const good = new Uint8Array(2);
    expect(codeOf(() => log.append(new Uint8Array(3)))).toBe('VALUE_TOO_LARGE');
    expect(codeOf(() => log.appendMany([good, new Uint8Array(3)]))).toBe('VALUE_TOO_LARGE');
    expect(log.length).toBe(0);
    expect(codeOf(() => counted(0).appendMany(['a', '\ud800']))).toBe('INVALID_VALUE');
  });
});

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return (error as Error).constructor;
  }
  return undefined;
}

/** A log over two memories that count down, with three entries. */
function fragile() {
  const index = new CountdownMemory(new VectorMemory());
  const data = new CountdownMemory(new VectorMemory());
  const log = Log.init(index, data, bytes);
  log.appendMany([Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)]);
  return { index, data, log };
}

describe('a refused grow', () => {
  /** Too many bytes for the data, then too many places for the index. */
  const LARGE = [new Uint8Array(70_000)];
  const MANY = Array.from({ length: 9_000 }, () => new Uint8Array(0));

  test.each([
    ['data', 'an entry', LARGE, 0],
    ['index', 'places', MANY, 0],
    ['data', 'the second page of entries', [...LARGE, ...LARGE], 1],
    ['index', 'places, when the data has grown', [...LARGE, ...MANY], 0],
  ] as const)('of the %s for %s leaves the old state', (part, _, entries, count) => {
    const memory = fragile();
    memory[part].refuseGrowsAfter(count);
    const { log } = memory;
    expect(codeOf(() => log.appendMany(entries))).toBe('GROW_FAILED');
    expect(Array.from(log, toHex)).toEqual(['01', '02', '03']);
    expect(log.checkInvariants()).toBeUndefined();
    memory[part].relent();
    expect(log.appendMany(entries)).toBe(3);
    expect(log.checkInvariants()).toBeUndefined();
    expect(Log.load(...log.intoMemories(), bytes).length).toBe(3 + entries.length);
  });

  test.each(['index', 'data'] as const)('of the %s for a new log is reported', (part) => {
    const parts = {
      index: new CountdownMemory(new VectorMemory()),
      data: new CountdownMemory(new VectorMemory()),
    };
    parts[part].refuseGrowsAfter(0);
    expect(codeOf(() => Log.init(parts.index, parts.data, text))).toBe('GROW_FAILED');
    expect([headOf(parts.index), headOf(parts.data)]).toEqual(['', '']);
  });
});

describe('a failed write latches', () => {
  test.each([
    ['append', 'data', 1, (log) => log.append(Uint8Array.of(4))],
    ['append', 'index', 2, (log) => log.append(Uint8Array.of(4))],
    ['appendMany', 'data', 1, (log) => log.appendMany([Uint8Array.of(4), Uint8Array.of(5)])],
    ['appendMany', 'index', 2, (log) => log.appendMany([Uint8Array.of(4), Uint8Array.of(5)])],
    ['clear', 'index', 1, (log) => log.clear()],
    ['truncateFront', 'data', 1, (log) => log.truncateFront(1)],
    ['truncateFront', 'index', 2, (log) => log.truncateFront(1)],
  ] as [string, 'index' | 'data', number, (log: Log<Uint8Array>) => unknown][])(
    '%s, whichever write to the %s it is (of %i)',
    (_, part, count, change) => {
      for (let step = 0; step < count; step++) {
        const memory = fragile();
        memory[part].failWritesAfter(step);
        expect(() => change(memory.log)).toThrow(DiskFull);
        memory[part].relent();
        expect(codeOf(() => memory.log.get(0))).toBe('PREVIOUS_FAILURE');
        expect(codeOf(() => memory.log.append(Uint8Array.of(4)))).toBe('PREVIOUS_FAILURE');
      }
      const memory = fragile();
      memory[part].failWritesAfter(count);
      change(memory.log);
      expect(memory[part].steps).toBe(count);
    },
  );

  // The number of entries is written last: what was not published is not there.
  test('and an append that failed before its last write is not there', () => {
    const { index, data, log } = fragile();
    index.failWritesAfter(1);
    expect(() => log.append(Uint8Array.of(4))).toThrow(DiskFull);
    const restored = [index, data].map((memory) => VectorMemory.from(imageOf(memory)));
    const again = Log.load(restored[0]!, restored[1]!, bytes);
    expect(Array.from(again, toHex)).toEqual(['01', '02', '03']);
  });
});

describe('damage', () => {
  /** A log whose bounds are 2, 4, 6; `bound` is written over number `number`, counted from 1. */
  function damaged(number: number, bound: number) {
    const [index, data] = counted(3).intoMemories();
    const log = Log.load(index, data, text);
    const field = new Uint8Array(8);
    writeU64(field, 0, bound);
    index.write(LOG_INDEX_LAYOUT.bounds + 8 * (number - 1), field);
    return log;
  }

  test.each([
    ['a bound that decreases', 2, 1],
    ['a bound behind the last', 2, 7],
    ['a bound far behind the memory', 1, 2 ** 50],
  ])('of %s is found before a buffer is made for it', (_, number, bound) => {
    for (const use of [
      (log: Log<string>) => log.get(1),
      (log: Log<string>) => log.readEntry(1, new Uint8Array(1)),
      (log: Log<string>) => [...log],
      (log: Log<string>) => [...log.values({ reverse: true })],
    ]) {
      expect(codeOf(() => use(damaged(number, bound)))).toBe('CORRUPTED');
    }
    expect(damaged(number, bound).checkInvariants()).toContain('end of entry');
  });

  test('is found by truncateFront before anything is moved', () => {
    const log = damaged(2, 7);
    expect(codeOf(() => log.truncateFront(1))).toBe('CORRUPTED');
    expect(log.length).toBe(3);
    const [, data] = log.intoMemories();
    expect(headOf(data)).toBe(`474c4401${reserved}${toHex(Buffer.from('#0#1#2'))}`);
  });

  test.each([
    ['the length', 'index', LOG_INDEX_LAYOUT.length, 'length is 3, the index says 2'],
    ['the last bound', 'index', LOG_INDEX_LAYOUT.bounds + 16, 'the entries end at 6'],
    ['the magic of the index', 'index', 0, '"GLI"'],
    ['the magic of the data', 'data', LOG_DATA_LAYOUT.magic, '"GLD"'],
  ] as const)('of %s behind an open log is named by its invariants', (_, part, offset, words) => {
    const [index, data] = counted(3).intoMemories();
    const log = Log.load(index, data, text);
    (part === 'index' ? index : data).write(offset, Uint8Array.of(offset === 56 ? 5 : 2));
    expect(log.checkInvariants()).toContain(words);
  });

  test('of an entry is reported by its codec', () => {
    const { index, data } = memories();
    Log.init(index, data, u32).append(7);
    const log = Log.load(VectorMemory.from(imageOf(index)), VectorMemory.from(imageOf(data)), u64);
    expect(codeOf(() => log.get(0))).toBe('CORRUPTED');
  });
});
