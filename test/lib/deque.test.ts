import { describe, expect, test } from '@jest/globals';
import type { Codec } from '../../src/lib/codec.js';
import { blob, fixedBytes, text, u16, u32, u8 } from '../../src/lib/codecs/index.js';
import { Deque } from '../../src/lib/deque.js';
import { DEQUE_LAYOUT } from '../../src/lib/deque/ring.js';
import { BOUND_LAYOUT } from '../../src/lib/vec/stored-bound.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { codeOf, CountdownMemory, DiskFull, imageOf } from '../support/memories.js';
import { headOf, hex, spoil } from '../support/stored.js';
import { WRONG_CODECS, WRONG_NUMBERS, WRONG_SIZES } from '../support/wrong-inputs.js';

/** Three of these slots fit the first page. */
const wide: Codec<Uint8Array> = blob(20_000);

const one = (byte: number): Uint8Array => Uint8Array.of(byte);

function dequeOf(values: readonly number[], memory = new VectorMemory()): Deque<number> {
  const deque = Deque.init(memory, u16);
  for (const value of values) deque.pushBack(value);
  return deque;
}

/** A full ring of three whose first element lies in slot 1. */
function fullRing(memory = new CountdownMemory(new VectorMemory())) {
  const deque = Deque.init(memory, wide);
  for (const byte of [9, 1, 2]) deque.pushBack(one(byte));
  deque.popFront();
  deque.pushBack(one(3));
  return { memory, deque };
}

const bytesOf = (deque: Iterable<Uint8Array>): number[] => Array.from(deque, ([byte]) => byte!);

describe('a deque', () => {
  test('that is new is empty and says so everywhere', () => {
    const deque = dequeOf([]);
    expect(deque.length).toBe(0);
    expect(deque.isEmpty).toBe(true);
    expect(deque.get(0)).toBeUndefined();
    expect(deque.first()).toBeUndefined();
    expect(deque.last()).toBeUndefined();
    expect(deque.popFront()).toBeUndefined();
    expect(deque.popBack()).toBeUndefined();
    expect([...deque]).toEqual([]);
    expect(deque.checkInvariants()).toBeUndefined();
  });

  test('takes and gives at either end', () => {
    const deque = dequeOf([2, 3]);
    deque.pushFront(1);
    deque.pushBack(4);
    expect([...deque]).toEqual([1, 2, 3, 4]);
    expect([deque.first(), deque.get(1), deque.get(4), deque.last()]).toEqual([1, 2, undefined, 4]);
    expect(deque.popFront()).toBe(1);
    expect(deque.popBack()).toBe(4);
    expect(deque.popBack()).toBe(3);
    expect(deque.popBack()).toBe(2);
    expect(deque.isEmpty).toBe(true);
  });

  test('is there again when it is opened', () => {
    const deque = Deque.load(dequeOf([2]).intoMemory(), u16);
    deque.pushFront(1);
    expect([...Deque.init(deque.intoMemory(), u16)]).toEqual([1, 2]);
  });

  test('is empty after clear', () => {
    const deque = dequeOf([1, 2]);
    deque.pushFront(7);
    deque.clear();
    expect(deque.isEmpty).toBe(true);
    deque.pushBack(5);
    expect([...deque]).toEqual([5]);
    expect(deque.checkInvariants()).toBeUndefined();
  });

  test.each(['pushBack', 'pushFront'] as const)('doubles a full ring in %s', (push) => {
    for (let popped = 0; popped < 3; popped++) {
      const deque = Deque.init(new VectorMemory(), wide);
      for (let byte = 0; byte < 3; byte++) deque.pushBack(one(byte));
      for (let byte = 3; byte < 3 + popped; byte++) {
        deque.popFront();
        deque.pushBack(one(byte));
      }
      const before = bytesOf(deque);
      deque[push](one(99));
      expect(bytesOf(deque)).toEqual(push === 'pushBack' ? [...before, 99] : [99, ...before]);
      expect(deque.checkInvariants()).toBeUndefined();
    }
  });

  test('holds elements larger than a page, and elements without any bytes', () => {
    for (const size of [70_000, 0]) {
      const deque = Deque.init(new VectorMemory(), fixedBytes(size));
      for (let index = 0; index < 3; index++) deque.pushFront(new Uint8Array(size));
      expect(Array.from(deque, ({ length }) => length)).toEqual([size, size, size]);
      expect(Deque.load(deque.intoMemory(), fixedBytes(size)).length).toBe(3);
    }
  });

  test('is walked in either direction, and not after a change', () => {
    const { deque } = fullRing();
    expect(bytesOf(deque.values({ from: 1 }))).toEqual([2, 3]);
    expect(bytesOf(deque.values({ to: 2, reverse: true }))).toEqual([2, 1]);
    const iterator = deque.values();
    iterator.next();
    deque.popBack();
    expect(codeOf(() => iterator.next())).toBe('CHANGED_WHILE_ITERATING');
  });

  test('takes no more pages than the ring has slots for', () => {
    const memory = new VectorMemory();
    const deque = dequeOf(new Array(32_736).fill(1), memory);
    expect(memory.size()).toBe(1);
    deque.pushBack(1);
    expect(memory.size()).toBe(2);
    for (let index = 0; index < 100_000; index++) {
      deque.popFront();
      deque.pushBack(1);
    }
    expect(memory.size()).toBe(2);
  });
});

test('the bytes are frozen', () => {
  const memory = new VectorMemory();
  const deque = Deque.create(memory, blob(3));
  const header = (head: string, length: string) =>
    `53445101 03000000 00 ${'00'.repeat(7)} f03f000000000000 ` +
    `${head}000000000000 ${length}00000000000000 ${'00'.repeat(24)}`;
  expect(headOf(memory)).toBe(hex(`53445101 03000000 00 ${'00'.repeat(7)} f03f`));
  deque.pushBack(Uint8Array.of(1, 2, 3));
  deque.pushBack(Uint8Array.of(4));
  expect(headOf(memory)).toBe(hex(`${header('0000', '02')} 03010203 0104`));
  deque.popFront();
  deque.pushFront(Uint8Array.of(5));
  expect(headOf(memory)).toBe(hex(`${header('0000', '02')} 01050203 0104`));
  deque.pushFront(Uint8Array.of(6, 7));
  const image = imageOf(memory);
  expect(Buffer.compare(image.subarray(0, 64), Buffer.from(hex(header('ef3f', '03')), 'hex'))).toBe(
    0,
  );
  const last = 64 + 4 * 0x3fef;
  expect([...image.subarray(last, last + 4)]).toEqual([2, 6, 7, 0]);
});

test('a doubled ring is frozen: what had come round lies behind the old end', () => {
  const { memory, deque } = fullRing();
  deque.pushFront(one(7));
  const image = imageOf(memory);
  const slot = (number: number) => image[64 + 20_002 * number + 2];
  expect([0, 1, 2, 3].map(slot)).toEqual([7, 1, 2, 3]);
  expect(image[DEQUE_LAYOUT.capacity]).toBe(6);
  expect(image[DEQUE_LAYOUT.head]).toBe(0);
  expect(memory.size()).toBe(2);
});

describe('opening', () => {
  test('creates in an empty memory only', () => {
    const memory = new VectorMemory();
    memory.grow(1);
    expect(codeOf(() => Deque.create(memory, u16))).toBe('NOT_EMPTY');
    expect(codeOf(() => Deque.init(memory, u16))).toBe('BAD_MAGIC');
    expect(headOf(memory)).toBe('');
    expect(codeOf(() => Deque.load(new VectorMemory(), u16))).toBe('CORRUPTED');
    expect(codeOf(() => Deque.init(new VectorMemory(0), u16))).toBe('GROW_FAILED');
  });

  test('refuses codecs of another bound, or of none', () => {
    const memory = dequeOf([1]).intoMemory();
    expect(codeOf(() => Deque.init(memory, u32))).toBe('INCOMPATIBLE_TYPE');
    expect(codeOf(() => Deque.init(memory, blob(2)))).toBe('INCOMPATIBLE_TYPE');
    expect(codeOf(() => Deque.init(new VectorMemory(), text))).toBe('INCOMPATIBLE_TYPE');
    expect([...Deque.init(memory, u16)]).toEqual([1]);
  });

  test.each(WRONG_CODECS)('refuses %s as a codec', (_, value) => {
    expect(() => Deque.init(new VectorMemory(), value as never)).toThrow(TypeError);
  });

  test('is refused while another handle holds the memory, and not after it', () => {
    const memory = new VectorMemory();
    const deque = dequeOf([1], memory);
    expect(codeOf(() => Deque.init(memory, u16))).toBe('MEMORY_IN_USE');
    expect(deque.intoMemory()).toBe(memory);
    for (const use of [
      () => deque.length,
      () => deque.isEmpty,
      () => deque.get(0),
      () => deque.first(),
      () => deque.last(),
      () => deque.pushBack(1),
      () => deque.pushFront(1),
      () => deque.popBack(),
      () => deque.popFront(),
      () => deque.clear(),
      () => deque.values(),
      () => [...deque],
      () => deque.checkInvariants(),
      () => deque.intoMemory(),
    ]) {
      expect(codeOf(use)).toBe('HANDLE_CLOSED');
    }
    expect([...Deque.init(memory, u16)]).toEqual([1]);
  });
});

describe('what is refused changes nothing', () => {
  test('an index that is none', () => {
    const deque = dequeOf([1]);
    for (const [, value] of WRONG_NUMBERS) {
      expect(() => deque.get(value as number)).toThrow(TypeError);
    }
    for (const [, value] of WRONG_SIZES) {
      expect(() => deque.get(value as number)).toThrow(RangeError);
    }
  });

  test('an element above the bound, also where the ring is full', () => {
    const { memory, deque } = fullRing();
    const before = imageOf(memory);
    expect(codeOf(() => deque.pushBack(new Uint8Array(20_001)))).toBe('VALUE_TOO_LARGE');
    expect(codeOf(() => deque.pushFront(new Uint8Array(20_001)))).toBe('VALUE_TOO_LARGE');
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    expect(bytesOf(deque)).toEqual([1, 2, 3]);
  });

  test.each(['pushBack', 'pushFront'] as const)('a refused grow in %s', (push) => {
    const { memory, deque } = fullRing();
    const before = imageOf(memory);
    memory.refuseGrowsAfter(0);
    expect(codeOf(() => deque[push](one(4)))).toBe('GROW_FAILED');
    expect(memory.steps).toBe(1);
    expect(Buffer.compare(imageOf(memory), before)).toBe(0);
    expect(deque.checkInvariants()).toBeUndefined();
    expect(bytesOf(deque)).toEqual([1, 2, 3]);
    memory.relent();
    deque[push](one(4));
    expect(deque.length).toBe(4);
  });
});

test.each([
  ['pushBack', (deque: Deque<Uint8Array>) => deque.pushBack(one(4)), [1, 2, 3, 4]],
  ['pushFront', (deque: Deque<Uint8Array>) => deque.pushFront(one(4)), [4, 1, 2, 3]],
  ['popBack', (deque: Deque<Uint8Array>) => deque.popBack(), [1, 2]],
  ['popFront', (deque: Deque<Uint8Array>) => deque.popFront(), [2, 3]],
  ['clear', (deque: Deque<Uint8Array>) => deque.clear(), []],
] as const)(
  'a failed write in %s closes the handle, and the memory has the deque of before',
  (_, change, after) => {
    for (let writes = 0; ; writes++) {
      const { memory, deque } = fullRing();
      memory.failWritesAfter(writes);
      try {
        change(deque);
        expect(writes).toBeGreaterThan(0);
        expect(bytesOf(deque)).toEqual(after);
        return;
      } catch (error) {
        expect(error).toBeInstanceOf(DiskFull);
      }
      expect(codeOf(() => deque.length)).toBe('PREVIOUS_FAILURE');
      expect(codeOf(() => deque.pushBack(one(5)))).toBe('PREVIOUS_FAILURE');
      const reopened = Deque.load(VectorMemory.from(imageOf(memory)), wide);
      expect(bytesOf(reopened)).toEqual([1, 2, 3]);
      expect(reopened.checkInvariants()).toBeUndefined();
    }
  },
);

describe('damaged bytes', () => {
  const { bound, padding, capacity, head, length, reserved, slots } = DEQUE_LAYOUT;

  test.each([
    ['a magic', 0, '00', 'BAD_MAGIC'],
    ['a version', 3, '02', 'UNSUPPORTED_VERSION'],
    ['a largest size', bound + BOUND_LAYOUT.sizeMax, '06', 'INCOMPATIBLE_TYPE'],
    ['a mark', bound + BOUND_LAYOUT.isFixed, '02', 'CORRUPTED'],
    ['the first byte of the padding', padding, '01', 'CORRUPTED'],
    ['the last byte of the padding', padding + 6, '01', 'CORRUPTED'],
    ['the first reserved byte', reserved, '01', 'CORRUPTED'],
    ['the last reserved byte', reserved + 23, '01', 'CORRUPTED'],
    ['a capacity that ends beyond the memory', capacity, '04', 'CORRUPTED'],
    ['a capacity beyond 2^53', capacity, 'ffffffffffffffff', 'CORRUPTED'],
    ['a first slot beyond the ring', head, '03', 'CORRUPTED'],
    ['a length beyond the ring', length, '04', 'CORRUPTED'],
  ])('%s are refused at opening', (_, offset, bytes, code) => {
    const { memory, deque } = fullRing();
    deque.intoMemory();
    spoil(memory, offset, bytes);
    expect(codeOf(() => Deque.load(memory, wide))).toBe(code);
  });

  test('a ring that ends with the memory is opened, and none that ends a byte further', () => {
    const memory = new VectorMemory();
    Deque.create(memory, u8).intoMemory();
    expect(Deque.load(memory, u8).intoMemory()).toBe(memory);
    spoil(memory, capacity, 'c1ff');
    expect(codeOf(() => Deque.load(memory, u8))).toBe('CORRUPTED');
  });

  test('a ring without slots has its head in front', () => {
    const memory = new VectorMemory();
    Deque.create(memory, fixedBytes(70_000)).intoMemory();
    expect(Deque.load(memory, fixedBytes(70_000)).intoMemory()).toBe(memory);
    spoil(memory, head, '01');
    expect(codeOf(() => Deque.load(memory, fixedBytes(70_000)))).toBe('CORRUPTED');
  });

  test('of an element are found where it is read', () => {
    const { memory, deque } = fullRing();
    spoil(memory, slots, 'ffff');
    expect(codeOf(() => deque.last())).toBe('CORRUPTED');
    expect(codeOf(() => deque.popBack())).toBe('CORRUPTED');
    expect(deque.length).toBe(3);
    expect(deque.checkInvariants()).toMatch(/^CORRUPTED/);
    expect(deque.popFront()).toEqual(one(1));
  });

  test('in the header of an open deque are found by the check', () => {
    for (const [offset, spoilt] of [
      [length, '02'],
      [head, '00'],
      [capacity, 'df7f'],
    ] as const) {
      const memory = new VectorMemory();
      const deque = dequeOf([1, 2, 3], memory);
      deque.popFront();
      deque.pushBack(4);
      spoil(memory, offset, spoilt);
      expect(deque.checkInvariants()).toBe('the header tells of another ring');
    }
  });
});
