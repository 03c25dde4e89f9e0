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
import type { ByteOrder, KeyProbe } from '../codec.js';
import { Node } from './node.js';
import type { Tree } from './tree.js';

/** One end of a range. Several keys can lie *at* it: all that begin with a prefix. */
export interface Edge {
  /** Where an encoded key lies: negative, zero or positive for before, at or behind the edge. */
  readonly compare: KeyProbe;
  /** Whether keys at the edge belong to the range. */
  readonly isInclusive: boolean;
}

/** A range of encoded keys: those that no edge leaves out. */
export interface KeyRange {
  lower: readonly Edge[];
  upper: readonly Edge[];
}

/** The edge at an encoded key. */
export function keyEdge(order: ByteOrder, key: Uint8Array, isInclusive: boolean): Edge {
  return {
    compare: (bytes, start, end) => order(bytes, start, end, key, 0, key.length),
    isInclusive,
  };
}

/** Which side of an edge is inside: above a lower one, below an upper one. */
const ABOVE = 1;
const BELOW = -1;

export class Cursor {
  readonly #tree: Tree;
  readonly #range: KeyRange;
  readonly #isReverse: boolean;
  readonly #step: number;
  readonly #revision: number;
  readonly #keepsNodes: boolean;
  /** The path, the root first, and the entry of each node that comes next. */
  readonly #nodes: Node[] = [];
  readonly #indexes: number[] = [];
  #depth = -1;
  #hasBegun = false;
  /** Whether the cursor stands in a leaf, where the next entry is mostly the one beside it. */
  #isInLeaf = false;

  /** The node and index of the entry that {@link advance} has found, until it is called again. */
  node: Node;
  index = 0;

  /**
   * The range may be narrowed while the cursor is on its way. `revision` is that of the map when
   * the iteration was asked for. A cursor that keeps nodes reads each into an object of its own.
   */
  constructor(
    tree: Tree,
    range: KeyRange,
    isReverse: boolean,
    revision = tree.tenure.revision,
    keepsNodes = false,
  ) {
    tree.tenure.assertUnchanged(revision);
    this.#tree = tree;
    this.#range = range;
    this.#isReverse = isReverse;
    this.#step = isReverse ? -1 : 1;
    this.#revision = revision;
    this.#keepsNodes = keepsNodes;
    this.node = this.#nodeAt(0);
  }

  /** Moves to the next entry of the range; false where there is none, and from then on. */
  advance(): boolean {
    this.#tree.tenure.assertUnchanged(this.#revision);
    if (this.#isInLeaf) {
      const next = this.index + this.#step;
      if (next >= 0 && next < this.node.entryCount && !this.#isBeyond(this.node, next)) {
        this.index = next;
        return true;
      }
      this.#indexes[this.#depth] = next;
    } else if (!this.#hasBegun) {
      this.#seek();
    } else if (this.#depth >= 0) {
      this.#descend(this.#childBeyond(this.index));
    }
    return this.#climb();
  }

  /**
   * Goes on to the last entry of the *run*: of those that follow in the same leaf and are within
   * the range. Returns its index.
   */
  advanceToEndOfRun(): number {
    if (!this.#isInLeaf) return this.index;
    const end = this.#isReverse ? 0 : this.node.entryCount - 1;
    if (!this.#isBeyond(this.node, end)) return (this.index = end);
    while (!this.#isBeyond(this.node, this.index + this.#step)) this.index += this.#step;
    return this.index;
  }

  /** Finds the next entry on the path, from the top of it towards the root. */
  #climb(): boolean {
    for (; this.#depth >= 0; this.#depth--) {
      const node = this.#nodes[this.#depth]!;
      const index = this.#indexes[this.#depth]!;
      if (index < 0 || index >= node.entryCount) continue;
      if (this.#isBeyond(node, index)) break;
      this.node = node;
      this.index = index;
      this.#isInLeaf = node.isLeaf;
      this.#indexes[this.#depth] = index + this.#step;
      return true;
    }
    this.#depth = -1;
    this.#isInLeaf = false;
    return false;
  }

  /** The path to the first entry within the near edge, from the root to a leaf. */
  #seek(): void {
    this.#hasBegun = true;
    const tree = this.#tree;
    if (tree.root === 0) return;
    let node = this.#nodeAt(0);
    tree.store.read(node, tree.root);
    for (let depth = 0; ; depth++) {
      const index = this.#firstWithin(node);
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

  /** The entry nearest to where we start that is within the range there; it may not exist. */
  #firstWithin(node: Node): number {
    const { lower, upper } = this.#range;
    let low = 0;
    let high = node.entryCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const isBefore = this.#isReverse
        ? !isOutside(upper, BELOW, node, middle)
        : isOutside(lower, ABOVE, node, middle);
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return this.#isReverse ? low - 1 : low;
  }

  #isBeyond(node: Node, index: number): boolean {
    const far = this.#isReverse ? this.#range.lower : this.#range.upper;
    return far.length > 0 && isOutside(far, this.#step * BELOW, node, index);
  }

  #nodeAt(depth: number): Node {
    const used = this.#keepsNodes ? undefined : this.#nodes[depth];
    return (this.#nodes[depth] = used ?? new Node(this.#tree.store.format.keySize));
  }
}

/** Whether one of the edges leaves a key out. `inside` is 1 above the edges and -1 below them. */
function isOutside(edges: readonly Edge[], inside: number, node: Node, index: number): boolean {
  for (const { compare, isInclusive } of edges) {
    const sign = compare(node.bytes, node.keyStart(index), node.keyEnd(index)) * inside;
    if (sign < 0 || (sign === 0 && !isInclusive)) return true;
  }
  return false;
}
