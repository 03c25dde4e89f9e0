/**
 * A disk that fails in the middle of an operation, at every step of it. A refused call has changed
 * nothing, or the stack says that it does not know, refuses everything from then on, and shows the
 * state before or after when it is opened again.
 *
 * Source: `specs/bstack.md` section 2.6; house style rules 11 and 12.
 */
import { describe, expect, test } from '@jest/globals';
import { BStack } from '../../src/lib/bstack.js';
import { equalBytes } from '../../src/lib/bytes.js';
import { StorageError } from '../../src/lib/errors.js';
import { HeapStorage } from '../../src/lib/heap-storage.js';
import type { Storage } from '../../src/lib/storage.js';
import { RecordingDisk } from '../support/crash/recording-disk.js';
import { codeOf } from '../support/memories.js';
import {
  expectSame,
  runOperation,
  STACK_OPERATIONS,
  thinkOperation,
  type StackOperation,
} from '../support/stack-programs.js';

const START = Uint8Array.from({ length: 900 }, (_, index) => index * 13);

/** Across blocks, so that it needs a journal. */
const operationOf = (kind: StackOperation['kind']): StackOperation => ({
  kind,
  at: 100,
  count: 500,
  other: 333,
  fill: 5,
});

/** A storage that can be told to fail once, or to be full. */
class FailingStorage implements Storage {
  readonly isAtomic = false;
  readonly #inner = new HeapStorage();
  #stepsLeft = Infinity;
  lengthMax = Infinity;

  /** After `count` steps one fails, and then none does. */
  failOnceAfter(count: number): void {
    this.#stepsLeft = count;
  }

  length(): number {
    return this.#inner.length();
  }

  read(offset: number, target: Uint8Array): void {
    this.#inner.read(offset, target);
  }

  write(offset: number, source: Uint8Array): void {
    this.#step(offset + source.length);
    this.#inner.write(offset, source);
  }

  setLength(length: number): void {
    this.#step(length);
    this.#inner.setLength(length);
  }

  sync(): void {
    this.#step(0);
    this.#inner.sync();
  }

  close(): void {
    this.#inner.close();
  }

  #step(end: number): void {
    if (end > this.lengthMax) throw new StorageError('GROW_FAILED', 'the disk is full.');
    if (this.#stepsLeft-- === 0) throw new StorageError('IO_FAILED', 'one step failed.');
  }
}

function failing(): { storage: FailingStorage; stack: BStack } {
  const storage = new FailingStorage();
  const stack = BStack.open(storage);
  stack.push(START);
  return { storage, stack };
}

/** What became of a stack whose operation failed: as it was, and of use; or only to be reopened. */
function expectHonest(stack: BStack, operation: StackOperation): 'unchanged' | 'latched' {
  const after = thinkOperation(START, operation);
  const isLatched = hasFailed(stack);
  if (isLatched) {
    expect(codeOf(() => stack.get(0, 1))).toBe('PREVIOUS_FAILURE');
    expect(codeOf(() => stack.push(START))).toBe('PREVIOUS_FAILURE');
    expect(codeOf(() => stack.edit(() => 0))).toBe('PREVIOUS_FAILURE');
  } else {
    expectSame(stack.peek(0), START);
    expect(stack.checkInvariants()).toBeUndefined();
  }
  const again = BStack.open(stack.intoStorage());
  const found = again.peek(0);
  if (!isLatched || !equalBytes(found, after)) {
    expectSame(found, START);
    runOperation(again, operation);
    expectSame(again.peek(0), after);
  }
  expect(again.checkInvariants()).toBeUndefined();
  return isLatched ? 'latched' : 'unchanged';
}

function hasFailed(stack: BStack): boolean {
  try {
    return stack.length < 0;
  } catch {
    return true;
  }
}

describe.each(STACK_OPERATIONS)('%s', (kind) => {
  const operation = operationOf(kind);

  test('is refused by a disk that fails once, and loses nothing', () => {
    const outcomes = new Set<string>();
    for (let step = 0; ; step++) {
      const { storage, stack } = failing();
      storage.failOnceAfter(step);
      const isDone = succeeds(() => runOperation(stack, operation));
      storage.failOnceAfter(Infinity);
      if (isDone) break;
      outcomes.add(expectHonest(stack, operation));
    }
    expect(outcomes).toContain('latched');
  });

  test('is refused by a disk that breaks, and loses nothing', () => {
    for (let step = 0; ; step++) {
      const disk = new RecordingDisk();
      const stack = BStack.open(disk.open());
      stack.push(START);
      disk.failAfter(step);
      const isDone = succeeds(() => runOperation(stack, operation));
      disk.relent();
      if (isDone) break;
      expectHonest(stack, operation);
    }
  });

  test('has changed nothing where the disk is full', () => {
    const { storage, stack } = failing();
    storage.lengthMax = storage.length();
    const isDone = succeeds(() => runOperation(stack, operation));
    storage.lengthMax = Infinity;
    if (isDone) expectSame(stack.peek(0), thinkOperation(START, operation));
    else expect(expectHonest(stack, operation)).toBe('unchanged');
  });
});

test('a disk that is full refuses what needs room, and nothing else', () => {
  const { storage, stack } = failing();
  storage.lengthMax = storage.length();
  const refused = [
    () => stack.push(START),
    () => stack.extend(1),
    () => stack.set(0, START),
    () => stack.zero(0, 900),
    () => stack.atrunc(5, START),
  ];
  expect(refused.map(codeOf)).toEqual(refused.map(() => 'GROW_FAILED'));
  stack.set(0, START.subarray(0, 9));
  expectSame(stack.pop(9), START.subarray(-9));
});

test('opening is refused by a disk that fails, and succeeds afterwards', () => {
  const disk = new RecordingDisk();
  disk.failAfter(0);
  expect(codeOf(() => BStack.open(disk.open()))).toBe('IO_FAILED');
  disk.failAfter(1);
  expect(codeOf(() => BStack.open(disk.open()))).toBe('IO_FAILED');
  disk.relent();
  const storage = disk.open();
  expect(BStack.open(storage).isEmpty).toBe(true);
});

/** Whether it does not fail as the disk does. */
function succeeds(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof StorageError && ['IO_FAILED', 'GROW_FAILED'].includes(error.code)) {
      return false;
    }
    throw error;
  }
}
