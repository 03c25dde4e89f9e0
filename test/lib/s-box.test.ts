import { describe, expect, test } from '@jest/globals';
import { StableMemoryAllocator } from '../../src/lib/allocator.js';
import { fixedBytes, text, u16, u64 } from '../../src/lib/codecs/index.js';
import { S_BOX_LAYOUT, SBox } from '../../src/lib/s-box.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import {
  checkEveryAllocation,
  expectSound,
  outOfMemoryOf,
  plainOf,
} from '../support/failing-heap.js';
import { toHex } from '../support/hex.js';
import { codeOf, restarted } from '../support/memories.js';

const newHeap = (maxPages = 0): StableMemoryAllocator =>
  StableMemoryAllocator.init(new VectorMemory(), { maxPages });

/** The bytes of a structure's header, from its kind to its last field. */
function headerOf(heap: StableMemoryAllocator, { ptr, shape }: SBox<unknown>): string {
  const header = new Uint8Array(shape.headerSize);
  heap.readBlock(ptr, header);
  return toHex(header);
}

describe('a box', () => {
  test('holds a value of one size, of any size, of none', () => {
    const heap = newHeap();
    const number = heap.root('number', SBox.of(u64), 7n);
    const words = heap.root('words', SBox.of(text), 'ada');
    const nothing = heap.root('nothing', SBox.of(fixedBytes(0)), new Uint8Array(0));
    expect([number.get(), words.get(), nothing.get()]).toEqual([7n, 'ada', new Uint8Array(0)]);
    expect(number.set(8n)).toBe(7n);
    expect(words.set('x'.repeat(100_000))).toBe('ada');
    expect(words.set('')).toHaveLength(100_000);
    expect([number.get(), words.get()]).toEqual([8n, '']);
    expectSound(heap);
  });

  test('needs a value to begin with', () => {
    const heap = newHeap();
    expect(() => heap.root('words', SBox.of(text))).toThrow(TypeError);
    expect(heap.roots()).toEqual([]);
    expect(heap.allocatedSize).toBe(0);
  });

  test('is there again after an upgrade', () => {
    const memory = new VectorMemory();
    StableMemoryAllocator.init(memory).root('words', SBox.of(text), 'ada');
    const heap = StableMemoryAllocator.load(restarted(memory));
    expect(heap.root('words', SBox.of(text), 'other').get()).toBe('ada');
    expect(heap.roots()).toEqual([{ name: 'words', type: 'SBox(text)' }]);
    expect(codeOf(() => heap.root('words', SBox.of(u64), 7n))).toBe('INCOMPATIBLE_TYPE');
  });

  test('is seen by all of its handles, and by none once it is dropped', () => {
    const heap = newHeap();
    const [one, other] = [heap.root('b', SBox.of(u16), 1), heap.root('b', SBox.of(u16), 1)];
    one.set(2);
    expect(other.get()).toBe(2);
    heap.removeRoot('b', SBox.of(u16));
    for (const use of [() => one.get(), () => other.set(3), () => one.update((n) => n)]) {
      expect(codeOf(use)).toBe('VALUE_CONSUMED');
    }
    expect(heap.allocatedSize).toBe(0);
  });

  test('owns a structure, which is moved in and out without a copy', () => {
    const heap = newHeap();
    const outer = heap.root('outer', SBox.of(SBox.of(text)), 'ada');
    const inner = outer.get();
    expect([inner.ownership, inner.get(), outer.toPlain()]).toEqual(['borrowed', 'ada', 'ada']);
    inner.set('grace');
    const taken = outer.detach('edith');
    expect([taken.ownership, taken.ptr, taken.get()]).toEqual(['owned', inner.ptr, 'grace']);
    expect(outer.toPlain()).toBe('edith');
    expectSound(heap, outer);
    outer.attach(taken);
    expect([taken.ownership, outer.toPlain(), inner.get()]).toEqual(['consumed', 'grace', 'grace']);
    expect(codeOf(() => outer.attach(taken))).toBe('VALUE_CONSUMED');
    expect(codeOf(() => outer.attach(inner))).toBe('VALUE_CONSUMED');
    expectSound(heap, outer);
    heap.removeRoot('outer', SBox.of(SBox.of(text)));
    expect(heap.allocatedSize).toBe(0);
  });

  test('of plain values gives one away for another', () => {
    const words = newHeap().root('words', SBox.of(text), 'ada');
    expect(words.detach('grace')).toBe('ada');
    words.attach('edith');
    expect(words.get()).toBe('edith');
    expectSound(words.allocator, words);
  });
});

test('defect 6: an update that finds no room, or throws, leaves the value as it was', () => {
  const heap = newHeap(1);
  const words = heap.root('words', SBox.of(text), 'ada');
  const { allocatedSize } = heap;
  const long = 'x'.repeat(70_000);
  expect(outOfMemoryOf(() => words.update(() => long))?.rejected).toBe(long);
  expect(outOfMemoryOf(() => words.set(long))?.rejected).toBe(long);
  const mistake = new Error('mine');
  expect(() =>
    words.update(() => {
      throw mistake;
    }),
  ).toThrow(mistake);
  expect(() => words.update(() => 7 as never)).toThrow(TypeError);
  expect(words.get()).toBe('ada');
  expect(heap.allocatedSize).toBe(allocatedSize);
  expectSound(heap, words);
  words.update((name) => `${name} lovelace`);
  expect(words.get()).toBe('ada lovelace');
});

describe('without room at every step', () => {
  const type = SBox.of(SBox.of(text));

  test('a box is not made', () => {
    const act = (_: SBox<number>, heap: StableMemoryAllocator): void => {
      heap.create(type, 'ada').destroy();
    };
    expect(checkEveryAllocation({ type: SBox.of(u16), initial: 7, act })).toBe(6);
  });

  test.each([
    ['set', (box: SBox<string, SBox<string>>) => box.set('grace')],
    ['update', (box: SBox<string, SBox<string>>) => box.update(() => 'grace')],
    ['detach', (box: SBox<string, SBox<string>>) => box.detach('grace')[Symbol.dispose]()],
  ])('%s changes nothing', (_, act) => {
    expect(checkEveryAllocation({ type, initial: 'ada', act, rejected: 'grace' })).toBe(4);
  });
});

test('the bytes are frozen', () => {
  const heap = newHeap();
  const box = heap.root('number', SBox.of(fixedBytes(3)), Uint8Array.of(1, 2, 3));
  const fields = (revision: string, slot: string): string =>
    `0101 0000 ${revision}000000 010000000000 5353 01 ${'00'.repeat(7)} ${slot}`.replace(/ /g, '');
  expect(headerOf(heap, box as SBox<unknown>)).toBe(fields('01', '010203'));
  box.set(Uint8Array.of(4, 5, 6));
  expect(headerOf(heap, box as SBox<unknown>)).toBe(fields('02', '040506'));
});

describe('damaged bytes', () => {
  const { state, zero, slot } = S_BOX_LAYOUT;

  test.each([
    ['a state that says nothing is there', state, 0],
    ['a state that is none', state, 2],
    ['the first reserved byte', zero, 1],
    ['the last reserved byte', zero + 6, 1],
    ['a pointer to no block', slot, 0xff],
  ])('%s', (_, offset, byte) => {
    const heap = newHeap();
    const box = heap.root('words', SBox.of(text), 'ada');
    heap.writeBytes(heap.sliceAt(box.ptr).offset(offset, 1), Uint8Array.of(byte));
    expect(codeOf(() => box.get())).toBe('CORRUPTED');
    expect(codeOf(() => box.set('grace'))).toBe('CORRUPTED');
    expect(codeOf(() => plainOf(box, SBox.of(text)))).toBe('CORRUPTED');
    expect(box.checkInvariants()).toMatch(/^CORRUPTED/);
  });
});
