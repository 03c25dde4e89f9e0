import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BStack } from '../../../src/lib/bstack.js';
import { CheckedSlabBStackAllocator } from '../../../src/lib/bstack-allocators/checked-slab.js';
import { tagOf } from '../../../src/lib/bstack-allocators/checked-slab/tag.js';
import { SLAB_LAYOUT } from '../../../src/lib/bstack-allocators/slab/header.js';
import { StorageError } from '../../../src/lib/errors.js';
import { HeapStorage } from '../../../src/lib/heap-storage.js';
import { describeBStackAllocator } from '../../support/bstack-allocator-conformance.js';
import { RecordingDisk } from '../../support/crash/recording-disk.js';
import { toHex } from '../../support/hex.js';
import { codeOf } from '../../support/memories.js';
import { checkProperty } from '../../support/property.js';
import { WRONG_NUMBERS, WRONG_SIZES } from '../../support/wrong-inputs.js';

const { arena, freeHead, magic } = SLAB_LAYOUT;
const DATA_SIZE = 24;
const SIZE = DATA_SIZE + 8;
const emptyStack = () => BStack.open(new HeapStorage());
const create = (dataSize = DATA_SIZE) => CheckedSlabBStackAllocator.create(emptyStack(), dataSize);
const reopen = (stack: BStack) => CheckedSlabBStackAllocator.open(stack);
const open = (stack: BStack) =>
  stack.isEmpty ? CheckedSlabBStackAllocator.create(stack, DATA_SIZE) : reopen(stack);
/** In blocks, from the first one. */
const place = ({ start }: { start: number }) => (start - 8 - arena) / SIZE;
const blockAt = (index: number) => arena + index * SIZE;
const GARBAGE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

describeBStackAllocator('CheckedSlabBStackAllocator', { open });

describe('CheckedSlabBStackAllocator', () => {
  test('writes the bytes that the original writes', () => {
    const allocator = create(8);
    const [first, , third] = [1, 8, 9].map((length) => allocator.alloc(length));
    third!.write(Uint8Array.of(0xaa, 0xbb, 0xcc));
    allocator.dealloc(first!);
    const stack = allocator.intoStack();
    expect(toHex(stack.get(0, stack.length)).match(/.{32}/g)).toEqual([
      '00000000000000000000000000000000',
      '0000000000000000414c434b00010300', // "ALCK" 0.1, patch 3
      '10000000000000003000000000000000', // blocks of 16 bytes, the first free one at 48
      '00000000000000000000000000000000', // the only free one
      '01000000000000800000000000000000', // in use: 1 block
      '0200000000000080aabbcc0000000000', // in use: 2 blocks
      '00000000000000000000000000000000',
    ]);
  });

  test('puts blocks behind their tags', () => {
    const allocator = create();
    expect(allocator.alloc(24).start).toBe(arena + 8);
    expect(allocator.alloc(25).start).toBe(blockAt(1) + 8);
    expect(allocator.alloc(56).start).toBe(blockAt(3) + 8);
    expect(allocator.alloc(57).start).toBe(blockAt(5) + 8);
    expect(allocator.length).toBe(blockAt(8));
    expect(allocator.dataSize).toBe(DATA_SIZE);
  });

  test('cuts the stack where the last block is freed', () => {
    const allocator = create();
    const [first, last] = [allocator.alloc(1), allocator.alloc(60)];
    allocator.dealloc(last);
    expect(allocator.length).toBe(blockAt(1));
    allocator.dealloc(first);
    expect([allocator.length, allocator.countFreeBlocks()]).toEqual([arena, 0]);
  });

  test('finds that a block is freed twice', () => {
    const allocator = create();
    const block = allocator.alloc(5);
    const twin = allocator.restore(block);
    allocator.alloc(5);
    allocator.dealloc(block);
    expect(codeOf(() => allocator.dealloc(twin))).toBe('NOT_ALLOCATED');
    expect(codeOf(() => allocator.realloc(twin, 50))).toBe('NOT_ALLOCATED');
    expect(codeOf(() => allocator.restore(twin))).toBe('NOT_ALLOCATED');
    expect(twin.isLive).toBe(true);
  });

  test.each([
    ['of another number of blocks', { start: arena + 8, length: 25 }],
    ['that starts at a tag', { start: arena, length: 8 }],
    ['of no bytes that starts somewhere', { start: arena + 8, length: 0 }],
    ['beyond the end', { start: blockAt(3) + 8, length: 8 }],
    ['that is within another block', { start: blockAt(2) + 8, length: 8 }],
    ['that is longer than any stack', { start: arena + 8, length: 2 ** 50 }],
  ])('refuses a handle %s', (_, saved) => {
    const allocator = create();
    allocator.alloc(5);
    allocator.alloc(50).write(new Uint8Array(50).fill(7));
    expect(codeOf(() => allocator.restore(saved))).toBe('NOT_ALLOCATED');
  });

  test('has the syncs that its table tells', () => {
    const disk = new RecordingDisk();
    const allocator = CheckedSlabBStackAllocator.create(BStack.open(disk.open()), 300);
    const count = (operate: () => unknown) => {
      const before = disk.syncs;
      operate();
      return disk.syncs - before;
    };
    const [inside, single, last] = [700, 300, 10].map((length) => allocator.alloc(length));
    expect(count(() => allocator.alloc(0))).toBe(0);
    expect(count(() => allocator.dealloc(single!))).toBe(4);
    expect(count(() => allocator.alloc(300))).toBe(4);
    expect(count(() => allocator.realloc(inside!, 10))).toBe(4);
    expect(count(() => allocator.realloc(last!, 900))).toBeLessThanOrEqual(6);
  });

  test.each(WRONG_NUMBERS)('refuses %s as a size', (_, wrong) => {
    const stack = emptyStack();
    expect(() => CheckedSlabBStackAllocator.create(stack, wrong as number)).toThrow(TypeError);
  });

  test.each([...WRONG_SIZES, ['too few bytes for a link', 7] as const])(
    'refuses %s as a size',
    (_, wrong) => {
      expect(() => create(wrong as number)).toThrow(RangeError);
    },
  );

  test.each([
    ['other letters', 'BAD_MAGIC', (stack: BStack) => stack.zero(magic, 1)],
    ['half a block', 'CORRUPTED', (stack: BStack) => stack.discard(1)],
    ['a list of blocks in use', 'CORRUPTED', (stack: BStack) => stack.set(arena, tagOf(1))],
    ['a list beside the blocks', 'CORRUPTED', (stack: BStack) => stack.set(freeHead, GARBAGE)],
  ])('does not open %s, and leaves it alone', (_, code, damage) => {
    const allocator = create();
    allocator.deallocBulk(allocator.allocBulk([1, 2]));
    const stack = allocator.intoStack();
    damage(stack);
    const before = stack.get(0, stack.length);
    expect(codeOf(() => reopen(stack))).toBe(code);
    expect(stack.get(0, stack.length)).toEqual(before);
  });
});

describe('recovery of a checked slab', () => {
  /** A stack of blocks 0 and 1 in use, 2 free, 3 and 4 one block in use, 5 in use. */
  function damaged(damage: (stack: BStack) => void): CheckedSlabBStackAllocator {
    const allocator = create();
    const [, , free] = [1, 2, 3, 50, 5].map((length) => allocator.alloc(length));
    allocator.dealloc(free!);
    const stack = allocator.intoStack();
    damage(stack);
    return reopen(stack);
  }

  const inUse = (allocator: CheckedSlabBStackAllocator, index: number, length: number) =>
    allocator.restore({ start: blockAt(index) + 8, length });

  test('finds nothing where nothing was lost, and writes nothing', () => {
    const disk = new RecordingDisk();
    const allocator = open(BStack.open(disk.open()));
    allocator.deallocBulk(allocator.allocBulk([1, 60, 1]).slice(1));
    const stack = allocator.intoStack();
    const { syncs } = disk;
    expect(reopen(stack).recover()).toBe(0);
    expect(disk.syncs).toBe(syncs);
  });

  test('puts free blocks back into the list that are not in it', () => {
    const allocator = damaged((stack) => {
      stack.zero(blockAt(1), 8);
      stack.extend(2 * SIZE);
    });
    expect(allocator.recover()).toBe(0);
    expect(allocator.countFreeBlocks()).toBe(4);
    expect([1, 1, 1, 1].map((length) => place(allocator.alloc(length)))).toEqual([1, 6, 7, 2]);
  });

  test('cuts off an end that belongs to nothing', () => {
    const allocator = damaged((stack) => {
      const end = stack.extend(2 * SIZE);
      for (const start of [end, end + SIZE]) stack.set(start, GARBAGE);
    });
    expect([allocator.length, allocator.recover()]).toEqual([blockAt(6), 0]);
    expect(inUse(allocator, 5, 5).isLive).toBe(true);
  });

  test('goes on at the next free block behind a damaged tag', () => {
    const allocator = damaged((stack) => stack.set(blockAt(0), GARBAGE));
    expect(allocator.recover()).toBe(2);
    expect(allocator.checkInvariants()).toMatch(/2 blocks/);
    expect([inUse(allocator, 3, 50).isLive, inUse(allocator, 5, 5).isLive]).toEqual([true, true]);
  });

  test('goes on where the tags lead to the end, behind the last free block', () => {
    const allocator = damaged((stack) => {
      stack.set(blockAt(3), GARBAGE);
      stack.set(blockAt(4), GARBAGE);
    });
    expect(allocator.recover()).toBe(2);
    expect([allocator.length, inUse(allocator, 5, 5).isLive]).toEqual([blockAt(6), true]);
  });

  test('takes a tag for damaged that reaches over a free block, or over the end', () => {
    expect(damaged((stack) => stack.set(blockAt(0), tagOf(3))).recover()).toBe(2);
    expect(damaged((stack) => stack.set(blockAt(3), tagOf(4))).recover()).toBe(1);
    expect(damaged((stack) => stack.set(blockAt(1), tagOf(2 ** 52))).recover()).toBe(1);
    expect(damaged((stack) => stack.set(blockAt(1), tagOf(0))).recover()).toBe(1);
  });

  test.each([
    ['goes in a circle', (stack: BStack) => stack.set(blockAt(2) + 8, linkTo(blockAt(2)))],
    ['leads to a block in use', (stack: BStack) => stack.set(blockAt(2) + 8, linkTo(blockAt(1)))],
    ['leads beside the blocks', (stack: BStack) => stack.set(blockAt(2) + 8, linkTo(99))],
    ['leads beyond 2^53', (stack: BStack) => stack.set(blockAt(2) + 8, GARBAGE)],
  ])('changes nothing where the list %s', (_, damage) => {
    const allocator = create();
    const [, , free] = [1, 2, 3, 50, 5].map((length) => allocator.alloc(length));
    allocator.dealloc(free!);
    const stack = allocator.intoStack();
    stack.extend(SIZE);
    damage(stack);
    const before = stack.get(0, stack.length);
    expect(violationOf(stack)).toMatch(/CORRUPTED/);
    expect(stack.get(0, stack.length)).toEqual(before);
  });

  test('answers damaged bytes with an error that has a code, or goes on', () => {
    const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 1, max: 255 }) });
    checkProperty(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), fc.nat(3), (changes, cut) => {
        const allocator = create();
        const blocks = allocator.allocBulk([1, 60, 1, 30, 1, 1]);
        allocator.deallocBulk([blocks[1]!, blocks[4]!]);
        const stack = allocator.intoStack();
        stack.discard(cut * 16);
        for (const { at, byte } of changes) {
          const offset = at % stack.length;
          stack.set(offset, Uint8Array.of(stack.get(offset, offset + 1)[0]! ^ byte));
        }
        workOn(stack);
      }),
    );
  });

  test('defect: bytes that are cut off a block are never taken for tags', () => {
    for (const [length, isLast] of [8, 40, 70].flatMap((each) => [
      [each, true],
      [each, false],
    ])) {
      const disk = new RecordingDisk();
      const allocator = open(BStack.open(disk.open()));
      const block = allocator.alloc(150);
      // Each byte of it looks like a part of the tag of a large block.
      block.write(Uint8Array.from({ length: 150 }, (_, at) => (at % 8 === 7 ? 0x80 : 1)));
      if (isLast === false) allocator.alloc(1);
      const cut = allocator.realloc(block, length as number).toBytes();
      const reopened = reopen(BStack.open(disk.open()));
      expect(reopened.recover()).toBe(0);
      expect(reopened.checkInvariants()).toBeUndefined();
      expect(reopened.restore(cut).length).toBe(length);
    }
  });
});

/** What is wrong with a stack, whether opening it finds that or the check of what was opened. */
function violationOf(stack: BStack): string | undefined {
  try {
    const allocator = reopen(stack);
    expect(allocator.recover()).toBeGreaterThan(0);
    return allocator.checkInvariants();
  } catch (error) {
    if (error instanceof StorageError) return error.message;
    throw error;
  }
}

function linkTo(offset: number): Uint8Array {
  return Uint8Array.of(offset, offset >> 8, 0, 0, 0, 0, 0, 0);
}

/** Goes as far as it goes; only errors with a code may come out. */
function workOn(stack: BStack): void {
  try {
    const allocator = reopen(stack);
    allocator.checkInvariants();
    const blocks = allocator.allocBulk([1, 40, 1, 1]);
    allocator.realloc(blocks.pop()!, 50);
    allocator.deallocBulk(blocks);
    allocator.recover();
  } catch (error) {
    if (!(error instanceof StorageError) && !(error instanceof RangeError)) throw error;
  }
}
