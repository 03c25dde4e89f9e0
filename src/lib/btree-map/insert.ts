/**
 * Insertion. Full nodes are split on the way down, so a leaf always has room when it is reached.
 * Also overwriting a key splits the full nodes above it: the bytes are part of the format, so the
 * order of steps is the crate's, to the letter.
 *
 * Source: `specs/ic-stable-structures.md` section 3.9 (insert, split).
 */
import type { Node } from './node.js';
import type { Tree } from './tree.js';

/** Decides what a key's value is to be, given what it is now. */
export type NextValue = (old: Uint8Array | undefined) => Uint8Array;

/** Inserts or overwrites; returns the old value's bytes. PRECONDITION: inside `tree.change`. */
export function insertEntry(tree: Tree, key: Uint8Array, next: NextValue): Uint8Array | undefined {
  const { store } = tree;
  if (tree.root === 0) {
    const leaf = store.create(true);
    tree.root = leaf.address;
    return insertNonFull(tree, leaf, key, next);
  }
  const root = store.borrow(tree.root, 0);
  if (!root.isFull) return insertNonFull(tree, root, key, next);
  const index = root.search(key, tree.order);
  if (index >= 0) return overwrite(tree, root, index, next);
  const newRoot = store.create(false);
  newRoot.insertChild(0, root.address);
  tree.root = newRoot.address;
  const sibling = splitChild(tree, newRoot, 0, root);
  return insertNonFull(tree, isBehind(tree, newRoot, 0, key) ? sibling : root, key, next);
}

/** LOOP INVARIANT: `node` is not full. */
function insertNonFull(
  tree: Tree,
  start: Node,
  key: Uint8Array,
  next: NextValue,
): Uint8Array | undefined {
  const { store, order } = tree;
  let node = start;
  for (let depth = 1; ; depth++) {
    const found = node.search(key, order);
    if (found >= 0) return overwrite(tree, node, found, next);
    const index = -1 - found;
    if (node.isLeaf) {
      node.insertEntry(index, { key, value: next(undefined) });
      tree.length += 1;
      store.save(node);
      return undefined;
    }
    const child = tree.borrowChild(node, index, depth);
    if (!child.isFull) {
      node = child;
      continue;
    }
    const inChild = child.search(key, order);
    if (inChild >= 0) return overwrite(tree, child, inChild, next);
    const sibling = splitChild(tree, node, index, child);
    node = isBehind(tree, node, index, key) ? sibling : child;
  }
}

/** Whether a key that is not in `node` comes behind its entry at `index`. */
function isBehind(tree: Tree, node: Node, index: number, key: Uint8Array): boolean {
  return -1 - node.search(key, tree.order) > index;
}

function overwrite(tree: Tree, node: Node, index: number, next: NextValue): Uint8Array {
  const old = node.valueAt(index);
  node.replaceValue(index, next(old));
  tree.store.save(node);
  return old;
}

/** Splits the full child at `index` of `parent`; returns its new right sibling. */
function splitChild(tree: Tree, parent: Node, index: number, child: Node): Node {
  const { store } = tree;
  const sibling = store.create(child.isLeaf);
  parent.insertChild(index + 1, sibling.address);
  parent.insertEntry(index, child.splitInto(sibling));
  store.save(sibling);
  store.save(child);
  store.save(parent);
  return sibling;
}
