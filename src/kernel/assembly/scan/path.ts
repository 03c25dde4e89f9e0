/**
 * The path from the root of a tree to an entry, and from there to the next one in either
 * direction.
 *
 *     seek ──► the first entry of a range (or the last, when moving downwards)
 *     step ──► the next one: of this leaf, of the node above, or of the leaf behind that
 *
 * From one request to the next a path is kept by the indexes alone:
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  number of levels n
 *          1     n  1 + the index of the entry that comes next on each level, the root first
 *
 * A node that is left gives its room back, so a path takes no more than that of its levels,
 * however far it goes.
 *
 * Source: `src/lib/btree-map/cursor.ts`, whose steps these are.
 */
import { keyAt, Node } from '../tree/node';
import { hasFailed, root } from '../tree/plan';
import { forgetNode, locateValues, readChild, readNode } from '../tree/read';
import { allocate } from '../workspace';
import { Edge } from './edge';

/** No tree is deeper, see `src/lib/btree-map/tree.ts`. */
const LEVELS_MAX: usize = 25;

/** A node of the path, and its entry that comes next; there is none at -1 and behind the last. */
@unmanaged
class Level {
  node: usize;
  index: i32;
  /** Whether the node's values are in their list. */
  hasValues: bool;
}

let levels: usize = 0;
let depth: i32 = -1;
let isDownwards: bool = false;

/** Takes room for a path from the scratch region; false where it has none. */
export function openPath(): bool {
  levels = allocate(LEVELS_MAX * offsetof<Level>());
  return levels != 0;
}

/** Goes to the first entry within the near edge; false where a node is not what it should be. */
export function seek(near: Edge, downwards: bool): bool {
  isDownwards = downwards;
  depth = -1;
  if (root == 0) return true;
  for (let node = readNode(root); !hasFailed;) {
    const index = firstWithin(node, near);
    enter(node, index);
    if (node.isLeaf) return !hasFailed;
    node = readChild(node, isDownwards ? index + 1 : index, depth + 1);
  }
  return false;
}

/** Goes to where a kept path leads, in a tree that has not changed; false as in {@link seek}. */
export function followPath(kept: usize, downwards: bool): bool {
  const count = <usize>load<u8>(kept);
  isDownwards = downwards;
  depth = -1;
  if (count == 0 || count > LEVELS_MAX) return false;
  for (let node = readNode(root); !hasFailed;) {
    const index = <i32>load<u8>(kept + <usize>(depth + 1), 1) - 1;
    if (index > <i32>node.entryCount) return false;
    enter(node, index);
    if (<usize>(depth + 1) == count) return true;
    const child = isDownwards ? index + 1 : index;
    if (node.isLeaf || child < 0 || child > <i32>node.entryCount) return false;
    node = readChild(node, child, depth + 1);
  }
  return false;
}

/** Keeps the path in 1 byte more than it has levels. PRECONDITION: {@link hasEntry}. */
export function writePath(kept: usize): void {
  store<u8>(kept, <u8>(depth + 1));
  for (let at = 0; at <= depth; at++) {
    store<u8>(kept + <usize>at, <u8>(levelAt(at).index + 1), 1);
  }
}

/** Moves beyond the entry on which the path ends; false as in {@link seek}. */
export function step(): bool {
  const level = levelAt(depth);
  let node = changetype<Node>(level.node);
  let child = isDownwards ? level.index : level.index + 1;
  level.index += isDownwards ? -1 : 1;
  while (!node.isLeaf) {
    node = readChild(node, child, depth + 1);
    if (hasFailed) return false;
    enter(node, isDownwards ? <i32>node.entryCount - 1 : 0);
    child = isDownwards ? node.entryCount : 0;
  }
  return true;
}

/** Leaves the nodes that have no entry left; false where none has: the tree has ended. */
export function hasEntry(): bool {
  for (; depth >= 0; depth--) {
    const index = currentIndex();
    if (index >= 0 && index < <i32>currentNode().entryCount) return true;
    forgetNode(currentNode());
  }
  return false;
}

/** The node on which the path ends, with {@link currentIndex}. PRECONDITION: {@link hasEntry}. */
export function currentNode(): Node {
  return changetype<Node>(levelAt(depth).node);
}

export function currentIndex(): i32 {
  return levelAt(depth).index;
}

/** Makes sure that the values of that node are in their list; false where they cannot be. */
export function hasCurrentValues(): bool {
  const level = levelAt(depth);
  if (!level.hasValues) level.hasValues = locateValues(changetype<Node>(level.node));
  return level.hasValues;
}

/** PRECONDITION: nodes are counted when they are read, see {@link LEVELS_MAX}. */
function enter(node: Node, index: i32): void {
  const level = levelAt(++depth);
  level.node = changetype<usize>(node);
  level.index = index;
  level.hasValues = false;
}

/** The entry nearest to where we start that is within the range there; it may not exist. */
function firstWithin(node: Node, near: Edge): i32 {
  let low: i32 = 0;
  let high = <i32>node.entryCount;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const isOutside = near.leavesOut(keyAt(node, middle));
    if (isOutside != isDownwards) low = middle + 1;
    else high = middle;
  }
  return isDownwards ? low - 1 : low;
}

function levelAt(at: i32): Level {
  return changetype<Level>(levels + <usize>at * offsetof<Level>());
}
