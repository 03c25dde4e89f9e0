import { expect, test } from '@jest/globals';
import { chunksOf, walkNodes } from '../../../src/lib/btree-map/walk.js';
import { openTree, writeEmptyMap } from '../../../src/lib/btree-map/open-tree.js';
import { newHeader } from '../../../src/lib/btree-map/header.js';
import { Node } from '../../../src/lib/btree-map/node.js';
import { NODE_LAYOUT } from '../../../src/lib/btree-map/node-layout.js';
import { insertEntry } from '../../../src/lib/btree-map/insert.js';
import type { Tree } from '../../../src/lib/btree-map/tree.js';
import { blob, u32 } from '../../../src/lib/codecs/index.js';
import { Lease } from '../../../src/lib/lease.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { writeU64 } from '../../../src/lib/bytes.js';
import { codeOf } from '../../support/memories.js';

/** A tree whose values take overflow pages now and then, if they are large. */
function treeOf(count: number, sizeMax: number): Tree {
  const memory = new VectorMemory();
  const values = blob(400);
  writeEmptyMap(memory, newHeader(u32.bound, values.bound));
  const tree = Lease.open('Tree', [memory], (lease) => openTree(memory, lease, u32, false));
  for (let key = 0; key < count; key++) {
    const value = new Uint8Array(key % sizeMax);
    tree.change(() => insertEntry(tree, u32.encode(key), () => value));
  }
  return tree;
}

test.each([0, 1, 11, 12, 500])('a walk of %i entries comes by each node once', (count) => {
  const tree = treeOf(count, 400);
  const seen = new Set<number>();
  let entryCount = 0;
  walkNodes(tree, (node) => {
    for (let index = 0; !node.isLeaf && index <= node.entryCount; index++) {
      expect(seen.has(node.childAt(index))).toBe(true);
    }
    seen.add(node.address);
    entryCount += node.entryCount;
  });
  expect(entryCount).toBe(count);
  expect(tree.store.chunks.firstViolation(new Set(chunksOf(tree)))).toBeUndefined();
});

test('a walk ends where damaged addresses lead to a node twice', () => {
  const tree = treeOf(500, 1);
  const root = new Node(tree.store.format.keySize);
  tree.store.read(root, tree.root);
  const twice = new Uint8Array(8);
  writeU64(twice, 0, root.childAt(root.entryCount));
  for (let index = 0; index < root.entryCount; index++) {
    tree.store.memory.write(tree.root + NODE_LAYOUT.children + 8 * index, twice);
  }
  tree.store.cache.clear();
  expect(codeOf(() => chunksOf(tree))).toBe('CORRUPTED');
});
