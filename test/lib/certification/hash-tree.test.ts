/** Hash trees against the client's code, which is what judges them in the end. */
import { createHash } from 'node:crypto';
import { reconstruct as clientReconstruct, type HashTree as ClientTree } from '@dfinity/agent';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  emptyHash,
  inPreorder,
  reconstruct,
  type HashTree,
} from '../../../src/lib/certification/hash-tree.js';
import { toHex } from '../../support/hex.js';
import { anyHashTree, exampleTree, EXAMPLE_ROOT_HASH } from '../../support/hash-trees.js';
import { checkAsyncProperty } from '../../support/property.js';

test('the example of the specification has the root hash that it is said to have', () => {
  expect(toHex(reconstruct(exampleTree))).toBe(EXAMPLE_ROOT_HASH);
});

test('the empty tree has the hash of its name, with its length in front', () => {
  const expected = createHash('sha256').update('\x11ic-hashtree-empty').digest('hex');
  expect(toHex(reconstruct([0]))).toBe(expected);
});

test('every tree has the root hash that the client finds', async () => {
  await checkAsyncProperty(
    fc.asyncProperty(anyHashTree(), async (tree) => {
      const expected = await clientReconstruct(tree as unknown as ClientTree);
      expect(toHex(reconstruct(tree))).toBe(toHex(expected));
    }),
  );
});

test('what is pruned leaves the root hash as it was', () => {
  const [kind, left, right] = exampleTree as [1, HashTree, HashTree];
  const pruned: HashTree = [kind, [4, reconstruct(left)], right];
  expect(toHex(reconstruct(pruned))).toBe(EXAMPLE_ROOT_HASH);
});

test('each node comes before what lies below it', () => {
  const kinds = inPreorder(exampleTree).map(([kind]) => kind);
  expect(kinds).toEqual([1, 1, 2, 1, 1, 2, 3, 0, 2, 3, 2, 3, 1, 2, 0, 2, 3]);
});

test('a tree may be deeper than functions can call each other', () => {
  let tree: HashTree = [0];
  for (let depth = 0; depth < 50_000; depth++) tree = [1, tree, [4, emptyHash()]];
  expect(inPreorder(tree)).toHaveLength(100_001);
  expect(reconstruct(tree)).toHaveLength(32);
});
