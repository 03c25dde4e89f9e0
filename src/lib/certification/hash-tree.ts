/**
 * Hash trees as the Internet Computer has them: labels and values, and a root hash that vouches for
 * every path, and for the absence of every path that is not there. A *witness* is such a tree with
 * most of it pruned: what is pruned leaves its hash, so the root hash stays. A client who has the
 * root hash from the certificate needs nothing else to believe what the witness shows.
 *
 *     NODE                   HASH
 *     [0]                    H("ic-hashtree-empty")                       empty
 *     [1, left, right]       H("ic-hashtree-fork"    . left . right)      fork
 *     [2, label, subtree]    H("ic-hashtree-labeled" . label . subtree)   labeled
 *     [3, value]             H("ic-hashtree-leaf"    . value)             leaf
 *     [4, hash]              the hash itself                              pruned
 *
 * H is SHA-256, a node stands for its hash, and each text is preceded by its length in one byte.
 *
 * INVARIANT: the labels below a node, read from left to right, ascend by their bytes. That is what
 * makes absence provable: two neighbours, shown side by side, leave no room between them.
 *
 * Trees may be as deep as keys have bits, so nothing here calls itself.
 *
 * Source: IC interface specification, "Certificate" and "Encoding of certificates".
 */
import { concatBytes } from '../bytes.js';
import { sha256 } from '../sha256.js';
import { encodeUtf8 } from '../utf8.js';

/** The numbers by which the specification names the kinds of node. */
export const EMPTY = 0;
export const FORK = 1;
export const LABELED = 2;
export const LEAF = 3;
export const PRUNED = 4;

/** A hash tree, in the form in which it goes into CBOR; also the form that agents have it in. */
export type HashTree =
  | readonly [kind: typeof EMPTY]
  | readonly [kind: typeof FORK, left: HashTree, right: HashTree]
  | readonly [kind: typeof LABELED, label: Uint8Array, subtree: HashTree]
  | readonly [kind: typeof LEAF, value: Uint8Array]
  | readonly [kind: typeof PRUNED, hash: Uint8Array];

/** The hash of the tree without anything in it. */
export function emptyHash(): Uint8Array {
  return sha256(separator('ic-hashtree-empty'));
}

/** The hash of a fork, of the hashes of its sides. */
export function forkHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(separator('ic-hashtree-fork'), left, right);
}

/** The hash of a label before a subtree, of which it takes the hash. */
export function labeledHash(label: Uint8Array, subtree: Uint8Array): Uint8Array {
  return sha256(separator('ic-hashtree-labeled'), label, subtree);
}

/** The hash of a value. */
export function leafHash(value: Uint8Array): Uint8Array {
  return sha256(separator('ic-hashtree-leaf'), value);
}

/**
 * The root hash of a tree, pruned or not. O(nodes).
 *
 * @example
 * const witness = balances.witness('ada');
 * reconstruct(witness); // equals balances.rootHash
 */
export function reconstruct(tree: HashTree): Uint8Array {
  const nodes = inPreorder(tree);
  const hashes: Uint8Array[] = [];
  // From the end, so that the hashes of what lies below a node are there before it, left on top.
  for (let index = nodes.length - 1; index >= 0; index--) {
    hashes.push(hashOfNode(nodes[index]!, hashes));
  }
  return hashes.pop()!;
}

/** The nodes of a tree, each before what lies below it, left before right. O(nodes). */
export function inPreorder(tree: HashTree): HashTree[] {
  const nodes: HashTree[] = [];
  const waiting = [tree];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    nodes.push(node);
    if (node[0] === FORK) waiting.push(node[2], node[1]);
    if (node[0] === LABELED) waiting.push(node[2]);
  }
  return nodes;
}

/** The hash of a node; those of what lies below it are taken from the end of `hashes`. */
function hashOfNode(node: HashTree, hashes: Uint8Array[]): Uint8Array {
  switch (node[0]) {
    case EMPTY:
      return emptyHash();
    case FORK:
      return forkHash(hashes.pop()!, hashes.pop()!);
    case LABELED:
      return labeledHash(node[1], hashes.pop()!);
    case LEAF:
      return leafHash(node[1]);
    case PRUNED:
      return node[1];
  }
}

/** Made on first use: in a canister, what happens while a module loads is paid by every install. */
const separators = new Map<string, Uint8Array>();

/** The text preceded by its length: what separates the uses of one hash function. */
function separator(text: string): Uint8Array {
  const known = separators.get(text);
  if (known !== undefined) return known;
  const made = concatBytes(Uint8Array.of(text.length), encodeUtf8(text));
  separators.set(text, made);
  return made;
}
