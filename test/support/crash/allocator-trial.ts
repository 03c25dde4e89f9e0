/**
 * Random work on an allocator, crashed at every event: no block is lost or changed but the one that
 * an interrupted operation was about, and what leaks is bounded.
 *
 *     before step 7      blocks 1, 2, 3
 *     step 7             realloc of 2           before and after, 1 and 3 are the same: checked
 *     after step 7       blocks 1, 2', 3        2 must be whole where it was, or 2' where it is
 *
 * Where blocks lie is the allocator's affair: the run writes down what it was given. Of an
 * interrupted `write` either the old or the new bytes must be there.
 *
 * What leaks is measured as the bytes of the arena that are neither part of a live block nor free.
 * A block in flight counts as leaked: nobody was told of it, or somebody wanted to be rid of it.
 *
 * Source: `specs/bstack.md` sections 4.4 and 6.6.
 */
import { BStack } from '../../../src/lib/bstack.js';
import type { BStackAllocator, SavedRange } from '../../../src/lib/bstack-allocators/allocator.js';

import { equalBytes } from '../../../src/lib/bytes.js';
import type { Storage } from '../../../src/lib/storage.js';
import { AllocatorWorkload, type Held, type LiveBlocks } from './allocator-workload.js';
import type { CrashTrial } from './check-crashes.js';
import { IS_SLOW } from '../model.js';

/** Where the bytes of an arena are, so that those that leaked can be told. */
export interface LeakAccount {
  /** Where the arena begins: behind the allocator's header. */
  readonly arenaStart: number;
  /** Bytes that the allocator could give again. */
  freeBytes(stack: BStack): number;
  /** Bytes that a block takes, with what is in front of and behind it. */
  footprintOf(stack: BStack, range: SavedRange): number;
  /** Bytes that a crash may leak, besides the blocks in flight. */
  readonly leakMax: number;
}

/** An allocator that can be tried. */
export interface AllocatorOnTrial {
  /** Opens the allocator on a stack, and makes it where the stack is empty. */
  open(stack: BStack): BStackAllocator;
  /** Left out where nothing is promised about leaks. */
  readonly leaks?: LeakAccount;
  /** Sabotages the disk, to see that the trial finds out. */
  wrap?(storage: Storage): Storage;
  /** Operations of the run (fewer unless told in the quick suite), and after each crash. */
  readonly operations?: number;
  readonly operationsAfter?: number;
}

/** What a crash has left, opened. */
export interface OpenedAllocator {
  readonly allocator: BStackAllocator;
  /** Set once all is checked. */
  workload?: AllocatorWorkload;
  leakMax?: number;
}

/** A trial of an allocator; the seed decides about all of it. */
export function allocatorTrial(
  subject: AllocatorOnTrial,
  seed: number,
): CrashTrial<OpenedAllocator> {
  const { operations = IS_SLOW ? 40 : 10, operationsAfter = 40, leaks } = subject;
  const { wrap = (storage) => storage } = subject;
  const states: LiveBlocks[] = [];
  return {
    run(disk, stepDone) {
      const workload = new AllocatorWorkload(subject.open(BStack.open(wrap(disk.open()))), seed);
      const next = (): void => {
        states.push(workload.live());
        stepDone();
      };
      next();
      for (let count = 0; count < operations; count++) workload.operate(next);
      if (leaks !== undefined) assertLeaks(workload, leaks, 0);
    },
    reopen: (disk) => ({ allocator: subject.open(BStack.open(wrap(disk.open()))) }),
    check(opened, step) {
      const before = states[step - 1] ?? new Map<number, Held>();
      const after = states[step] ?? before;
      const live = survivors(opened.allocator, before, after);
      opened.workload = new AllocatorWorkload(opened.allocator, seed * 1_000 + step, live);
      checkAll(opened.workload);
      if (leaks === undefined) return;
      const { stack } = opened.allocator;
      opened.leakMax = leaks.leakMax + bytesInFlight(before, after, footprintOn(stack, leaks));
      assertLeaks(opened.workload, leaks, opened.leakMax);
    },
    goOn({ workload, leakMax }) {
      for (let count = 0; count < operationsAfter; count++) workload!.operate();
      checkAll(workload!);
      if (leaks !== undefined) assertLeaks(workload!, leaks, leakMax!);
    },
  };
}

/** The blocks that must be alive whether the interrupted step was done or not. */
function survivors(allocator: BStackAllocator, before: LiveBlocks, after: LiveBlocks): LiveBlocks {
  const live = new Map<number, Held>();
  for (const [id, old] of before) {
    const changed = after.get(id);
    if (changed === undefined) continue;
    const isThere = [old, changed].find((each) => holds(allocator, each));
    if (isThere === undefined) {
      throw new Error(`block ${id} is neither as it was at ${old.start} nor as it was to be`);
    }
    if (old === changed || isWrite(old, changed)) live.set(id, isThere);
  }
  return live;
}

function holds({ stack }: BStackAllocator, { start, length, bytes }: Held): boolean {
  if (start + length > stack.length) return false;
  return length === 0 || equalBytes(stack.get(start, start + length), bytes);
}

/** Whether a step has changed the bytes of a block and not the block. */
function isWrite(before: Held, after: Held): boolean {
  return before.start === after.start && before.length === after.length;
}

function checkAll(workload: AllocatorWorkload): void {
  workload.check();
  const violation = workload.allocator.checkInvariants();
  if (violation !== undefined) throw new Error(`a rule is broken: ${violation}`);
}

type FootprintOf = (range: SavedRange) => number;

function footprintOn(stack: BStack, leaks: LeakAccount): FootprintOf {
  return (range) => (range.length === 0 ? 0 : leaks.footprintOf(stack, range));
}

/** Bytes of the blocks that an interrupted step was about, each at its larger. */
function bytesInFlight(before: LiveBlocks, after: LiveBlocks, footprintOf: FootprintOf): number {
  let bytes = 0;
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const [old, changed] = [before.get(id), after.get(id)];
    if (old === changed) continue;
    if (old !== undefined && changed !== undefined && isWrite(old, changed)) continue;
    const sizes = [old, changed].map((held) => (held === undefined ? 0 : footprintOf(held)));
    bytes += Math.max(...sizes);
  }
  return bytes;
}

/** Throws unless arena = live + free + leaked, where what has leaked is within its bound. */
function assertLeaks(workload: AllocatorWorkload, leaks: LeakAccount, leakMax: number): void {
  const { stack } = workload.allocator;
  const footprintOf = footprintOn(stack, leaks);
  let live = 0;
  for (const held of workload.live().values()) live += footprintOf(held);
  const arena = stack.length - leaks.arenaStart;
  const leaked = arena - live - leaks.freeBytes(stack);
  if (leaked >= 0 && leaked <= leakMax) return;
  throw new Error(`${leaked} bytes of ${arena} have leaked, at most ${leakMax} may`);
}
