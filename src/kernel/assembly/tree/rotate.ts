/**
 * How nodes beside each other share entries: one moves over by way of the separator between them in
 * the parent, or both become one node.
 *
 * Source: `src/lib/btree-map/remove.ts`, which it mirrors step by step.
 */
import {
  appendNode,
  insertChildAt,
  insertEntryAt,
  prependNode,
  removeChildAt,
  removeEntryAt,
  replaceEntryAt,
} from './edit';
import { childAt, keyAt, Node, valueAt } from './node';
import { fail, setRoot } from './plan';
import { unpack } from './read';
import { freeNode, saveMerged, saveNode } from './save';

/** The last entry of `left` moves up to the separator, the separator down to `right`. */
export function rotateRight(parent: Node, separator: u32, left: Node, right: Node): void {
  unpackFamily(parent, left, right);
  const last = left.entryCount - 1;
  insertEntryAt(right, 0, keyAt(parent, separator), valueAt(parent, separator));
  replaceEntryAt(parent, separator, keyAt(left, last), valueAt(left, last));
  if (!right.isLeaf) {
    insertChildAt(right, 0, right.entryCount, childAt(left, last + 1));
  }
  removeEntryAt(left, last);
  saveNode(left);
  saveNode(right);
  saveNode(parent);
}

/** The mirror image: the first entry of `right` moves up, the separator down to `left`. */
export function rotateLeft(parent: Node, separator: u32, left: Node, right: Node): void {
  unpackFamily(parent, left, right);
  insertEntryAt(left, left.entryCount, keyAt(parent, separator), valueAt(parent, separator));
  replaceEntryAt(parent, separator, keyAt(right, 0), valueAt(right, 0));
  if (!left.isLeaf) {
    insertChildAt(left, left.entryCount, left.entryCount, childAt(right, 0));
    removeChildAt(right, 0, right.entryCount + 1);
  }
  removeEntryAt(right, 0);
  saveNode(right);
  saveNode(left);
  saveNode(parent);
}

/**
 * Merges the children beside the entry at `separator` with that entry between them. The result is
 * stored in the chunk of `into`; `source`, which may be either of them, is freed.
 */
export function mergeChildren(parent: Node, separator: u32, into: Node, source: Node): Node {
  unpackFamily(parent, into, source);
  const sourceIsLower = childAt(parent, separator) == source.address;
  const key = keyAt(parent, separator);
  const value = valueAt(parent, separator);
  if (sourceIsLower) prependNode(into, source, key, value);
  else appendNode(into, key, value, source);
  saveMerged(into, source);
  removeChildAt(parent, sourceIsLower ? separator : separator + 1, parent.entryCount + 1);
  removeEntryAt(parent, separator);
  if (parent.entryCount > 0) {
    saveNode(parent);
  } else {
    // Only the root can run empty; its one child takes its place.
    setRoot(into.address);
    freeNode(parent);
  }
  return into;
}

/**
 * Siblings lie equally deep, so either both are leaves or none is. Where a node may come again, it
 * must not do so within a family.
 */
function unpackFamily(parent: Node, one: Node, other: Node): void {
  unpack(parent);
  unpack(one);
  unpack(other);
  if (one == other || one == parent || other == parent) fail();
  if (one.isLeaf != other.isLeaf) fail();
}
