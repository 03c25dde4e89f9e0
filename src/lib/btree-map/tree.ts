/**
 * The tree as the operations see it: its root, its length, its order and the store of its nodes.
 *
 * Every change runs in {@link Tree.change}: planned in RAM, then room is reserved, then written.
 * Where planning fails or the memory refuses to grow, tree and memory are as before. Where a
 * *write* fails half-way (outside a canister, where no trap rolls back) the tenure has failed: the
 * map refuses everything with `PREVIOUS_FAILURE` until it is opened anew from a snapshot.
 *
 * In a canister the kernel may change the map without this object, see `kernel-tree.ts`. The length
 * is kept up; the rest is read anew from the headers once somebody asks for it here.
 *
 * Source: `specs/ic-stable-structures.md` sections 3.1 and 3.12; house style rule 11.
 */
import type { ByteOrder } from '../codec.js';
import { corrupted } from '../errors.js';
import type { Tenure } from '../lease.js';
import { assertPlausible, type MapHeader } from './header.js';
import { MemorySeat, type KernelSeat, type MapDescription } from './kernel-seat.js';
import type { Node } from './node.js';
import type { NodeStore } from './node-store.js';
import { chunksOf } from './walk.js';

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

/** Where the map's header is kept. */
export interface HeaderPlace {
  /** What it says. Throws `CORRUPTED`. */
  read(): MapHeader;

  /** Plans it after a change of root or length. */
  stage(root: number, length: number): void;
}

export class Tree {
  #root: number;
  /** Whether the memory has been changed behind this object's back. */
  #isStale = false;
  /** Called after every change that was made here: the memory may have got bigger. */
  afterChange: (() => void) | undefined;
  /** Finds the map a seat in the kernel, where there is one. */
  openSeat: (description: MapDescription) => KernelSeat | undefined;

  constructor(
    readonly tenure: Tenure,
    readonly store: NodeStore,
    readonly order: ByteOrder,
    root: number,
    /** Number of entries. */
    public length: number,
    readonly headerPlace: HeaderPlace,
  ) {
    this.#root = root;
    this.openSeat = (description) => MemorySeat.open(store.memory, description);
  }

  /** Address of the root node; 0 = the tree is empty. */
  get root(): number {
    if (this.#isStale) this.#reload();
    return this.#root;
  }

  set root(address: number) {
    this.#root = address;
  }

  /** The kernel has changed the map; it has so many entries more than before. */
  changedByKernel(difference: number): void {
    this.length += difference;
    this.#isStale = true;
    this.tenure.revision += 1;
  }

  /** Somebody else has changed the map. Throws `CORRUPTED`. */
  changedElsewhere(): void {
    this.#isStale = true;
    this.#reload();
  }

  /** Runs an operation that may change the tree, as a whole or not at all. */
  change<R>(operation: () => R): R {
    const { tenure, store } = this;
    tenure.assertUsable();
    store.beginOperation();
    try {
      const result = this.#plan(operation);
      if (store.hasChanges) {
        tenure.change(() => store.flush());
        store.settle();
      }
      this.afterChange?.();
      return result;
    } finally {
      store.endOperation();
    }
  }

  /** Takes all entries out. PRECONDITION: inside {@link Tree.change}. */
  clear(): void {
    this.store.clear(() => chunksOf(this));
    this.root = 0;
    this.length = 0;
  }

  /** The slot of a key, for as long as no other operation begins. */
  find(key: Uint8Array): Slot | undefined {
    const { tenure, store } = this;
    tenure.assertUsable();
    if (this.root === 0) return undefined;
    store.beginOperation();
    try {
      return this.#descend(key);
    } finally {
      store.endOperation();
    }
  }

  /**
   * A child, for as long as the operation lasts. Levels are counted: a child that points upwards
   * must not lead us in a circle.
   */
  borrowChild(parent: Node, index: number, depth: number): Node {
    assertDepth(depth);
    return this.store.borrow(parent.childAt(index), depth);
  }

  /** Makes `node` the child at `index` of a node at a depth of `depth`. */
  readChild(node: Node, parent: Node, index: number, depth: number): void {
    assertDepth(depth);
    this.store.read(node, parent.childAt(index));
  }

  /** Throws `CORRUPTED` as opening the map does. */
  #reload(): void {
    const { chunks, cache } = this.store;
    cache.clear();
    const header = this.headerPlace.read();
    chunks.reload();
    assertPlausible(header, chunks);
    this.#root = header.root;
    this.length = header.length;
    this.#isStale = false;
  }

  /** Everything but the writes: what throws here has changed nothing. */
  #plan<R>(operation: () => R): R {
    const { root, length } = this;
    const { chunks, staged, memory } = this.store;
    chunks.begin();
    try {
      const result = operation();
      if (root !== this.root || length !== this.length) {
        this.headerPlace.stage(this.root, this.length);
      }
      chunks.stageHeader();
      staged.reserve(memory);
      return result;
    } catch (error) {
      this.root = root;
      this.length = length;
      this.store.restore();
      throw error;
    }
  }

  #descend(key: Uint8Array): Slot | undefined {
    let node = this.store.borrow(this.root, 0);
    for (let depth = 1; ; depth++) {
      const index = node.search(key, this.order);
      if (index >= 0) return { node, index };
      if (node.isLeaf) return undefined;
      node = this.borrowChild(node, -1 - index, depth);
    }
  }
}

function assertDepth(depth: number): void {
  if (depth > DEPTH_MAX) throw corrupted('depth of the tree', `at most ${DEPTH_MAX}`, 'a circle');
}
