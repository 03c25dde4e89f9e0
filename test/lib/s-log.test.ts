import { describe, expect, test } from '@jest/globals';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { fixedBytes, text, u16, u32, u64, u8, unit } from '../../src/lib/codecs/index.js';
import { SBox } from '../../src/lib/s-box.js';
import { S_LOG_LAYOUT, SLog } from '../../src/lib/s-log.js';
import { SECTOR_LAYOUT } from '../../src/lib/s-log/sectors.js';
import { SVec } from '../../src/lib/s-vec.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { checkEveryAllocation, expectSound, outOfMemoryOf } from '../support/failing-heap.js';
import { toHex } from '../support/hex.js';
import { codeOf, CountingMemory, restarted } from '../support/memories.js';
import { WRONG_ARRAYS, WRONG_NUMBERS, WRONG_SIZES } from '../support/wrong-inputs.js';

const newHeap = (maxPages = 0): StableMemoryAllocator =>
  StableMemoryAllocator.init(new VectorMemory(), { maxPages });

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

function logOf(values: readonly number[], heap = newHeap()): SLog<number> {
  const log = heap.root('log', SLog.of(u16));
  for (const value of values) log.push(value);
  return log;
}

describe('a log', () => {
  test('that is new is empty, owns no sector, and says so everywhere', () => {
    const log = logOf([]);
    expect([log.length, log.isEmpty]).toEqual([0, true]);
    expect([log.get(0), log.first(), log.last(), log.pop()]).toEqual(Array(4).fill(undefined));
    expect([[...log], log.toPlain(), log.detach()]).toEqual([[], [], undefined]);
    log.clear();
    log.pushMany([]);
    expectSound(log.allocator, log);
  });

  test('takes sectors of 4, 8, 16, ... slots (vector 10), and gives them back', () => {
    const log = logOf(upTo(60));
    expect(sectorsOf(log)).toEqual([4, 8, 16, 32]);
    for (let index = 59; index >= 28; index--) expect(log.pop()).toBe(index);
    expect(sectorsOf(log)).toEqual([4, 8, 16]);
    log.push(28);
    expect(sectorsOf(log)).toEqual([4, 8, 16, 32]);
    expect([...log]).toEqual(upTo(29));
    const { allocatedSize } = logOf([]).allocator;
    log.clear();
    expect(log.allocator.allocatedSize).toBe(allocatedSize);
    expectSound(log.allocator, log);
  });

  test('takes one sector for many elements at once', () => {
    const log = logOf([1]);
    log.pushMany(new Set(upTo(100)));
    expect(sectorsOf(log)).toEqual([4, 97]);
    log.pushMany(log);
    expect(sectorsOf(log)).toEqual([4, 97, 105]);
    expect([...log]).toEqual([1, ...upTo(100), 1, ...upTo(100)]);
    expectSound(log.allocator, log);
  });

  test('never moves an element', () => {
    const heap = newHeap();
    const log = heap.root('log', SLog.of(u16));
    const blocks = new Set<number>();
    for (let index = 0; index < 1_000; index++) {
      log.push(index);
      log.trace((ptr) => blocks.add(ptr));
    }
    expect(blocks.size).toBe(1 + 8);
  });

  test('finds and overwrites elements in every sector', () => {
    const log = logOf(upTo(50));
    for (const index of [49, 0, 28, 27, 3, 4, 11, 12]) {
      expect(log.get(index)).toBe(index);
      expect(log.set(index, 100 + index)).toBe(index);
      log.update(index, (value) => value + 1_000);
    }
    expect([log.first(), log.last(), log.get(50)]).toEqual([1_100, 1_149, undefined]);
    expect(log.toPlain().filter((value) => value > 1_000)).toHaveLength(8);
    expectSound(log.allocator, log);
  });

  test('looks at few sectors, once', () => {
    const memory = new CountingMemory();
    const heap = StableMemoryAllocator.init(memory);
    logOf(upTo(60_000), heap);
    const log = heap.openRoot('log', SLog.of(u16))!;
    expect(log.length).toBe(60_000);
    memory.reads = 0;
    expect(log.get(0)).toBe(0);
    expect(memory.reads).toBeLessThanOrEqual(2 * 14);
    memory.reads = 0;
    expect([log.get(1), log.get(30_000), log.last()]).toEqual([1, 30_000, 59_999]);
    expect(memory.reads).toBe(3);
  });

  test('is walked either way, in part, some KiB at a time, and not after a change', () => {
    const memory = new CountingMemory();
    const log = logOf(upTo(9_000), StableMemoryAllocator.init(memory));
    expect([...log]).toEqual(upTo(9_000));
    expect([...log.values({ reverse: true })]).toEqual(upTo(9_000).reverse());
    expect([...log.values({ from: 3, to: 30 })]).toEqual(upTo(30).slice(3));
    expect([...log.values({ from: 3, to: 30, reverse: true })]).toEqual(
      upTo(30).slice(3).reverse(),
    );
    expect([...log.values({ from: 8_999, to: 99_999 })]).toEqual([8_999]);
    expect([...log.values({ from: 5, to: 2 })]).toEqual([]);
    memory.reads = 0;
    for (const value of log.values({ reverse: true })) expect(value).toBeLessThan(9_000);
    expect(memory.reads).toBeLessThan(20);
    const iterator = log.values();
    iterator.next();
    log.push(1);
    expect(codeOf(() => iterator.next())).toBe('CHANGED_WHILE_ITERATING');
  });

  test('is there again after an upgrade', () => {
    const memory = new VectorMemory();
    StableMemoryAllocator.init(memory).root('log', SLog.of(text), ['ada']).push('grace');
    const heap = StableMemoryAllocator.load(restarted(memory));
    expect([...heap.root('log', SLog.of(text))]).toEqual(['ada', 'grace']);
    expect(heap.roots()).toEqual([{ name: 'log', type: 'SLog(text)' }]);
    expect(codeOf(() => heap.root('log', SVec.of(text)))).toBe('INCOMPATIBLE_TYPE');
  });

  test('lends, gives and takes structures', () => {
    const heap = newHeap();
    const type = SLog.of(SVec.of(text));
    const log = heap.root('log', type, [['ada'], ['grace']]);
    log.first()!.push('lovelace');
    const grace = log.detach()!;
    expect([grace.ownership, [...grace], log.length]).toEqual(['owned', ['grace'], 1]);
    expectSound(heap, log);
    log.push(['edith']);
    log.attach(grace);
    expect(codeOf(() => log.attach(grace))).toBe('VALUE_CONSUMED');
    expect(codeOf(() => log.attach(log.first()!))).toBe('VALUE_CONSUMED');
    expect(log.toPlain()).toEqual([['ada', 'lovelace'], ['edith'], ['grace']]);
    expectSound(heap, log);
    expect([log.pop(), log.set(0, [])]).toEqual([['grace'], ['ada', 'lovelace']]);
    log.clear();
    expectSound(heap, log);
    heap.removeRoot('log', type);
    expect(heap.allocatedSize).toBe(0);
  });

  test('counts elements of no bytes', () => {
    const heap = newHeap();
    const log = heap.root('log', SLog.of(unit), [undefined]);
    for (let index = 0; index < 4; index++) log.push(undefined);
    expect([log.length, log.set(4, undefined), log.pop(), log.length]).toEqual([
      5,
      undefined,
      undefined,
      4,
    ]);
    expect([...log]).toEqual(Array(4).fill(undefined));
    expect([...log.values({ from: 2, reverse: true })]).toHaveLength(2);
    expect(() => log.push(7 as never)).toThrow(TypeError);
    expectSound(heap, log);
    log.clear();
    expect(log.isEmpty).toBe(true);
  });
});

/** How many slots each sector has, the first sector first. PRECONDITION: elements own nothing. */
function sectorsOf<T>(log: SLog<T>): number[] {
  const sectors: number[] = [];
  log.trace((ptr) => sectors.unshift(capacityAt(log.allocator, ptr)));
  return sectors.slice(0, -1);
}

function capacityAt(heap: StableMemoryAllocator, ptr: number): number {
  const sector = new Uint8Array(SECTOR_LAYOUT.slots);
  heap.readBlock(ptr, sector);
  return sector[SECTOR_LAYOUT.capacity]! + 256 * sector[SECTOR_LAYOUT.capacity + 1]!;
}

describe('defect 8', () => {
  test('sectors that had to be small confuse no walk, and no index', () => {
    const heap = newHeap(1);
    const log = heap.root('log', SLog.of(fixedBytes(100)));
    let count = 0;
    const element = (number: number): Uint8Array => new Uint8Array(100).fill(number);
    while (outOfMemoryOf(() => log.push(element(count))) === undefined) count += 1;
    expect(count).toBeGreaterThan(640);
    const sectors = sectorsOf(log);
    expect(sectors.slice(0, 7)).toEqual([4, 8, 16, 32, 64, 128, 256]);
    expect(sectors.slice(7).some((capacity) => capacity < 256)).toBe(true);
    const bytes = upTo(count).map((number) => number & 0xff);
    expect(Array.from(log, ([byte]) => byte)).toEqual(bytes);
    expect(Array.from(log.values({ reverse: true }), ([byte]) => byte)).toEqual(bytes.reverse());
    for (const index of upTo(count)) expect(log.get(index)![0]).toBe(index & 0xff);
    expectSound(heap, log);
    while (log.length > 0) expect(log.pop()![0]).toBe((count -= 1) & 0xff);
    expectSound(heap, log);
  });

  test('failures inflate nothing: once there is room, sectors are as they should be', () => {
    const heap = newHeap(1);
    const log = heap.root('log', SLog.of(u64));
    const ballast = heap.create(SBox.of(fixedBytes(65_200)), new Uint8Array(65_200));
    const { allocatedSize } = heap;
    heap.create(SVec.of(u8), new Array(heap.freeSize - 16 - 64).fill(7));
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(outOfMemoryOf(() => log.push(1n))?.rejected).toBe(1n);
    }
    expect(log.isEmpty).toBe(true);
    ballast.destroy();
    for (let index = 0n; index < 13n; index++) log.push(index);
    expect(sectorsOf(log)).toEqual([4, 8, 16]);
    expect(heap.allocatedSize).toBeLessThan(allocatedSize);
    expectSound(heap, log);
  });
});

describe('without room at every step', () => {
  type Nested = SLog<readonly string[], SVec<string>>;
  const type = SLog.of(SVec.of(text));
  const initial = [['ada'], ['grace', 'hopper'], [], ['edith']];
  const value = ['x', 'y'];

  test.each([
    ['push', (log: Nested) => log.push(value), value],
    ['pushMany', (log: Nested) => log.pushMany([value, value]), [value, value]],
    ['set', (log: Nested) => log.set(1, value), value],
    ['update', (log: Nested) => log.update(1, () => value), value],
  ])('%s changes nothing', (_, act, rejected) => {
    expect(checkEveryAllocation({ type, initial, act, rejected })).toBeGreaterThan(0);
  });

  test('attach leaves the handle owned', () => {
    const prepare = (_: Nested, heap: StableMemoryAllocator) => heap.create(SVec.of(text), ['x']);
    const act = (log: Nested, _: StableMemoryAllocator, handle: SVec<string>): void => {
      expect(handle.ownership).toBe('owned');
      log.attach(handle);
    };
    expect(checkEveryAllocation({ type, initial, prepare, act })).toBeGreaterThan(0);
  });

  test('a root is not made', () => {
    const act = (_: Nested, heap: StableMemoryAllocator): void => {
      heap.root('other', type, initial);
      heap.removeRoot('other', type);
    };
    expect(checkEveryAllocation({ type, initial, act })).toBeGreaterThan(20);
  });
});

describe('what is refused changes nothing', () => {
  test('an index that is none', () => {
    const log = logOf([1, 2]);
    for (const use of [
      (index: number) => log.get(index),
      (index: number) => log.set(index, 1),
      (index: number) => log.update(index, () => 1),
      (index: number) => log.values({ from: index }),
    ]) {
      for (const [, value] of WRONG_NUMBERS.slice(1)) {
        expect(() => use(value as never)).toThrow(TypeError);
      }
      for (const [, value] of WRONG_SIZES) expect(() => use(value as never)).toThrow(RangeError);
    }
    expect(() => log.set(2, 1)).toThrow(RangeError);
    expect([...log]).toEqual([1, 2]);
    expectSound(log.allocator, log);
  });

  test('an element that its codec refuses, also among others, also where it needs a sector', () => {
    const heap = newHeap();
    const log = heap.root('log', SLog.of(SBox.of(u8)), [1, 2, 3, 4]);
    const { allocatedSize } = heap;
    for (const use of [
      () => log.push(256),
      () => log.set(0, 1.5),
      () => log.update(0, () => 256),
      () => log.pushMany([3, 4, 256]),
      () => heap.root('other', SLog.of(SBox.of(u8)), [3, 4, 256]),
    ]) {
      expect(codeOf(use)).toBe('INVALID_VALUE');
      expect(heap.allocatedSize).toBe(allocatedSize);
      expectSound(heap, log);
    }
    expect(log.toPlain()).toEqual([1, 2, 3, 4]);
  });

  test.each(WRONG_ARRAYS)('%s is no array of elements', (_, value) => {
    const log = newHeap().root('log', SLog.of(SLog.of(u8)), [[1]]);
    expect(() => log.push(value as never)).toThrow(TypeError);
    expect(log.toPlain()).toEqual([[1]]);
    expectSound(log.allocator, log);
  });
});

test('the bytes are frozen', () => {
  const log = newHeap().root('log', SLog.of(u32));
  for (const value of [1, 2, 3, 4, 5]) log.push(value);
  const blocks: number[] = [];
  log.trace((ptr) => blocks.push(ptr));
  const bytesOf = (ptr: number, size: number): string => {
    const bytes = new Uint8Array(size);
    log.allocator.readBlock(ptr, bytes);
    return toHex(bytes);
  };
  const [header, last, first] = blocks as [number, number, number];
  expect([header, last, first]).toEqual([0x08, 0x98, 0x60]);
  expect(bytesOf(header, 32)).toBe(
    '0301000006000000 0100000000005353 9800000000000000 0500000000000000'.replace(/ /g, ''),
  );
  expect(bytesOf(last, 28)).toBe(
    '6000000000000000 0400000000000000 0800000000000000 00000005'.replace(/ /g, ''),
  );
  expect(bytesOf(first, 40)).toBe(
    '0000000000000000 0000000000000000 0400000000000000 00000001000000020000000300000004'.replace(
      / /g,
      '',
    ),
  );
});

describe('damaged bytes', () => {
  const { last, length } = S_LOG_LAYOUT;
  const { previous, first, capacity } = SECTOR_LAYOUT;
  const use = [
    (log: SLog<number>) => log.get(0),
    (log: SLog<number>) => [...log],
    (log: SLog<number>) => log.clear(),
  ];

  function expectCorrupted(log: SLog<number>): void {
    const fresh = log.allocator.openRoot('log', SLog.of(u16))!;
    for (const each of use) expect(codeOf(() => each(fresh))).toBe('CORRUPTED');
    expect(fresh.checkInvariants()).toMatch(/^CORRUPTED/);
    expect(log.checkInvariants()).toMatch(/^CORRUPTED/);
  }

  test.each([
    ['no last sector', last, 0],
    ['a last sector that is none', last, 9],
    ['a last sector beyond the heap', last + 5, 1],
    ['a length before the last sector', length, 4],
    ['no length', length, 0],
    ['a length behind the last sector', length, 13],
    ['a length beyond 2^53', length + 7, 1],
  ])('%s', (_, offset, byte) => {
    const log = logOf([1, 2, 3, 4, 5]);
    const { allocator, ptr } = log;
    allocator.writeBytes(allocator.sliceAt(ptr).offset(offset, 1), Uint8Array.of(byte));
    expectCorrupted(log);
  });

  test.each([
    ['a sector without a predecessor', previous, 0],
    ['a sector before itself', previous, 0xff],
    ['a sector that begins elsewhere', first, 5],
    ['a sector that begins at 0', first, 0],
    ['a sector without slots', capacity, 0],
    ['a sector of more slots than it has room for', capacity, 200],
  ])('%s', (_, offset, byte) => {
    const log = logOf([1, 2, 3, 4, 5]);
    const { allocator } = log;
    const blocks: number[] = [];
    log.trace((ptr) => blocks.push(ptr));
    const sector = blocks[1]!;
    const value = byte === 0xff ? sector : byte;
    allocator.writeBytes(allocator.sliceAt(sector).offset(offset, 1), Uint8Array.of(value));
    expectCorrupted(log);
  });
});
