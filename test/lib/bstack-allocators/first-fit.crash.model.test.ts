/**
 * FirstFit, crashed at every event: no live block is lost or changed, at most the block in flight
 * leaks, and `reclaim` gets that back. The same with the writes of upstream, one by one, which is
 * what recovery is for. And without the fixes of the original's defects, which must be found.
 *
 *     npm run test:slow -- --testPathPatterns first-fit.crash
 */
import { expect, test } from '@jest/globals';
import type { BStack } from '../../../src/lib/bstack.js';
import { FirstFitBStackAllocator } from '../../../src/lib/bstack-allocators/first-fit.js';
import {
  blockAt,
  blocksOf,
  BLOCK_FOOTER_SIZE,
  BLOCK_OVERHEAD,
  sizeFor,
} from '../../../src/lib/bstack-allocators/first-fit/blocks.js';
import {
  ARENA_OFFSET,
  FIRST_FIT_HEADER_LAYOUT,
} from '../../../src/lib/bstack-allocators/first-fit/header.js';
import {
  allocatorTrial,
  type LeakAccount,
  type OpenedAllocator,
} from '../../support/crash/allocator-trial.js';
import { AllocatorWorkload } from '../../support/crash/allocator-workload.js';
import { countFailures, sweep, type CrashTrial } from '../../support/crash/check-crashes.js';
import { IS_SLOW } from '../../support/model.js';
import { tampered, type Tampering } from '../../support/crash/tampered-stack.js';

const FLAGS = FIRST_FIT_HEADER_LAYOUT.flags;

/** The longest block of the workload, and what a block may have more than it needs. */
const LARGEST_BLOCK = sizeFor(200) + BLOCK_OVERHEAD + 39;

const LEAKS: LeakAccount = {
  arenaStart: ARENA_OFFSET,
  freeBytes(stack) {
    let bytes = 0;
    for (const { size, isFree } of blocksOf(stack)) if (isFree) bytes += size + BLOCK_OVERHEAD;
    return bytes;
  },
  footprintOf(stack, { start, length }) {
    // Of a block in flight there may be nothing left in the file.
    const size = blockAt(stack, start)?.size ?? 0;
    return Math.max(size, sizeFor(length)) + BLOCK_OVERHEAD;
  },
  // A block that moves to the end: its copy is there, and neither is freed.
  leakMax: LARGEST_BLOCK,
};

const LENGTH = IS_SLOW ? { operationsAfter: 10 } : { operations: 12, operationsAfter: 3 };
const FEW = { quickly: 150, recoveryEvery: 50 };

type Open = (stack: BStack) => FirstFitBStackAllocator;

const open: Open = (stack) => FirstFitBStackAllocator.open(stack);

function trialOf(seed: number, opens: Open = open): CrashTrial<OpenedAllocator> {
  const trial = allocatorTrial({ open: opens, leaks: LEAKS, ...LENGTH }, seed);
  return {
    ...trial,
    goOn(opened, step) {
      trial.goOn!(opened, step);
      const allocator = opened.allocator as FirstFitBStackAllocator;
      reclaimAll(allocator, opened.workload!);
      recoverAgain(allocator, opened.workload!, opens);
    },
  };
}

/** After all, nothing has leaked. */
function reclaimAll(allocator: FirstFitBStackAllocator, workload: AllocatorWorkload): void {
  const { stack } = allocator;
  allocator.reclaim(workload.live().values());
  let bytes = stack.length - LEAKS.arenaStart - LEAKS.freeBytes(stack);
  for (const { start } of workload.live().values()) {
    bytes -= blockAt(stack, start)!.size + BLOCK_OVERHEAD;
  }
  if (bytes !== 0) throw new Error(`${bytes} bytes are neither live nor free`);
}

/** Recovery of what needs none. In the original it cut off live blocks that came after a crash. */
function recoverAgain(
  allocator: FirstFitBStackAllocator,
  workload: AllocatorWorkload,
  opens: Open,
): void {
  const live = workload.live();
  const stack = allocator.intoStack();
  stack.set(FLAGS, Uint8Array.of(1));
  const again = opens(stack);
  new AllocatorWorkload(again, 1, live).check();
  const violation = again.checkInvariants();
  if (violation !== undefined) throw new Error(`a rule is broken: ${violation}`);
}

const withTampering =
  (tampering: Tampering): Open =>
  (stack) =>
    FirstFitBStackAllocator.open(tampered(stack, tampering));

test('every crash is recovered', () => {
  sweep('FirstFit', (seed) => trialOf(seed), FEW);
});

test('every crash of upstream, which writes one by one, is recovered', () => {
  const opens = withTampering({ singly: true });
  sweep("FirstFit with upstream's single writes", (seed) => trialOf(seed, opens), FEW);
});

/** How often a trial fails that must. The quick runs are long ones of which little is tried. */
function failuresOf(name: string, opens: Open): number {
  const quickTrial = (seed: number) => ({
    ...allocatorTrial({ open: opens, leaks: LEAKS, operations: 40 }, seed),
    goOn: () => undefined,
  });
  const trial = IS_SLOW ? (seed: number) => trialOf(seed, opens) : quickTrial;
  const few = { quickly: 300, tornAt: [], powerLosses: 0 };
  return countFailures(name, trial, IS_SLOW ? {} : few).failures;
}

test('defect: a block at the end grows without the flag, and later recovery cuts live ones', () => {
  const opens = withTampering({
    loses: (offset, bytes, isInEdit) => offset === FLAGS && bytes[0] === 1 && !isInEdit,
  });
  expect(failuresOf('FirstFit that grows without the flag', opens)).toBeGreaterThan(0);
});

test('defect: recovery leaves the footers of blocks that were being joined', () => {
  const opens: Open = (stack) => {
    let isOpening = true;
    const loses = (offset: number, { length }: Uint8Array) =>
      isOpening && offset >= ARENA_OFFSET && length === BLOCK_FOOTER_SIZE;
    const allocator = FirstFitBStackAllocator.open(tampered(stack, { singly: true, loses }));
    isOpening = false;
    return allocator;
  };
  expect(failuresOf('FirstFit that recovers no footers', opens)).toBeGreaterThan(0);
});

test('without the one edit, and without the flag, lists and tags tear', () => {
  const opens = withTampering({ singly: true, loses: (offset) => offset === FLAGS });
  const name = 'FirstFit that writes one by one, without the flag';
  expect(failuresOf(name, opens)).toBeGreaterThan(0);
});
