import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BStack } from '../../../src/lib/bstack.js';
import { ARENA_MAGIC_LAYOUT } from '../../../src/lib/bstack-allocators/magic.js';
import { SlabBStackAllocator } from '../../../src/lib/bstack-allocators/slab.js';
import { SLAB_LAYOUT } from '../../../src/lib/bstack-allocators/slab/header.js';
import { StorageError } from '../../../src/lib/errors.js';
import { HeapStorage } from '../../../src/lib/heap-storage.js';
import { describeBStackAllocator } from '../../support/bstack-allocator-conformance.js';
import { RecordingDisk } from '../../support/crash/recording-disk.js';
import { toHex } from '../../support/hex.js';
import { codeOf } from '../../support/memories.js';
import { checkProperty } from '../../support/property.js';
import { WRONG_NUMBERS, WRONG_SIZES } from '../../support/wrong-inputs.js';

const { arena, blockSize: BLOCK_SIZE, freeHead, magic } = SLAB_LAYOUT;
const version = magic + ARENA_MAGIC_LAYOUT.version;
const emptyStack = () => BStack.open(new HeapStorage());
const open = (stack: BStack) =>
  stack.isEmpty ? SlabBStackAllocator.create(stack, 32) : SlabBStackAllocator.open(stack);
const create = (blockSize = 32) => SlabBStackAllocator.create(emptyStack(), blockSize);
/** In blocks, from the first one. */
const place = ({ start }: { start: number }) => (start - arena) / 32;

describeBStackAllocator('SlabBStackAllocator', { open });

describe('SlabBStackAllocator', () => {
  test('writes the bytes that the original writes', () => {
    const allocator = create(16);
    const [first, second, third] = [1, 2, 3].map((length) => allocator.alloc(length));
    third!.write(Uint8Array.of(0xaa, 0xbb, 0xcc));
    allocator.dealloc(first!);
    allocator.dealloc(second!);
    const stack = allocator.intoStack();
    expect(toHex(stack.get(0, stack.length)).match(/.{32}/g)).toEqual([
      '00000000000000000000000000000000',
      '0000000000000000414c534c00010100', // "ALSL" 0.1, patch 1
      '10000000000000004000000000000000', // blocks of 16 bytes, the first free one at 64
      '00000000000000000000000000000000', // the last free one
      '30000000000000000000000000000000', // next: 48
      'aabbcc00000000000000000000000000',
    ]);
  });

  test('gives what was freed last, block by block', () => {
    const allocator = create();
    const blocks = [1, 1, 1].map((length) => allocator.alloc(length));
    for (const block of blocks) allocator.dealloc(block);
    expect(allocator.countFreeBlocks()).toBe(3);
    expect([32, 32, 32, 32].map((length) => place(allocator.alloc(length)))).toEqual([2, 1, 0, 3]);
  });

  test('puts several adjacent blocks at the end, and cuts them off again there', () => {
    const allocator = create();
    allocator.dealloc(allocator.alloc(1));
    const long = allocator.alloc(65);
    expect([place(long), allocator.length]).toEqual([1, arena + 4 * 32]);
    allocator.dealloc(long);
    expect(allocator.length).toBe(arena + 32);
    expect(allocator.countFreeBlocks()).toBe(1);
  });

  test('frees the blocks of one that lies inside one by one', () => {
    const allocator = create();
    const long = allocator.alloc(96);
    allocator.alloc(1);
    allocator.dealloc(long);
    expect([1, 1, 1].map((length) => place(allocator.alloc(length)))).toEqual([0, 1, 2]);
  });

  test('cuts and lengthens in place where it can', () => {
    const allocator = create();
    const first = allocator.alloc(96);
    const last = allocator.alloc(10);
    const cut = allocator.realloc(first, 20);
    expect([place(cut), allocator.countFreeBlocks()]).toEqual([0, 2]);
    const grown = allocator.realloc(last, 100);
    expect([place(grown), allocator.length]).toEqual([3, arena + 7 * 32]);
    expect(place(allocator.realloc(cut, 33))).toBe(7);
    expect(allocator.countFreeBlocks()).toBe(3);
  });

  test('takes free blocks for many at once, then new ones', () => {
    const allocator = create();
    const freed = allocator.allocBulk([1, 1]);
    allocator.deallocBulk(freed);
    expect(allocator.allocBulk([40, 1, 0, 1, 1]).map(({ start }) => start)).toEqual([
      arena + 64,
      arena,
      0,
      arena + 32,
      arena + 128,
    ]);
  });

  test('has the syncs that its table tells', () => {
    const disk = new RecordingDisk();
    const allocator = SlabBStackAllocator.create(BStack.open(disk.open()), 300);
    const count = (operate: () => unknown) => {
      const before = disk.syncs;
      operate();
      return disk.syncs - before;
    };
    const [inside, single, last] = [600, 300, 10].map((length) => allocator.alloc(length));
    expect(count(() => allocator.alloc(0))).toBe(0);
    expect(count(() => allocator.dealloc(single!))).toBe(4);
    expect(count(() => allocator.alloc(300))).toBe(4);
    expect(count(() => allocator.realloc(inside!, 10))).toBe(4);
    expect(count(() => allocator.realloc(last!, 900))).toBeLessThanOrEqual(6);
  });

  test.each([
    ['a long one at the end', 64],
    ['one that is first in the list', 32],
  ])('refuses a second handle of what was freed: %s', (_, length) => {
    const allocator = create();
    const block = allocator.alloc(length);
    const twin = allocator.restore(block);
    allocator.dealloc(block);
    expect(codeOf(() => allocator.dealloc(twin))).toBe('NOT_ALLOCATED');
    expect(codeOf(() => allocator.realloc(twin, 1))).toBe('NOT_ALLOCATED');
    expect(codeOf(() => allocator.restore(twin))).toBe('NOT_ALLOCATED');
    expect(twin.isLive).toBe(true);
  });

  test('refuses two handles of one block in one list', () => {
    const allocator = create();
    const block = allocator.alloc(5);
    const twin = allocator.restore(block);
    expect(codeOf(() => allocator.deallocBulk([block, twin]))).toBe('NOT_ALLOCATED');
    expect(allocator.countFreeBlocks()).toBe(0);
  });

  test.each([
    { start: 0, length: 1 },
    { start: arena + 1, length: 1 },
    { start: arena, length: 129 },
    { start: arena, length: 2 ** 50 },
    { start: arena + 128, length: 1 },
    { start: 7, length: 0 },
  ])('refuses the handle %p', (saved) => {
    const allocator = create();
    allocator.alloc(128);
    expect(codeOf(() => allocator.restore(saved))).toBe('NOT_ALLOCATED');
  });

  test.each(WRONG_NUMBERS)('refuses %s as a size of blocks', (_, wrong) => {
    expect(() => SlabBStackAllocator.create(emptyStack(), wrong as number)).toThrow(TypeError);
  });

  test.each([...WRONG_SIZES, ['too few bytes for a link', 7] as const])(
    'refuses %s as a size of blocks',
    (_, wrong) => {
      expect(() => create(wrong as number)).toThrow(RangeError);
    },
  );

  test.each([
    ['an empty stack', 'BAD_MAGIC', (stack: BStack) => stack.discard(stack.length)],
    ['other letters', 'BAD_MAGIC', (stack: BStack) => stack.zero(magic, 1)],
    ['another version', 'UNSUPPORTED_VERSION', (stack: BStack) => stack.set(version, seven)],
    ['blocks of no bytes', 'CORRUPTED', (stack: BStack) => stack.zero(BLOCK_SIZE, 8)],
    ['half a block', 'CORRUPTED', (stack: BStack) => stack.discard(1)],
    [
      'a list that begins within a block',
      'CORRUPTED',
      (stack: BStack) => stack.set(freeHead, seven),
    ],
  ])('does not open %s', (_, code, damage) => {
    const allocator = create();
    allocator.dealloc(allocator.alloc(1));
    const stack = allocator.intoStack();
    damage(stack);
    const before = stack.get(0, stack.length);
    expect(codeOf(() => SlabBStackAllocator.open(stack))).toBe(code);
    expect(stack.get(0, stack.length)).toEqual(before);
  });

  test('is not made in a stack that has bytes', () => {
    const stack = create().intoStack();
    expect(codeOf(() => SlabBStackAllocator.create(stack, 32))).toBe('NOT_EMPTY');
  });

  test('gives no block twice where the list goes in a circle', () => {
    const allocator = create();
    for (const block of allocator.allocBulk([1, 1])) allocator.dealloc(block);
    const { stack } = allocator;
    stack.set(arena, stack.get(freeHead, freeHead + 8));
    expect(allocator.checkInvariants()).toMatch(/CORRUPTED/);
    expect(codeOf(() => allocator.countFreeBlocks())).toBe('CORRUPTED');
    expect(codeOf(() => allocator.allocBulk([1, 1, 1]))).toBe('CORRUPTED');
  });

  test('answers damaged bytes with an error that has a code', () => {
    const damage = fc.record({ at: fc.nat(), byte: fc.integer({ min: 1, max: 255 }) });
    checkProperty(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), fc.nat(3), (damages, cut) => {
        const allocator = create();
        for (const block of allocator.allocBulk([1, 40, 1]).slice(1)) allocator.dealloc(block);
        const stack = allocator.intoStack();
        stack.discard(cut * 16);
        for (const { at, byte } of damages) {
          const offset = at % stack.length;
          stack.set(offset, Uint8Array.of(stack.get(offset, offset + 1)[0]! ^ byte));
        }
        workOn(stack);
      }),
    );
  });
});

const seven = Uint8Array.of(7);

/** Goes as far as it goes; only errors with a code may come out. */
function workOn(stack: BStack): void {
  try {
    const allocator = SlabBStackAllocator.open(stack);
    allocator.checkInvariants();
    const blocks = allocator.allocBulk([1, 40, 1, 1]);
    allocator.realloc(blocks.pop()!, 50);
    allocator.deallocBulk(blocks);
  } catch (error) {
    if (!(error instanceof StorageError) && !(error instanceof RangeError)) throw error;
  }
}
