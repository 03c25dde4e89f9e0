/**
 * A place between two entries of a tree that moves in either direction. It keeps the path of nodes
 * from the root, so each node is read once per visit, in objects that are used again for the nodes
 * beside it; and it decodes nothing.
 *
 *     seek ──► the path to the first entry of a range (or the last, when moving backwards)
 *     advance ──► the next entry: of this leaf, of the parent, or of the leaf behind that
 *
 * A cursor of a map that has changed since throws `CHANGED_WHILE_ITERATING`; it never shows wrong
 * entries.
 *
 * Source: `specs/ic-stable-structures.md` section 3.11 (iterators).
 */
import type { ByteOrder } from '../codec.js';
import { Node } from './node.js';
import type { Tree } from './tree.js';

/**
 * Where one end of a range is, asked of an encoded key: negative, zero or positive, as the key
 * lies before, at or behind it. Several keys can lie *at* an edge: all that begin with a prefix.
 */
export interface Edge {
  readonly compare: (bytes: Uint8Array, start: number, end: number) => number;
  /** Whether keys at the edge belong to the range. */
  readonly isInclusive: boolean;
}

/** An edge that lies at a key. */
export interface KeyEdge extends Edge {
  readonly key: Uint8Array;
}

/** The edge at an encoded key. */
export function keyEdge(order: ByteOrder, key: Uint8Array, isInclusive: boolean): KeyEdge {
  const compare: Edge['compare'] = (bytes, start, end) =>
    order(bytes, start, end, key, 0, key.length);
  return { key, compare, isInclusive };
}

/** A range of encoded keys; an edge that is absent leaves its side open. */
export interface KeyRange {
  lower: Edge | undefined;
  upper: Edge | undefined;
}

export class Cursor {
  readonly #tree: Tree;
  readonly #range: KeyRange;
  readonly #isReverse: boolean;
  readonly #revision: number;
  /** The path, the root first, and the entry of each node that comes next. */
  readonly #nodes: Node[] = [];
  readonly #indexes: number[] = [];
  #depth = -1;
  #hasBegun = false;

  /** The node and index of the entry that {@link advance} has found, until it is called again. */
  node: Node;
  index = 0;

  /** The range may be narrowed while the cursor is on its way. */
  constructor(tree: Tree, range: KeyRange, isReverse: boolean) {
    tree.lease.assertUsable();
    this.#tree = tree;
    this.#range = range;
    this.#isReverse = isReverse;
    this.#revision = tree.lease.revision;
    this.node = this.#nodeAt(0);
  }

  /** Whether the cursor stands on an entry. */
  get hasEntry(): boolean {
    return this.#depth >= 0 && this.#hasBegun;
  }

  /** Moves to the next entry of the range; false where there is none, and from then on. */
  advance(): boolean {
    this.#tree.lease.assertUnchanged(this.#revision);
    if (!this.#hasBegun) this.#seek();
    else if (this.#depth >= 0 && !this.node.isLeaf) this.#descend(this.#childBeyond(this.index));
    for (; this.#depth >= 0; this.#depth--) {
      const node = this.#nodes[this.#depth]!;
      const index = this.#indexes[this.#depth]!;
      if (index < 0 || index >= node.entryCount) continue;
      if (this.#isBeyond(node, index)) break;
      this.node = node;
      this.index = index;
      this.#indexes[this.#depth] = this.#isReverse ? index - 1 : index + 1;
      return true;
    }
    this.#depth = -1;
    return false;
  }

  /** The path to the first entry within the near edge, from the root to a leaf. */
  #seek(): void {
    this.#hasBegun = true;
    const tree = this.#tree;
    if (tree.root === 0) return;
    const near = this.#isReverse ? this.#range.upper : this.#range.lower;
    let node = this.#nodeAt(0);
    tree.store.read(node, tree.root);
    for (let depth = 0; ; depth++) {
      const index = this.#firstWithin(node, near);
      this.#indexes[depth] = index;
      this.#depth = depth;
      if (node.isLeaf) return;
      const child = this.#nodeAt(depth + 1);
      tree.readChild(child, node, this.#isReverse ? index + 1 : index, depth + 1);
      node = child;
    }
  }

  /** Goes down into a child of the node on top of the path, to its near end. */
  #descend(childIndex: number): void {
    let parent = this.#nodes[this.#depth]!;
    for (let index = childIndex; ; index = this.#isReverse ? parent.entryCount : 0) {
      const child = this.#nodeAt(++this.#depth);
      this.#tree.readChild(child, parent, index, this.#depth);
      this.#indexes[this.#depth] = this.#isReverse ? child.entryCount - 1 : 0;
      if (child.isLeaf) return;
      parent = child;
    }
  }

  /** The child between an entry and the one that comes after it in our direction. */
  #childBeyond(index: number): number {
    return this.#isReverse ? index : index + 1;
  }

  /** The entry nearest to the near edge that lies within it; -1 or the entry count if none does. */
  #firstWithin(node: Node, near: Edge | undefined): number {
    if (near === undefined) return this.#isReverse ? node.entryCount - 1 : 0;
    let low = 0;
    let high = node.entryCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const sign = near.compare(node.bytes, node.keyStart(middle), node.keyEnd(middle));
      const isBefore = sign === 0 ? near.isInclusive === this.#isReverse : sign < 0;
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return this.#isReverse ? low - 1 : low;
  }

  #isBeyond(node: Node, index: number): boolean {
    const far = this.#isReverse ? this.#range.lower : this.#range.upper;
    if (far === undefined) return false;
    const sign = far.compare(node.bytes, node.keyStart(index), node.keyEnd(index));
    if (sign === 0) return !far.isInclusive;
    return this.#isReverse ? sign < 0 : sign > 0;
  }

  #nodeAt(depth: number): Node {
    return (this.#nodes[depth] ??= new Node(this.#tree.store.format.keySize));
  }
}
