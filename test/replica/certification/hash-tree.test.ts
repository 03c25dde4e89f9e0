/** Hash trees and their witnesses, against the client's code and against what they were cut from. */
import { describe, expect, test } from '@jest/globals';
import { reconstruct, type HashTree as ClientTree } from '@dfinity/agent';
import fc from 'fast-check';

import { CborError, decodeCbor, encodeCbor } from '../../../src/replica/certification/cbor.js';
import {
  lookup,
  TreeBuilder,
  type HashTree,
  type Label,
  type Lookup,
  type Path,
} from '../../../src/replica/certification/hash-tree.js';
import { decodeTree, encodeTree } from '../../../src/replica/certification/tree-encoding.js';
import { witness } from '../../../src/replica/certification/witness.js';
import { nodeHost } from '../../../src/replica/index.js';
import { bytesOf, textOf } from '../support.js';
import { checkAsyncProperty, checkProperty } from '../../support/property.js';

const builder = new TreeBuilder(nodeHost);
const { node, labeled, leaf } = {
  node: (...children: ReturnType<typeof builder.labeled>[]) => builder.node(children),
  labeled: (label: string, tree: HashTree) => builder.labeled(label, tree),
  leaf: (text: string) => builder.leaf(bytesOf(text)),
};

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('the example of the specification', () => {
  // fork(fork(a: fork(fork(x: hello, {}), y: world), b: good), fork(c: {}, d: morning))
  const tree = builder.fork(
    builder.fork(
      labeled(
        'a',
        builder.fork(
          builder.fork(labeled('x', leaf('hello')), builder.empty),
          labeled('y', leaf('world')),
        ),
      ),
      labeled('b', leaf('good')),
    ),
    builder.fork(labeled('c', builder.empty), labeled('d', leaf('morning'))),
  );

  test('has the root hash that is printed there', () => {
    expect(hexOf(tree.hash)).toBe(
      'eb5c5b2195e62d996b84c9bcc8259d19a83786a2f59e0878cec84c811f669aa0',
    );
  });

  test('tells what is there and what is not', () => {
    const at = (...labels: string[]): string => {
      const found = lookup(tree, labels.map(bytesOf));
      const isLeaf = found.kind === 'found' && found.tree.kind === 'leaf';
      return isLeaf ? textOf(found.tree.value) : found.kind;
    };
    expect(at('a', 'x')).toBe('hello');
    expect(at('a', 'y')).toBe('world');
    expect(at('d')).toBe('morning');
    expect(at('a', 'z')).toBe('absent');
    expect(at('bb')).toBe('absent');
    expect(at('d', 'x')).toBe('absent');
  });
});

/** Few and short labels, so that random paths hit, miss narrowly, and are prefixes of each other. */
const label = fc.uint8Array({ minLength: 0, maxLength: 2, max: 3 });
const paths = fc.array(fc.array(label, { minLength: 1, maxLength: 3 }), { maxLength: 6 });

interface Shape {
  readonly children: readonly (readonly [Label, Shape | Uint8Array])[];
}

const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.record({
    children: fc.uniqueArray(fc.tuple(label, fc.oneof({ maxDepth: 3 }, label, tie('shape'))), {
      maxLength: 6,
      selector: ([name]) => hexOf(name),
    }),
  }),
}));

function build({ children }: Shape): HashTree {
  return builder.node(
    children.map(([name, below]) =>
      builder.labeled(name, below instanceof Uint8Array ? below : build(below)),
    ),
  );
}

/** What a lookup says, and the hash of what it found. */
function said(found: Lookup): string {
  return found.kind === 'found' ? hexOf(found.tree.hash) : found.kind;
}

/** All paths into a tree. */
function* pathsOf(tree: HashTree, above: Path = []): Generator<Path> {
  if (tree.kind === 'labeled') {
    yield [...above, tree.label];
    yield* pathsOf(tree.subtree, [...above, tree.label]);
  } else if (tree.kind === 'fork') {
    yield* pathsOf(tree.left, above);
    yield* pathsOf(tree.right, above);
  }
}

describe('a witness', () => {
  test('has the root hash of its tree, also in the eyes of the client', async () => {
    await checkAsyncProperty(
      fc.asyncProperty(shape, paths, async (of, asked) => {
        const tree = build(of);
        const cut = witness(tree, asked);
        const client = await reconstruct(encodeTree(cut) as unknown as ClientTree);
        expect(hexOf(client)).toBe(hexOf(tree.hash));
      }),
      { numRuns: 50 },
    );
  });

  test('says of each path that was asked what the whole tree says, and survives CBOR', () => {
    checkProperty(
      fc.property(shape, paths, (of, asked) => {
        const tree = build(of);
        const cut = decodeTree(builder, decodeCbor(encodeCbor(encodeTree(witness(tree, asked)))));
        expect(hexOf(cut.hash)).toBe(hexOf(tree.hash));
        for (const path of asked) expect(said(lookup(cut, path))).toBe(said(lookup(tree, path)));
      }),
    );
  });

  test('never says anything about another path that the whole tree does not', () => {
    checkProperty(
      fc.property(shape, paths, paths, (of, asked, others) => {
        const tree = build(of);
        const cut = witness(tree, asked);
        for (const path of [...others, ...pathsOf(tree)]) {
          const answer = said(lookup(cut, path));
          if (answer !== 'unknown') expect(answer).toBe(said(lookup(tree, path)));
        }
      }),
    );
  });

  test('hides what nobody asked for', () => {
    const secret = node(labeled('a', leaf('open')), labeled('b', leaf('hidden')));
    const text = textOf(encodeCbor(encodeTree(witness(secret, [[bytesOf('a')]]))));
    expect(text).toContain('open');
    expect(text).not.toContain('hidden');
  });
});

describe('a tree in CBOR', () => {
  test.each([
    ['no array', 1],
    ['no node', []],
    ['of no known kind', [5]],
    ['of no known kind either', ['0']],
    ['with too many parts', [0, 0]],
    ['with too few parts', [1, [0]]],
    ['with a text for a label', [2, 'a', [0]]],
    ['with a text for a value', [3, 'a']],
    ['with a hash of 31 bytes', [4, new Uint8Array(31)]],
  ])('is refused that is %s', (_, value) => {
    expect(() => decodeTree(builder, value)).toThrow(CborError);
  });
});
