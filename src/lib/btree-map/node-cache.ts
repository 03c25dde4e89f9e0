/**
 * Nodes that stay in RAM between operations, so that every descent need not read the root and the
 * nodes below it anew. It changes no bytes and is never saved.
 *
 *     slot = (address / page size) modulo slots
 *
 * Each address has one slot. A node takes it from another one that is as deep or deeper, or where
 * both lie deeper than the second level: so the root and its children stay once they are in.
 *
 * In a canister the cache is undone with the message that trapped, like everything else in RAM.
 * Where the memory lies on the heap, nodes are read where they lie, and there is nothing to cache.
 *
 * Source: `specs/ic-stable-structures.md` section 3.10; crate `btreemap/node_cache.rs`.
 */
import type { Node } from './node.js';

/** As many as the crate has. */
export const NODE_CACHE_SLOTS_DEFAULT = 16;

/** Nodes of this depth or above keep their slot: 0 is the root. */
const PINNED_DEPTH = 1;

/** How often the cache had what was asked for. */
export interface NodeCacheMetrics {
  readonly hits: number;
  /** The slot was empty. */
  readonly coldMisses: number;
  /** The slot held another node. */
  readonly collisionMisses: number;
}

export class NodeCache {
  readonly #pageSize: number;
  #slots: (Node | undefined)[] = [];
  #depths: number[] = [];
  #hits = 0;
  #coldMisses = 0;
  #collisionMisses = 0;

  constructor(pageSize: number, slotCount: number) {
    this.#pageSize = pageSize;
    this.resize(slotCount);
  }

  get slotCount(): number {
    return this.#slots.length;
  }

  get metrics(): NodeCacheMetrics {
    return {
      hits: this.#hits,
      coldMisses: this.#coldMisses,
      collisionMisses: this.#collisionMisses,
    };
  }

  /** The node at an address, if it is there. */
  get(address: number): Node | undefined {
    const node = this.#slots[this.#slotOf(address)];
    if (node === undefined) {
      this.#coldMisses += 1;
      return undefined;
    }
    if (node.address !== address) {
      this.#collisionMisses += 1;
      return undefined;
    }
    this.#hits += 1;
    return node;
  }

  /** Whether the slot of an address would take a node of this depth. */
  takes(address: number, depth: number): boolean {
    if (this.#slots.length === 0) return false;
    const slot = this.#slotOf(address);
    if (this.#slots[slot] === undefined) return true;
    const occupant = this.#depths[slot]!;
    return depth <= occupant || (depth > PINNED_DEPTH && occupant > PINNED_DEPTH);
  }

  /** Puts a node into its slot; returns the one that was there. */
  put(node: Node, depth: number): Node | undefined {
    const slot = this.#slotOf(node.address);
    const evicted = this.#slots[slot];
    this.#slots[slot] = node;
    this.#depths[slot] = depth;
    return evicted;
  }

  /** Forgets the node at an address. */
  forget(address: number): void {
    const slot = this.#slotOf(address);
    if (this.#slots[slot]?.address === address) this.#slots[slot] = undefined;
  }

  /** Forgets all nodes. */
  clear(): void {
    this.#slots.fill(undefined);
  }

  /** Forgets all nodes and what was counted; 0 slots switch the cache off. */
  resize(slotCount: number): void {
    this.#slots = new Array<Node | undefined>(slotCount).fill(undefined);
    this.#depths = new Array<number>(slotCount).fill(0);
    this.resetMetrics();
  }

  resetMetrics(): void {
    this.#hits = 0;
    this.#coldMisses = 0;
    this.#collisionMisses = 0;
  }

  #slotOf(address: number): number {
    return Math.floor(address / this.#pageSize) % this.#slots.length;
  }
}
