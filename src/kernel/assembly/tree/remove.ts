/**
 * Removal. On the way down every node that is entered is first made rich, by taking an entry from a
 * sibling (`rotate.ts`) or by merging with one, so that a leaf can always spare the entry that is
 * removed. This happens even if the key turns out to be absent: the order of steps is the crate's,
 * since it decides the bytes.
 *
 * Source: `src/lib/btree-map/remove.ts`, which it mirrors step by step.
 */
import { removeEntryAt, replaceEntryAt } from './edit';
import { Element, isRich, keyAt, Node, NONE, valueAt } from './node';
import { addToLength, hasFailed, root, setRoot } from './plan';
import { readChild, readNode, unpack } from './read';
import { mergeChildren, rotateLeft, rotateRight } from './rotate';
import { freeNode, saveNode } from './save';
import { search } from './search';

/** The entry that was last taken from a leaf. */
export let takenKey: Element = NONE;
let takenValue: Element = NONE;

/** Removes the entry whose key is looked for; returns its value, or `NONE` where there is none. */
export function removeKey(): Element {
  if (root == 0) return NONE;
  let node = readNode(root);
  // LOOP INVARIANT: `node` is the root or rich.
  for (let depth: u32 = 1; !hasFailed; depth++) {
    const found = search(node);
    if (node.isLeaf) return found >= 0 ? takeFromLeaf(node, found) : NONE;
    if (found < 0) {
      node = enrichChild(node, -1 - found, depth);
      continue;
    }
    const left = readChild(node, found, depth);
    if (isRich(left)) {
      removeMax(left, depth);
      return replaceSeparator(node, found);
    }
    const right = readChild(node, found + 1, depth);
    if (isRich(right)) {
      removeMin(right, depth);
      return replaceSeparator(node, found);
    }
    node = mergeChildren(node, found, left, right);
  }
  return NONE;
}

/** Takes the first entry; returns its value, or `NONE` where there is none. */
export function removeFirst(): Element {
  return root == 0 ? NONE : removeMin(readNode(root), 0);
}

/** Takes the last entry; returns as {@link removeFirst}. */
export function removeLast(): Element {
  return root == 0 ? NONE : removeMax(readNode(root), 0);
}

function removeMax(start: Node, startDepth: u32): Element {
  let node = start;
  for (let depth = startDepth + 1; !node.isLeaf; depth++) {
    const last = node.entryCount;
    const child = readChild(node, last, depth);
    if (isRich(child)) {
      node = child;
      continue;
    }
    const left = readChild(node, last - 1, depth);
    if (isRich(left)) {
      rotateRight(node, last - 1, left, child);
      node = child;
    } else {
      node = mergeChildren(node, last - 1, left, child);
    }
  }
  return takeFromLeaf(node, node.entryCount - 1);
}

function removeMin(start: Node, startDepth: u32): Element {
  let node = start;
  for (let depth = startDepth + 1; !node.isLeaf; depth++) {
    const child = readChild(node, 0, depth);
    if (isRich(child)) {
      node = child;
      continue;
    }
    const right = readChild(node, 1, depth);
    if (isRich(right)) {
      rotateLeft(node, 0, child, right);
      node = child;
    } else {
      node = mergeChildren(node, 0, right, child);
    }
  }
  return takeFromLeaf(node, 0);
}

/** Returns the value. Only the root can become empty: every other leaf was rich when entered. */
function takeFromLeaf(leaf: Node, index: u32): Element {
  unpack(leaf);
  takenKey = keyAt(leaf, index);
  takenValue = valueAt(leaf, index);
  removeEntryAt(leaf, index);
  addToLength(-1);
  if (leaf.entryCount == 0) {
    freeNode(leaf);
    setRoot(0);
  } else {
    saveNode(leaf);
  }
  return takenValue;
}

/** Puts the taken entry in the place of one of an internal node; returns that one's value. */
function replaceSeparator(node: Node, index: u32): Element {
  unpack(node);
  const old = valueAt(node, index);
  replaceEntryAt(node, index, takenKey, takenValue);
  saveNode(node);
  return old;
}

/** Makes the child at `index` rich and returns the node in which the descent goes on. */
function enrichChild(node: Node, index: u32, depth: u32): Node {
  const child = readChild(node, index, depth);
  if (isRich(child)) return child;
  if (index == 0) return enrichFirst(node, child, depth);
  const left = readChild(node, index - 1, depth);
  if (isRich(left)) {
    rotateRight(node, index - 1, left, child);
    return child;
  }
  if (index < node.entryCount) {
    const right = readChild(node, index + 1, depth);
    if (isRich(right)) {
      rotateLeft(node, index, child, right);
      return child;
    }
  }
  return mergeChildren(node, index - 1, left, child);
}

/** The first child has no left sibling, but a right one: its parent has at least one entry. */
function enrichFirst(node: Node, child: Node, depth: u32): Node {
  const right = readChild(node, 1, depth);
  if (!isRich(right)) return mergeChildren(node, 0, right, child);
  rotateLeft(node, 0, child, right);
  return child;
}
