/**
 * Walks the entries of a tree in either direction, from a place that it finds in one descent. It
 * keeps the path of nodes from the root, so each node is loaded once per visit, and it decodes
 * nothing: what a step yields is a node and an index.
 *
 * A cursor of a tree that has changed since throws `CHANGED_WHILE_ITERATING`; it never returns
 * wrong entries.
 *
 * Source: `specs/ic-stable-structures.md` section 3.11 (iterators).
 */
import { compareWhole } from '../codec.js';
import { StorageError } from '../errors.js';
import type { Node } from './node.js';
import type { Slot, Tree } from './tree.js';

/** One end of a range: an encoded key that belongs to the range or not. */
export interface Edge {
  readonly key: Uint8Array;
  readonly isInclusive: boolean;
}

/** A range of encoded keys; an edge that is absent leaves its side open. */
export interface KeyRange {
  readonly lower: Edge | undefined;
  readonly upper: Edge | undefined;
}

interface Frame {
  readonly node: Node;
  /** The next entry of this node to visit. */
  index: number;
}

/** Yields the slots of a range by ascending key, or by descending key where `isReverse`. */
export function* walk(tree: Tree, range: KeyRange, isReverse: boolean): Generator<Slot, void> {
  tree.assertUsable();
  const { revision } = tree;
  const path = isReverse ? seekLast(tree, range.upper) : seekFirst(tree, range.lower);
  const last = isReverse ? range.lower : range.upper;
  for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
    const { node, index } = frame;
    if (index < 0 || index >= node.entryCount) {
      path.pop();
      continue;
    }
    if (last !== undefined && isBeyond(tree, node.keyAt(index), last, isReverse)) return;
    yield { node, index };
    assertUnchanged(tree, revision);
    if (isReverse) {
      frame.index -= 1;
      if (!node.isLeaf) pushLast(tree, path, tree.loadChild(node, index, path.length));
    } else {
      frame.index += 1;
      if (!node.isLeaf) pushFirst(tree, path, tree.loadChild(node, index + 1, path.length));
    }
  }
}

/** The path to the first entry at or behind a lower edge. */
function seekFirst(tree: Tree, lower: Edge | undefined): Frame[] {
  const path: Frame[] = [];
  if (tree.root === 0) return path;
  let node = tree.store.load(tree.root);
  if (lower === undefined) return pushFirst(tree, path, node);
  for (;;) {
    const { found, index } = node.search(lower.key, tree.order);
    const next = found && !lower.isInclusive ? index + 1 : index;
    path.push({ node, index: next });
    if (node.isLeaf || (found && lower.isInclusive)) return path;
    node = tree.loadChild(node, next, path.length);
  }
}

/** The path to the last entry at or before an upper edge. */
function seekLast(tree: Tree, upper: Edge | undefined): Frame[] {
  const path: Frame[] = [];
  if (tree.root === 0) return path;
  let node = tree.store.load(tree.root);
  if (upper === undefined) return pushLast(tree, path, node);
  for (;;) {
    const { found, index } = node.search(upper.key, tree.order);
    const isIncluded = found && upper.isInclusive;
    path.push({ node, index: isIncluded ? index : index - 1 });
    if (node.isLeaf || isIncluded) return path;
    node = tree.loadChild(node, index, path.length);
  }
}

function pushFirst(tree: Tree, path: Frame[], start: Node): Frame[] {
  let node = start;
  path.push({ node, index: 0 });
  while (!node.isLeaf) {
    node = tree.loadChild(node, 0, path.length);
    path.push({ node, index: 0 });
  }
  return path;
}

function pushLast(tree: Tree, path: Frame[], start: Node): Frame[] {
  let node = start;
  path.push({ node, index: node.entryCount - 1 });
  while (!node.isLeaf) {
    node = tree.loadChild(node, node.entryCount, path.length);
    path.push({ node, index: node.entryCount - 1 });
  }
  return path;
}

function isBeyond(tree: Tree, key: Uint8Array, edge: Edge, isReverse: boolean): boolean {
  const sign = compareWhole(tree.order, key, edge.key);
  if (sign === 0) return !edge.isInclusive;
  return isReverse ? sign < 0 : sign > 0;
}

function assertUnchanged(tree: Tree, revision: number): void {
  if (tree.revision === revision) return;
  throw new StorageError(
    'CHANGED_WHILE_ITERATING',
    'the map was changed while an iterator walked it. Collect the keys first, then change the map.',
  );
}
