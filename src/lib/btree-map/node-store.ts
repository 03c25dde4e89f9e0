/**
 * Nodes in memory: loads them, saves them over as many pages as they need, makes and frees them.
 * It stages every write, see `staged-writes.ts`, so that an operation on the tree happens as a
 * whole or not at all.
 *
 * Source: `specs/ic-stable-structures.md` section 3.6 (the order of steps decides the bytes).
 */
import { concatBytes } from '../bytes.js';
import { corrupted } from '../errors.js';
import { readStored, type Memory } from '../memory.js';
import type { AllocatorState, ChunkAllocator } from './chunk-allocator.js';
import { Node } from './node.js';
import {
  encodeOverflowPage,
  nextOverflowPage,
  overflowData,
  overflowPagesNeeded,
} from './overflow.js';
import type { StagedWrites } from './staged-writes.js';

/** Buffers that are kept between operations: a path and its neighbours need no more. */
const POOL_LENGTH_MAX = 64;

export class NodeStore {
  /** Page buffers of borrowed nodes, the first `#borrowed` of them in use. */
  readonly #pool: Uint8Array[] = [];
  #borrowed = 0;

  /** Nodes that this operation has saved: the memory does not show them yet. */
  readonly #pending = new Map<number, Node>();

  constructor(
    readonly memory: Memory,
    readonly staged: StagedWrites,
    readonly allocator: ChunkAllocator,
    /** The size of every key in bytes, or `PREFIXED`. */
    readonly keySize: number,
  ) {}

  /** Bytes of a node's first page. */
  get pageSize(): number {
    return this.allocator.payloadSize;
  }

  /** A new, empty node. Nothing is written until it is saved. */
  create(isLeaf: boolean): Node {
    return Node.create(this.allocator.allocate(), isLeaf, this.keySize);
  }

  /** The node at an address, read with all its overflow pages. Throws `CORRUPTED`. */
  load(address: number): Node {
    return this.#pending.get(address) ?? this.#read(address, new Uint8Array(this.pageSize));
  }

  /**
   * As {@link load}, for a node that is forgotten before the next operation begins: its buffer is
   * used again then. Buffers are most of what a descent costs.
   */
  borrow(address: number): Node {
    const pending = this.#pending.get(address);
    if (pending !== undefined) return pending;
    const page = (this.#pool[this.#borrowed] ??= new Uint8Array(this.pageSize));
    this.#borrowed += 1;
    return this.#read(address, page);
  }

  /** Takes back the buffers of all borrowed nodes. */
  beginOperation(): void {
    this.#borrowed = 0;
    if (this.#pool.length > POOL_LENGTH_MAX) this.#pool.length = POOL_LENGTH_MAX;
  }

  /** Stages a node, taking or giving back overflow pages as its size has changed. */
  save(node: Node): void {
    this.#pending.set(node.address, node);
    const stream = node.encode();
    const needed = overflowPagesNeeded(stream.length, this.pageSize);
    if (needed > 0 || node.overflowPages.length > 0) this.#fitOverflow(node, needed);
    const [first = 0] = node.overflowPages;
    if (first !== 0) Node.linkOverflow(stream, first);
    this.staged.add(node.address, stream.subarray(0, this.pageSize));
    node.overflowPages.forEach((page, index) => {
      const next = node.overflowPages[index + 1] ?? 0;
      this.staged.add(page, encodeOverflowPage(stream, this.pageSize, index, next));
    });
  }

  /** Gives back the node's chunks: its overflow pages first to last, then its own. */
  free(node: Node): void {
    this.#pending.delete(node.address);
    for (const page of node.overflowPages) this.allocator.deallocate(page);
    this.allocator.deallocate(node.address);
  }

  /** The operation's writes are in memory. */
  settle(): void {
    this.#pending.clear();
    this.allocator.settle();
  }

  /** The operation was given up: back to `state`, and nothing was written. */
  restore(state: AllocatorState): void {
    this.#pending.clear();
    this.staged.discard();
    this.allocator.restore(state);
  }

  #read(address: number, page: Uint8Array): Node {
    this.allocator.assertPayload(address);
    readStored(this.memory, address, page);
    const first = Node.overflowOf(page);
    if (first === 0) return Node.decode(address, page, this.keySize);
    const overflowPages: number[] = [];
    const stream = this.#readOverflow(page, first, overflowPages);
    const node = Node.decode(address, stream, this.keySize);
    node.overflowPages = overflowPages;
    return node;
  }

  /** Surplus pages go back from the last to the first, so that the lowest is reused first. */
  #fitOverflow(node: Node, needed: number): void {
    const pages = [...node.overflowPages];
    while (pages.length < needed) pages.push(this.allocator.allocate());
    while (pages.length > needed) this.allocator.deallocate(pages.pop()!);
    node.overflowPages = pages;
  }

  /** A chain can have no more pages than there are chunks: a longer one runs in a circle. */
  #readOverflow(firstPage: Uint8Array, first: number, addresses: number[]): Uint8Array {
    const countMax = this.allocator.state.allocatedCount;
    const pieces = [firstPage];
    for (let address = first; address !== 0;) {
      if (addresses.length >= countMax) {
        throw corrupted('overflow pages', `at most ${countMax}`, 'more');
      }
      this.allocator.assertPayload(address);
      const page = new Uint8Array(this.pageSize);
      readStored(this.memory, address, page);
      addresses.push(address);
      pieces.push(overflowData(page));
      address = nextOverflowPage(page, address);
    }
    return concatBytes(...pieces);
  }
}
