/**
 * The works on a heap of blocks, by the numbers that come with the request: the script knows which
 * blocks are live, since it has filled the heap.
 */
import { freeBlocksByTags } from '../../../bench/heap/tag-walk.js';
import { StableMemoryAllocator, type SSlice } from '../../../../src/lib/index.js';
import { assertSame } from '../checks.js';
import { measured } from '../measuring.js';
import type { BlockRequest, BlockWork } from './block-plan.js';

export class BlockWorks {
  #heap: StableMemoryAllocator;

  constructor(heap: StableMemoryAllocator) {
    this.#heap = heap;
  }

  /** Does what is asked for, checks it, and returns the instructions of all operations together. */
  carryOut({ work, numbers }: BlockRequest): bigint {
    return this.#works[work](Array.from(numbers, Number));
  }

  readonly #works: Readonly<Record<BlockWork, (numbers: readonly number[]) => bigint>> = {
    open: (numbers) => {
      const { instructions } = measured(numbers, () => {
        this.#heap = StableMemoryAllocator.load(this.#heap.intoMemory());
      });
      return instructions;
    },

    free: (pointers) => {
      const heap = this.#heap;
      const blocks = pointers.map((ptr) => heap.sliceAt(ptr));
      const expected = heap.allocatedSize - totalSizeOf(blocks);
      const { instructions } = measured(blocks, (block) => heap.deallocate(block));
      assertSame('bytes left after free', heap.allocatedSize, expected);
      return instructions;
    },

    allocate: (sizes) => {
      const heap = this.#heap;
      const before = heap.allocatedSize;
      const { answers, instructions } = measured(sizes, (size) => heap.allocate(size));
      assertSame('bytes after allocate', heap.allocatedSize, before + totalSizeOf(answers));
      return instructions;
    },

    walk: () => {
      const heap = this.#heap;
      const { answers, instructions } = measured([heap], freeBlocksByTags);
      assertSame('free bytes of the walk', totalSizeOf(answers[0]!), heap.freeSize);
      return instructions;
    },
  };
}

function totalSizeOf(blocks: readonly Pick<SSlice, 'totalSize'>[]): number {
  return blocks.reduce((sum, { totalSize }) => sum + totalSize, 0);
}
