/**
 * Appending many entries in order. Nodes along the right edge of the tree are filled one after
 * another, so that every node but the last of each level is full:
 *
 *     [ . . . ] ──────────────── the path along the right edge, one node a level
 *           [ . . ]
 *               [ . ]  ◄── entries are put here; when it is full, the next one goes up as the
 *                          separator between it and a new leaf
 *
 * At the end the last node of a level may have too few entries. The node left of it was filled by
 * us, or it would not have a right neighbour that is new; so it can give some away.
 *
 * Source: `specs/ic-stable-structures.md` section 3.4 (the shape that every tree must have).
 */
import { compareWhole } from '../codec.js';
import { StorageError } from '../errors.js';
import type { Node } from './node.js';
import { ENTRY_COUNT_MIN } from './node-layout.js';
import type { Entry } from './node-view.js';
import { rotateRight } from './remove.js';
import type { Tree } from './tree.js';

/**
 * Puts entries behind all others. Throws `INVALID_VALUE` for a key that is not above the one
 * before it. PRECONDITION: inside `tree.change`. O(entries).
 */
export function appendSorted(tree: Tree, entries: Iterable<Entry>): void {
  const edge = new RightEdge(tree);
  let previous = edge.lastKey();
  for (const entry of entries) {
    if (previous !== undefined && compareWhole(tree.order, previous, entry.key) >= 0) {
      throw outOfOrder();
    }
    edge.append(entry);
    previous = entry.key;
  }
  edge.finish();
}

class RightEdge {
  readonly #tree: Tree;
  /** The last node of each level, the leaf first. */
  readonly #levels: Node[] = [];
  /** So many levels, from the leaf up, have been edited. */
  #editedCount = 0;

  constructor(tree: Tree) {
    this.#tree = tree;
    if (tree.root === 0) return;
    let node = tree.store.borrow(tree.root, 0);
    this.#levels.unshift(node);
    while (!node.isLeaf) {
      node = tree.borrowChild(node, node.entryCount, this.#levels.length);
      this.#levels.unshift(node);
    }
  }

  lastKey(): Uint8Array | undefined {
    const leaf = this.#levels[0];
    return leaf?.keyAt(leaf.entryCount - 1);
  }

  append(entry: Entry): void {
    const { store } = this.#tree;
    this.#tree.length += 1;
    this.#editedCount = Math.max(this.#editedCount, 1);
    const leaf = this.#levels[0] ?? this.#begin();
    if (!leaf.isFull) {
      leaf.insertEntry(leaf.entryCount, entry);
      return;
    }
    store.save(leaf);
    this.#levels[0] = store.create(true);
    this.#addSeparator(1, entry, this.#levels[0]);
  }

  /** Gives the last node of each level enough entries, from the root down, and saves the edge. */
  finish(): void {
    const { store } = this.#tree;
    for (const node of this.#levels.slice(0, this.#editedCount)) store.save(node);
    for (let level = this.#levels.length - 2; level >= 0; level--) {
      const parent = this.#levels[level + 1]!;
      const node = this.#levels[level]!;
      if (node.entryCount >= ENTRY_COUNT_MIN) continue;
      const depth = this.#levels.length - 1 - level;
      const left = this.#tree.borrowChild(parent, parent.entryCount - 1, depth);
      while (node.entryCount < ENTRY_COUNT_MIN) {
        rotateRight(this.#tree, parent, parent.entryCount - 1, left, node);
      }
    }
  }

  #begin(): Node {
    const leaf = this.#tree.store.create(true);
    this.#tree.root = leaf.address;
    this.#levels.push(leaf);
    return leaf;
  }

  /** Puts a separator and the new last child of the level below into a level. */
  #addSeparator(level: number, entry: Entry, child: Node): void {
    const { store } = this.#tree;
    this.#editedCount = Math.max(this.#editedCount, level + 1);
    const node = this.#levels[level] ?? this.#beginRoot(level);
    if (!node.isFull) {
      node.insertEntry(node.entryCount, entry);
      node.insertChild(node.entryCount, child.address);
      return;
    }
    store.save(node);
    const sibling = store.create(false);
    sibling.insertChild(0, child.address);
    this.#levels[level] = sibling;
    this.#addSeparator(level + 1, entry, sibling);
  }

  #beginRoot(level: number): Node {
    const root = this.#tree.store.create(false);
    root.insertChild(0, this.#tree.root);
    this.#tree.root = root.address;
    this.#levels[level] = root;
    return root;
  }
}

function outOfOrder(): StorageError {
  return new StorageError(
    'INVALID_VALUE',
    'loadSorted: expected keys in ascending order, behind all that the map has; got one that is ' +
      'not. Nothing was written; sort the entries, or use insertMany.',
  );
}
