/**
 * A heap with many live blocks of random sizes and many free ones among them: twice as many were
 * taken as are to be live, and of those every other one, by chance, was given back. That leaves one
 * free block to about two live ones. A heap that is used on and on has fewer, since most blocks go
 * where one of their size was: it is easier to search, and would say less.
 */
import { StableMemoryAllocator, type Memory, type SSlice } from '../../../src/lib/index.js';
import { numberAt } from '../random.js';

/** What is asked for: any number of bytes from here... */
export const SIZE_MIN = 16;
/** ...to here, each as likely as the others. */
export const SIZE_MAX = 515;

export class LiveHeap {
  /** The live blocks, in no order. */
  readonly blocks: SSlice[] = [];
  readonly #seed: number;
  #drawn = 0;

  /** Fills an empty heap until `count` blocks are live. Every choice follows from the seed. */
  constructor(
    readonly heap: StableMemoryAllocator,
    readonly count: number,
    seed: number,
  ) {
    this.#seed = seed;
    for (let taken = 0; taken < 2 * count; taken++) this.allocate(this.drawSize());
    for (let freed = 0; freed < count; freed++) heap.deallocate(this.takeBlock());
  }

  /** The same in a new heap that fills a memory. */
  static in(memory: Memory, count: number, seed: number): LiveHeap {
    return new LiveHeap(StableMemoryAllocator.create(memory), count, seed);
  }

  /** Takes a block from the heap; it is live then. */
  allocate(size: number): void {
    this.blocks.push(this.heap.allocate(size));
  }

  /** A random size in bytes. */
  drawSize(): number {
    return SIZE_MIN + this.#draw(SIZE_MAX - SIZE_MIN + 1);
  }

  /** A random live block, which is live no more: whoever takes it frees it. */
  takeBlock(): SSlice {
    const { blocks } = this;
    const place = this.#draw(blocks.length);
    const taken = blocks[place]!;
    const last = blocks.pop()!;
    if (place < blocks.length) blocks[place] = last;
    return taken;
  }

  /** A number from 0 to `limit` - 1. */
  #draw(limit: number): number {
    return Number(numberAt(this.#seed, this.#drawn++) % BigInt(limit));
  }
}
