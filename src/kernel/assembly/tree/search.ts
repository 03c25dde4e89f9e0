/**
 * Finds keys: within a node by binary search under the order of the map, and from the root down.
 *
 * Source: `src/lib/btree-map/node-view.ts`, `search`, and `tree.ts`.
 */
import { childAt, keyAt, keyPrefixSize, Node, sizeOf, startOf } from './node';
import { ALL_PARTS, compareKeys } from './order';
import { hasFailed, root } from './plan';
import { readChild, readNode } from './read';

/** The key that the operation is about. */
let wanted: usize = 0;
let wantedLength: usize = 0;

/** The index that the last {@link findKey} has found its key at. */
export let foundIndex: u32 = 0;

/** Says which key is looked for from now on. */
export function lookFor(key: usize, length: usize): void {
  wanted = key;
  wantedLength = length;
}

/**
 * The index of the key in a node, or where it is not there, `-1 - index` of the place where it
 * would be inserted.
 */
export function search(node: Node): i32 {
  const prefixSize = keyPrefixSize();
  let low: u32 = 0;
  let high = node.entryCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    const key = keyAt(node, middle);
    const start = startOf(key) + prefixSize;
    const sign = compareKeys(start, sizeOf(key) - prefixSize, wanted, wantedLength, ALL_PARTS);
    if (sign == 0) return <i32>middle;
    if (sign < 0) low = middle + 1;
    else high = middle;
  }
  return -1 - <i32>low;
}

/** The node that has the key, at {@link foundIndex}; `null` where no node has it. */
export function findKey(): Node | null {
  if (root == 0) return null;
  let node = readNode(root);
  for (let depth: u32 = 1; !hasFailed; depth++) {
    const index = search(node);
    if (index >= 0) {
      foundIndex = index;
      return node;
    }
    if (node.isLeaf) return null;
    node = readChild(node, -1 - index, depth);
  }
  return null;
}
