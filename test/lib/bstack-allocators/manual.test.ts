import { expect, test } from '@jest/globals';
import { ManualAllocator } from '../../../src/lib/bstack-allocators/manual.js';
import { codeOf } from '../../support/memories.js';

test('there is one manual allocator', () => {
  expect(ManualAllocator.get()).toBe(ManualAllocator.get());
  expect(ManualAllocator.get().checkInvariants()).toBeUndefined();
});

test('its blocks have starts and lengths, and are consumed', () => {
  const manual = ManualAllocator.get();
  const block = manual.restore({ start: 48, length: 100 });
  expect([block.start, block.end, block.length, block.isLive]).toEqual([48, 148, 100, true]);
  expect(manual.restore(block.toBytes()).range.equals(block.range)).toBe(true);
  manual.dealloc(block);
  expect(codeOf(() => manual.dealloc(block))).toBe('VALUE_CONSUMED');
  const others = [1, 2, 3].map((length) => manual.restore({ start: 0, length }));
  manual.deallocBulk(others);
  expect(others.some(({ isLive }) => isLive)).toBe(false);
});

test('it does nothing that takes a stack', () => {
  const manual = ManualAllocator.get();
  const block = manual.restore({ start: 0, length: 8 });
  const uses = [
    () => manual.stack,
    () => manual.length,
    () => manual.isEmpty,
    () => manual.alloc(0),
    () => manual.alloc(1),
    () => manual.allocBulk([1]),
    () => manual.realloc(block, 1),
    () => manual.intoStack(),
    () => block.read(),
    () => block.readInto(0, new Uint8Array(1)),
    () => block.write(Uint8Array.of(1)),
    () => block.zero(),
    () => block.slice(),
  ];
  expect(uses.map(codeOf)).toEqual(uses.map(() => 'UNSUPPORTED_OPERATION'));
  expect(manual.allocBulk([])).toEqual([]);
  expect(block.isLive).toBe(true);
});
