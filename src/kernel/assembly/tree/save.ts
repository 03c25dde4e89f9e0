/**
 * Makes, saves and frees nodes. A save puts the stream together from the node's lists, takes or
 * gives back overflow pages as its size has changed, and plans the writes of all its pages.
 *
 * Elements that lay one behind another still do unless an edit came between them, so that most of
 * a stream is copied in a few runs.
 *
 * Source: `src/lib/btree-map/node-store.ts`; the order of its steps decides the bytes.
 */
import { allocate } from '../workspace';
import { allocateChunk, deallocateChunk } from './allocator';
import {
  ADDRESS_SIZE,
  ENTRY_COUNT_OFFSET,
  KIND_OFFSET,
  keysOf,
  Node,
  NODE_HEADER_SIZE,
  NODE_MAGIC,
  OVERFLOW_OFFSET,
  placeAt,
  sizeOf,
  startOf,
  valuesOf,
} from './node';
import { DATA_OFFSET, overflowPagesNeeded, writeOverflowHeader } from './overflow';
import { fail, map, planWrite } from './plan';
import { failedNode, newNode, unpack } from './read';

/** A new, empty node. Nothing is written until it is saved. */
export function createNode(isLeaf: bool): Node {
  const node = newNode(allocateChunk());
  if (node == null) return failedNode();
  node.isLeaf = isLeaf;
  return node;
}

/** Plans a node's bytes. PRECONDITION: it is unpacked. */
export function saveNode(node: Node): void {
  const size = streamSizeOf(node);
  fitOverflow(node, overflowPagesNeeded(size));
  const stream = allocate(size);
  if (stream == 0) return fail();
  writeStream(node, stream);
  planWrite(node.address, stream, min(size, <usize>map.pageSize));
  for (let index: u32 = 0; index < node.overflowCount; index++) {
    planOverflowPage(node, index, stream, size);
  }
}

/**
 * Saves a node that has taken over all that another one had, and frees that one: first, where its
 * chunks can be of use at once, as they can in a heap.
 */
export function saveMerged(node: Node, source: Node): void {
  if (map.heap != 0) freeNode(source);
  saveNode(node);
  if (map.heap == 0) freeNode(source);
}

/** Gives back the node's chunks: its overflow pages first to last, then its own. */
export function freeNode(node: Node): void {
  unpack(node);
  for (let index: u32 = 0; index < node.overflowCount; index++) {
    deallocateChunk(overflowPageAt(node, index));
  }
  deallocateChunk(node.address);
}

function streamSizeOf(node: Node): usize {
  let size = NODE_HEADER_SIZE + childrenSizeOf(node);
  for (let index: u32 = 0; index < node.entryCount; index++) {
    size += sizeOf(load<u64>(placeAt(keysOf(node), index)));
    size += sizeOf(load<u64>(placeAt(valuesOf(node), index)));
  }
  return size;
}

function childrenSizeOf(node: Node): usize {
  return node.isLeaf ? 0 : <usize>(node.entryCount + 1) * ADDRESS_SIZE;
}

function writeStream(node: Node, stream: usize): void {
  store<u32>(stream, NODE_MAGIC);
  store<u8>(stream, node.isLeaf ? 0 : 1, KIND_OFFSET);
  store<u16>(stream, <u16>node.entryCount, ENTRY_COUNT_OFFSET);
  store<u64>(stream, node.overflowCount == 0 ? 0 : overflowPageAt(node, 0), OVERFLOW_OFFSET);
  const children = stream + NODE_HEADER_SIZE;
  const childrenSize = childrenSizeOf(node);
  memory.copy(children, node.children, childrenSize);
  const values = writeElements(keysOf(node), node.entryCount, children + childrenSize);
  writeElements(valuesOf(node), node.entryCount, values);
}

/** Copies the elements of a list to `target`, in as few runs as they lie in; returns the end. */
function writeElements(list: usize, count: u32, target: usize): usize {
  let runStart: usize = 0;
  let runEnd: usize = 0;
  for (let index: u32 = 0; index < count; index++) {
    const element = load<u64>(placeAt(list, index));
    if (startOf(element) != runEnd) {
      memory.copy(target, runStart, runEnd - runStart);
      target += runEnd - runStart;
      runStart = startOf(element);
    }
    runEnd = startOf(element) + sizeOf(element);
  }
  memory.copy(target, runStart, runEnd - runStart);
  return target + (runEnd - runStart);
}

/** Surplus pages go back from the last to the first, so that the lowest is reused first. */
function fitOverflow(node: Node, needed: u32): void {
  while (node.overflowCount > needed) {
    node.overflowCount -= 1;
    deallocateChunk(overflowPageAt(node, node.overflowCount));
  }
  if (node.overflowCount == needed) return;
  const pages = allocate(<usize>needed * ADDRESS_SIZE);
  if (pages == 0) return fail();
  memory.copy(pages, node.overflowPages, <usize>node.overflowCount * ADDRESS_SIZE);
  node.overflowPages = pages;
  for (; node.overflowCount < needed; node.overflowCount++) {
    store<u64>(pages + <usize>node.overflowCount * ADDRESS_SIZE, allocateChunk());
  }
}

function overflowPageAt(node: Node, index: u32): u64 {
  return load<u64>(node.overflowPages + <usize>index * ADDRESS_SIZE);
}

/** Plans the overflow page with the number `index` of a stream of `size` bytes. */
function planOverflowPage(node: Node, index: u32, stream: usize, size: usize): void {
  const header = allocate(DATA_OFFSET);
  if (header == 0) return fail();
  const page = overflowPageAt(node, index);
  const next: u64 = index + 1 < node.overflowCount ? overflowPageAt(node, index + 1) : 0;
  writeOverflowHeader(header, next);
  planWrite(page, header, DATA_OFFSET);
  const dataSize = <usize>map.pageSize - DATA_OFFSET;
  const start = <usize>map.pageSize + <usize>index * dataSize;
  planWrite(page + DATA_OFFSET, stream + start, min(dataSize, size - start));
}
