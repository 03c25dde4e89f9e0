/**
 * The free blocks of a heap: a treap, ordered by size and within a size from the highest address
 * down, with a mix of the addresses as priorities. It lies in the free blocks themselves:
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  front tag of the free block
 *          8     8  link to the blocks that come before this one; 0 = none
 *         16     8  link to the blocks that come behind it; 0 = none
 *
 * Whatever no such tree has fails, so each loop ends: after a failure a node has no children.
 *
 * Source: `src/lib/allocator/free-tree.ts`, which it mirrors step by step.
 */
import { keep } from '../workspace';
import { end, fail, freeRoot, hasFailed, heap, setFreeRoot, writeWord } from './change';
import { readHeap } from './open-heap';
import { FIRST_BLOCK, isPayloadSize, SAFE_MAX, TAG_SIZE, TAGS_SIZE } from './tags';

const LEFT_OFFSET: usize = 8;
const RIGHT_OFFSET: usize = 16;
const NODE_SIZE: usize = 24;

/** Longer paths are a circle. */
const DEPTH_MAX: u32 = 512;

/** The link to the root: no link of a block lies at this address. */
const ROOT_LINK: u64 = 0;

/** The node that was read last: where its bytes lie, and what they say. */
let node: usize = 0;
let nodeSize: u64 = 0;
let nodeLeft: u64 = 0;
let nodeRight: u64 = 0;

let stepsLeft: u32 = 0;

/** Where the block stops that {@link findFit} has found. */
export let fitStop: u64 = 0;

/**
 * The smallest block with a payload of at least `size` bytes; of several the one with the highest
 * address. 0 where there is none.
 */
export function findFit(size: u64): u64 {
  let fit: u64 = 0;
  stepsLeft = DEPTH_MAX;
  for (let ptr = freeRoot; ptr != 0;) {
    readNode(ptr);
    const fits = nodeSize >= size;
    if (fits) {
      fit = ptr;
      fitStop = ptr + nodeSize + TAGS_SIZE;
    }
    ptr = fits ? nodeLeft : nodeRight;
  }
  return hasFailed ? 0 : fit;
}

/** Takes a block up, whose tags say that it is free. */
export function insertFree(start: u64, stop: u64): void {
  const size = stop - start - TAGS_SIZE;
  let link = ROOT_LINK;
  let ptr = freeRoot;
  stepsLeft = DEPTH_MAX;
  while (ptr != 0 && isAbove(ptr, start)) {
    readNode(ptr);
    const isLeft = precedes(start, size, ptr);
    link = isLeft ? leftLink(ptr) : rightLink(ptr);
    ptr = isLeft ? nodeLeft : nodeRight;
  }
  setLink(link, start);
  splitBelow(ptr, start, size);
}

/** Takes a block out. */
export function removeFree(start: u64, stop: u64): void {
  const size = stop - start - TAGS_SIZE;
  let link = ROOT_LINK;
  let ptr = freeRoot;
  stepsLeft = DEPTH_MAX;
  while (ptr != 0 && ptr != start) {
    readNode(ptr);
    const isLeft = precedes(start, size, ptr);
    link = isLeft ? leftLink(ptr) : rightLink(ptr);
    ptr = isLeft ? nodeLeft : nodeRight;
  }
  if (ptr == 0) return fail();
  readNode(ptr);
  join(link, nodeLeft, nodeRight);
}

/** Deals out the blocks of a subtree to both sides of a block, which takes the subtree's place. */
function splitBelow(subtree: u64, start: u64, size: u64): void {
  let before = leftLink(start);
  let behind = rightLink(start);
  for (let ptr = subtree; ptr != 0;) {
    readNode(ptr);
    if (precedes(start, size, ptr)) {
      setLink(behind, ptr);
      behind = leftLink(ptr);
      ptr = nodeLeft;
    } else {
      setLink(before, ptr);
      before = rightLink(ptr);
      ptr = nodeRight;
    }
  }
  setLink(before, 0);
  setLink(behind, 0);
}

/** Puts two subtrees in the place of one link; all blocks of one precede those of the other. */
function join(place: u64, left: u64, right: u64): void {
  let link = place;
  let before = left;
  let behind = right;
  while (before != 0 && behind != 0) {
    if (isAbove(before, behind)) {
      setLink(link, before);
      link = rightLink(before);
      readNode(before);
      before = nodeRight;
    } else {
      setLink(link, behind);
      link = leftLink(behind);
      readNode(behind);
      behind = nodeLeft;
    }
  }
  setLink(link, before == 0 ? behind : before);
}

/** Reads a free block and its links; after a failure it has none. */
function readNode(ptr: u64): void {
  if (hasFailed || !readFreeNode(ptr)) {
    fail();
    nodeLeft = 0;
    nodeRight = 0;
  }
}

function readFreeNode(ptr: u64): bool {
  if (node == 0) node = keep(NODE_SIZE);
  if (node == 0 || stepsLeft == 0) return false;
  stepsLeft -= 1;
  if (ptr < FIRST_BLOCK || ptr % TAG_SIZE != 0 || ptr > end) return false;
  if (!readHeap(heap, ptr, node, NODE_SIZE)) return false;
  nodeSize = load<u64>(node);
  nodeLeft = load<u64>(node, LEFT_OFFSET);
  nodeRight = load<u64>(node, RIGHT_OFFSET);
  if ((nodeLeft | nodeRight) > SAFE_MAX) return false;
  return isPayloadSize(nodeSize) && nodeSize <= end - ptr - TAGS_SIZE;
}

function setLink(link: u64, ptr: u64): void {
  if (link == ROOT_LINK) setFreeRoot(ptr);
  else writeWord(link, ptr);
}

/** Whether a block comes before that of the node: the smaller one, or the one further back. */
function precedes(start: u64, size: u64, ptr: u64): bool {
  return size == nodeSize ? start > ptr : size < nodeSize;
}

/** Whether the block at one address stands above that at another in every tree with both. */
function isAbove(ptr: u64, other: u64): bool {
  const priority = priorityOf(ptr);
  const otherPriority = priorityOf(other);
  return priority == otherPriority ? ptr > other : priority > otherPriority;
}

/** 32 bits in which addresses that lie close together have nothing in common. */
function priorityOf(ptr: u64): u32 {
  let mixed = (<u32>ptr) ^ (<u32>(ptr >> 32) * 0x9e37_79b1);
  mixed = (mixed ^ (mixed >> 16)) * 0x85eb_ca6b;
  mixed = (mixed ^ (mixed >> 13)) * 0xc2b2_ae35;
  return mixed ^ (mixed >> 16);
}

function leftLink(ptr: u64): u64 {
  return ptr + LEFT_OFFSET;
}

function rightLink(ptr: u64): u64 {
  return ptr + RIGHT_OFFSET;
}
