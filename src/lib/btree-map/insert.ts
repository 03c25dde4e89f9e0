/**
 * Insertion. Full nodes are split on the way down, so a leaf always has room when it is reached.
 * Also overwriting a key splits the full nodes above it: the bytes are part of the format, so the
 * order of steps is the crate's, to the letter.
 *
 * Source: `specs/ic-stable-structures.md` section 3.9 (insert, split).
 */
import type { Entry, Node } from './node.js';
import type { Tree } from './tree.js';

/** Inserts or overwrites; returns the old value's bytes. PRECONDITION: inside `tree.change`. */
export function insertEntry(tree: Tree, entry: Entry): Uint8Array | undefined {
  const { store } = tree;
  if (tree.root === 0) {
    const leaf = store.create(true);
    tree.root = leaf.address;
    return insertNonFull(tree, leaf, entry);
  }
  const root = store.borrow(tree.root);
  const { found, index } = root.search(entry.key, tree.order);
  if (found) return overwrite(tree, root, index, entry);
  if (!root.isFull) return insertNonFull(tree, root, entry);
  const newRoot = store.create(false);
  newRoot.insertChild(0, root.address);
  tree.root = newRoot.address;
  const sibling = splitChild(tree, newRoot, 0, root);
  const isBehind = newRoot.search(entry.key, tree.order).index > 0;
  return insertNonFull(tree, isBehind ? sibling : root, entry);
}

/** LOOP INVARIANT: `node` is not full. */
function insertNonFull(tree: Tree, start: Node, entry: Entry): Uint8Array | undefined {
  const { store, order } = tree;
  let node = start;
  for (let depth = 1; ; depth++) {
    const { found, index } = node.search(entry.key, order);
    if (found) return overwrite(tree, node, index, entry);
    if (node.isLeaf) {
      node.insertEntry(index, entry);
      tree.length += 1;
      store.save(node);
      return undefined;
    }
    const child = tree.borrowChild(node, index, depth);
    if (!child.isFull) {
      node = child;
      continue;
    }
    const inChild = child.search(entry.key, order);
    if (inChild.found) return overwrite(tree, child, inChild.index, entry);
    const sibling = splitChild(tree, node, index, child);
    const median = node.search(entry.key, order);
    node = median.index > index ? sibling : child;
  }
}

function overwrite(tree: Tree, node: Node, index: number, entry: Entry): Uint8Array {
  const old = node.replaceValue(index, entry.value);
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
