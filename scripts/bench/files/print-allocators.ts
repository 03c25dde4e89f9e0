/**
 * Syncs of the allocators on a stack, beside what was measured of the original's: the figures of
 * its version 860aa14 under the same load, which were given to us.
 */
import {
  CheckedSlabBStackAllocator,
  FirstFitBStackAllocator,
  GhostTreeBStackAllocator,
  SlabBStackAllocator,
  type BStack,
  type BStackAllocator,
} from '../../../src/lib/index.js';
import { printTable, whole, type Row } from '../table.js';
import { LENGTH_MAX, measureLoad, type OpenAllocator, type PerOperation } from './mixed-load.js';

const LIVE_COUNTS = [256, 2_048];
/** Of a slab: the mean length of the load. */
const BLOCK_SIZE = 512;

/** The allocators that free blocks in any order. */
export const ALLOCATORS: Readonly<Record<string, OpenAllocator>> = {
  FirstFit: (stack) => FirstFitBStackAllocator.open(stack),
  GhostTree: (stack) => GhostTreeBStackAllocator.open(stack),
  Slab: (stack) => openOrCreate(SlabBStackAllocator, stack),
  CheckedSlab: (stack) => openOrCreate(CheckedSlabBStackAllocator, stack),
};

function openOrCreate(
  allocator: typeof SlabBStackAllocator | typeof CheckedSlabBStackAllocator,
  stack: BStack,
): BStackAllocator {
  return stack.isEmpty ? allocator.create(stack, BLOCK_SIZE) : allocator.open(stack);
}

/** Syncs of the original, by the number of live blocks. */
export const ORIGINAL: Readonly<Record<string, Readonly<Record<number, PerOperation>>>> = {
  FirstFit: {
    256: { alloc: 4.9, dealloc: 9.8, realloc: 5.0 },
    2_048: { alloc: 4.5, dealloc: 9.0, realloc: 5.1 },
  },
  GhostTree: {
    256: { alloc: 18.8, dealloc: 21.8, realloc: 30.1 },
    2_048: { alloc: 18.8, dealloc: 21.7, realloc: 30.4 },
  },
};

/** Prints a table for each number of live blocks. */
export function printAllocators(seed: number): void {
  console.log(`
Allocators on a BStack: blocks of 1 to ${whole(LENGTH_MAX)} bytes are allocated, resized and
freed in random order, a third each. Counted in RAM, exact. The slabs have blocks of ${BLOCK_SIZE}
bytes. In brackets the original, as it was measured elsewhere; to open a ghost tree it took about
770 syncs.`);
  for (const liveCount of LIVE_COUNTS) {
    printTable(`syncs an operation, about ${whole(liveCount)} live blocks`, [
      ['', 'alloc', 'dealloc', 'realloc', 'to open', 'file / live bytes'],
      ...Object.entries(ALLOCATORS).map(([name, open]) => rowOf(name, open, liveCount, seed)),
    ]);
  }
}

function rowOf(name: string, open: OpenAllocator, liveCount: number, seed: number): Row {
  const { syncs, syncsToOpen, fileToLive } = measureLoad(open, liveCount, seed);
  const original = ORIGINAL[name]?.[liveCount];
  const cells = (['alloc', 'dealloc', 'realloc'] as const).map((kind) => {
    const ours = syncs[kind].toFixed(1);
    return original === undefined ? ours : `${ours} (${original[kind].toFixed(1)})`;
  });
  return [name, ...cells, whole(syncsToOpen), fileToLive.toFixed(2)];
}
