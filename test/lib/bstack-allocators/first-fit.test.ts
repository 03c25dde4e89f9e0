/** FirstFit: the contract of allocators, upstream's vectors, its own paths, refusals, the format. */
import { describe, expect, test } from '@jest/globals';
import { BStack } from '../../../src/lib/bstack.js';
import type { BStackBlock } from '../../../src/lib/bstack-allocators/block.js';
import { FirstFitBStackAllocator } from '../../../src/lib/bstack-allocators/first-fit.js';
import { readU64, writeU64 } from '../../../src/lib/bytes.js';
import { HeapStorage } from '../../../src/lib/heap-storage.js';
import { MemoryStorage } from '../../../src/lib/memory-storage.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { describeBStackAllocator } from '../../support/bstack-allocator-conformance.js';
import { RecordingDisk } from '../../support/crash/recording-disk.js';
import { fromHex, toHex } from '../../support/hex.js';
import { codeOf } from '../../support/memories.js';

describeBStackAllocator('FirstFitBStackAllocator', {
  open: (stack) => FirstFitBStackAllocator.open(stack),
});

const create = () => FirstFitBStackAllocator.open(BStack.open(new HeapStorage()));
const spanOf = ({ start, end }: BStackBlock) => [start, end];

/** The words of the payload that are not zero, by their offsets. */
function wordsOf({ stack }: FirstFitBStackAllocator): Record<number, number> {
  const bytes = stack.get(0, stack.length);
  const words: Record<number, number> = {};
  for (let offset = 32; offset < bytes.length; offset += 8) {
    const word = readU64(bytes, offset);
    if (word !== 0) words[offset] = word;
  }
  return words;
}

const notZero = (words: Record<number, number>) =>
  Object.fromEntries(Object.entries(words).filter(([, word]) => word !== 0));

describe("vectors of upstream's build", () => {
  test('A5: split, whole, joined on the left, cut with what is free before it', () => {
    const allocator = create();
    const [one, two, three, four] = [5, 20, 100, 16].map((length) => allocator.alloc(length));
    expect([one!, two!, three!, four!].map(spanOf)).toEqual([
      [64, 69],
      [104, 124],
      [152, 252],
      [280, 296],
    ]);
    expect(allocator.length).toBe(304);
    allocator.dealloc(one!);
    allocator.dealloc(three!);
    const words: Record<number, number> = {
      ...{ 32: 152, 48: 16, 56: 1, 72: 152, 80: 16, 88: 24, 128: 24, 136: 104, 144: 1, 152: 64 },
      ...{ 256: 104, 264: 16, 296: 16 },
    };
    expect(wordsOf(allocator)).toEqual(words);

    const fifth = allocator.alloc(30);
    expect(spanOf(fifth)).toEqual([224, 254]);
    Object.assign(words, { 136: 48, 200: 48, 208: 32, 256: 32 });
    expect(wordsOf(allocator)).toEqual(words);

    const sixth = allocator.alloc(12);
    expect(spanOf(sixth)).toEqual([152, 164]);
    Object.assign(words, { 32: 64, 72: 0, 144: 0, 152: 0 });
    expect(wordsOf(allocator)).toEqual(notZero(words));

    allocator.dealloc(two!);
    Object.assign(words, { 32: 64, 48: 64, 56: 1, 128: 64, 96: 1 });
    expect(wordsOf(allocator)).toEqual(notZero(words));

    allocator.dealloc(four!);
    expect(allocator.length).toBe(264);
    allocator.dealloc(fifth);
    expect(allocator.length).toBe(208);
    allocator.dealloc(sixth);
    expect(allocator.length).toBe(48);
    expect(wordsOf(allocator)).toEqual({});
  });

  test('A6: moved, lengthened at the end, narrowed there', () => {
    const allocator = create();
    const first = allocator.alloc(64);
    const second = allocator.alloc(64);
    const moved = allocator.realloc(first, 100);
    expect([moved, second].map(spanOf)).toEqual([
      [240, 340],
      [152, 216],
    ]);
    const longer = allocator.realloc(moved, 200);
    expect(spanOf(longer)).toEqual([240, 440]);
    const { length } = allocator;
    const narrowed = allocator.realloc(longer, 10);
    expect(spanOf(narrowed)).toEqual([240, 250]);
    expect(allocator.length).toBe(length);
    expect(spanOf(allocator.alloc(0))).toEqual([0, 0]);
  });
});

describe('the format', () => {
  const GOLDEN =
    // magic, flags, head of the free list
    '00000000000000000000000000000000 414c464600010300 0000000000000000 4000000000000000' +
    '0000000000000000' +
    // a free block of 16 bytes, without neighbours in the list
    '1000000000000000 0100000000000000 00000000000000000000000000000000 1000000000000000' +
    // an allocated block of 9 bytes
    '1000000000000000 0000000000000000 01020304050607080900000000000000 1000000000000000';

  test('is frozen', () => {
    const allocator = create();
    const first = allocator.alloc(1);
    allocator.alloc(9).write(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
    allocator.dealloc(first);
    const stack = allocator.intoStack();
    expect(toHex(stack.get(0, stack.length))).toBe(GOLDEN.replaceAll(' ', ''));
  });

  test('is read from files of all patch levels, and the magic stays as it is', () => {
    for (const patch of [0, 1, 2, 9]) {
      const bytes = fromHex(GOLDEN);
      bytes[22] = patch;
      const stack = BStack.open(new HeapStorage());
      stack.push(bytes);
      const allocator = FirstFitBStackAllocator.open(stack);
      expect(allocator.checkInvariants()).toBeUndefined();
      expect(allocator.restore({ start: 104, length: 9 }).read()[8]).toBe(9);
      expect(allocator.alloc(16).start).toBe(64);
      expect(stack.get(22, 23)[0]).toBe(patch);
    }
  });

  test.each<[string, Uint8Array, string?]>([
    ['other bytes', new Uint8Array(48).fill(7)],
    ['zeros', new Uint8Array(48)],
    ['fewer bytes than a header', Uint8Array.of(1, 2, 3)],
    ['another version', fromHex(GOLDEN.replace('00010300', '00020000')), 'UNSUPPORTED_VERSION'],
  ])('of %s is refused and left alone', (_, bytes, code = 'BAD_MAGIC') => {
    const storage = new HeapStorage();
    const stack = BStack.open(storage);
    stack.push(bytes);
    const before = storage.toBytes();
    expect(codeOf(() => FirstFitBStackAllocator.open(stack))).toBe(code);
    expect(storage.toBytes()).toEqual(before);
  });

  test('has 16 bytes for the user, which are enough for the handle of a first block', () => {
    const storage = new HeapStorage();
    const allocator = FirstFitBStackAllocator.open(BStack.open(storage));
    const root = allocator.alloc(3);
    root.write(Uint8Array.of(1, 2, 3));
    allocator.stack.set(0, root.toBytes());
    allocator.intoStack().intoStorage();
    const reopened = FirstFitBStackAllocator.open(BStack.open(storage));
    expect([...reopened.restore(reopened.stack.get(0, 16)).read()]).toEqual([1, 2, 3]);
  });
});

test('an arena lives in any memory as well, such as that of a canister', () => {
  const memory = new VectorMemory();
  const inFile = create();
  const inMemory = FirstFitBStackAllocator.open(BStack.open(MemoryStorage.init(memory)));
  for (const allocator of [inFile, inMemory]) {
    const [first, second] = allocator.allocBulk([100, 30, 200]);
    allocator.dealloc(first!);
    allocator.realloc(allocator.alloc(70), 300).write(Uint8Array.of(1, 2, 3));
    allocator.dealloc(allocator.realloc(second!, 90));
  }
  const [stack, ours] = [inFile.intoStack(), inMemory.intoStack()];
  expect(toHex(ours.get(0, ours.length))).toBe(toHex(stack.get(0, stack.length)));
  ours.close();
  const reopened = FirstFitBStackAllocator.open(BStack.open(MemoryStorage.init(memory)));
  expect(reopened.checkInvariants()).toBeUndefined();
});

describe('where a block goes', () => {
  /** An arena with one free block of `size` bytes between two allocated ones. */
  function withGap(size: number) {
    const allocator = create();
    allocator.alloc(1);
    const gap = allocator.alloc(size);
    gap.write(new Uint8Array(size).fill(0xff));
    allocator.alloc(1);
    allocator.dealloc(gap);
    return { allocator, start: gap.start, length: allocator.length };
  }

  test.each([
    ['is split when the rest is a block', 56, 16, 56 - 16],
    ['is taken whole when it is not', 48, 16, 0],
    ['is taken whole when it fits', 16, 16, 0],
  ])('a free block %s', (_, size, length, offset) => {
    const { allocator, start, length: before } = withGap(size);
    const block = allocator.alloc(length);
    expect(block.start).toBe(start + offset);
    expect(block.read()).toEqual(new Uint8Array(length));
    expect(allocator.length).toBe(before);
    expect(allocator.checkInvariants()).toBeUndefined();
  });

  test('blocks allocated together lie side by side, in a free block or at the end', () => {
    const { allocator, start, length } = withGap(200);
    const [first, none, last] = allocator.allocBulk([30, 0, 100]);
    expect([first!.start, none!.start, last!.start]).toEqual([start + 40, 0, start + 96]);
    expect(allocator.length).toBe(length);
    const [further] = allocator.allocBulk([30, 1_000]);
    expect(further!.start).toBe(length + 16);
    expect(allocator.checkInvariants()).toBeUndefined();
    expect(allocator.allocBulk([0, 0]).map(({ start: at }) => at)).toEqual([0, 0]);
  });

  test('blocks allocated together have what a free block taken whole has more', () => {
    const { allocator, start } = withGap(120);
    const [first, last] = allocator.allocBulk([16, 56]);
    expect([first!.start, last!.start]).toEqual([start, start + 40]);
    expect(allocator.checkInvariants()).toBeUndefined();
    expect(allocator.realloc(last!, 80).start).toBe(start + 40);
  });

  test('a block grows into what is free behind it, and gives back the rest', () => {
    for (const [length, isLeftFree] of [
      [64, true],
      [216, true],
      [217, false],
      [256, false],
    ] as const) {
      const allocator = create();
      const block = allocator.alloc(32);
      block.write(new Uint8Array(32).fill(1));
      const behind = allocator.alloc(200);
      behind.write(new Uint8Array(200).fill(2));
      allocator.alloc(1);
      allocator.dealloc(behind);
      const grown = allocator.realloc(block, length);
      expect(grown.start).toBe(64);
      expect([...grown.read()]).toEqual([...new Uint8Array(length).fill(1, 0, 32)]);
      expect(allocator.checkInvariants()).toBeUndefined();
      expect(allocator.stack.get(32, 40).some((byte) => byte !== 0)).toBe(isLeftFree);
    }
  });

  test('a block that moves leaves a free block, joined with its neighbours', () => {
    const allocator = create();
    const [first, second, third] = allocator.allocBulk([40, 40, 40, 1]);
    allocator.dealloc(third!);
    allocator.dealloc(first!);
    allocator.realloc(second!, 500);
    expect(allocator.alloc(168).start).toBe(64);
    expect(allocator.checkInvariants()).toBeUndefined();
  });

  test('a block moves into a free block where one is large enough', () => {
    const allocator = create();
    const [gap, , block] = allocator.allocBulk([100, 1, 40, 1]);
    block!.write(new Uint8Array(40).fill(3));
    allocator.dealloc(gap!);
    const moved = allocator.realloc(block!, 90);
    expect(moved.start).toBe(64);
    expect([...moved.read()]).toEqual([...new Uint8Array(90).fill(3, 0, 40)]);
    expect(allocator.checkInvariants()).toBeUndefined();
  });
});

describe('what is freed', () => {
  test('is noticed the second time, also where it was joined with others', () => {
    const allocator = create();
    const blocks = allocator.allocBulk([40, 40, 40, 40]);
    const copies = blocks.map((block) => allocator.restore(block.toBytes()));
    for (const block of [blocks[0], blocks[2], blocks[1]]) allocator.dealloc(block!);
    const { length } = allocator;
    for (const copy of copies.slice(0, 3)) {
      expect(codeOf(() => allocator.dealloc(copy))).toBe('NOT_ALLOCATED');
      expect(codeOf(() => allocator.realloc(copy, 80))).toBe('NOT_ALLOCATED');
    }
    expect(allocator.length).toBe(length);
    allocator.dealloc(blocks[3]!);
    expect(codeOf(() => allocator.dealloc(copies[3]!))).toBe('NOT_ALLOCATED');
    expect(allocator.length).toBe(48);
    expect(allocator.checkInvariants()).toBeUndefined();
  });

  test('twice in one call is refused, and nothing of the call is done', () => {
    const allocator = create();
    const blocks = allocator.allocBulk([40, 40, 40]);
    const again = allocator.restore(blocks[0]!.range);
    expect(codeOf(() => allocator.deallocBulk([blocks[0]!, again]))).toBe('NOT_ALLOCATED');
    const last = allocator.restore(blocks[2]!.range);
    expect(codeOf(() => allocator.deallocBulk([blocks[2]!, last]))).toBe('NOT_ALLOCATED');
    allocator.deallocBulk(blocks);
    expect(allocator.length).toBe(48);
  });

  test('at the end is cut off with all that is free before it, in any order', () => {
    const allocator = create();
    const blocks = allocator.allocBulk([10, 300, 20, 600, 5]);
    allocator.deallocBulk([2, 4, 1, 3].map((index) => blocks[index]!));
    expect(allocator.length).toBe(48 + 40);
    expect(allocator.checkInvariants()).toBeUndefined();
  });
});

describe('handles that were made up', () => {
  test.each([
    ['not aligned', 65, 5],
    ['in the header', 48, 5],
    ['in the middle of a block', 72, 5],
    ['of a free block', 104, 20],
    ['longer than their block', 64, 17],
    ['beyond the end', 10_000, 5],
    ['at the very end', 184, 1],
    ['of no bytes, and yet somewhere', 72, 0],
  ])('%s are refused', (_, start, length) => {
    const allocator = create();
    const [, second] = allocator.allocBulk([16, 20, 30]);
    allocator.dealloc(second!);
    expect(codeOf(() => allocator.restore({ start, length }))).toBe('NOT_ALLOCATED');
    expect(allocator.checkInvariants()).toBeUndefined();
  });
});

describe('reclaim', () => {
  test('frees what is not among the blocks that are live', () => {
    const allocator = create();
    const blocks = allocator.allocBulk([10, 20, 30, 40, 50]);
    const live = [blocks[0]!, blocks[2]!];
    expect(allocator.reclaim(live)).toBe(3);
    expect(allocator.checkInvariants()).toBeUndefined();
    expect(allocator.length).toBe(48 + 40 + 48 + 56);
    expect(allocator.alloc(20).start).toBe(blocks[1]!.start);
    expect(allocator.reclaim([])).toBe(3);
    expect(allocator.length).toBe(48);
    expect(allocator.reclaim([])).toBe(0);
  });

  test('frees nothing where one of them is no block', () => {
    const allocator = create();
    const blocks = allocator.allocBulk([10, 20]);
    const wrong = { start: 72, length: 1 };
    expect(codeOf(() => allocator.reclaim([blocks[0]!, wrong]))).toBe('NOT_ALLOCATED');
    expect(blocks.every((block) => block.read().length > 0)).toBe(true);
    expect(codeOf(() => allocator.reclaim([wrong]))).toBe('NOT_ALLOCATED');
  });
});

describe('syncs', () => {
  /** How many syncs an operation has. */
  function syncsOf(prepare: (allocator: FirstFitBStackAllocator) => () => unknown): number {
    const disk = new RecordingDisk();
    const operate = prepare(FirstFitBStackAllocator.open(BStack.open(disk.open())));
    const before = disk.syncs;
    operate();
    return disk.syncs - before;
  }

  test.each<[string, number, (allocator: FirstFitBStackAllocator) => () => unknown]>([
    ['alloc at the end', 2, (allocator) => () => allocator.alloc(1_000)],
    ['alloc of many at the end', 2, (allocator) => () => allocator.allocBulk([9, 900, 9])],
    [
      'alloc into a free block',
      4,
      (allocator) => {
        const [gap] = allocator.allocBulk([400, 400]);
        allocator.dealloc(gap!);
        return () => allocator.alloc(300);
      },
    ],
    [
      'dealloc at the end',
      1,
      (allocator) => {
        const block = allocator.alloc(400);
        return () => allocator.dealloc(block);
      },
    ],
    [
      'dealloc of many at the end',
      1,
      (allocator) => {
        const blocks = allocator.allocBulk([400, 1, 400]);
        return () => allocator.deallocBulk(blocks);
      },
    ],
    [
      'dealloc at the end, behind a free block',
      6,
      (allocator) => {
        const blocks = allocator.allocBulk([400, 400, 400, 400]);
        allocator.dealloc(blocks[0]!);
        allocator.dealloc(blocks[2]!);
        return () => allocator.dealloc(blocks[3]!);
      },
    ],
    [
      'dealloc between two free blocks',
      4,
      (allocator) => {
        const blocks = allocator.allocBulk([400, 400, 400, 400]);
        allocator.dealloc(blocks[0]!);
        allocator.dealloc(blocks[2]!);
        return () => allocator.dealloc(blocks[1]!);
      },
    ],
    [
      'dealloc of many',
      4,
      (allocator) => {
        const blocks = allocator.allocBulk([400, 400, 400, 400, 400, 400]);
        return () => allocator.deallocBulk([blocks[0]!, blocks[2]!, blocks[4]!]);
      },
    ],
    [
      'realloc to fewer bytes',
      0,
      (allocator) => {
        const block = allocator.alloc(400);
        return () => allocator.realloc(block, 1);
      },
    ],
    [
      'realloc at the end',
      6,
      (allocator) => {
        const block = allocator.alloc(400);
        return () => allocator.realloc(block, 800);
      },
    ],
    [
      'realloc into the free block behind',
      4,
      (allocator) => {
        const blocks = allocator.allocBulk([400, 400, 400]);
        allocator.dealloc(blocks[1]!);
        return () => allocator.realloc(blocks[0]!, 600);
      },
    ],
    [
      'realloc that moves into a free block',
      4,
      (allocator) => {
        const blocks = allocator.allocBulk([400, 20, 20, 20]);
        allocator.dealloc(blocks[0]!);
        return () => allocator.realloc(blocks[2]!, 300);
      },
    ],
    [
      'realloc that moves to the end',
      6,
      (allocator) => {
        const blocks = allocator.allocBulk([400, 400]);
        return () => allocator.realloc(blocks[0]!, 600);
      },
    ],
  ])('%s: %i', (_, expected, prepare) => {
    expect(syncsOf(prepare)).toBe(expected);
  });
});

describe('corrupt bytes', () => {
  /** An arena of allocated and free blocks, with one word of it set to something else. */
  function damaged(offset: number, word: number) {
    const allocator = create();
    const blocks = allocator.allocBulk([40, 40, 40, 40, 40, 40, 40]);
    for (const index of [0, 2, 4]) allocator.dealloc(blocks[index]!);
    const bytes = new Uint8Array(8);
    writeU64(bytes, 0, word);
    allocator.stack.set(offset, bytes);
    return { allocator, blocks };
  }

  test.each([
    ['a free block that is its own successor', 64 + 4 * 64, 64 + 4 * 64],
    ['a free list in a circle', 64, 64 + 4 * 64],
    ['a link to an allocated block', 64 + 4 * 64, 64 + 64],
    ['a link beyond the end', 64 + 4 * 64, 1_000_000],
    ['a link into the header', 64 + 4 * 64, 8],
    ['a head at an allocated block', 32, 64 + 64],
    ['a size of nothing', 48 + 4 * 64, 0],
    ['a footer of another size', 64 + 4 * 64 + 40, 48],
  ])('%s is found', (_, offset, word) => {
    expect(damaged(offset, word).allocator.checkInvariants()).toBeDefined();
    const codes = ['CORRUPTED', undefined];
    for (const operate of [
      ({ allocator }: ReturnType<typeof damaged>) => allocator.alloc(1_000),
      ({ allocator, blocks }: ReturnType<typeof damaged>) => allocator.dealloc(blocks[5]!),
      ({ allocator, blocks }: ReturnType<typeof damaged>) => allocator.realloc(blocks[3]!, 100),
    ]) {
      const arena = damaged(offset, word);
      let code: string | undefined;
      try {
        code = codeOf(() => operate(arena));
      } catch {
        // Where the damage was not in its way, the operation has succeeded.
      }
      expect(codes).toContain(code);
    }
  });
});
