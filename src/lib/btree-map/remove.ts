/**
 * Removal. On the way down every node that is entered is first made *rich* (at least 6 entries),
 * by taking an entry from a sibling or by merging with one, so that a leaf can always spare the
 * entry that is removed. This happens even if the key turns out to be absent: the bytes are part
 * of the format, so the order of steps is the crate's, to the letter.
 *
 * Source: `specs/ic-stable-structures.md` section 3.9 (merge, remove, removeMax, removeMin).
 */
import { corrupted } from '../errors.js';
import type { Node } from './node.js';
import type { Entry } from './node-view.js';
import type { Tree } from './tree.js';

/** Removes a key; returns its value's bytes. PRECONDITION: inside `tree.change`. */
export function removeKey(tree: Tree, key: Uint8Array): Uint8Array | undefined {
  if (tree.root === 0) return undefined;
  let node = tree.store.borrow(tree.root, 0);
  // LOOP INVARIANT: `node` is the root or rich.
  for (let depth = 1; ; depth++) {
    const index = node.search(key, tree.order);
    if (node.isLeaf) return index >= 0 ? removeFromLeaf(tree, node, index) : undefined;
    if (index < 0) {
      node = enrichChild(tree, node, -1 - index, depth);
      continue;
    }
    const left = tree.borrowChild(node, index, depth);
    if (left.isRich) return replaceSeparator(tree, node, index, removeMax(tree, left, depth));
    const right = tree.borrowChild(node, index + 1, depth);
    if (right.isRich) return replaceSeparator(tree, node, index, removeMin(tree, right, depth));
    node = mergeChildren(tree, node, index, { into: left, source: right });
  }
}

/** Removes many keys, all or none; returns how many there were. */
export function removeKeys(tree: Tree, keys: readonly Uint8Array[]): number {
  return tree.change(() => {
    const oldLength = tree.length;
    for (const key of keys) {
      removeKey(tree, key);
      tree.store.recycle();
    }
    return oldLength - tree.length;
  });
}

/** Removes the first entry. PRECONDITION: inside `tree.change`. */
export function removeFirst(tree: Tree): Entry | undefined {
  return tree.root === 0 ? undefined : removeMin(tree, tree.store.borrow(tree.root, 0), 0);
}

/** Removes the last entry. PRECONDITION: inside `tree.change`. */
export function removeLast(tree: Tree): Entry | undefined {
  return tree.root === 0 ? undefined : removeMax(tree, tree.store.borrow(tree.root, 0), 0);
}

function removeMax(tree: Tree, start: Node, startDepth: number): Entry {
  let node = start;
  for (let depth = startDepth + 1; !node.isLeaf; depth++) {
    const last = node.entryCount;
    const child = tree.borrowChild(node, last, depth);
    if (child.isRich) {
      node = child;
      continue;
    }
    const left = tree.borrowChild(node, last - 1, depth);
    if (left.isRich) {
      rotateRight(tree, node, last - 1, left, child);
      node = child;
    } else {
      node = mergeChildren(tree, node, last - 1, { into: left, source: child });
    }
  }
  return takeFromLeaf(tree, node, node.entryCount - 1);
}

function removeMin(tree: Tree, start: Node, startDepth: number): Entry {
  let node = start;
  for (let depth = startDepth + 1; !node.isLeaf; depth++) {
    const child = tree.borrowChild(node, 0, depth);
    if (child.isRich) {
      node = child;
      continue;
    }
    const right = tree.borrowChild(node, 1, depth);
    if (right.isRich) {
      rotateLeft(tree, node, 0, child, right);
      node = child;
    } else {
      node = mergeChildren(tree, node, 0, { into: right, source: child });
    }
  }
  return takeFromLeaf(tree, node, 0);
}

function takeFromLeaf(tree: Tree, leaf: Node, index: number): Entry {
  const key = leaf.keyAt(index);
  return { key, value: removeFromLeaf(tree, leaf, index) };
}

/** Returns the value. Only the root can become empty: every other leaf was rich when entered. */
function removeFromLeaf(tree: Tree, leaf: Node, index: number): Uint8Array {
  const value = leaf.valueAt(index);
  leaf.removeEntry(index);
  tree.length -= 1;
  if (leaf.entryCount === 0) {
    tree.store.free(leaf);
    tree.root = 0;
  } else {
    tree.store.save(leaf);
  }
  return value;
}

function replaceSeparator(tree: Tree, node: Node, index: number, entry: Entry): Uint8Array {
  const old = node.valueAt(index);
  node.replaceEntry(index, entry);
  tree.store.save(node);
  return old;
}

/** Makes the child at `index` rich and returns the node in which the descent goes on. */
function enrichChild(tree: Tree, node: Node, index: number, depth: number): Node {
  const child = tree.borrowChild(node, index, depth);
  if (child.isRich) return child;
  const left = index > 0 ? tree.borrowChild(node, index - 1, depth) : undefined;
  if (left?.isRich) {
    rotateRight(tree, node, index - 1, left, child);
    return child;
  }
  const right = index < node.entryCount ? tree.borrowChild(node, index + 1, depth) : undefined;
  if (right?.isRich) {
    rotateLeft(tree, node, index, child, right);
    return child;
  }
  if (left !== undefined) {
    return mergeChildren(tree, node, index - 1, { into: left, source: child });
  }
  // A node without a left sibling has a right one: an internal node has at least one entry.
  return mergeChildren(tree, node, index, { into: right!, source: child });
}

/** The last entry of `left` moves up to the separator, the separator down to `right`. */
export function rotateRight(
  tree: Tree,
  parent: Node,
  separator: number,
  left: Node,
  right: Node,
): void {
  assertDistinct(parent, left, right);
  const last = left.entryCount - 1;
  right.insertEntry(0, parent.entryAt(separator));
  parent.replaceEntry(separator, left.entryAt(last));
  if (!right.isLeaf) {
    right.insertChild(0, left.childAt(last + 1));
    left.removeChild(last + 1);
  }
  left.removeEntry(last);
  tree.store.save(left);
  tree.store.save(right);
  tree.store.save(parent);
}

/** The mirror image: the first entry of `right` moves up, the separator down to `left`. */
function rotateLeft(tree: Tree, parent: Node, separator: number, left: Node, right: Node): void {
  assertDistinct(parent, left, right);
  left.insertEntry(left.entryCount, parent.entryAt(separator));
  parent.replaceEntry(separator, right.entryAt(0));
  if (!left.isLeaf) {
    left.insertChild(left.entryCount, right.childAt(0));
    right.removeChild(0);
  }
  right.removeEntry(0);
  tree.store.save(right);
  tree.store.save(left);
  tree.store.save(parent);
}

interface Merge {
  /** The node in whose chunk the result is stored. */
  readonly into: Node;
  /** The node that is freed. */
  readonly source: Node;
}

/** Merges the two children beside the entry at `separator` with that entry between them. */
function mergeChildren(tree: Tree, parent: Node, separator: number, merge: Merge): Node {
  const { store } = tree;
  const { into, source } = merge;
  assertDistinct(parent, into, source);
  const sourceIsLower = parent.childAt(separator) === source.address;
  const median = parent.entryAt(separator);
  if (sourceIsLower) into.prependNode(source, median);
  else into.appendNode(median, source);
  store.saveMerged(into, source);
  parent.removeEntry(separator);
  parent.removeChild(sourceIsLower ? separator : separator + 1);
  if (parent.entryCount > 0) {
    store.save(parent);
  } else {
    // Only the root can run empty; its one child takes its place.
    tree.root = into.address;
    store.free(parent);
  }
  return into;
}

/** Where a damaged address leads back to one of them, a node would be written over itself. */
function assertDistinct(parent: Node, one: Node, other: Node): void {
  const [first, second, third] = [parent.address, one.address, other.address];
  if (first !== second && second !== third && third !== first) return;
  throw corrupted('children of a node', 'different ones', second);
}
