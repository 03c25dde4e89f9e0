import { Cbor } from '@dfinity/agent';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { encodeHashTree } from '../../../src/lib/certification/encode-hash-tree.js';
import type { HashTree } from '../../../src/lib/certification/hash-tree.js';
import { toHex } from '../../support/hex.js';
import { anyHashTree, exampleTree, EXAMPLE_ENCODED } from '../../support/hash-trees.js';
import { checkProperty } from '../../support/property.js';

/** Arrays and bytes as plain as ours, whatever class the decoder gives them. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return ArrayBuffer.isView(value)
    ? toHex(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
    : value;
}

test('the example of the specification is encoded as it is there', () => {
  expect(toHex(encodeHashTree(exampleTree))).toBe(EXAMPLE_ENCODED);
});

test('the client decodes every tree as it was', () => {
  checkProperty(
    fc.property(anyHashTree(), (tree) => {
      expect(plain(Cbor.decode(encodeHashTree(tree)))).toEqual(plain(tree));
    }),
  );
});

test.each([0, 1, 23, 24, 255, 256, 65_535, 65_536])(
  'a value of %i bytes has its length in the shortest form',
  (length) => {
    const head = length < 24 ? 1 : length < 256 ? 2 : length < 65_536 ? 3 : 5;
    const tree: HashTree = [3, new Uint8Array(length).fill(7)];
    const encoded = encodeHashTree(tree);
    expect(encoded).toHaveLength(3 + 2 + head + length);
    expect(plain(Cbor.decode(encoded))).toEqual(plain(tree));
  },
);

test('a tree may be deeper than functions can call each other', () => {
  let tree: HashTree = [0];
  for (let depth = 0; depth < 50_000; depth++) tree = [1, tree, [0]];
  expect(encodeHashTree(tree)).toHaveLength(3 + 50_000 * 4 + 2);
});
