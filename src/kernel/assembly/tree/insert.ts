/**
 * Insertion. Full nodes are split on the way down, so a leaf always has room when it is reached.
 * Also overwriting a key splits the full nodes above it: the order of steps is the crate's, since
 * it decides the bytes.
 *
 * Source: `src/lib/btree-map/insert.ts`, which it mirrors step by step.
 */
import { insertChildAt, insertEntryAt, replaceValueAt, splitInto } from './edit';
import { DEGREE, Element, isFull, keyAt, Node, NONE, valueAt } from './node';
import { addToLength, hasFailed, root, setRoot } from './plan';
import { readChild, readNode, unpack } from './read';
import { createNode, saveNode } from './save';
import { search } from './search';

/** Inserts or overwrites the entry whose key is looked for; returns the old value, or `NONE`. */
export function insertEntry(key: Element, value: Element): Element {
  if (root == 0) {
    const leaf = createNode(true);
    setRoot(leaf.address);
    return insertNonFull(leaf, key, value);
  }
  const node = readNode(root);
  if (!isFull(node)) return insertNonFull(node, key, value);
  const index = search(node);
  if (index >= 0) return overwrite(node, index, value);
  const newRoot = createNode(false);
  insertChildAt(newRoot, 0, 0, node.address);
  setRoot(newRoot.address);
  const sibling = splitChild(newRoot, 0, node);
  return insertNonFull(isBehind(newRoot, 0) ? sibling : node, key, value);
}

/** LOOP INVARIANT: `node` is not full. */
function insertNonFull(start: Node, key: Element, value: Element): Element {
  let node = start;
  for (let depth: u32 = 1; !hasFailed; depth++) {
    const found = search(node);
    if (found >= 0) return overwrite(node, found, value);
    const index = <u32>(-1 - found);
    if (node.isLeaf) return insertIntoLeaf(node, index, key, value);
    const child = readChild(node, index, depth);
    if (!isFull(child)) {
      node = child;
      continue;
    }
    const inChild = search(child);
    if (inChild >= 0) return overwrite(child, inChild, value);
    const sibling = splitChild(node, index, child);
    node = isBehind(node, index) ? sibling : child;
  }
  return NONE;
}

function insertIntoLeaf(leaf: Node, index: u32, key: Element, value: Element): Element {
  unpack(leaf);
  insertEntryAt(leaf, index, key, value);
  addToLength(1);
  saveNode(leaf);
  return NONE;
}

/** Whether the key, which is not in `node`, comes behind its entry at `index`. */
function isBehind(node: Node, index: u32): bool {
  return -1 - search(node) > <i32>index;
}

function overwrite(node: Node, index: u32, value: Element): Element {
  unpack(node);
  const old = valueAt(node, index);
  replaceValueAt(node, index, value);
  saveNode(node);
  return old;
}

/** Splits the full child at `index` of `parent`; returns its new right sibling. */
function splitChild(parent: Node, index: u32, child: Node): Node {
  unpack(parent);
  unpack(child);
  const sibling = createNode(child.isLeaf);
  insertChildAt(parent, index + 1, parent.entryCount + 1, sibling.address);
  splitInto(child, sibling);
  insertEntryAt(parent, index, keyAt(child, DEGREE - 1), valueAt(child, DEGREE - 1));
  saveNode(sibling);
  saveNode(child);
  saveNode(parent);
  return sibling;
}
