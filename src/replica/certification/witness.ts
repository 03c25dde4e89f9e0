/**
 * Witnesses: a complete tree is cut down to what somebody asked for. A path that is there stays
 * with all that lies below it. A path that is not leaves its neighbours standing, as labels without
 * their contents: they prove that there is nothing between them.
 *
 * Every node keeps the hash that it had, so nothing is hashed here.
 *
 * Source: IC interface specification, "Certificate"; specs/replica.md section 2.6, "Pruning".
 */
import {
  childrenOf,
  compareLabels,
  type HashTree,
  type Label,
  type Labeled,
  type Path,
} from './hash-tree.js';

/** Paths with their common beginnings joined: what is wanted below a node. */
interface Wanted {
  everything: boolean;
  readonly below: { readonly label: Label; readonly wanted: Wanted }[];
}

export function witness(tree: HashTree, paths: readonly Path[]): HashTree {
  return cut(tree, join(paths));
}

function join(paths: readonly Path[]): Wanted {
  const sorted = [...paths].sort(comparePaths);
  const root: Wanted = { everything: false, below: [] };
  for (const path of sorted) {
    let node = root;
    for (const label of path) {
      const last = node.below.at(-1);
      if (last !== undefined && compareLabels(last.label, label) === 0) {
        node = last.wanted;
        continue;
      }
      const wanted: Wanted = { everything: false, below: [] };
      node.below.push({ label, wanted });
      node = wanted;
    }
    node.everything = true;
  }
  return root;
}

function comparePaths(a: Path, b: Path): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index++) {
    const order = compareLabels(a[index]!, b[index]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const NOTHING: Wanted = { everything: false, below: [] };

function cut(tree: HashTree, wanted: Wanted): HashTree {
  if (wanted.everything || tree.kind === 'empty') return tree;
  if (wanted.below.length === 0) return pruned(tree);
  // A path that goes on below a leaf is absent; the leaf itself is the proof.
  if (tree.kind === 'leaf') return tree;
  const children = childrenOf(tree);
  const kept = new Map<Labeled, Wanted>();
  for (const { label, wanted: below } of wanted.below) {
    const position = firstNotBelow(children, label);
    const child = children[position];
    if (child !== undefined && compareLabels(child.label, label) === 0) {
      kept.set(child, below);
      continue;
    }
    for (const neighbour of [children[position - 1], child]) {
      if (neighbour !== undefined && !kept.has(neighbour)) kept.set(neighbour, NOTHING);
    }
  }
  return keep(tree, kept);
}

/** The first child whose label is not smaller. */
function firstNotBelow(children: readonly Labeled[], label: Label): number {
  let low = 0;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareLabels(children[middle]!.label, label) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function keep(tree: HashTree, kept: ReadonlyMap<Labeled, Wanted>): HashTree {
  if (tree.kind === 'labeled') {
    const wanted = kept.get(tree);
    if (wanted === undefined) return pruned(tree);
    return { ...tree, subtree: cut(tree.subtree, wanted) };
  }
  if (tree.kind !== 'fork') return tree;
  const left = keep(tree.left, kept);
  const right = keep(tree.right, kept);
  if (left.kind === 'pruned' && right.kind === 'pruned') return pruned(tree);
  return { ...tree, left, right };
}

function pruned({ hash }: HashTree): HashTree {
  return { kind: 'pruned', hash };
}
