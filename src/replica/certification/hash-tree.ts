/**
 * Hash trees: a tree of labels and values whose root hash vouches for every path in it, and for the
 * absence of every path that is not. A *witness* is the same tree with most of it pruned: each
 * pruned part leaves its hash, so the root hash stays.
 *
 *     empty     H("ic-hashtree-empty")
 *     fork      H("ic-hashtree-fork"    . left . right)
 *     labeled   H("ic-hashtree-labeled" . label . subtree)
 *     leaf      H("ic-hashtree-leaf"    . value)
 *     pruned    the hash itself
 *
 * where each text is preceded by its length in one byte.
 *
 * INVARIANT: the labels below a node, read from left to right, ascend by their bytes. That is what
 * makes absence provable: two neighbours, shown side by side, leave no room between them.
 *
 * Nodes never change and know their hash from birth. Who builds a tree of parts that were there
 * before pays for the new parts only.
 *
 * Source: IC interface specification, "Certificate" and "Encoding of certificates".
 */
import type { Host } from '../host.js';

export type HashTree = Empty | Fork | Labeled | Leaf | Pruned;

export interface Empty {
  readonly kind: 'empty';
  readonly hash: Uint8Array;
}

export interface Fork {
  readonly kind: 'fork';
  readonly hash: Uint8Array;
  readonly left: HashTree;
  readonly right: HashTree;
}

export interface Labeled {
  readonly kind: 'labeled';
  readonly hash: Uint8Array;
  readonly label: Uint8Array;
  readonly subtree: HashTree;
}

export interface Leaf {
  readonly kind: 'leaf';
  readonly hash: Uint8Array;
  readonly value: Uint8Array;
}

export interface Pruned {
  readonly kind: 'pruned';
  readonly hash: Uint8Array;
}

export type Label = Uint8Array;
export type Path = readonly Label[];

const utf8 = new TextEncoder();

/** The text preceded by its length: what separates the uses of one hash function. */
export function domainSeparator(text: string): Uint8Array {
  return Uint8Array.of(text.length, ...utf8.encode(text));
}

const EMPTY = domainSeparator('ic-hashtree-empty');
const FORK = domainSeparator('ic-hashtree-fork');
const LABELED = domainSeparator('ic-hashtree-labeled');
const LEAF = domainSeparator('ic-hashtree-leaf');

/** Makes trees; all of their hashes come from one host. */
export class TreeBuilder {
  readonly empty: Empty;

  constructor(readonly host: Pick<Host, 'sha256'>) {
    this.empty = { kind: 'empty', hash: host.sha256(EMPTY) };
  }

  leaf(value: Uint8Array): Leaf {
    return { kind: 'leaf', hash: this.host.sha256(LEAF, value), value };
  }

  /** A label before a subtree; bytes stand for the leaf that they make. */
  labeled(label: string | Label, content: HashTree | Uint8Array): Labeled {
    const bytes = typeof label === 'string' ? utf8.encode(label) : label;
    const subtree = content instanceof Uint8Array ? this.leaf(content) : content;
    const hash = this.host.sha256(LABELED, bytes, subtree.hash);
    return { kind: 'labeled', hash, label: bytes, subtree };
  }

  fork(left: HashTree, right: HashTree): Fork {
    return { kind: 'fork', hash: this.host.sha256(FORK, left.hash, right.hash), left, right };
  }

  /** A tree of these children, whatever their order. PRECONDITION: no label occurs twice. */
  node(children: readonly Labeled[]): HashTree {
    if (children.length === 0) return this.empty;
    const sorted = [...children].sort((a, b) => compareLabels(a.label, b.label));
    return this.#balanced(sorted, 0, sorted.length);
  }

  #balanced(children: readonly Labeled[], from: number, to: number): HashTree {
    if (to - from === 1) return children[from]!;
    const middle = (from + to) >>> 1;
    return this.fork(this.#balanced(children, from, middle), this.#balanced(children, middle, to));
  }
}

export function compareLabels(a: Label, b: Label): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index++) {
    if (a[index] !== b[index]) return a[index]! - b[index]!;
  }
  return a.length - b.length;
}

/** The children of a node from left to right; what is pruned between them does not show. */
export function childrenOf(tree: HashTree): Labeled[] {
  if (tree.kind === 'labeled') return [tree];
  if (tree.kind !== 'fork') return [];
  return [...childrenOf(tree.left), ...childrenOf(tree.right)];
}

export type Lookup =
  | { readonly kind: 'found'; readonly tree: HashTree }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown' };

/** What a tree, pruned or not, says about a path. */
export function lookup(tree: HashTree, path: Path): Lookup {
  const [label, ...rest] = path;
  if (label === undefined) {
    return tree.kind === 'pruned' ? { kind: 'unknown' } : { kind: 'found', tree };
  }
  const found = findLabel(tree, label);
  return found.kind === 'found' ? lookup(found.tree, rest) : found;
}

/** A label is absent where its neighbours show; where one of them may be pruned, nobody knows. */
function findLabel(tree: HashTree, label: Label): Lookup {
  const visible = visibleNodes(tree);
  let before: Labeled | Pruned | undefined;
  for (const node of visible) {
    if (node.kind === 'labeled') {
      const order = compareLabels(node.label, label);
      if (order === 0) return { kind: 'found', tree: node.subtree };
      if (order > 0) break;
    }
    before = node;
  }
  const after = visible[before === undefined ? 0 : visible.indexOf(before) + 1];
  const hidden = before?.kind === 'pruned' || after?.kind === 'pruned';
  return { kind: hidden ? 'unknown' : 'absent' };
}

function visibleNodes(tree: HashTree): (Labeled | Pruned)[] {
  if (tree.kind === 'labeled' || tree.kind === 'pruned') return [tree];
  if (tree.kind !== 'fork') return [];
  return [...visibleNodes(tree.left), ...visibleNodes(tree.right)];
}
