/**
 * What every allocator on a `BStack` promises, as one suite: each implementation runs it from its
 * own test file.
 *
 * Source: `specs/bstack.md` sections 2.1 to 2.6.
 */
import { describe, expect, test } from '@jest/globals';
import { BStack } from '../../src/lib/bstack.js';
import type { BStackAllocator } from '../../src/lib/bstack-allocators/allocator.js';
import type { BStackBlock } from '../../src/lib/bstack-allocators/block.js';
import { equalBytes } from '../../src/lib/bytes.js';
import { HeapStorage } from '../../src/lib/heap-storage.js';
import { RecordingDisk } from './crash/recording-disk.js';
import { codeOf } from './memories.js';
import { WRONG_ARRAYS, WRONG_BYTES, WRONG_NUMBERS, WRONG_SIZES } from './wrong-inputs.js';

/** An allocator that the suite can make. */
export interface AllocatorSubject {
  /** Opens the allocator on a stack, and makes it where the stack is empty. */
  open(stack: BStack): BStackAllocator;

  /** Whether only the last block can be resized, as `UNSUPPORTED_OPERATION` tells of the others. */
  readonly resizesOnlyTail?: boolean;

  /** What the model tests look at besides, where these blocks are all that are alive. */
  checkWhole?(allocator: BStackAllocator, live: readonly BStackBlock[]): void;
}

/** Lengths around the limits of blocks of fixed sizes, of headers and of an atomic write. */
const LENGTHS = [1, 7, 8, 9, 31, 32, 33, 100, 255, 256, 257, 1_000];

export function describeBStackAllocator(name: string, subject: AllocatorSubject): void {
  const create = (): BStackAllocator => subject.open(BStack.open(new HeapStorage()));
  describe(`${name} is an allocator`, () => {
    describeBlocks(create, subject);
    describeHandles(create, subject);
    describeBulk(create);
    describeRefusals(create);
    describeFailures(subject);
  });
}

/** Bytes that differ from block to block, none of them zero. */
export function patternOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => 1 + ((seed * 37 + index * 11) % 255));
}

/** As `toEqual`, which takes a while for bytes that are equal. */
export function expectBytes(found: Uint8Array, expected: Uint8Array): void {
  if (!equalBytes(found, expected)) expect([...found]).toEqual([...expected]);
}

function filled(allocator: BStackAllocator, length: number, seed: number): BStackBlock {
  const block = allocator.alloc(length);
  block.write(patternOf(length, seed));
  return block;
}

/** What a block of `old` bytes of a pattern holds once it was resized to `length`. */
function resized(old: number, length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(patternOf(old, seed).subarray(0, length));
  return bytes;
}

function describeBlocks(create: () => BStackAllocator, { resizesOnlyTail }: AllocatorSubject) {
  test('gives blocks of zeros that do not overlap', () => {
    const allocator = create();
    const blocks = LENGTHS.map((length) => allocator.alloc(length));
    blocks.forEach((block, index) => {
      expect(block.length).toBe(LENGTHS[index]);
      expectBytes(block.read(), new Uint8Array(block.length));
      block.write(patternOf(block.length, index));
    });
    blocks.forEach((block, index) => expectBytes(block.read(), patternOf(block.length, index)));
    expect(allocator.checkInvariants()).toBeUndefined();
  });

  test('gives zeros where a block was freed before', () => {
    const allocator = create();
    const blocks = LENGTHS.map((length, index) => filled(allocator, length, index));
    for (const block of blocks) allocator.dealloc(block);
    for (const length of LENGTHS.toReversed()) {
      expect(allocator.alloc(length).read()).toEqual(new Uint8Array(length));
    }
    expect(allocator.checkInvariants()).toBeUndefined();
  });

  const pairs = LENGTHS.flatMap((old) => [0, ...LENGTHS].map((length) => [old, length] as const));
  test('keeps the bytes of a block that is resized at the end, and adds zeros', () => {
    for (const [old, length] of pairs) {
      const allocator = create();
      const block = allocator.realloc(filled(allocator, old, 1), length);
      expectBytes(block.read(), resized(old, length, 1));
      expect(allocator.checkInvariants()).toBeUndefined();
    }
  });

  test('keeps the bytes of a block that is resized between others, or refuses', () => {
    for (const [old, length] of pairs) {
      const allocator = create();
      const before = filled(allocator, 20, 2);
      const block = filled(allocator, old, 1);
      const behind = filled(allocator, 20, 3);
      if (resizesOnlyTail) {
        if (old === length) continue;
        expect(codeOf(() => allocator.realloc(block, length))).toBe('UNSUPPORTED_OPERATION');
        expectBytes(block.read(), patternOf(old, 1));
      } else {
        const after = allocator.realloc(block, length);
        expectBytes(after.read(), resized(old, length, 1));
      }
      expectBytes(before.read(), patternOf(20, 2));
      expectBytes(behind.read(), patternOf(20, 3));
      expect(allocator.checkInvariants()).toBeUndefined();
    }
  });

  test('shows zeros where a block was cut and lengthened again', () => {
    for (const length of LENGTHS) {
      const allocator = create();
      const cut = allocator.realloc(filled(allocator, length, 1), length >> 1);
      const block = allocator.realloc(cut, length);
      expectBytes(block.read(), resized(length >> 1, length, 1));
    }
  });

  test('gives blocks of no bytes', () => {
    const allocator = create();
    const block = allocator.alloc(0);
    expect([block.length, block.isEmpty, block.isLive]).toEqual([0, true, true]);
    expectBytes(block.read(), new Uint8Array(0));
    const grown = allocator.realloc(block, 9);
    expectBytes(grown.read(), new Uint8Array(9));
    const shrunk = allocator.realloc(grown, 0);
    allocator.dealloc(shrunk);
    allocator.dealloc(allocator.alloc(0));
    expect(allocator.checkInvariants()).toBeUndefined();
  });

  test('says how long the whole stack is', () => {
    const allocator = create();
    const { length } = allocator;
    expect(allocator.isEmpty).toBe(length === 0);
    allocator.alloc(100);
    expect(allocator.length).toBeGreaterThanOrEqual(length + 100);
    expect(allocator.length).toBe(allocator.stack.length);
    expect(allocator.isEmpty).toBe(false);
  });
}

function describeHandles(create: () => BStackAllocator, { open }: AllocatorSubject) {
  test('kills the handle that realloc and dealloc get', () => {
    const allocator = create();
    const first = allocator.alloc(10);
    const second = allocator.realloc(first, 20);
    expect([first.isLive, second.isLive]).toEqual([false, true]);
    allocator.dealloc(second);
    expect(second.isLive).toBe(false);
    for (const dead of [first, second]) {
      const uses = [
        () => allocator.realloc(dead, 5),
        () => allocator.dealloc(dead),
        () => allocator.deallocBulk([dead]),
        () => dead.read(),
        () => dead.readInto(0, new Uint8Array(1)),
        () => dead.write(Uint8Array.of(1)),
        () => dead.zero(),
      ];
      expect(uses.map(codeOf)).toEqual(uses.map(() => 'VALUE_CONSUMED'));
    }
  });

  test('refuses the blocks of another allocator', () => {
    const [mine, other] = [create(), create()];
    const block = other.alloc(10);
    mine.alloc(10);
    const uses = [
      () => mine.realloc(block, 5),
      () => mine.dealloc(block),
      () => mine.deallocBulk([block]),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'NOT_ALLOCATED'));
    other.dealloc(block);
  });

  test('gives its stack back, and refuses everything from then on', () => {
    const allocator = create();
    const block = filled(allocator, 10, 1);
    const stack = allocator.intoStack();
    expect(block.isLive).toBe(false);
    const uses = [
      () => allocator.stack,
      () => allocator.length,
      () => allocator.isEmpty,
      () => allocator.alloc(1),
      () => allocator.realloc(block, 1),
      () => allocator.dealloc(block),
      () => allocator.allocBulk([1]),
      () => allocator.deallocBulk([]),
      () => allocator.restore(block),
      () => allocator.intoStack(),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'HANDLE_CLOSED'));
    expect(codeOf(() => block.read())).toBe('VALUE_CONSUMED');
    expect(open(stack).restore(block).read()).toEqual(patternOf(10, 1));
  });

  test('finds its blocks again when it is opened again', () => {
    const allocator = create();
    const blocks = LENGTHS.map((length, index) => filled(allocator, length, index));
    const saved = blocks.map((block) => block.toBytes());
    const reopened = open(BStack.open(allocator.intoStack().intoStorage()));
    expect(codeOf(() => reopened.dealloc(blocks[0]!))).toBe('NOT_ALLOCATED');
    const restored = saved.map((bytes) => reopened.restore(bytes));
    restored.forEach((block, index) => {
      expectBytes(block.read(), patternOf(LENGTHS[index]!, index));
      expect([block.start, block.end]).toEqual([blocks[index]!.start, blocks[index]!.end]);
    });
    const last = reopened.realloc(restored.pop()!, 2_000);
    expectBytes(last.read(), resized(1_000, 2_000, LENGTHS.length - 1));
    for (const block of restored) reopened.dealloc(block);
    expect(reopened.checkInvariants()).toBeUndefined();
  });

  test('writes a block in part, and nothing past its end', () => {
    const allocator = create();
    const block = filled(allocator, 10, 1);
    block.write(Uint8Array.of(7, 8), 3);
    block.zero(8);
    block.zero(0, 1);
    const target = new Uint8Array(4);
    block.readInto(2, target);
    const pattern = patternOf(10, 1);
    expect([...target]).toEqual([pattern[2], 7, 8, pattern[5]]);
    const uses = [
      () => block.write(new Uint8Array(11)),
      () => block.write(new Uint8Array(2), 9),
      () => block.readInto(9, new Uint8Array(2)),
      () => block.zero(5, 6),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'OUT_OF_BOUNDS'));
    expect([...block.read()]).toEqual([
      0,
      pattern[1],
      pattern[2],
      7,
      8,
      ...pattern.subarray(5, 8),
      0,
      0,
    ]);
  });
}

function describeBulk(create: () => BStackAllocator) {
  test('gives and takes many blocks at once', () => {
    const allocator = create();
    expect(allocator.allocBulk([])).toEqual([]);
    allocator.deallocBulk([]);
    for (let round = 0; round < 3; round++) {
      const blocks = allocator.allocBulk([0, ...LENGTHS, 0]);
      expect(blocks.map(({ length }) => length)).toEqual([0, ...LENGTHS, 0]);
      for (const block of blocks) expectBytes(block.read(), new Uint8Array(block.length));
      blocks.forEach((block, index) => block.write(patternOf(block.length, index)));
      blocks.forEach((block, index) => {
        expectBytes(block.read(), patternOf(block.length, index));
      });
      allocator.deallocBulk([...blocks.slice(5), ...blocks.slice(0, 5)]);
      expect(blocks.some(({ isLive }) => isLive)).toBe(false);
      expect(allocator.checkInvariants()).toBeUndefined();
    }
  });

  test('takes none of many blocks where one of them is wrong', () => {
    const allocator = create();
    const blocks = [5, 6, 7].map((length) => filled(allocator, length, length));
    const foreign = create().alloc(5);
    const dead = allocator.alloc(5);
    allocator.dealloc(dead);
    expect(codeOf(() => allocator.deallocBulk([...blocks, foreign]))).toBe('NOT_ALLOCATED');
    expect(codeOf(() => allocator.deallocBulk([...blocks, blocks[0]!]))).toBe('NOT_ALLOCATED');
    expect(codeOf(() => allocator.deallocBulk([...blocks, dead]))).toBe('VALUE_CONSUMED');
    for (const block of blocks) expectBytes(block.read(), patternOf(block.length, block.length));
    allocator.deallocBulk(blocks);
  });
}

function describeRefusals(create: () => BStackAllocator) {
  test.each(WRONG_NUMBERS)('refuses %s in place of a length', (_, wrong) => {
    const allocator = create();
    const block = allocator.alloc(1);
    expect(() => allocator.alloc(wrong as number)).toThrow(TypeError);
    expect(() => allocator.realloc(block, wrong as number)).toThrow(TypeError);
    expect(() => allocator.allocBulk([1, wrong as number])).toThrow(TypeError);
    expect(() => allocator.restore({ start: wrong as number, length: 1 })).toThrow(TypeError);
    expect(block.isLive).toBe(true);
  });

  test.each(WRONG_SIZES)('refuses %s as a length', (_, wrong) => {
    const allocator = create();
    const block = allocator.alloc(1);
    expect(() => allocator.alloc(wrong as number)).toThrow(RangeError);
    expect(() => allocator.realloc(block, wrong as number)).toThrow(RangeError);
    expect(() => allocator.allocBulk([1, wrong as number])).toThrow(RangeError);
    expect(() => allocator.restore({ start: 0, length: wrong as number })).toThrow(RangeError);
    expect(block.isLive).toBe(true);
  });

  test('refuses lengths whose sum is no length', () => {
    expect(() => create().allocBulk([2 ** 53 - 1, 1])).toThrow(RangeError);
  });

  test.each(WRONG_ARRAYS)('refuses %s in place of a list', (_, wrong) => {
    expect(() => create().allocBulk(wrong as number[])).toThrow(TypeError);
    expect(() => create().deallocBulk(wrong as BStackBlock[])).toThrow(TypeError);
  });

  test.each(WRONG_BYTES)('refuses %s in place of bytes or a block', (_, wrong) => {
    const allocator = create();
    const block = allocator.alloc(1);
    expect(() => block.write(wrong as Uint8Array)).toThrow(TypeError);
    expect(() => block.readInto(0, wrong as Uint8Array)).toThrow(TypeError);
    expect(() => allocator.dealloc(wrong as BStackBlock)).toThrow(TypeError);
    expect(() => allocator.realloc(wrong as BStackBlock, 1)).toThrow(TypeError);
    expect(() => allocator.restore(wrong as Uint8Array)).toThrow(TypeError);
  });

  test('refuses handles that it cannot have given', () => {
    const allocator = create();
    allocator.alloc(10);
    expect(() => allocator.restore(new Uint8Array(15))).toThrow(RangeError);
    const beyond = { start: allocator.length, length: 8 };
    expect(codeOf(() => allocator.restore(beyond))).toBe('NOT_ALLOCATED');
  });
}

/** Breaks the disk at each step of each operation, and looks at what the caller is left with. */
function describeFailures({ open }: AllocatorSubject) {
  const operations: [string, (allocator: BStackAllocator, blocks: BStackBlock[]) => unknown][] = [
    ['alloc', (allocator) => allocator.alloc(30)],
    ['alloc of much', (allocator) => allocator.alloc(900)],
    ['realloc of the last block', (allocator, blocks) => allocator.realloc(blocks[4]!, 600)],
    ['a cut of the last block', (allocator, blocks) => allocator.realloc(blocks[4]!, 9)],
    ['dealloc of the last block', (allocator, blocks) => allocator.dealloc(blocks[4]!)],
    ['realloc of another block', (allocator, blocks) => resize(allocator, blocks[2]!, 600)],
    ['a cut of another block', (allocator, blocks) => resize(allocator, blocks[2]!, 9)],
    ['dealloc of another block', (allocator, blocks) => allocator.dealloc(blocks[2]!)],
    ['allocBulk', (allocator) => allocator.allocBulk([30, 900, 30, 0, 5])],
    ['deallocBulk', (allocator, blocks) => allocator.deallocBulk(blocks.slice(1))],
    ['write', (_, blocks) => blocks[2]!.write(patternOf(300, 2))],
  ];

  test.each(operations)('%s that fails at any step has lost nothing', (_, operate) => {
    for (let step = 0; ; step++) {
      const disk = new RecordingDisk();
      const allocator = open(BStack.open(disk.open()));
      const extra = [40, 40, 400].map((length) => filled(allocator, length, 9));
      const blocks = [10, 30, 300, 20, 300].map((length, index) =>
        filled(allocator, length, index),
      );
      allocator.dealloc(extra[0]!);
      disk.failAfter(step);
      const code = outcomeOf(() => operate(allocator, blocks));
      disk.relent();
      if (code === undefined) return;
      expect(code).toBe('IO_FAILED');
      checkLeftovers(allocator, blocks);
      const reopened = open(BStack.open(disk.open()));
      checkSurvivors(reopened, blocks);
    }
  });

  function resize(allocator: BStackAllocator, block: BStackBlock, length: number): void {
    const code = outcomeOf(() => allocator.realloc(block, length));
    if (code !== undefined && code !== 'UNSUPPORTED_OPERATION') throw new Failed(code);
  }
}

/** Carries the code of an error out of a function that had to look at it. */
class Failed extends Error {}

function outcomeOf(action: () => unknown): string | undefined {
  try {
    return codeOf(action);
  } catch (error) {
    if (error instanceof Failed) return error.message;
    if (error instanceof Error && error.message.startsWith('expected a Storage')) return undefined;
    throw error;
  }
}

/** Either all blocks are alive as before and the allocator works, or it refuses to. */
function checkLeftovers(allocator: BStackAllocator, blocks: readonly BStackBlock[]): void {
  const refusal = outcomeOf(() => allocator.alloc(1).write(Uint8Array.of(1)));
  expect([undefined, 'PREVIOUS_FAILURE']).toContain(refusal);
  expect(blocks.every(({ isLive }) => isLive)).toBe(true);
  if (refusal !== undefined) return;
  blocks.forEach((block, index) => expectBytes(block.read(), patternOf(block.length, index)));
  expect(allocator.checkInvariants()).toBeUndefined();
}

/** Opened again, the blocks that no operation of the failure tests touches are as they were. */
function checkSurvivors(allocator: BStackAllocator, blocks: readonly BStackBlock[]): void {
  expect(allocator.checkInvariants()).toBeUndefined();
  const first = allocator.restore(blocks[0]!);
  expectBytes(first.read(), patternOf(first.length, 0));
  allocator.realloc(allocator.alloc(50), 70);
  allocator.dealloc(allocator.alloc(60));
  expectBytes(first.read(), patternOf(first.length, 0));
}
