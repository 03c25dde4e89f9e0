/**
 * Edits of a node in the workspace: entries and children are put into its lists, taken out of them,
 * or move to another node's. The bytes of keys and values stay where they are.
 *
 * Every edit needs an unpacked node, see `read.ts`; whoever begins to edit one unpacks it.
 *
 * Source: `src/lib/btree-map/node.ts`.
 */
import {
  ADDRESS_SIZE,
  DEGREE,
  Element,
  keyAt,
  keysOf,
  Node,
  placeAt,
  valueAt,
  valuesOf,
} from './node';

export function insertEntryAt(node: Node, index: u32, key: Element, value: Element): void {
  const moved = node.entryCount - index;
  insertInto(keysOf(node), index, moved, key);
  insertInto(valuesOf(node), index, moved, value);
  node.entryCount += 1;
}

export function removeEntryAt(node: Node, index: u32): void {
  const moved = node.entryCount - index - 1;
  removeFrom(keysOf(node), index, moved);
  removeFrom(valuesOf(node), index, moved);
  node.entryCount -= 1;
}

export function replaceEntryAt(node: Node, index: u32, key: Element, value: Element): void {
  store<u64>(placeAt(keysOf(node), index), key);
  replaceValueAt(node, index, value);
}

export function replaceValueAt(node: Node, index: u32, value: Element): void {
  store<u64>(placeAt(valuesOf(node), index), value);
}

/** `childCount` is that before the insertion. */
export function insertChildAt(node: Node, index: u32, childCount: u32, address: u64): void {
  insertInto(node.children, index, childCount - index, address);
}

/** `childCount` is that before the removal. */
export function removeChildAt(node: Node, index: u32, childCount: u32): void {
  removeFrom(node.children, index, childCount - index - 1);
}

/**
 * Moves what a full node has behind its middle entry into `sibling`, which is empty. The middle
 * entry is in neither of them any more; it stays at index `DEGREE - 1` of the node's lists.
 */
export function splitInto(node: Node, sibling: Node): void {
  appendFrom(sibling, node, DEGREE);
  node.entryCount = DEGREE - 1;
}

/** Puts an entry and all of `higher` behind what a node has. */
export function appendNode(node: Node, key: Element, value: Element, higher: Node): void {
  insertEntryAt(node, node.entryCount, key, value);
  appendFrom(node, higher, 0);
}

/** Puts all of `lower` and an entry before what a node has. */
export function prependNode(node: Node, lower: Node, key: Element, value: Element): void {
  const count = lower.entryCount;
  insertEntryAt(node, 0, key, value);
  shift(keysOf(node), count, node.entryCount);
  copyList(keysOf(node), keysOf(lower), count);
  shift(valuesOf(node), count, node.entryCount);
  copyList(valuesOf(node), valuesOf(lower), count);
  if (!node.isLeaf) {
    shift(node.children, count + 1, node.entryCount);
    copyList(node.children, lower.children, count + 1);
  }
  node.entryCount += count;
}

/** Puts the entries of `source` from `from` on, and the children around them, behind a node's. */
function appendFrom(node: Node, source: Node, from: u32): void {
  const count = source.entryCount - from;
  const at = node.entryCount;
  copyList(placeAt(keysOf(node), at), placeAt(keysOf(source), from), count);
  copyList(placeAt(valuesOf(node), at), placeAt(valuesOf(source), from), count);
  if (!node.isLeaf) {
    copyList(placeAt(node.children, at), placeAt(source.children, from), count + 1);
  }
  node.entryCount += count;
}

/** Moves `count` words at the start of a list up by `distance` words. */
function shift(list: usize, distance: u32, count: u32): void {
  copyList(placeAt(list, distance), list, count);
}

function insertInto(list: usize, index: u32, moved: u32, word: u64): void {
  copyList(placeAt(list, index + 1), placeAt(list, index), moved);
  store<u64>(placeAt(list, index), word);
}

function removeFrom(list: usize, index: u32, moved: u32): void {
  copyList(placeAt(list, index), placeAt(list, index + 1), moved);
}

/** Elements and addresses are words of one size. */
function copyList(target: usize, source: usize, count: u32): void {
  memory.copy(target, source, <usize>count * ADDRESS_SIZE);
}
