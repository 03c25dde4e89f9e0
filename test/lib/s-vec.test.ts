import { describe, expect, test } from '@jest/globals';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { fixedBytes, text, u16, u32, u64, u8, unit } from '../../src/lib/codecs/index.js';
import { SBox } from '../../src/lib/s-box.js';
import { SVec } from '../../src/lib/s-vec.js';
import { S_VEC_LAYOUT } from '../../src/lib/s-vec/fields.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { checkEveryAllocation, expectSound, outOfMemoryOf } from '../support/failing-heap.js';
import { toHex } from '../support/hex.js';
import { codeOf, CountingMemory, restarted } from '../support/memories.js';
import { WRONG_ARRAYS, WRONG_NUMBERS, WRONG_SIZES } from '../support/wrong-inputs.js';

const newHeap = (maxPages = 0): StableMemoryAllocator =>
  StableMemoryAllocator.init(new VectorMemory(), { maxPages });

const vecOf = (values: readonly number[], heap = newHeap()): SVec<number> =>
  heap.root('vec', SVec.of(u16), values);

describe('a vector', () => {
  test('that is new is empty, owns no block, and says so everywhere', () => {
    const vec = vecOf([]);
    expect([vec.length, vec.isEmpty, vec.capacity]).toEqual([0, true, 0]);
    expect([vec.get(0), vec.first(), vec.last(), vec.pop()]).toEqual(Array(4).fill(undefined));
    expect([[...vec], vec.toPlain()]).toEqual([[], []]);
    expect(vec.search(() => 0)).toEqual({ index: 0, isFound: false });
    vec.clear();
    vec.shrinkToFit();
    expectSound(vec.allocator, vec);
  });

  test('doubles', () => {
    const vec = vecOf([]);
    const capacities = new Set<number>();
    for (let index = 0; index < 20; index++) {
      vec.push(index);
      capacities.add(vec.capacity);
    }
    expect([...capacities]).toEqual([4, 8, 16, 32]);
    expect(vec.toPlain()).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expectSound(vec.allocator, vec);
  });

  test('grows where it is while it is the last block of the heap', () => {
    const heap = newHeap();
    const vec = heap.root('vec', SVec.of(u64), []);
    vec.push(0n);
    const { allocatedSize } = heap;
    vec.reserve(100_000);
    expect(heap.allocatedSize - allocatedSize).toBe(8 * (100_000 - 4));
    expect(heap.freeSize).toBeLessThan(65_536);
  });

  test('inserts, removes, overwrites and swaps anywhere', () => {
    const vec = vecOf([1, 2, 3]);
    vec.insert(0, 0);
    vec.insert(4, 9);
    vec.insert(2, 5);
    expect([...vec]).toEqual([0, 1, 5, 2, 3, 9]);
    expect([vec.remove(0), vec.remove(4), vec.remove(1)]).toEqual([0, 9, 5]);
    expect(vec.set(1, 7)).toBe(2);
    vec.update(2, (value) => 10 * value);
    vec.swap(0, 2);
    vec.swap(1, 1);
    expect([...vec]).toEqual([30, 7, 1]);
    expect([vec.first(), vec.get(1), vec.last(), vec.get(3)]).toEqual([30, 7, 1, undefined]);
    expect([vec.pop(), vec.detach(0), vec.pop(), vec.pop()]).toEqual([1, 30, 7, undefined]);
    expectSound(vec.allocator, vec);
  });

  test('takes many at once, also its own', () => {
    const vec = vecOf([1]);
    vec.pushMany(new Set([2, 3]));
    vec.pushMany(vec);
    vec.pushMany([]);
    expect([...vec]).toEqual([1, 2, 3, 1, 2, 3]);
    expect(vec.capacity).toBe(6);
  });

  test('is walked either way, in part, some KiB at a time, and not after a change', () => {
    const memory = new CountingMemory();
    const numbers = Array.from({ length: 10_000 }, (_, index) => index);
    const vec = vecOf(numbers, StableMemoryAllocator.init(memory));
    expect([...vec.values({ from: 4_990, to: 5_010 })]).toEqual(numbers.slice(4_990, 5_010));
    expect([...vec.values({ from: 9_998, to: 99_999 })]).toEqual([9_998, 9_999]);
    expect([...vec.values({ from: 5, to: 2 })]).toEqual([]);
    expect(vec.length).toBe(10_000);
    memory.reads = 0;
    expect([...vec.values({ reverse: true })]).toEqual([...numbers].reverse());
    expect(memory.reads).toBe(5);
    const iterator = vec.values();
    iterator.next();
    vec.swap(0, 1);
    expect(codeOf(() => iterator.next())).toBe('CHANGED_WHILE_ITERATING');
  });

  test('finds a place among sorted elements', () => {
    const vec = vecOf([10, 20, 30, 40, 50]);
    const placeOf = (wanted: number) => vec.search((element) => element - wanted);
    expect(placeOf(40)).toEqual({ index: 3, isFound: true });
    expect([5, 10, 15, 45, 55].map((wanted) => placeOf(wanted).index)).toEqual([0, 0, 1, 4, 5]);
    expect(placeOf(15).isFound).toBe(false);
  });

  test('gives back what it does not need', () => {
    const heap = newHeap();
    const vec = heap.root('vec', SVec.of(SBox.of(text)), ['ada', 'grace', 'edith']);
    vec.reserve(1_000);
    vec.truncate(1);
    vec.truncate(7);
    expect([vec.toPlain(), vec.capacity]).toEqual([['ada'], 1_000]);
    vec.shrinkToFit();
    expect(vec.capacity).toBe(1);
    expectSound(heap, vec);
    vec.clear();
    vec.shrinkToFit();
    const { allocatedSize } = heap;
    expect(allocatedSize).toBe(newHeapWithEmptyVec().allocatedSize);
    vec.push('edith');
    expect(vec.toPlain()).toEqual(['edith']);
    heap.removeRoot('vec', SVec.of(SBox.of(text)));
    expect(heap.allocatedSize).toBe(0);
  });

  test('is there again after an upgrade', () => {
    const memory = new VectorMemory();
    StableMemoryAllocator.init(memory).root('vec', SVec.of(text), ['ada']).push('grace');
    const heap = StableMemoryAllocator.load(restarted(memory));
    expect([...heap.root('vec', SVec.of(text))]).toEqual(['ada', 'grace']);
    expect(heap.roots()).toEqual([{ name: 'vec', type: 'SVec(text)' }]);
    expect(codeOf(() => heap.root('vec', SVec.of(u64)))).toBe('INCOMPATIBLE_TYPE');
  });
});

function newHeapWithEmptyVec(): StableMemoryAllocator {
  const heap = newHeap();
  heap.root('vec', SVec.of(SBox.of(text)));
  return heap;
}

describe('a vector of vectors', () => {
  const type = SVec.of(SVec.of(text));

  test('lends its elements, and they see what becomes of them', () => {
    const heap = newHeap();
    const vec = heap.root('vec', type, [['ada'], ['grace']]);
    const grace = vec.get(1)!;
    grace.push('hopper');
    vec.insert(0, []);
    vec.reserve(1_000);
    grace.insert(0, 'admiral');
    expect(vec.toPlain()).toEqual([[], ['ada'], ['admiral', 'grace', 'hopper']]);
    expect(vec.remove(2)).toEqual(['admiral', 'grace', 'hopper']);
    expect(codeOf(() => grace.length)).toBe('VALUE_CONSUMED');
    expectSound(heap, vec);
  });

  test('gives elements away and takes them without a copy', () => {
    const heap = newHeap();
    const vec = heap.root('vec', type, [['ada'], ['grace']]);
    const ada = vec.detach(0);
    expect([ada.ownership, [...ada], vec.length]).toEqual(['owned', ['ada'], 1]);
    expectSound(heap, vec);
    vec.attach(1, ada);
    expect([ada.ownership, vec.toPlain()]).toEqual(['consumed', [['grace'], ['ada']]]);
    expect(codeOf(() => vec.attach(0, ada))).toBe('VALUE_CONSUMED');
    expect(codeOf(() => vec.attach(0, vec.get(0)!))).toBe('VALUE_CONSUMED');
    const other = newHeap().create(SVec.of(text), []);
    expect(codeOf(() => vec.attach(0, other))).toBe('INCOMPATIBLE_TYPE');
    const numbers = heap.create(SVec.of(u64), []);
    expect(codeOf(() => vec.attach(0, numbers as never))).toBe('INCOMPATIBLE_TYPE');
    numbers[Symbol.dispose]();
    expectSound(heap, vec);
  });
});

describe('defect 7', () => {
  test('a vector that cannot grow keeps its capacity, and writes nowhere else', () => {
    const heap = newHeap(1);
    const vec = heap.root('vec', SVec.of(fixedBytes(1_000)), []);
    const full = (byte: number): Uint8Array => new Uint8Array(1_000).fill(byte);
    vec.reserve(20);
    const neighbour = heap.root('neighbour', SBox.of(fixedBytes(40_000)), new Uint8Array(40_000));
    for (let byte = 0; byte < 20; byte++) vec.push(full(byte));
    const { allocatedSize } = heap;
    for (let attempt = 0; attempt < 3; attempt++) {
      const value = full(99);
      expect(outOfMemoryOf(() => vec.push(value))?.rejected).toBe(value);
      expect([vec.length, vec.capacity, heap.allocatedSize]).toEqual([20, 20, allocatedSize]);
    }
    expect(vec.toPlain().map(([byte]) => byte)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(neighbour.get()).toEqual(new Uint8Array(40_000));
    expectSound(heap, vec);
  });

  test('a vector takes what is needed where there is no room for twice as much', () => {
    const heap = newHeap(1);
    const vec = heap.root('vec', SVec.of(fixedBytes(1_000)), []);
    let count = 0;
    while (outOfMemoryOf(() => vec.push(new Uint8Array(1_000))) === undefined) count += 1;
    expect([count, vec.capacity]).toEqual([65, 65]);
    expectSound(heap, vec);
  });

  test.each([0, 1, 2, 3])('a vector of capacity %i grows', (capacity) => {
    const vec = vecOf([]);
    vec.reserve(capacity);
    expect(vec.capacity).toBe(capacity);
    const next = vec.allocator.root('next', SBox.of(u64), 7n);
    for (let index = 0; index < 9; index++) vec.push(index);
    expect([...vec]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(next.get()).toBe(7n);
    expectSound(vec.allocator, vec);
  });

  test('elements of no bytes are counted, and walked', () => {
    const heap = newHeap();
    const vec = heap.root('vec', SVec.of(unit), [undefined]);
    for (let index = 0; index < 4; index++) vec.push(undefined);
    vec.insert(2, undefined);
    vec.swap(0, 5);
    vec.reserve(1_000_000);
    vec.remove(1);
    vec.shrinkToFit();
    expect([vec.length, vec.capacity]).toEqual([5, Number.MAX_SAFE_INTEGER]);
    expect([...vec]).toEqual(Array(5).fill(undefined));
    expect([...vec.values({ from: 3, reverse: true })]).toHaveLength(2);
    expectSound(heap, vec);
    expect(() => vec.push(7 as never)).toThrow(TypeError);
    vec.clear();
    expect(vec.isEmpty).toBe(true);
  });

  test.each([2 ** 20, 2 ** 40, 2 ** 50, 2 ** 53 - 1])(
    'a capacity of %i finds no room',
    (capacity) => {
      const vec = newHeap(2).root('vec', SVec.of(u32), [1]);
      expect(outOfMemoryOf(() => vec.reserve(capacity))).toBeDefined();
      expect([vec.capacity, [...vec]]).toEqual([1, [1]]);
      expectSound(vec.allocator, vec);
    },
  );
});

describe('without room at every step', () => {
  type Nested = SVec<readonly string[], SVec<string>>;
  const type = SVec.of(SVec.of(text));
  const initial = [['ada'], ['grace', 'hopper'], [], ['edith']];
  const value = ['x', 'y'];

  test.each([
    ['push', (vec: Nested) => vec.push(value), value],
    ['insert', (vec: Nested) => vec.insert(1, value), value],
    ['pushMany', (vec: Nested) => vec.pushMany([value, value]), [value, value]],
    ['set', (vec: Nested) => vec.set(1, value), value],
    ['update', (vec: Nested) => vec.update(1, () => value), value],
    ['reserve', (vec: Nested) => vec.reserve(100), undefined],
    ['push of an element', (vec: Nested) => vec.get(1)!.push('y'), 'y'],
  ])('%s changes nothing', (_, act, rejected) => {
    expect(checkEveryAllocation({ type, initial, act, rejected })).toBeGreaterThan(0);
  });

  test('attach leaves the handle owned', () => {
    const prepare = (_: Nested, heap: StableMemoryAllocator) => heap.create(SVec.of(text), ['x']);
    const act = (vec: Nested, _: StableMemoryAllocator, handle: SVec<string>): void => {
      expect(handle.ownership).toBe('owned');
      vec.attach(1, handle);
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
  const indexed = [
    (vec: SVec<number>, index: number) => vec.get(index),
    (vec: SVec<number>, index: number) => vec.set(index, 1),
    (vec: SVec<number>, index: number) => vec.update(index, () => 1),
    (vec: SVec<number>, index: number) => vec.insert(index, 1),
    (vec: SVec<number>, index: number) => vec.attach(index, 1),
    (vec: SVec<number>, index: number) => vec.remove(index),
    (vec: SVec<number>, index: number) => vec.detach(index),
    (vec: SVec<number>, index: number) => vec.swap(index, 0),
    (vec: SVec<number>, index: number) => vec.swap(0, index),
    (vec: SVec<number>, index: number) => vec.truncate(index),
    (vec: SVec<number>, index: number) => vec.reserve(index),
  ];

  test('an index that is none', () => {
    const vec = vecOf([1, 2]);
    for (const use of indexed) {
      for (const [, value] of WRONG_NUMBERS)
        expect(() => use(vec, value as never)).toThrow(TypeError);
      for (const [, value] of WRONG_SIZES)
        expect(() => use(vec, value as never)).toThrow(RangeError);
    }
    for (const use of indexed.slice(1, 9)) expect(() => use(vec, 3)).toThrow(RangeError);
    expect([...vec]).toEqual([1, 2]);
    expectSound(vec.allocator, vec);
  });

  test('an element that its codec refuses, also among others', () => {
    const heap = newHeap();
    const vec = heap.root('vec', SVec.of(SBox.of(u8)), [1, 2]);
    for (const use of [
      () => vec.push(256),
      () => vec.insert(0, -1),
      () => vec.set(0, 1.5),
      () => vec.update(0, () => 256),
      () => vec.pushMany([3, 4, 256]),
      () => heap.root('other', SVec.of(SBox.of(u8)), [3, 4, 256]),
    ]) {
      expect(codeOf(use)).toBe('INVALID_VALUE');
      expectSound(heap, vec);
    }
    expect(vec.toPlain()).toEqual([1, 2]);
  });

  test.each(WRONG_ARRAYS)('%s is no array of elements', (_, value) => {
    const vec = newHeap().root('vec', SVec.of(SVec.of(u8)), [[1]]);
    expect(() => vec.push(value as never)).toThrow(TypeError);
    expect(vec.toPlain()).toEqual([[1]]);
    expectSound(vec.allocator, vec);
  });
});

test('the bytes are frozen', () => {
  const heap = newHeap();
  const vec = heap.root('vec', SVec.of(u16), [1]);
  vec.pushMany([2, 3]);
  const header = new Uint8Array(vec.shape.headerSize);
  heap.readBlock(vec.ptr, header);
  expect(toHex(header)).toBe(
    ['0201000004000000', '0100000000005353', '4000000000000000', '0300000000000000']
      .concat('0300000000000000')
      .join(''),
  );
  const slots = new Uint8Array(6);
  heap.readBlock(0x40, slots);
  expect(toHex(slots)).toBe('000100020003');
});

describe('damaged bytes', () => {
  const { data, length, capacity } = S_VEC_LAYOUT;

  test.each([
    ['no data block', data, 0],
    ['a data block that is none', data, 9],
    ['a data block beyond the heap', data + 5, 1],
    ['a length above the capacity', length, 4],
    ['a capacity above what the block has room for', capacity, 9],
    ['a capacity beyond 2^53', capacity + 7, 1],
  ])('%s', (_, offset, byte) => {
    const vec = vecOf([1, 2, 3]);
    const { allocator, ptr } = vec;
    allocator.writeBytes(allocator.sliceAt(ptr).offset(offset, 1), Uint8Array.of(byte));
    const fresh = allocator.openRoot('vec', SVec.of(u16))!;
    for (const use of [() => fresh.length, () => fresh.push(4), () => [...fresh]]) {
      expect(codeOf(use)).toBe('CORRUPTED');
    }
    expect(fresh.checkInvariants()).toMatch(/^CORRUPTED/);
    expect(vec.checkInvariants()).toMatch(/^CORRUPTED/);
  });

  test('a data block where none is needed', () => {
    const vec = newHeap().root('vec', SVec.of(unit), [undefined]);
    vec.allocator.writeBytes(vec.allocator.sliceAt(vec.ptr).offset(data, 1), Uint8Array.of(8));
    expect(vec.checkInvariants()).toMatch(/^CORRUPTED/);
  });
});
