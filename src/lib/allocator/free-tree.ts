/**
 * The free blocks, ordered by size and within a size from the highest address down, so that the
 * first block which is large enough is the best fit. The order lives in the free blocks themselves:
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  front tag of the free block
 *          8     8  link to the blocks that come before this one; 0 = none
 *         16     8  link to the blocks that come behind it; 0 = none
 *
 * So there is nothing to rebuild when the memory is opened, and nothing to save before an upgrade.
 * Two links are all that the smallest block has room for, and a *treap* needs no more: a binary
 * tree by that order, and a heap by priorities. The priority of a block is a mix of its address, so
 * it is written nowhere, and the tree has the shape that random insertion would have given it,
 * whatever the order of events: it is about 1.4 log2(n) deep on average.
 *
 * Links are changed at their addresses; the root's is in the header.
 *
 * Source: Seidel and Aragon, "Randomized search trees"; `specs/ic-stable-memory.md` section 2.1 has
 * the order. `src/kernel/README.md` has the figures beside those of a walk over all tags.
 */
import { readU64 } from '../bytes.js';
import { corrupted } from '../errors.js';
import {
  FIRST_BLOCK,
  FreeBlock,
  readTag,
  TAG_SIZE,
  TAGS_SIZE,
  type StablePtr,
} from './free-block.js';
import type { Heap } from './heap.js';

const LEFT_OFFSET = TAG_SIZE;
const RIGHT_OFFSET = LEFT_OFFSET + 8;
const NODE_SIZE = RIGHT_OFFSET + 8;

/** Where each field lies, for the test that compares the table above with the code. */
export const FREE_NODE_LAYOUT = { tag: 0, left: LEFT_OFFSET, right: RIGHT_OFFSET } as const;

/**
 * Longer paths are a circle: a treap of 2^40 blocks is deeper than this with a probability that is
 * not worth writing down.
 */
const DEPTH_MAX = 512;

/** The link to the root, which is no address in the heap. */
const ROOT_LINK = -1;

/** A free block with its links. */
export interface FreeNode {
  readonly block: FreeBlock;
  readonly left: StablePtr;
  readonly right: StablePtr;
}

export class FreeTree {
  readonly #heap: Heap;
  readonly #copy = new Uint8Array(NODE_SIZE);
  /** What the block says that was read last. */
  #size = 0;
  #left: StablePtr = 0;
  #right: StablePtr = 0;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /**
   * The smallest block with a payload of at least `size` bytes; of several the one with the highest
   * address. O(log n) expected. Throws `CORRUPTED`.
   */
  findFit(size: number): FreeBlock | undefined {
    let fit: StablePtr = 0;
    let fitSize = 0;
    let ptr = this.#heap.state.freeRoot;
    for (let depth = 0; ptr !== 0; depth++) {
      this.#read(ptr, depth);
      if (this.#size < size) {
        ptr = this.#right;
        continue;
      }
      fit = ptr;
      fitSize = this.#size;
      ptr = this.#left;
    }
    return fit === 0 ? undefined : new FreeBlock(fit, fitSize);
  }

  /** Takes a block up, whose tags say that it is free. O(log n) expected. */
  insert(block: FreeBlock): void {
    let link = ROOT_LINK;
    let ptr = this.#heap.state.freeRoot;
    let depth = 0;
    for (; ptr !== 0 && isAbove(ptr, block.ptr); depth++) {
      this.#read(ptr, depth);
      const isLeft = this.#isBefore(block, ptr);
      link = isLeft ? leftLink(ptr) : rightLink(ptr);
      ptr = isLeft ? this.#left : this.#right;
    }
    this.#setLink(link, block.ptr);
    this.#splitBelow(ptr, block, depth);
  }

  /** Takes a block out. O(log n) expected. Throws `CORRUPTED` where it is not there. */
  remove(block: FreeBlock): void {
    let link = ROOT_LINK;
    let ptr = this.#heap.state.freeRoot;
    let depth = 0;
    for (; ptr !== block.ptr; depth++) {
      if (ptr === 0) throw corrupted('free tree', `the free block at ${block.ptr}`, 'none');
      this.#read(ptr, depth);
      const isLeft = this.#isBefore(block, ptr);
      link = isLeft ? leftLink(ptr) : rightLink(ptr);
      ptr = isLeft ? this.#left : this.#right;
    }
    this.#read(ptr, depth);
    this.#join(link, this.#left, this.#right, depth);
  }

  /** All free blocks with their links, in order. O(n). Throws `CORRUPTED` for a circle. */
  *nodes(): Generator<FreeNode, void> {
    const path: FreeNode[] = [];
    let ptr = this.#heap.state.freeRoot;
    while (ptr !== 0 || path.length > 0) {
      for (; ptr !== 0; ptr = path.at(-1)!.left) path.push(this.#node(ptr, path.length));
      const node = path.pop()!;
      yield node;
      ptr = node.right;
    }
  }

  /**
   * Deals out the blocks of a subtree to both sides of a block, which takes the subtree's place.
   */
  #splitBelow(subtree: StablePtr, block: FreeBlock, startDepth: number): void {
    let before = leftLink(block.ptr);
    let behind = rightLink(block.ptr);
    let ptr = subtree;
    for (let depth = startDepth; ptr !== 0; depth++) {
      this.#read(ptr, depth);
      if (this.#isBefore(block, ptr)) {
        this.#setLink(behind, ptr);
        behind = leftLink(ptr);
        ptr = this.#left;
      } else {
        this.#setLink(before, ptr);
        before = rightLink(ptr);
        ptr = this.#right;
      }
    }
    this.#setLink(before, 0);
    this.#setLink(behind, 0);
  }

  /** Puts two subtrees in the place of one link; all blocks of one precede those of the other. */
  #join(place: number, left: StablePtr, right: StablePtr, startDepth: number): void {
    let link = place;
    let before = left;
    let behind = right;
    for (let depth = startDepth; before !== 0 && behind !== 0; depth++) {
      if (isAbove(before, behind)) {
        this.#setLink(link, before);
        link = rightLink(before);
        this.#read(before, depth);
        before = this.#right;
      } else {
        this.#setLink(link, behind);
        link = leftLink(behind);
        this.#read(behind, depth);
        behind = this.#left;
      }
    }
    this.#setLink(link, before === 0 ? behind : before);
  }

  #node(ptr: StablePtr, depth: number): FreeNode {
    this.#read(ptr, depth);
    return { block: new FreeBlock(ptr, this.#size), left: this.#left, right: this.#right };
  }

  /** Reads a free block and its links. Throws `CORRUPTED`. */
  #read(ptr: StablePtr, depth: number): void {
    if (depth > DEPTH_MAX) throw corrupted('depth of the free tree', `at most ${DEPTH_MAX}`, depth);
    const heap = this.#heap;
    const { end } = heap;
    if (ptr < FIRST_BLOCK || ptr % TAG_SIZE !== 0 || ptr + NODE_SIZE > end) {
      throw corrupted('link of a free block', `an address of a block below ${end}`, ptr);
    }
    const at = heap.look(ptr, this.#copy);
    const bytes = heap.seen;
    const { size, isAllocated } = readTag(bytes, at);
    if (isAllocated || ptr + size + TAGS_SIZE > end)
      throw corrupted('linked block', 'a free one', ptr);
    this.#size = size;
    this.#left = readU64(bytes, at + LEFT_OFFSET);
    this.#right = readU64(bytes, at + RIGHT_OFFSET);
  }

  /** Whether a block comes before that which was read last, and which lies at an address. */
  #isBefore(block: FreeBlock, ptr: StablePtr): boolean {
    return precedes(block.size, block.ptr, this.#size, ptr);
  }

  #setLink(link: number, ptr: StablePtr): void {
    if (link === ROOT_LINK) this.#heap.state.freeRoot = ptr;
    else this.#heap.writeWord(link, ptr);
  }
}

/** Whether one block comes before another: the smaller one, of equal ones the one further back. */
export function precedes(
  size: number,
  ptr: StablePtr,
  otherSize: number,
  otherPtr: StablePtr,
): boolean {
  return size === otherSize ? ptr > otherPtr : size < otherSize;
}

/** Whether the block at one address stands above that at another in every tree with both. */
export function isAbove(ptr: StablePtr, other: StablePtr): boolean {
  const priority = priorityOf(ptr);
  const otherPriority = priorityOf(other);
  return priority === otherPriority ? ptr > other : priority > otherPriority;
}

/** 32 bits in which addresses that lie close together have nothing in common. */
function priorityOf(ptr: StablePtr): number {
  const high = Math.floor(ptr / 2 ** 32);
  let mixed = (ptr >>> 0) ^ Math.imul(high, 0x9e37_79b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function leftLink(ptr: StablePtr): StablePtr {
  return ptr + LEFT_OFFSET;
}

function rightLink(ptr: StablePtr): StablePtr {
  return ptr + RIGHT_OFFSET;
}
