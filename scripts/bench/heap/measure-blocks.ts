/**
 * What the allocator costs by the number of live blocks: taking and giving back blocks of random
 * sizes, and opening the heap. The last beside a walk over all tags, which is what opening would
 * cost at least if the list of free blocks were not kept in the memory but rebuilt.
 */
import { StableMemoryAllocator } from '../../../src/lib/index.js';
import { MemoryManager } from '../../../src/lib/memory-manager.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { roundsFor, timeOf } from '../measure.js';
import { mediansOf, type Figure } from '../steps.js';
import { LiveHeap } from './live-heap.js';
import { freeBlocksByTags } from './tag-walk.js';

/** Of the live blocks one in so many is freed, and as many are allocated. */
const BLOCKS_FOR_EACH_OPERATION = 10;
const OPENINGS = 100;

/** The figures of a heap with so many live blocks, and how many free ones it has. */
export interface BlockFigures {
  readonly freeCount: number;
  /** Nanoseconds of `allocate`, `free`, `open` and `walk`; the last two are of a whole heap. */
  readonly figures: readonly Figure[];
}

/** The median of some rounds, each with a heap of its own. */
export function measureBlocks(
  count: number,
  seed: number,
  rounds = roundsFor(count),
): BlockFigures {
  const measured = Array.from({ length: rounds }, () => measureRound(count, seed));
  return {
    freeCount: measured[0]!.freeCount,
    figures: mediansOf(measured.map(({ figures }) => figures)),
  };
}

function measureRound(count: number, seed: number): BlockFigures {
  const memory = MemoryManager.create(new VectorMemory()).get(0);
  const live = LiveHeap.in(memory, count, seed);
  const freeCount = freeBlocksByTags(live.heap).length;
  return { freeCount, figures: [...measureChanges(live), ...measureOpenings(live.heap)] };
}

/** What is freed, and what is asked for, is drawn before the clock starts. */
function measureChanges(live: LiveHeap): Figure[] {
  const { heap, count } = live;
  const operations = Math.ceil(count / BLOCKS_FOR_EACH_OPERATION);
  const blocks = Array.from({ length: operations }, () => live.takeBlock());
  const sizes = blocks.map(() => live.drawSize());
  const free = timeOf(operations, () => blocks.forEach((block) => heap.deallocate(block)));
  const allocate = timeOf(operations, () => sizes.forEach((size) => live.allocate(size)));
  return [
    { operation: 'allocate', time: allocate },
    { operation: 'free', time: free },
  ];
}

function measureOpenings(heap: StableMemoryAllocator): Figure[] {
  const expected = heap.freeSize;
  let walked = 0;
  const walk = timeOf(1, () => {
    for (const { totalSize } of freeBlocksByTags(heap)) walked += totalSize;
  });
  if (walked !== expected) throw new Error(`free bytes: expected ${expected}, found ${walked}`);
  let opened = heap;
  const open = timeOf(OPENINGS, () => {
    for (let opening = 0; opening < OPENINGS; opening++) {
      opened = StableMemoryAllocator.load(opened.intoMemory());
    }
  });
  return [
    { operation: 'open', time: open },
    { operation: 'walk', time: walk },
  ];
}
