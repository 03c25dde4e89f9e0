/**
 * Every node of a tree, for what concerns them all: giving their chunks back, or naming them. One
 * node for each level is in RAM at a time.
 *
 * Source: `specs/ic-stable-structures.md` section 3.4.
 */
import { corrupted } from '../errors.js';
import { Node } from './node.js';
import type { Tree } from './tree.js';

/**
 * Visits each node, after the nodes below it: the visitor may give its chunks back. Throws
 * `CORRUPTED`, also where damaged addresses lead to more nodes than there are chunks. O(n).
 */
export function walkNodes(tree: Tree, visit: (node: Node) => void): void {
  if (tree.root === 0) return;
  const path: Node[] = [];
  const { countMax } = tree.store.chunks;
  let count = 0;
  const nodeAt = (depth: number): Node => (path[depth] ??= new Node(tree.store.format.keySize));
  const leave = (node: Node): void => {
    if (++count > countMax) throw corrupted('nodes of the tree', `at most ${countMax}`, 'more');
    visit(node);
  };
  const walkChildren = (parent: Node, depth: number): void => {
    if (parent.isLeaf) return;
    for (let index = 0; index <= parent.entryCount; index++) {
      const child = nodeAt(depth);
      tree.readChild(child, parent, index, depth);
      walkChildren(child, depth + 1);
      leave(child);
    }
  };
  const root = nodeAt(0);
  tree.store.read(root, tree.root);
  walkChildren(root, 1);
  leave(root);
}

/** The addresses of all chunks of a tree. Throws `CORRUPTED`. O(n). */
export function chunksOf(tree: Tree): number[] {
  const chunks: number[] = [];
  walkNodes(tree, (node) => chunks.push(node.address, ...node.overflowPages));
  return chunks;
}
