/**
 * Walks over the whole heap: from tag to tag, along the free tree, and from the roots. What is
 * allocated must be what can be reached; where it is more, something has leaked.
 *
 * Source: `specs/ic-stable-memory.md` sections 4.6 (option C, as the checker) and 8 (invariants).
 */
import { corrupted } from '../errors.js';
import { FIRST_BLOCK, FreeBlock, TAG_SIZE, type StablePtr } from './free-block.js';
import { isAbove, precedes, type FreeNode, type FreeTree } from './free-tree.js';
import type { Heap } from './heap.js';

/** What the roots and the owned handles lead to. */
export interface Reachable {
  readonly blocks: readonly StablePtr[];
  /** Roots that were not opened: what they own could not be followed. */
  readonly unknownRoots: readonly string[];
}

/** What a walk over a heap has found. Sizes are in bytes, tags included. */
export interface HeapReport {
  readonly allocatedSize: number;
  /** Of that, what the roots and the owned handles lead to. */
  readonly reachableSize: number;
  readonly freeSize: number;
  readonly allocatedBlockCount: number;
  readonly freeBlockCount: number;
  /** Allocated blocks that nothing leads to. */
  readonly leaked: readonly StablePtr[];
  /** Roots that were not opened: their blocks are among the leaked. */
  readonly unknownRoots: readonly string[];
}

/**
 * Throws `CORRUPTED` where the blocks do not tile the heap, and where something leads to a block
 * twice or to none. O(blocks).
 */
export function verifyHeap(heap: Heap, { blocks, unknownRoots }: Reachable): HeapReport {
  const unreached = new Map<StablePtr, number>();
  const free: FreeBlock[] = [];
  for (const { block, isAllocated } of blocksOf(heap)) {
    if (isAllocated) unreached.set(block.ptr, block.totalSize);
    else free.push(block);
  }
  const allocatedBlockCount = unreached.size;
  const allocatedSize = sum(unreached.values());
  const reachableSize = sum(blocks.map((ptr) => takeOut(unreached, ptr)));
  return {
    allocatedSize,
    reachableSize,
    freeSize: sum(free.map(({ totalSize }) => totalSize)),
    allocatedBlockCount,
    freeBlockCount: free.length,
    leaked: [...unreached.keys()],
    unknownRoots,
  };
}

/** The first rule of the heap that does not hold, in words. Throws `CORRUPTED`. O(n log n). */
export function firstHeapViolation(heap: Heap, tree: FreeTree): string | undefined {
  let freeSize = 0;
  let wasFree = false;
  const free = new Set<StablePtr>();
  for (const { block, isAllocated } of blocksOf(heap)) {
    if (wasFree && !isAllocated) return `the free blocks at ${block.ptr} and before it touch`;
    wasFree = !isAllocated;
    if (isAllocated) continue;
    free.add(block.ptr);
    freeSize += block.totalSize;
  }
  if (freeSize !== heap.state.freeSize) {
    return `the header counts ${heap.state.freeSize} free bytes, there are ${freeSize}`;
  }
  return firstTreeViolation(tree, free);
}

function firstTreeViolation(tree: FreeTree, free: Set<StablePtr>): string | undefined {
  let previous: FreeNode | undefined;
  for (const node of tree.nodes()) {
    const { block, left, right } = node;
    if (!free.delete(block.ptr)) return `the free tree has ${block.ptr}, which is no free block`;
    if (previous !== undefined && !follows(previous.block, block)) {
      return `the free blocks at ${previous.block.ptr} and ${block.ptr} are out of order`;
    }
    for (const child of [left, right]) {
      if (child !== 0 && isAbove(child, block.ptr)) return `${child} belongs above ${block.ptr}`;
    }
    previous = node;
  }
  return free.size === 0 ? undefined : `${free.size} free blocks are not in the free tree`;
}

/** All blocks, by their addresses. Throws `CORRUPTED` where they do not tile the heap. */
function* blocksOf(heap: Heap): Generator<{ block: FreeBlock; isAllocated: boolean }, void> {
  const { end } = heap.state;
  for (let ptr = FIRST_BLOCK; ptr < end;) {
    const { size, isAllocated } = heap.readTag(ptr);
    const block = new FreeBlock(ptr, size);
    if (block.end > end) throw corrupted(`end of the block at ${ptr}`, `at most ${end}`, block.end);
    const rear = heap.readTag(block.end - TAG_SIZE);
    if (rear.size !== size || rear.isAllocated !== isAllocated) {
      throw corrupted(`rear tag of the block at ${ptr}`, size, rear.size);
    }
    yield { block, isAllocated };
    ptr = block.end;
  }
}

/** The size of a block that is reached for the first time. */
function takeOut(unreached: Map<StablePtr, number>, ptr: StablePtr): number {
  const size = unreached.get(ptr);
  if (size === undefined) throw corrupted(`block at ${ptr}`, 'one owner', 'none or two');
  unreached.delete(ptr);
  return size;
}

function sum(sizes: Iterable<number>): number {
  let total = 0;
  for (const size of sizes) total += size;
  return total;
}

function follows(previous: FreeBlock, block: FreeBlock): boolean {
  return precedes(previous.size, previous.ptr, block.size, block.ptr);
}
