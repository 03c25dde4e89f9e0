/**
 * Several hash trees below one root. A canister has one certified datum of 32 bytes, so whoever
 * certifies several maps hangs each below a label, such as its name, and certifies the root hash of
 * the whole:
 *
 *     const part = (name: string, tree: HashTree) => ({ label: encodeUtf8(name), tree });
 *     const root = joinTrees([part('balances', [4, balances.rootHash]), part('names', ...)]);
 *     setCertifiedData(reconstruct(root));
 *
 * A part that is pruned shows nothing, and where two sides of a fork show nothing, neither does the
 * fork: so the witness of one part has of the others about log2(parts) hashes.
 *
 * The labels are sorted, and each fork has as many of them left as right, or one more on the right:
 * the root hash depends on the parts alone, not on the order in which they are named.
 *
 * Source: IC interface specification, "Certificate".
 */
import { compareBytes } from '../bytes.js';
import { EMPTY, FORK, forkHash, LABELED, labeledHash, PRUNED, type HashTree } from './hash-tree.js';

/** A tree and the label that it hangs below. */
export interface LabeledTree {
  readonly label: Uint8Array;
  /** `[4, hash]` where nothing of it is to be shown. */
  readonly tree: HashTree;
}

/**
 * One tree of all parts. O(parts). Throws `RangeError` where two parts have one label, because a
 * client could be shown either.
 *
 * @example
 * const tree = joinTrees([
 *   { label: encodeUtf8('balances'), tree: balances.witness('ada') },
 *   { label: encodeUtf8('names'), tree: [4, names.rootHash] },
 * ]);
 */
export function joinTrees(parts: readonly LabeledTree[]): HashTree {
  if (parts.length === 0) return [EMPTY];
  const sorted = [...parts].sort((left, right) => compareLabels(left.label, right.label));
  sorted.forEach(({ label }, index) => {
    if (index > 0 && compareLabels(label, sorted[index - 1]!.label) === 0) {
      throw new RangeError('parts: expected labels that differ, got one of them twice');
    }
  });
  return joinSorted(sorted);
}

function joinSorted(parts: readonly LabeledTree[]): HashTree {
  if (parts.length === 1) return labeled(parts[0]!);
  const middle = parts.length >>> 1;
  return fork(joinSorted(parts.slice(0, middle)), joinSorted(parts.slice(middle)));
}

function labeled({ label, tree }: LabeledTree): HashTree {
  return tree[0] === PRUNED ? [PRUNED, labeledHash(label, tree[1])] : [LABELED, label, tree];
}

function fork(left: HashTree, right: HashTree): HashTree {
  if (left[0] !== PRUNED || right[0] !== PRUNED) return [FORK, left, right];
  return [PRUNED, forkHash(left[1], right[1])];
}

function compareLabels(left: Uint8Array, right: Uint8Array): number {
  return compareBytes(left, 0, left.length, right, 0, right.length);
}
