/**
 * The tree of a map in a heap: how it is opened, and what concerns all of its nodes.
 *
 * Source: `specs/ic-stable-memory.md` section 5.4.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import type { StablePtr } from '../allocator/free-block.js';
import type { Node } from '../btree-map/node.js';
import { treeOf } from '../btree-map/open-tree.js';
import { StagedWrites } from '../btree-map/staged-writes.js';
import type { Tree } from '../btree-map/tree.js';
import { walkNodes } from '../btree-map/walk.js';
import type { KeyCodec } from '../codec.js';
import type { Tenure } from '../lease.js';
import { blockOf, HeapChunks } from './heap-chunks.js';
import { HEADER_FIELDS, HeapWindow } from './heap-window.js';
import { decodeMapHeader, encodeMapFields } from './map-header.js';

/** Does something about a value, given its slot. */
export type VisitSlot = (slot: Uint8Array) => void;

/** The header of a map, and where it lies. */
export interface HeaderOfHandle {
  readonly allocator: StableMemoryAllocator;
  readonly ptr: StablePtr;
  /** As the handle keeps it. */
  readonly header: Uint8Array;
}

/** The tree of the map with this header. Throws `CORRUPTED`, `INCOMPATIBLE_TYPE`. */
export function openHeapTree<K>(
  { allocator, ptr, header }: HeaderOfHandle,
  tenure: Tenure,
  keys: KeyCodec<K>,
): Tree {
  const mapHeader = decodeMapHeader(header);
  const staged = new StagedWrites();
  const headerPlace = {
    read: () => {
      allocator.readBlock(ptr, header);
      return decodeMapHeader(header);
    },
    stage: (root: number, length: number) =>
      staged.add(HEADER_FIELDS, encodeMapFields(root, length)),
  };
  const parts = {
    memory: new HeapWindow(allocator, header),
    staged,
    chunks: new HeapChunks(allocator, mapHeader.pageSize),
    tenure,
    header: mapHeader,
    headerPlace,
    isPureV1: false,
  };
  return treeOf(parts, keys);
}

/** Frees the nodes of a tree, and with each what `free` frees of its values. O(n). */
export function releaseTree(tree: Tree, free?: VisitSlot): void {
  const chunks = tree.store.chunks as HeapChunks;
  walkNodes(tree, (node) => {
    if (free !== undefined) forEachSlot(node, free);
    for (const page of node.overflowPages) chunks.free(page);
    chunks.free(node.address);
  });
}

/** Names the blocks of all nodes. `visitSlot` names what the values own. O(n). */
export function traceTree(
  tree: Tree,
  visit: (ptr: StablePtr) => void,
  visitSlot?: VisitSlot,
): void {
  walkNodes(tree, (node) => {
    if (visitSlot !== undefined) forEachSlot(node, visitSlot);
    for (const page of node.overflowPages) visit(blockOf(page));
    visit(blockOf(node.address));
  });
}

/** The values of a node. Each slot is a copy. */
export function forEachSlot(node: Node, visit: VisitSlot): void {
  for (let index = 0; index < node.entryCount; index++) visit(node.valueAt(index));
}
