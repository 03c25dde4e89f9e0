import { describe, expect, test } from '@jest/globals';
import { blob, record, text, u16, u32, u8 } from '../../src/lib/codecs/index.js';
import { MinHeap } from '../../src/lib/min-heap.js';
import { BASE_VEC_LAYOUT } from '../../src/lib/vec/base-vec.js';
import { Vec } from '../../src/lib/vec.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf, CountdownMemory, DiskFull, imageOf } from '../support/memories.js';
import { headOf, hex, spoil } from '../support/stored.js';
import { WRONG_CODECS } from '../support/wrong-inputs.js';

function heapOf(values: readonly number[], memory = new VectorMemory()): MinHeap<number> {
  const heap = MinHeap.init(memory, u16);
  for (const value of values) heap.push(value);
  return heap;
}

describe('a heap', () => {
  test('that is new is empty and says so everywhere', () => {
    const heap = heapOf([]);
    expect(heap.length).toBe(0);
    expect(heap.isEmpty).toBe(true);
    expect(heap.peek()).toBeUndefined();
    expect(heap.pop()).toBeUndefined();
    expect([...heap]).toEqual([]);
    expect(heap.checkInvariants()).toBeUndefined();
  });

  test('gives back the least element first', () => {
    const heap = heapOf([5, 1, 4, 1, 3]);
    expect(heap.peek()).toBe(1);
    expect(heap.length).toBe(5);
    expect([1, 2, 3, 4, 5, 6].map(() => heap.pop())).toEqual([1, 1, 3, 4, 5, undefined]);
  });

  test('is there again when it is opened', () => {
    const heap = MinHeap.load(heapOf([3, 2]).intoMemory(), u16);
    heap.push(1);
    expect(MinHeap.init(heap.intoMemory(), u16).pop()).toBe(1);
  });

  test('is empty after clear', () => {
    const heap = heapOf([3, 2]);
    heap.clear();
    expect(heap.isEmpty).toBe(true);
    expect(heap.peek()).toBeUndefined();
  });

  test('is walked as it is stored, and not after a change', () => {
    const heap = heapOf([2, 3, 1]);
    expect([...heap]).toEqual([1, 3, 2]);
    const iterator = heap[Symbol.iterator]();
    iterator.next();
    heap.pop();
    expect(codeOf(() => iterator.next())).toBe('CHANGED_WHILE_ITERATING');
  });
});

describe('the bytes', () => {
  const header = (length: number, bound: string) =>
    `534d4801 ${length.toString(16).padStart(2, '0')}00000000000000 ${bound} ${'00'.repeat(47)}`;

  // Section 4.2 of the specification, to the byte.
  test('are frozen', () => {
    const memory = new VectorMemory();
    const heap = heapOf([3, 2, 5, 1], memory);
    expect(headOf(memory)).toBe(hex(`${header(4, '02000000 01')} 0001 0002 0005 0003`));
    heap.pop();
    expect(headOf(memory)).toBe(hex(`${header(3, '02000000 01')} 0002 0003 0005 0003`));
    heap.pop();
    expect(headOf(memory)).toBe(hex(`${header(2, '02000000 01')} 0003 0005 0005 0003`));
    heap.pop();
    expect(headOf(memory)).toBe(hex(`${header(1, '02000000 01')} 0005 0005 0005 0003`));
    heap.pop();
    expect(headOf(memory)).toBe(hex(`${header(0, '02000000 01')} 0005 0005 0005 0003`));
  });

  test('of a short element behind which a longer one was, and the other way round, are frozen', () => {
    const memory = new VectorMemory();
    const heap = MinHeap.init(memory, blob(4));
    heap.push(Uint8Array.of(9));
    // It is written behind the first, changes places with it, and leaves its tail there.
    heap.push(Uint8Array.of(1, 2, 3, 4));
    expect(headOf(memory)).toBe(hex(`${header(2, '04000000 00')} 04 01020304 01 09020304`));
    heap.pop();
    expect(headOf(memory)).toBe(hex(`${header(1, '04000000 00')} 01 09020304 01 09020304`));
  });

  test('of a pop in which nothing moves but the last element are frozen', () => {
    const memory = new VectorMemory();
    heapOf([1, 7, 2, 8, 9], memory).pop();
    expect(headOf(memory)).toBe(hex(`${header(4, '02000000 01')} 0002 0007 0009 0008 0009`));
  });

  test('of an element that stays where it was added are written once', () => {
    const memory = new CountdownMemory(new VectorMemory());
    const heap = MinHeap.init(memory, u16);
    for (const [value, writes] of [
      [5, 2],
      [6, 2],
      [4, 4],
    ] as const) {
      memory.failWritesAfter(Infinity);
      heap.push(value);
      expect(memory.steps).toBe(writes);
    }
  });

  // A longer parent moves into the last slot: it, and not the new element, needs the page.
  test('reach to the end of the longest that was in the last slot', () => {
    const memory = new VectorMemory();
    const heap = MinHeap.init(memory, blob(40_000));
    heap.push(new Uint8Array(30_000).fill(9));
    heap.push(Uint8Array.of(1));
    expect(memory.size()).toBe(2);
    expect(heap.checkInvariants()).toBeUndefined();
    heap.pop();
    expect(heap.pop()).toHaveLength(30_000);
  });
});

describe('opening', () => {
  test('creates in an empty memory only', () => {
    const memory = new VectorMemory();
    memory.grow(1);
    expect(codeOf(() => MinHeap.create(memory, u16))).toBe('NOT_EMPTY');
    expect(codeOf(() => MinHeap.init(memory, u16))).toBe('BAD_MAGIC');
    expect(codeOf(() => MinHeap.load(new VectorMemory(), u16))).toBe('CORRUPTED');
  });

  test('refuses the bytes of a vector and elements of another size', () => {
    const memory = Vec.create(new VectorMemory(), u16).intoMemory();
    expect(codeOf(() => MinHeap.init(memory, u16))).toBe('BAD_MAGIC');
    expect(codeOf(() => MinHeap.init(heapOf([1]).intoMemory(), u32))).toBe('INCOMPATIBLE_TYPE');
    expect(codeOf(() => MinHeap.init(new VectorMemory(), text))).toBe('INCOMPATIBLE_TYPE');
  });

  test('refuses a codec without an order', () => {
    const user = record({ age: u8 });
    expect(() => MinHeap.create(new VectorMemory(), user as never)).toThrow(TypeError);
    expect(() => MinHeap.load(new VectorMemory(), user as never)).toThrow('with an order');
  });

  test.each(WRONG_CODECS)('refuses %s as a codec', (_, value) => {
    expect(() => MinHeap.init(new VectorMemory(), value as never)).toThrow(TypeError);
  });

  test('is refused while another handle holds the memory, and not after it', () => {
    const memory = new VectorMemory();
    const heap = heapOf([1], memory);
    expect(codeOf(() => Vec.init(memory, u16))).toBe('MEMORY_IN_USE');
    expect(heap.intoMemory()).toBe(memory);
    for (const use of [
      () => heap.length,
      () => heap.isEmpty,
      () => heap.peek(),
      () => heap.push(1),
      () => heap.pop(),
      () => heap.clear(),
      () => [...heap],
      () => heap.checkInvariants(),
      () => heap.intoMemory(),
    ]) {
      expect(codeOf(use)).toBe('HANDLE_CLOSED');
    }
    expect(MinHeap.init(memory, u16).pop()).toBe(1);
  });
});

describe('what is refused changes nothing', () => {
  test('an element above the bound', () => {
    const memory = new VectorMemory();
    const heap = MinHeap.init(memory, blob(1));
    heap.push(Uint8Array.of(5));
    const before = imageOf(memory);
    expect(codeOf(() => heap.push(Uint8Array.of(1, 2)))).toBe('VALUE_TOO_LARGE');
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    expect(heap.length).toBe(1);
  });

  test('an element for which there is no room, and none for the parent that it displaces', () => {
    const memory = new CountdownMemory(new VectorMemory());
    const heap = MinHeap.init(memory, blob(32_740));
    heap.push(new Uint8Array(32_740).fill(9));
    const before = imageOf(memory);
    memory.refuseGrowsAfter(0);
    expect(codeOf(() => heap.push(new Uint8Array(32_720)))).toBe('GROW_FAILED');
    expect(memory.steps).toBe(1);
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    expect(heap.checkInvariants()).toBeUndefined();
    memory.relent();
    heap.push(new Uint8Array(32_720));
    expect(memory.size()).toBe(2);
  });

  test.each([
    ['push', (heap: MinHeap<number>) => heap.push(0)],
    ['pop', (heap: MinHeap<number>) => heap.pop()],
    ['clear', (heap: MinHeap<number>) => heap.clear()],
  ])('a failed write in %s closes the handle', (_, change) => {
    for (let writes = 0; ; writes++) {
      const memory = new CountdownMemory(new VectorMemory());
      const heap = MinHeap.init(memory, u16);
      for (const value of [5, 6, 7, 8, 9, 1, 2]) heap.push(value);
      memory.failWritesAfter(writes);
      try {
        change(heap);
        expect(writes).toBeGreaterThan(0);
        return;
      } catch (error) {
        expect(error).toBeInstanceOf(DiskFull);
      }
      memory.relent();
      expect(codeOf(() => heap.peek())).toBe('PREVIOUS_FAILURE');
      expect(codeOf(() => heap.pop())).toBe('PREVIOUS_FAILURE');
    }
  });
});

describe('damaged bytes', () => {
  test('that break the order are found by the check', () => {
    const memory = new VectorMemory();
    const heap = heapOf([1, 2, 3], memory);
    spoil(memory, BASE_VEC_LAYOUT.slots, '0004');
    expect(heap.checkInvariants()).toBe('element 1 is less than its parent 0');
    spoil(memory, BASE_VEC_LAYOUT.slots, '0003');
    expect(heap.checkInvariants()).toBe('element 1 is less than its parent 0');
    spoil(memory, BASE_VEC_LAYOUT.slots, '0002');
    expect(heap.checkInvariants()).toBeUndefined();
  });

  test('in the way of a sift change nothing', () => {
    const memory = new VectorMemory();
    const heap = MinHeap.init(memory, blob(2));
    for (const byte of [1, 2, 3]) heap.push(Uint8Array.of(byte));
    spoil(memory, BASE_VEC_LAYOUT.slots + 3, '03');
    const before = imageOf(memory);
    expect(codeOf(() => heap.push(Uint8Array.of(0)))).toBe('CORRUPTED');
    expect(codeOf(() => heap.pop())).toBe('CORRUPTED');
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    expect(heap.length).toBe(3);
    expect(heap.checkInvariants()).toMatch(/^CORRUPTED/);
  });
});
