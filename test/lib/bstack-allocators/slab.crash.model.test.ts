/** Crashes of slabs at every event: no block is lost, and what leaks is bounded. */
import { describe, expect, test } from '@jest/globals';
import type { BStack } from '../../../src/lib/bstack.js';
import { CheckedSlabBStackAllocator } from '../../../src/lib/bstack-allocators/checked-slab.js';
import { DebugCheckingAllocator } from '../../../src/lib/bstack-allocators/debug-checking.js';
import { LinearBStackAllocator } from '../../../src/lib/bstack-allocators/linear.js';
import { SlabBStackAllocator } from '../../../src/lib/bstack-allocators/slab.js';
import { SLAB_LAYOUT } from '../../../src/lib/bstack-allocators/slab/header.js';
import { readU64 } from '../../../src/lib/bytes.js';
import {
  allocatorTrial,
  type AllocatorOnTrial,
  type LeakAccount,
} from '../../support/crash/allocator-trial.js';
import { checkCrashes, sweep } from '../../support/crash/check-crashes.js';
import { tearEdits } from '../../support/crash/tear-edits.js';

const BLOCK_SIZE = 40;
const TAG_SIZE = 8;
/** Blocks of an allocation of the work, which has up to 200 bytes. */
const BLOCKS_MAX = 5;

/** Counts the blocks of the list by the bytes, without the allocator. */
function leaksOf(linkOffset: number, leakMax: number): LeakAccount {
  const at = (stack: BStack, offset: number) => readU64(stack.get(offset, offset + 8), 0);
  return {
    arenaStart: SLAB_LAYOUT.arena,
    leakMax,
    freeBytes(stack) {
      let bytes = 0;
      for (let block = at(stack, SLAB_LAYOUT.freeHead); block !== 0; bytes += BLOCK_SIZE) {
        block = at(stack, block + linkOffset);
      }
      return bytes;
    },
    footprintOf: (_, { length }) => Math.ceil((length + linkOffset) / BLOCK_SIZE) * BLOCK_SIZE,
  };
}

const slab: AllocatorOnTrial = {
  open: (stack) =>
    stack.isEmpty ? SlabBStackAllocator.create(stack, BLOCK_SIZE) : SlabBStackAllocator.open(stack),
  leaks: leaksOf(0, BLOCKS_MAX * BLOCK_SIZE),
};

const checkedSlab: AllocatorOnTrial = {
  open: (stack) =>
    stack.isEmpty
      ? CheckedSlabBStackAllocator.create(stack, BLOCK_SIZE - TAG_SIZE)
      : CheckedSlabBStackAllocator.open(stack),
  leaks: leaksOf(TAG_SIZE, 0),
};

const linear: AllocatorOnTrial = { open: (stack) => LinearBStackAllocator.open(stack) };

/** What it watches, it leaves as it is; and it would say so if a crash made an allocator err. */
const watched: AllocatorOnTrial = {
  ...checkedSlab,
  open: (stack) => new DebugCheckingAllocator(checkedSlab.open(stack)),
};

test.each([
  ['SlabBStackAllocator', slab],
  ['CheckedSlabBStackAllocator', checkedSlab],
  ['LinearBStackAllocator', linear],
  ['DebugCheckingAllocator', watched],
])('%s survives crashes', (name, subject) => {
  sweep(name, (seed) => allocatorTrial(subject, seed), { quickly: 100, recoveryEvery: 64 });
});

/** These do: what is torn is torn between the calls of the stack. */
const PROCESS_CRASHES = { powerLosses: 0, recoveryEvery: Infinity };

describe('without edits that are whole', () => {
  const torn = (subject: AllocatorOnTrial, order: 'forwards' | 'backwards'): AllocatorOnTrial => ({
    ...subject,
    operations: 40,
    open: (stack) => subject.open(tearEdits(stack, order)),
  });

  test.each([
    ['SlabBStackAllocator', 'forwards', slab],
    ['SlabBStackAllocator', 'backwards', slab],
    ['CheckedSlabBStackAllocator', 'backwards', checkedSlab],
  ] as const)('a crash of %s with edits torn %s is found out', (_, order, subject) => {
    const trials = [1, 2, 3, 4].map((seed) => allocatorTrial(torn(subject, order), seed));
    expect(() => trials.forEach((trial) => checkCrashes(trial, PROCESS_CRASHES))).toThrow(
      /not recovered/,
    );
  });
});
