import { describe, expect, test } from '@jest/globals';
import { BStack } from '../../../src/lib/bstack.js';
import { BStackAllocator } from '../../../src/lib/bstack-allocators/allocator.js';
import { CheckedSlabBStackAllocator } from '../../../src/lib/bstack-allocators/checked-slab.js';
import { DebugCheckingAllocator } from '../../../src/lib/bstack-allocators/debug-checking.js';
import { LinearBStackAllocator } from '../../../src/lib/bstack-allocators/linear.js';
import { SlabBStackAllocator } from '../../../src/lib/bstack-allocators/slab.js';
import { HeapStorage } from '../../../src/lib/heap-storage.js';
import { describeBStackAllocator } from '../../support/bstack-allocator-conformance.js';
import { checkAllocatorModel } from '../../support/bstack-allocator-model.js';
import { codeOf } from '../../support/memories.js';

const emptyStack = () => BStack.open(new HeapStorage());
const openSlab = (stack: BStack) =>
  stack.isEmpty ? SlabBStackAllocator.create(stack, 32) : SlabBStackAllocator.open(stack);
const open = (stack: BStack) => new DebugCheckingAllocator(openSlab(stack));
const create = () => open(emptyStack());
const spans = (ranges: readonly { start: number; end: number }[]) =>
  ranges.map(({ start, end }) => [start, end]);

describeBStackAllocator('DebugCheckingAllocator of a slab', { open });

test.each<[string, boolean, (stack: BStack) => BStackAllocator]>([
  ['a slab', false, openSlab],
  [
    'a checked slab',
    false,
    (stack) =>
      stack.isEmpty
        ? CheckedSlabBStackAllocator.create(stack, 32)
        : CheckedSlabBStackAllocator.open(stack),
  ],
  ['a linear allocator', true, (stack) => LinearBStackAllocator.open(stack)],
])('finds nothing wrong with %s', (_, resizesOnlyTail, openInner) => {
  const subject = {
    resizesOnlyTail,
    open: (stack: BStack) => new DebugCheckingAllocator(openInner(stack)),
  };
  checkAllocatorModel(subject, 0.25);
});

/** Gives the same bytes over and over. */
class Broken extends BStackAllocator {
  constructor(stack: BStack) {
    super(stack);
    stack.extend(100);
  }

  checkInvariants = () => undefined;
  protected allocate = () => 10;
  protected reallocate = () => 10;
  protected release = () => {};
  protected assertPlausible = () => {};
}

describe('DebugCheckingAllocator', () => {
  test('stops where the allocator gives bytes that are in use', () => {
    const debug = new DebugCheckingAllocator(new Broken(emptyStack()));
    const block = debug.alloc(20);
    expect(codeOf(() => debug.alloc(5))).toBe('CORRUPTED');
    expect(codeOf(() => debug.dealloc(block))).toBe('PREVIOUS_FAILURE');
    expect(codeOf(() => debug.alloc(1))).toBe('PREVIOUS_FAILURE');
  });

  test('refuses what was freed, in whole or in part', () => {
    const debug = create();
    const block = debug.alloc(30);
    const twin = debug.restore(block.toBytes());
    debug.dealloc(block);
    expect(codeOf(() => debug.dealloc(twin))).toBe('NOT_ALLOCATED');
    expect(codeOf(() => debug.realloc(twin, 9))).toBe('NOT_ALLOCATED');
    expect(codeOf(() => debug.deallocBulk([twin]))).toBe('NOT_ALLOCATED');
    expect(codeOf(() => debug.restore({ start: twin.start + 8, length: 8 }))).toBe('NOT_ALLOCATED');
    expect(debug.checkInvariants()).toBeUndefined();
  });

  test('refuses a part of a block, and what spans several', () => {
    const debug = create();
    const [first, second] = [debug.alloc(32), debug.alloc(32)];
    expect(codeOf(() => debug.restore({ start: first.start, length: 16 }))).toBe('NOT_ALLOCATED');
    const both = { start: first.start, length: 64 };
    expect(codeOf(() => debug.restore(both))).toBe('NOT_ALLOCATED');
    expect(() => debug.deallocBulk([first, second])).not.toThrow();
  });

  test('refuses two handles of one block in one list', () => {
    const debug = create();
    const block = debug.alloc(30);
    const twin = debug.restore(block);
    expect(codeOf(() => debug.deallocBulk([block, twin]))).toBe('NOT_ALLOCATED');
    expect([block.isLive, twin.isLive]).toEqual([true, true]);
    expect(spans(debug.allocated)).toEqual([[block.start, block.end]]);
  });

  test('takes back blocks of an earlier session', () => {
    const slab = openSlab(emptyStack());
    const saved = slab.alloc(30).toBytes();
    const debug = new DebugCheckingAllocator(slab);
    debug.dealloc(debug.restore(saved));
    expect(codeOf(() => debug.restore(saved))).toBe('NOT_ALLOCATED');
  });

  test('defect: realloc remembers what it moved from, and forgets that what it moved to was freed', () => {
    const debug = create();
    const [small, other] = [debug.alloc(32), debug.alloc(32)];
    const large = debug.alloc(64);
    debug.dealloc(large);
    const moved = debug.realloc(small, 64);
    expect(moved.start).toBe(large.start);
    expect(spans(debug.freed)).toEqual([[small.start, small.end]]);
    expect(() => debug.dealloc(moved)).not.toThrow();
    expect(codeOf(() => debug.restore(small.range))).toBe('NOT_ALLOCATED');
    debug.dealloc(other);
  });

  test('starts with what is known to be in use and free', () => {
    const slab = openSlab(emptyStack());
    const [inUse, freed] = [slab.alloc(32), slab.alloc(32)];
    slab.dealloc(freed);
    const debug = DebugCheckingAllocator.withState(slab, [inUse], [freed]);
    expect(spans(debug.allocated)).toEqual([[inUse.start, inUse.end]]);
    expect(codeOf(() => debug.restore(freed))).toBe('NOT_ALLOCATED');
    expect(codeOf(() => debug.restore({ start: inUse.start, length: 8 }))).toBe('NOT_ALLOCATED');
    expect(debug.alloc(10).start).toBe(freed.start);
    expect(spans(debug.freed)).toEqual([[freed.start + 10, freed.end]]);
    expect(() => DebugCheckingAllocator.withState(slab, [inUse], [inUse])).toThrow(RangeError);
    expect(() => DebugCheckingAllocator.withState(slab, [freed, freed], [])).toThrow(RangeError);
  });

  test('gives the allocator back', () => {
    const debug = create();
    const block = debug.alloc(10);
    const { inner } = debug;
    expect(debug.intoInner()).toBe(inner);
    expect(block.isLive).toBe(false);
    expect(codeOf(() => debug.inner)).toBe('HANDLE_CLOSED');
    expect(inner.restore(block.range).read()).toEqual(new Uint8Array(10));
  });
});
