/**
 * Hash trees for tests: the example of the IC interface specification, and random ones.
 */
import * as fc from 'fast-check';
import type { HashTree } from '../../src/lib/certification/hash-tree.js';
import { anyBytes } from './arbitraries.js';

const utf8 = (text: string) => Uint8Array.from(Buffer.from(text, 'utf8'));
const leaf = (text: string): HashTree => [3, utf8(text)];
const labeled = (label: string, tree: HashTree): HashTree => [2, utf8(label), tree];

/** The tree of the specification's example, with nothing pruned. */
export const exampleTree: HashTree = [
  1,
  [
    1,
    labeled('a', [1, [1, labeled('x', leaf('hello')), [0]], labeled('y', leaf('world'))]),
    labeled('b', leaf('good')),
  ],
  [1, labeled('c', [0]), labeled('d', leaf('morning'))],
];

/** Its root hash, and its encoding, as the specification has them. */
export const EXAMPLE_ROOT_HASH = 'eb5c5b2195e62d996b84c9bcc8259d19a83786a2f59e0878cec84c811f669aa0';
export const EXAMPLE_ENCODED =
  'd9d9f78301830183024161830183018302417882034568656c6c6f810083024179820345776f726c64' +
  '83024162820344676f6f648301830241638100830241648203476d6f726e696e67';

/** Trees of every shape and kind; their labels need not ascend, which hashing does not ask. */
export function anyHashTree(): fc.Arbitrary<HashTree> {
  const { tree } = fc.letrec<{ tree: HashTree; node: HashTree }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constant<HashTree>([0]),
      anyBytes(300).map((value): HashTree => [3, value]),
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map((hash): HashTree => [4, hash]),
      tie('node'),
    ),
    node: fc.oneof(
      fc.tuple(tie('tree'), tie('tree')).map(([left, right]): HashTree => [1, left, right]),
      fc.tuple(anyBytes(30), tie('tree')).map(([label, below]): HashTree => [2, label, below]),
    ),
  }));
  return tree;
}
