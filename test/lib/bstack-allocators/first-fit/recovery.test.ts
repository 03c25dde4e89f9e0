/**
 * Recovery, window by window: the states that upstream leaves between its single writes, made by
 * hand as it makes them. Each is recovered, and the recovery is crashed at every event as well.
 */
import { describe, expect, test } from '@jest/globals';
import { BStack } from '../../../../src/lib/bstack.js';
import { FirstFitBStackAllocator } from '../../../../src/lib/bstack-allocators/first-fit.js';
import { blocksOf } from '../../../../src/lib/bstack-allocators/first-fit/blocks.js';
import { writeU64 } from '../../../../src/lib/bytes.js';
import { HeapStorage } from '../../../../src/lib/heap-storage.js';
import { checkCrashes } from '../../../support/crash/check-crashes.js';
import type { RecordingDisk } from '../../../support/crash/recording-disk.js';
import { codeOf } from '../../../support/memories.js';

/** Words of 8 bytes by their offsets in the payload. */
type Words = Readonly<Record<number, number>>;

/** Start, size and state of each block, in the order of the addresses. */
type Blocks = readonly (readonly [start: number, size: number, state: 'live' | 'free'])[];

const FLAG = { 24: 1 };

function wordOf(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeU64(bytes, 0, value);
  return bytes;
}

/**
 * Five blocks, the payloads of which hold their letters:
 *
 *     a 64, 40 bytes │ b 128, 104 bytes │ c 256, 40 bytes │ d 320, 40 bytes │ e 384, 16 bytes
 */
function arena(freed: string, words: Words, added = new Uint8Array(0)): Uint8Array {
  const storage = new HeapStorage();
  const allocator = FirstFitBStackAllocator.open(BStack.open(storage));
  const blocks = allocator.allocBulk([40, 104, 40, 40, 16]);
  blocks.forEach((block, index) => block.write(new Uint8Array(block.length).fill(0x61 + index)));
  for (const letter of freed) allocator.dealloc(blocks['abcde'.indexOf(letter)]!);
  const stack = allocator.intoStack();
  stack.push(added);
  for (const [offset, word] of Object.entries(words)) stack.set(Number(offset), wordOf(word));
  stack.close();
  return storage.toBytes();
}

const openOn = (disk: RecordingDisk) => FirstFitBStackAllocator.open(BStack.open(disk.open()));

/** Throws unless the blocks are these. */
function assertArena(allocator: FirstFitBStackAllocator, expected: Blocks): void {
  const { stack } = allocator;
  const found = [...blocksOf(stack)].map(({ start, size, isFree }) =>
    [start, size, isFree ? 'free' : 'live'].join(' '),
  );
  // Not `expect`, which takes its time: this runs for each of thousands of crashes.
  const violation = allocator.checkInvariants();
  if (violation !== undefined) throw new Error(violation);
  const wanted = expected.map((block) => block.join(' '));
  if (found.join() === wanted.join()) return;
  throw new Error(`there are ${found.join()} in place of ${wanted.join()}`);
}

/** Recovers an arena, and crashes that wherever it can be, and the recovery of some crashes. */
function checkRecovery(bytes: Uint8Array, expected: Blocks): void {
  const start = new Map([['file', bytes]]);
  checkCrashes(
    {
      start,
      run: (disk) => assertArena(openOn(disk), expected),
      reopen: openOn,
      check: (allocator) => assertArena(allocator, expected),
    },
    { recoveryEvery: 8, powerLosses: 4 },
  );
}

const A = [64, 40, 'live'] as const;
const B = [128, 104, 'live'] as const;
const C = [256, 40, 'live'] as const;
const D = [320, 40, 'live'] as const;
const E = [384, 16, 'live'] as const;
const FREE_B = [128, 104, 'free'] as const;

/** The header of b is at 112 and its footer at 232; 32 bytes are cut from its back: 48 remain. */
const SPLIT_FIRST_WRITE = { 176: 48, 184: 32, 192: 0 };

describe('an arena that upstream has left between two writes', () => {
  test.each<[string, string, Words, Blocks]>([
    ['nothing was written yet', 'b', {}, [A, FREE_B, C, D, E]],
    ['alloc, split: the inner tags', 'b', SPLIT_FIRST_WRITE, [A, FREE_B, C, D, E]],
    [
      'alloc, split: the outer footer',
      'b',
      { ...SPLIT_FIRST_WRITE, 232: 32 },
      [A, [128, 48, 'free'], [200, 32, 'live'], C, D, E],
    ],
    [
      'alloc, split: the front header',
      'b',
      { ...SPLIT_FIRST_WRITE, 232: 32, 112: 48 },
      [A, [128, 48, 'free'], [200, 32, 'live'], C, D, E],
    ],
    ['alloc, whole: off the list', 'b', { 32: 0 }, [A, FREE_B, C, D, E]],
    ['alloc, whole: no longer free', 'b', { 32: 0, 120: 0 }, [A, B, C, D, E]],
    ['dealloc: marked as free', 'b', { 248: 1 }, [A, [128, 168, 'free'], D, E]],
    [
      'dealloc, joined with one: header written, footer old',
      'b',
      { 248: 1, 32: 0, 112: 168 },
      [A, [128, 168, 'free'], D, E],
    ],
    [
      'dealloc, joined with two: header written, footer old',
      'bd',
      { 248: 1, 32: 0, 112: 232 },
      [A, [128, 232, 'free'], E],
    ],
    [
      'dealloc, joined with one: all tags written, the list old',
      'b',
      { 248: 1, 112: 168, 296: 168 },
      [A, [128, 168, 'free'], D, E],
    ],
    ['realloc into the next: header of both', 'b', { 32: 0, 48: 168 }, [A, FREE_B, C, D, E]],
    [
      'realloc into the next: all but the final header',
      'b',
      { 32: 0, 48: 168, 104: 0, 112: 0, 168: 104, 176: 40, 184: 1, 192: 0, 200: 0, 232: 40 },
      [[64, 104, 'live'], [192, 40, 'free'], C, D, E],
    ],
    [
      'realloc into the next: no rest',
      'b',
      { 32: 0, 48: 168, 104: 0, 112: 0, 232: 168 },
      [[64, 168, 'live'], C, D, E],
    ],
    ['realloc that moves: both are live', '', {}, [A, B, C, D, E]],
    ['the head of the list is lost', 'bd', { 32: 0 }, [A, FREE_B, C, [320, 40, 'free'], E]],
    ['free blocks at the end', 'd', { 376: 1 }, [A, B, C]],
    ['all is free', '', { 56: 1, 120: 1, 248: 1, 312: 1, 376: 1 }, []],
  ])('%s', (_, freed, words, expected) => {
    checkRecovery(arena(freed, { ...FLAG, ...words }), expected);
  });

  /** The last block begins at 368 with its header, and ends at 408 with its footer, at 400. */
  const grown = new Uint8Array(64);
  test.each<[string, Words, Uint8Array<ArrayBuffer>, Blocks]>([
    ['growth at the end: zeros', {}, grown, [A, B, C, D, E]],
    ['growth at the end: the old footer', { 400: 0 }, grown, [A, B, C, D, E]],
    ['growth at the end: the header', { 400: 0, 368: 80 }, grown, [A, B, C, D, [384, 80, 'live']]],
    ['growth at the end: the header first', { 368: 80 }, grown, [A, B, C, D, [384, 80, 'live']]],
    ['less than a block', {}, new Uint8Array(23).fill(9), [A, B, C, D, E]],
    ['a part of a block', { 408: 1_000 }, new Uint8Array(80).fill(9), [A, B, C, D, E]],
    ['a part of the smallest block', { 408: 16 }, new Uint8Array(24), [A, B, C, D, E]],
  ])('%s', (_, words, added, expected) => {
    checkRecovery(arena('', { ...words, ...FLAG }, added), expected);
  });

  test.each([
    ['in the header', 40],
    ['beyond the end', 10_000],
    ['beyond all numbers', 2 ** 53 - 1],
  ])('the head of the list %s, though nothing says that recovery is needed', (_, head) => {
    checkRecovery(arena('b', { 32: head }), [A, FREE_B, C, D, E]);
  });
});

describe('what lives', () => {
  test('is not touched by recovery, whatever the windows', () => {
    const storage = new HeapStorage(arena('bd', { ...FLAG, 248: 1, 32: 0, 112: 232 }));
    const allocator = FirstFitBStackAllocator.open(BStack.open(storage));
    expect(allocator.restore({ start: 64, length: 40 }).read()).toEqual(
      new Uint8Array(40).fill(0x61),
    );
    expect(allocator.restore({ start: 384, length: 16 }).read()).toEqual(
      new Uint8Array(16).fill(0x65),
    );
  });

  test('defect: the bytes behind a header that is damaged are not cut off', () => {
    for (const [offset, word] of [
      [240, 0],
      [240, 41],
      [240, 8],
      [112, 56],
      [240, 2 ** 53 - 1],
    ] as const) {
      const storage = new HeapStorage(arena('', { ...FLAG, [offset]: word }));
      const stack = BStack.open(storage);
      const before = storage.toBytes();
      expect(codeOf(() => FirstFitBStackAllocator.open(stack))).toBe('CORRUPTED');
      expect(storage.toBytes()).toEqual(before);
    }
  });

  test('other flags of the header stay as they are', () => {
    const storage = new HeapStorage(arena('b', { 24: 0x8000_0001 }));
    const allocator = FirstFitBStackAllocator.open(BStack.open(storage));
    expect([...allocator.stack.get(24, 28)]).toEqual([0, 0, 0, 0x80]);
  });
});
