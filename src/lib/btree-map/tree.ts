/**
 * The tree as the operations see it: its root, its length, its order and the store of its nodes.
 *
 * Every change runs in {@link Tree.change}: planned in RAM, then room is reserved, then written.
 * Where planning fails or the memory refuses to grow, tree and memory are as before. Where a
 * *write* fails half-way (outside a canister, where no trap rolls back) the tree latches: it
 * refuses everything with `PREVIOUS_FAILURE` until the map is opened anew from a snapshot.
 *
 * Source: `specs/ic-stable-structures.md` sections 3.1 and 3.12; house style rule 11.
 */
import type { ByteOrder } from '../codec.js';
import { corrupted, StorageError } from '../errors.js';
import type { Node } from './node.js';
import type { NodeStore } from './node-store.js';

/**
 * No tree is deeper: each level below the root has at least 6 times the nodes of the one above,
 * and 6^24 is more than the 2^53 entries that a length can count.
 */
const DEPTH_MAX = 24;

/** Where an entry lies. */
export interface Slot {
  readonly node: Node;
  readonly index: number;
}

/** Saves the part of the map's header that a change of root or length touches. */
export type StageHeader = (root: number, length: number) => void;

export class Tree {
  /** Goes up with every change; iterators compare it. */
  revision = 0;
  #hasFailed = false;

  constructor(
    readonly store: NodeStore,
    readonly order: ByteOrder,
    /** Address of the root node; 0 = the tree is empty. */
    public root: number,
    /** Number of entries. */
    public length: number,
    readonly stageHeader: StageHeader,
  ) {}

  /** Runs an operation that may change the tree, as a whole or not at all. */
  change<R>(operation: () => R): R {
    this.assertUsable();
    this.store.beginOperation();
    const { root, length } = this;
    const { allocator, staged, memory } = this.store;
    const allocatorState = allocator.state;
    let result: R;
    try {
      result = operation();
      if (root !== this.root || length !== this.length) this.stageHeader(this.root, this.length);
      allocator.stageHeader();
      staged.reserve(memory);
    } catch (error) {
      this.root = root;
      this.length = length;
      this.store.restore(allocatorState);
      throw error;
    }
    this.#publish();
    return result;
  }

  /** Loads a child, counting levels: a child that points upwards must not lead us in a circle. */
  loadChild(parent: Node, index: number, depth: number): Node {
    assertDepth(depth);
    return this.store.load(parent.childAt(index));
  }

  /** As {@link loadChild}, for as long as the operation lasts, see `NodeStore.borrow`. */
  borrowChild(parent: Node, index: number, depth: number): Node {
    assertDepth(depth);
    return this.store.borrow(parent.childAt(index));
  }

  /** The slot of a key, for as long as no other operation begins. */
  find(key: Uint8Array): Slot | undefined {
    this.assertUsable();
    if (this.root === 0) return undefined;
    this.store.beginOperation();
    let node = this.store.borrow(this.root);
    for (let depth = 1; ; depth++) {
      const { found, index } = node.search(key, this.order);
      if (found) return { node, index };
      if (node.isLeaf) return undefined;
      node = this.borrowChild(node, index, depth);
    }
  }

  assertUsable(): void {
    if (!this.#hasFailed) return;
    throw new StorageError(
      'PREVIOUS_FAILURE',
      'an earlier write of this map failed half-way. ' +
        'Restore the memory from a snapshot and open it again.',
    );
  }

  #publish(): void {
    const { staged, memory } = this.store;
    if (staged.isEmpty) return;
    this.revision += 1;
    this.#hasFailed = true;
    staged.flush(memory);
    this.#hasFailed = false;
    this.store.settle();
  }
}

function assertDepth(depth: number): void {
  if (depth > DEPTH_MAX) throw corrupted('depth of the tree', `at most ${DEPTH_MAX}`, 'a circle');
}
