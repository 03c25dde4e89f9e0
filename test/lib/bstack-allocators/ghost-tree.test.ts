/**
 * Ghost trees by example: the vectors of the original, the layout to the byte, what is refused,
 * and files that are damaged.
 */
import { describe, expect, test } from '@jest/globals';
import { BStack } from '../../../src/lib/bstack.js';
import type { BStackBlock } from '../../../src/lib/bstack-allocators/block.js';
import { GhostTreeBStackAllocator } from '../../../src/lib/bstack-allocators/ghost-tree.js';
import { GHOST_TREE_HEADER_LAYOUT } from '../../../src/lib/bstack-allocators/ghost-tree/header.js';
import { HeapStorage } from '../../../src/lib/heap-storage.js';
import { describeBStackAllocator, patternOf } from '../../support/bstack-allocator-conformance.js';
import { RecordingDisk } from '../../support/crash/recording-disk.js';
import { freeBlocksOf, lostBytes, wordsOf } from '../../support/ghost-tree.js';
import { toHex } from '../../support/hex.js';
import { codeOf } from '../../support/memories.js';

describeBStackAllocator('GhostTreeBStackAllocator', {
  open: (stack) => GhostTreeBStackAllocator.open(stack),
});

const create = () => GhostTreeBStackAllocator.open(BStack.open(new HeapStorage()));
const reopen = (allocator: GhostTreeBStackAllocator) =>
  GhostTreeBStackAllocator.open(allocator.intoStack());
const rangesOf = (blocks: readonly BStackBlock[]) => blocks.map(({ start, end }) => [start, end]);

/** The magic as a word, and what vector A7 has besides. */
const MAGIC = 0x0002_0100_5447_4c41;

describe('the vectors of the original', () => {
  /** Seven blocks, of which four are freed. */
  function vectorA7() {
    const allocator = create();
    const blocks = [40, 33, 64, 1, 96, 20, 70].map((length) => allocator.alloc(length));
    const ranges = rangesOf(blocks);
    for (const freed of [2, 4, 6, 1]) allocator.dealloc(blocks[freed - 1]!);
    return { allocator, ranges };
  }

  test('A7: blocks lie where they do in the original', () => {
    const { allocator, ranges } = vectorA7();
    expect(ranges).toEqual([
      [48, 88],
      [112, 145],
      [176, 240],
      [240, 241],
      [272, 368],
      [368, 388],
      [400, 470],
    ]);
    expect(allocator.length).toBe(496);
  });

  test('A7: the tree is that of the original, and everything else is zero', () => {
    const { allocator } = vectorA7();
    expect(wordsOf(allocator.stack)).toEqual({
      32: MAGIC,
      40: 368,
      // Size; balance and height; left; right.
      ...{ 368: 32, 376: 0x0301, 384: 240, 392: 112 },
      ...{ 112: 64, 120: 0x02ff, 128: 48 },
      ...{ 48: 64, 56: 0x0100 },
      ...{ 240: 32, 248: 0x0100 },
    });
  });

  test('A7: opened again, neighbours are one and the tree is flat', () => {
    const allocator = reopen(vectorA7().allocator);
    expect(wordsOf(allocator.stack)).toEqual({
      32: MAGIC,
      40: 368,
      ...{ 368: 32, 376: 0x0200, 384: 240, 392: 48 },
      ...{ 48: 128, 56: 0x0100 },
      ...{ 240: 32, 248: 0x0100 },
    });
    expect(rangesOf([allocator.alloc(32), allocator.alloc(50)])).toEqual([
      [240, 272],
      [112, 162],
    ]);
    expect(rangesOf(allocator.allocBulk([10, 0, 40]))).toEqual([
      [496, 506],
      [0, 0],
      [528, 568],
    ]);
    expect(allocator.length).toBe(592);
  });

  test('A8: 48 zero bytes, which a crash of the original can leave, are no arena', () => {
    const stack = BStack.open(new HeapStorage());
    stack.extend(48);
    expect(codeOf(() => GhostTreeBStackAllocator.open(stack))).toBe('BAD_MAGIC');
    expect(stack.get(0, stack.length)).toEqual(new Uint8Array(48));
  });
});

describe('the layout', () => {
  test('a new arena is frozen to the byte', () => {
    const { stack } = create();
    expect(toHex(stack.get(0, stack.length))).toBe(
      '00'.repeat(32) + '414c475400010200' + '0000000000000000',
    );
  });

  test('a free block is frozen to the byte', () => {
    const allocator = create();
    const [first, , third] = allocator.allocBulk([64, 32, 96, 32]);
    allocator.dealloc(third!);
    allocator.dealloc(first!);
    const { stack } = allocator;
    expect(toHex(stack.get(32, 48))).toBe('414c475400010200' + '9000000000000000');
    expect(toHex(stack.get(48, 112))).toBe(
      ['4000000000000000', '0001000000000000', '00'.repeat(48)].join(''),
    );
    expect(toHex(stack.get(144, 240))).toBe(
      ['6000000000000000', 'ff02000000000000', '3000000000000000', '00'.repeat(72)].join(''),
    );
  });

  test('the first 32 bytes are the user’s', () => {
    const allocator = create();
    allocator.stack.set(0, new Uint8Array(32).fill(7));
    allocator.dealloc(allocator.allocBulk([50, 50])[0]!);
    expect(reopen(allocator).stack.get(0, 32)).toEqual(new Uint8Array(32).fill(7));
  });

  test.each([0, 1, 3, 9])('patch %i of the original opens as well, and stays', (patch) => {
    const stack = create().intoStack();
    stack.set(GHOST_TREE_HEADER_LAYOUT.magic + 6, Uint8Array.of(patch));
    const allocator = GhostTreeBStackAllocator.open(stack);
    allocator.dealloc(allocator.allocBulk([50, 50])[0]!);
    expect(reopen(allocator).checkInvariants()).toBeUndefined();
    expect(stack.get(32, 40)).toEqual(Uint8Array.of(0x41, 0x4c, 0x47, 0x54, 0, 1, patch, 0));
  });

  test('heights that 0.4.2 keeps in reserved bytes are taken out', () => {
    const allocator = create();
    allocator.dealloc(allocator.allocBulk([50, 50])[0]!);
    const clean = wordsOf(allocator.stack);
    allocator.stack.set(48 + 10, Uint8Array.of(0, 0, 1, 0, 1, 0));
    expect(allocator.checkInvariants()).toMatch(/reserved/);
    expect(wordsOf(reopen(allocator).stack)).toEqual(clean);
  });

  test('an end within a grain is filled up with zeros', () => {
    const allocator = create();
    allocator.alloc(10);
    allocator.stack.push(Uint8Array.of(1, 2, 3));
    const padded = reopen(allocator);
    expect(padded.length).toBe(48 + 64);
    expect(padded.checkInvariants()).toBeUndefined();
    expect(padded.alloc(10).start).toBe(112);
  });

  test('another version of the layout is refused', () => {
    const stack = create().intoStack();
    stack.set(GHOST_TREE_HEADER_LAYOUT.magic + 5, Uint8Array.of(2));
    expect(codeOf(() => GhostTreeBStackAllocator.open(stack))).toBe('UNSUPPORTED_VERSION');
  });

  test.each([1, 47])('%i bytes are no header', (length) => {
    const stack = BStack.open(new HeapStorage());
    stack.extend(length);
    expect(codeOf(() => GhostTreeBStackAllocator.open(stack))).toBe('BAD_MAGIC');
    expect(stack.length).toBe(length);
  });
});

/** An arena of these blocks, of which those with an odd index are free, of different sizes. */
function holes(count: number): { allocator: GhostTreeBStackAllocator; live: BStackBlock[] } {
  const allocator = create();
  const sizes = Array.from({ length: 2 * count }, (_, index) => 32 * (1 + (index >> 1)));
  const blocks = allocator.allocBulk(sizes);
  blocks.forEach((block, index) => block.write(patternOf(block.length, index)));
  allocator.deallocBulk(blocks.filter((_, index) => index % 2 === 0));
  return { allocator, live: blocks.filter((_, index) => index % 2 === 1) };
}

describe('merging', () => {
  test('happens at opening unless it is told not to', () => {
    const allocator = create();
    const [first, second] = allocator.allocBulk([32, 64, 32]);
    allocator.dealloc(first!);
    allocator.dealloc(second!);
    const stack = allocator.intoStack();
    GhostTreeBStackAllocator.open(stack, { coalesce: false });
    expect(freeBlocksOf(stack)).toEqual([
      [48, 32],
      [80, 64],
    ]);
    GhostTreeBStackAllocator.open(stack);
    expect(freeBlocksOf(stack)).toEqual([[48, 96]]);
  });

  test('is a method too, which also gives back what is free at the end', () => {
    const allocator = create();
    const blocks = allocator.allocBulk([32, 64, 32, 32, 64]);
    for (const index of [0, 1, 3, 4]) allocator.dealloc(blocks[index]!);
    expect(freeBlocksOf(allocator.stack)).toEqual([
      [48, 32],
      [80, 64],
      [176, 32],
    ]);
    allocator.coalesce();
    expect(freeBlocksOf(allocator.stack)).toEqual([[48, 96]]);
    expect(allocator.length).toBe(176);
    expect(allocator.checkInvariants()).toBeUndefined();
    expect(blocks[2]!.isLive).toBe(true);
  });

  test('of an arena where all is free leaves the header', () => {
    const { allocator, live } = holes(5);
    for (const block of live.slice(0, -1)) allocator.dealloc(block);
    allocator.dealloc(live.at(-1)!);
    allocator.coalesce();
    expect(wordsOf(allocator.stack)).toEqual({ 32: MAGIC });
    expect(allocator.length).toBe(48);
  });
});

describe('what belongs to nobody', () => {
  test('is found and cleared when the owner says what is in use', () => {
    const { allocator, live } = holes(8);
    const kept = live.filter((_, index) => index % 3 !== 0);
    const lost = lostBytes(allocator.stack, kept);
    const reopened = reopen(allocator);
    const restored = kept.map((block) => reopened.restore(block.toBytes()));
    expect(reopened.reclaim(restored)).toBe(lost);
    expect(lostBytes(reopened.stack, restored)).toBe(0);
    expect(reopened.checkInvariants()).toBeUndefined();
    restored.forEach((block) =>
      expect(block.read()).toEqual(
        patternOf(
          block.length,
          1 + 2 * live.indexOf(kept.find(({ start }) => start === block.start)!),
        ),
      ),
    );
    expect(reopened.reclaim(restored)).toBe(0);
  });

  test('at the end makes the file shorter', () => {
    const allocator = create();
    const [first] = allocator.allocBulk([10, 0, 500]);
    expect(allocator.reclaim([first!])).toBe(512);
    expect(allocator.length).toBe(80);
  });

  test('cannot be told where blocks overlap, or cannot be', () => {
    const allocator = create();
    const [first, second] = allocator.allocBulk([64, 64, 64]);
    allocator.dealloc(second!);
    const before = wordsOf(allocator.stack);
    for (const wrong of [
      { start: first!.start, length: 65 },
      { start: first!.start + 32, length: 10 },
      { start: first!.start + 1, length: 10 },
      { start: 176, length: 65 },
      { start: 16, length: 10 },
      { start: 48, length: 0 },
    ]) {
      expect(codeOf(() => allocator.reclaim([first!, wrong]))).toBe('NOT_ALLOCATED');
    }
    expect(wordsOf(allocator.stack)).toEqual(before);
  });
});

describe('a block that is free already', () => {
  test('is seen where a free block begins at its address', () => {
    const allocator = create();
    const [first, second] = allocator.allocBulk([40, 40, 40]);
    const twin = allocator.restore(second!.toBytes());
    allocator.dealloc(second!);
    const uses = [
      () => allocator.dealloc(twin),
      () => allocator.realloc(twin, 500),
      () => allocator.deallocBulk([first!, twin]),
      () => allocator.restore(twin.toBytes()),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'NOT_ALLOCATED'));
    expect([first!.isLive, twin.isLive]).toEqual([true, true]);
    expect(allocator.checkInvariants()).toBeUndefined();
  });

  test('is seen among many that overlap', () => {
    const allocator = create();
    const [first] = allocator.allocBulk([40, 40]);
    const twin = allocator.restore({ start: first!.start, length: 64 });
    expect(codeOf(() => allocator.deallocBulk([first!, twin]))).toBe('NOT_ALLOCATED');
    expect(allocator.checkInvariants()).toBeUndefined();
  });
});

describe('syncs', () => {
  /** How many syncs an operation on an arena with holes costs. */
  function syncsOf(
    operate: (allocator: GhostTreeBStackAllocator, live: BStackBlock[]) => unknown,
  ): number {
    const arena = holes(20).allocator.intoStack().intoStorage() as HeapStorage;
    const disk = new RecordingDisk(new Map([['file', arena.toBytes()]]));
    const allocator = GhostTreeBStackAllocator.open(BStack.open(disk.open()));
    const live = holes(20).live.map((block) => allocator.restore(block.toBytes()));
    allocator.stack.zero(live[2]!.start, live[2]!.length);
    const before = disk.syncs;
    operate(allocator, live);
    return disk.syncs - before;
  }

  test.each<
    [string, number, (allocator: GhostTreeBStackAllocator, live: BStackBlock[]) => unknown]
  >([
    ['alloc that fits', 4, (allocator) => allocator.alloc(300)],
    ['defect: alloc that fits nowhere wrote the root', 1, (allocator) => allocator.alloc(5_000)],
    ['alloc of nothing', 0, (allocator) => allocator.alloc(0)],
    ['dealloc', 4, (allocator, live) => allocator.dealloc(live[7]!)],
    ['dealloc at the end', 1, (allocator, live) => allocator.dealloc(live[19]!)],
    [
      'realloc within a grain',
      0,
      (allocator, live) => allocator.realloc(allocator.realloc(live[2]!, 90), 96),
    ],
    ['realloc to a free block', 4, (allocator, live) => allocator.realloc(live[3]!, 400)],
    ['realloc to the end', 5, (allocator, live) => allocator.realloc(live[3]!, 4_000)],
    ['realloc at the end', 1, (allocator, live) => allocator.realloc(live[19]!, 4_000)],
    ['a cut', 4, (allocator, live) => allocator.realloc(live[9]!, 33)],
    ['allocBulk', 4, (allocator) => allocator.allocBulk([30, 100, 200])],
    ['deallocBulk', 4, (allocator, live) => allocator.deallocBulk(live.slice(3, 19))],
    ['coalesce with nothing to do', 0, (allocator) => allocator.coalesce()],
    ['opening with nothing to do', 0, (allocator) => reopen(allocator)],
  ])('%s: %i', (_, syncs, operate) => {
    expect(syncsOf(operate)).toBe(syncs);
  });
});

test('defect: what allocBulk leaves of a block that is too large stays free', () => {
  const allocator = create();
  const [large] = allocator.allocBulk([640, 32]);
  allocator.dealloc(large!);
  const blocks = allocator.allocBulk([40, 0, 90]);
  expect(blocks.map(({ start }) => start)).toEqual([528, 0, 592]);
  expect(freeBlocksOf(allocator.stack)).toEqual([[48, 480]]);
});
