/**
 * The algorithms of the allocator: taking a block, giving one back, making one larger or smaller.
 * Each is checked and has its room before its first write. In a canister the kernel does them, and
 * leaves to what stands here what it cannot do or does not expect.
 *
 * Best fit, and of equal fits the one at the highest address; a block is cut where the rest can be
 * one; free neighbours are merged at once. The heap grows by exactly the pages that are missing:
 * what is free at its end is counted, and the first block as any other.
 *
 * Source: `specs/ic-stable-memory.md` section 2; defects 1, 2 and 4.
 */
import { corrupted, StorageError } from '../errors.js';
import { WASM_PAGE_SIZE } from '../memory.js';
import {
  BLOCK_SIZE_MIN,
  FIRST_BLOCK,
  FreeBlock,
  TAG_SIZE,
  TAGS_SIZE,
  type StablePtr,
} from './free-block.js';
import { FreeTree } from './free-tree.js';
import { HEAP_OFFSET } from './header.js';
import type { Heap } from './heap.js';
import { SSlice } from './s-slice.js';

export class Blocks {
  readonly tree: FreeTree;

  constructor(
    readonly heap: Heap,
    /** Pages that the heap may have; 0 = any number. */
    readonly maxPages: number,
  ) {
    this.tree = new FreeTree(heap);
  }

  /**
   * A block of a padded size, or `undefined` where there is no room for one: nothing has changed.
   */
  allocate(size: number): SSlice | undefined {
    return this.heap.line?.allocate(size) ?? this.#allocate(size);
  }

  /** Frees an allocated block. Throws as {@link #assertAllocated} does. */
  deallocate(slice: SSlice): void {
    if (this.heap.line?.deallocate(slice) === true) return;
    this.#assertAllocated(slice);
    this.#deallocate(slice);
  }

  /**
   * Gives a block a padded size, with as much of its contents as fits. `undefined` without room:
   * nothing has changed. Throws as {@link deallocate} does.
   */
  reallocate(slice: SSlice, size: number): SSlice | undefined {
    const served = this.heap.line?.reallocate(slice, size);
    if (served !== undefined) return served;
    this.#assertAllocated(slice);
    if (size <= slice.size) return this.#shrink(slice, size);
    return this.#extend(slice, size) ?? this.#moveAway(slice, size);
  }

  /** Whether a block of a padded size is free; where not, tries to grow the heap for it. */
  makeSureCanAllocate(size: number): boolean {
    return this.tree.findFit(size) !== undefined || this.#growFor(this.#lastFree(), size);
  }

  /** Takes up pages that somebody else has added to the memory. O(log n). */
  absorbPages(): void {
    const { heap } = this;
    const end = heap.memory.size() * WASM_PAGE_SIZE - HEAP_OFFSET;
    if (end <= heap.end) return;
    if (heap.line?.extend(end) === true) heap.extendedByKernel(end);
    else heap.lease.change(() => this.#extendHeap(end));
  }

  /** Grows the heap by so many pages. False without room: nothing has changed. */
  addPages(count: number): boolean {
    const { heap, maxPages } = this;
    if (maxPages !== 0 && heap.sizeInPages + count > maxPages) return false;
    if (heap.memory.grow(count) < 0) return false;
    this.absorbPages();
    return true;
  }

  /** The allocated block at an address, as far as its front tag says; else `undefined`. */
  sliceAt(ptr: StablePtr): SSlice | undefined {
    return this.heap.line?.sliceAt(ptr) ?? this.#sliceAt(ptr);
  }

  /** Whether a block could begin at an address. */
  canBeBlock(ptr: StablePtr): boolean {
    const isAligned = Number.isSafeInteger(ptr) && ptr % TAG_SIZE === 0;
    return isAligned && ptr >= FIRST_BLOCK && ptr + BLOCK_SIZE_MIN <= this.heap.end;
  }

  #allocate(size: number): SSlice | undefined {
    const fit = this.tree.findFit(size);
    if (fit === undefined && !this.#growFor(this.#lastFree(), size)) return undefined;
    const block = fit ?? this.#lastFree()!;
    return this.heap.lease.change(() => {
      this.#take(block);
      return this.#finish(block, size);
    });
  }

  /**
   * Throws unless this is a block that was allocated and has not been freed: `NOT_ALLOCATED` for a
   * freed one, one of another size and an address where none begins, `CORRUPTED` where its rear tag
   * is not as its front tag: somebody has written over its end.
   */
  #assertAllocated({ ptr, size, end }: SSlice): void {
    const { heap } = this;
    if (!this.canBeBlock(ptr) || end > heap.end) throw notAllocated(ptr, 'no block there');
    const front = heap.peekTag(ptr);
    if (!front.isAllocated) throw notAllocated(ptr, 'a block that is free already');
    if (front.size !== size) throw notAllocated(ptr, `a block of ${front.size} bytes`);
    const rear = heap.peekTag(end - TAG_SIZE);
    if (rear.size !== size || !rear.isAllocated) {
      throw corrupted(`rear tag of the block at ${ptr}`, size, rear.size);
    }
  }

  #deallocate(slice: SSlice): void {
    const { heap } = this;
    const left = heap.freeBlockBefore(slice.ptr);
    const right = heap.freeBlockAt(slice.end);
    heap.lease.change(() => {
      if (left !== undefined) this.#take(left);
      if (right !== undefined) this.#take(right);
      // Where it is merged to the left this tag becomes the inside of a block. It must not go on
      // saying that here is an allocated one: so a second free of it is found out.
      heap.writeTag(slice.ptr, { size: slice.size, isAllocated: false });
      this.#giveBack(FreeBlock.between(left?.ptr ?? slice.ptr, right?.end ?? slice.end));
      heap.saveState();
    });
  }

  /** Gives back what a block has beyond a padded size, where that can be a block. */
  #shrink(slice: SSlice, size: number): SSlice {
    const block = new FreeBlock(slice.ptr, slice.size);
    if (!block.canSplit(size)) return slice;
    const right = this.heap.freeBlockAt(slice.end);
    return this.heap.lease.change(() => {
      if (right !== undefined) this.#take(right);
      return this.#finish(FreeBlock.between(slice.ptr, right?.end ?? slice.end), size);
    });
  }

  /**
   * Makes a block larger without asking for another one, and returns it: where it is, into the free
   * block behind it or the end of the heap; or else from the free block before it on, with its
   * contents. `undefined` where that cannot be: nothing has changed.
   */
  #extend(slice: SSlice, size: number): SSlice | undefined {
    const right = this.heap.freeBlockAt(slice.end);
    const left = this.heap.freeBlockBefore(slice.ptr);
    const own = FreeBlock.between(slice.ptr, right?.end ?? slice.end);
    const wide = left?.merge(own);
    if (own.size >= size || this.#growAt(own, size)) return this.#spread(slice, slice.ptr, size);
    if (wide === undefined) return undefined;
    // A free block elsewhere costs the same copy, and no page.
    const canGrow = this.tree.findFit(size) === undefined && this.#growAt(wide, size);
    return wide.size >= size || canGrow ? this.#spread(slice, wide.ptr, size) : undefined;
  }

  /** Gives a block's contents another block. */
  #moveAway(slice: SSlice, size: number): SSlice | undefined {
    const moved = this.#allocate(size);
    if (moved === undefined) return undefined;
    const { heap } = this;
    heap.lease.change(() => heap.move(slice.offset(0), moved.offset(0), slice.size));
    this.#deallocate(slice);
    return moved;
  }

  #sliceAt(ptr: StablePtr): SSlice | undefined {
    if (!this.canBeBlock(ptr)) return undefined;
    const { size, isAllocated } = this.heap.peekTag(ptr);
    const slice = new SSlice(ptr, size);
    return isAllocated && slice.end <= this.heap.end ? slice : undefined;
  }

  /** The last block, where it is free. */
  #lastFree(): FreeBlock | undefined {
    return this.heap.freeBlockBefore(this.heap.blocksEnd);
  }

  /** Grows the heap until a block at its end is as large; `lastFree` is what is there by now. */
  #growFor(lastFree: FreeBlock | undefined, size: number): boolean {
    const block = lastFree ?? FreeBlock.between(this.heap.blocksEnd, this.heap.blocksEnd);
    return this.#growAt(block, size);
  }

  /** Grows the heap so that a block that ends with it can have `size` bytes. */
  #growAt(block: FreeBlock, size: number): boolean {
    const { heap } = this;
    if (block.end !== heap.blocksEnd) return false;
    const pages = Math.ceil((block.ptr + size + TAGS_SIZE) / WASM_PAGE_SIZE);
    return this.addPages(pages - heap.sizeInPages);
  }

  /** The pages up to `end` become part of the free block at the end of the heap. */
  #extendHeap(end: StablePtr): void {
    const { state, blocksEnd } = this.heap;
    const last = this.#lastFree();
    if (last !== undefined) this.tree.remove(last);
    state.end = end;
    state.freeSize += end - blocksEnd;
    this.#link(FreeBlock.between(last?.ptr ?? blocksEnd, end));
    this.heap.saveState();
  }

  /** Makes a block of the bytes from `start` up to the next allocated block, with the contents. */
  #spread(slice: SSlice, start: StablePtr, size: number): SSlice {
    const { heap } = this;
    const left = start === slice.ptr ? undefined : heap.freeBlockAt(start);
    const right = heap.freeBlockAt(slice.end);
    return heap.lease.change(() => {
      if (left !== undefined) this.#take(left);
      if (right !== undefined) this.#take(right);
      if (left !== undefined) heap.move(slice.ptr + TAG_SIZE, start + TAG_SIZE, slice.size);
      return this.#finish(FreeBlock.between(start, right?.end ?? slice.end), size);
    });
  }

  /** Makes an allocated block of a piece of nobody's, and gives back what is too much of it. */
  #finish(piece: FreeBlock, size: number): SSlice {
    const [block, rest] = piece.canSplit(size) ? piece.split(size) : [piece, undefined];
    if (rest !== undefined) this.#giveBack(rest);
    this.heap.writeTags(block, true);
    this.heap.saveState();
    return new SSlice(block.ptr, block.size);
  }

  #take(block: FreeBlock): void {
    this.tree.remove(block);
    this.heap.state.freeSize -= block.totalSize;
  }

  #giveBack(block: FreeBlock): void {
    this.#link(block);
    this.heap.state.freeSize += block.totalSize;
  }

  #link(block: FreeBlock): void {
    this.heap.writeTags(block, false);
    this.tree.insert(block);
  }
}

/** What is refused where a block was to be. */
export function notAllocated(ptr: StablePtr, found: string): StorageError {
  return new StorageError(
    'NOT_ALLOCATED',
    `address ${ptr}: expected an allocated block, found ${found}. It was freed before, or ` +
      'belongs to another allocator.',
    { ptr, found },
  );
}
