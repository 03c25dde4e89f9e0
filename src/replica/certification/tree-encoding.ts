/**
 * Hash trees in CBOR: arrays that begin with the kind of the node.
 *
 *     [0]                    empty
 *     [1, left, right]       fork
 *     [2, label, subtree]    labeled
 *     [3, value]             leaf
 *     [4, hash]              pruned
 *
 * A decoded tree has the hashes that its contents give it, whoever sent it.
 *
 * Source: IC interface specification, "Encoding of certificates".
 */
import { CborError } from './cbor.js';
import type { HashTree, TreeBuilder } from './hash-tree.js';

const HASH_SIZE = 32;

export function encodeTree(tree: HashTree): unknown[] {
  switch (tree.kind) {
    case 'empty':
      return [0];
    case 'fork':
      return [1, encodeTree(tree.left), encodeTree(tree.right)];
    case 'labeled':
      return [2, tree.label, encodeTree(tree.subtree)];
    case 'leaf':
      return [3, tree.value];
    case 'pruned':
      return [4, tree.hash];
  }
}

/** Throws a {@link CborError} where the value is no tree. */
export function decodeTree(builder: TreeBuilder, value: unknown): HashTree {
  if (!Array.isArray(value)) throw malformed();
  const [kind, first, second] = value as unknown[];
  switch (typeof kind === 'number' ? `${kind}/${value.length}` : undefined) {
    case '0/1':
      return builder.empty;
    case '1/3':
      return builder.fork(decodeTree(builder, first), decodeTree(builder, second));
    case '2/3':
      return builder.labeled(blob(first), decodeTree(builder, second));
    case '3/2':
      return builder.leaf(blob(first));
    case '4/2':
      return { kind: 'pruned', hash: blob(first, HASH_SIZE) };
    default:
      throw malformed();
  }
}

function blob(value: unknown, size?: number): Uint8Array {
  if (!(value instanceof Uint8Array)) throw malformed();
  if (size !== undefined && value.length !== size) throw malformed();
  return value;
}

function malformed(): CborError {
  return new CborError('malformed hash tree');
}
