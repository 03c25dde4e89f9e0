/**
 * Nodes in memory: reads them, saves them over as many pages as they need, makes and frees them.
 * Writes are held back until an operation is planned to its end, so that it happens as a whole or
 * not at all.
 *
 * What an operation leaves behind is what the crate leaves, which writes at once: where a node was
 * saved twice and was longer the first time, its old tail stays behind the new end. So the first
 * save goes to the staged writes, and the last one is written over it.
 *
 * A node that was borrowed is good until the operation ends; then it is used for another one.
 *
 * Source: `specs/ic-stable-structures.md` section 3.6 (the order of steps decides the bytes).
 */
import { concatInto } from '../bytes.js';
import { corrupted, StorageError } from '../errors.js';
import { asHeapMemory, readStored, sizeInBytes, type HeapMemory, type Memory } from '../memory.js';
import { AddressMap } from './address-map.js';
import type { Chunks } from './chunks.js';
import { overflowOf } from './node-layout.js';
import type { ReadRest } from './node-view.js';
import { Node } from './node.js';
import { NodeCache, NODE_CACHE_SLOTS_DEFAULT } from './node-cache.js';
import { fitsV1, isV1, openV1, renderV1, type SlotSizes } from './node-v1.js';
import {
  nextOverflowPage,
  overflowData,
  overflowPagesNeeded,
  putOverflowPage,
} from './overflow.js';
import type { StagedWrites } from './staged-writes.js';

/** Nodes that are kept for the next operation: a path and its neighbours need no more. */
const SPARE_NODES_MAX = 64;

/** Pages that are kept for staging: only operations on many entries need more. */
const PAGES_KEPT_MAX = 64;

/** How the nodes of a map are laid out. */
export interface NodeFormat {
  /** The size of every key in bytes, or `PREFIXED`. */
  readonly keySize: number;
  /** The slots of layout V1, where the map was made with it. */
  readonly slots: SlotSizes | undefined;
  /** Whether new nodes are of layout V1 too. */
  readonly isPureV1: boolean;
}

export class NodeStore {
  /** The memory, where it lies on the heap. A kind of memory does so always or never. */
  readonly #heap: HeapMemory | undefined;
  /** Nodes that stay between operations. Of no use where the memory lies on the heap. */
  readonly cache: NodeCache;
  readonly #spare: Node[] = [];
  readonly #borrowed: Node[] = [];
  /** Nodes that this operation has saved, by address: the memory does not show them yet. */
  readonly #dirty = new AddressMap<Node>();
  #isInOperation = false;
  /** Pages to stage, for one operation after another; this one has taken so many of them. */
  readonly #pages: Uint8Array[] = [];
  #pagesTaken = 0;

  constructor(
    readonly memory: Memory,
    readonly staged: StagedWrites,
    readonly chunks: Chunks,
    readonly format: NodeFormat,
  ) {
    const heap = asHeapMemory(memory);
    this.#heap = heap?.heap === undefined ? undefined : heap;
    const slotCount = this.#heap === undefined ? NODE_CACHE_SLOTS_DEFAULT : 0;
    this.cache = new NodeCache(this.pageSize, slotCount);
  }

  /** Bytes of a node's first page. */
  get pageSize(): number {
    return this.chunks.payloadSize;
  }

  /** Whether the operation has anything to write. */
  get hasChanges(): boolean {
    return this.#dirty.size > 0 || !this.staged.isEmpty;
  }

  /** Throws where an operation has not ended: its nodes would be used for another one. */
  beginOperation(): void {
    if (this.#isInOperation) throw usedWithinItself();
    this.#isInOperation = true;
    this.#pagesTaken = 0;
    this.recycle();
  }

  /** Runs a function of the user's, during which no operation may begin. */
  whileInUse<T>(run: () => T): T {
    this.beginOperation();
    try {
      return run();
    } finally {
      this.#isInOperation = false;
    }
  }

  /** Takes back the borrowed nodes of which nothing is planned. */
  recycle(): void {
    for (const node of this.#borrowed) {
      if (!node.isDirty) this.#takeBack(node);
    }
    if (this.#borrowed.length > 0) this.#borrowed.length = 0;
  }

  /** Ends an operation. What was borrowed stays readable until the next one begins. */
  endOperation(): void {
    this.#isInOperation = false;
    this.#dirty.forEach((node) => {
      node.isDirty = false;
    });
    this.#dirty.clear();
  }

  /** A new, empty node. Nothing is written until it is saved. */
  create(isLeaf: boolean): Node {
    const { isPureV1 } = this.format;
    const address = this.chunks.allocate();
    const node = this.#spareNode();
    node.begin(address, isLeaf);
    this.#borrowed.push(node);
    if (isPureV1) node.imageV1 = this.#readWhatIsThere(address);
    return node;
  }

  /**
   * The node at an address, for as long as the operation lasts. `depth` is that of the node, 0 for
   * the root: what lies higher is kept in RAM. Throws `CORRUPTED`.
   */
  borrow(address: number, depth: number): Node {
    const dirty = this.#dirty.size > 0 ? this.#dirty.get(address) : undefined;
    if (dirty !== undefined) return dirty;
    const cached = this.cache.slotCount > 0 ? this.cache.get(address) : undefined;
    if (cached !== undefined) return cached;
    const node = this.#spareNode();
    this.read(node, address);
    this.#lend(node, depth);
    return node;
  }

  /** Makes `node` the one at an address, with all its overflow pages. Throws `CORRUPTED`. */
  read(node: Node, address: number): void {
    const base = this.#placeOnHeap(address);
    if (base >= 0) {
      this.#open(node, address, this.#heap!.heap!, base);
      return;
    }
    const page = node.pageBuffer(this.pageSize);
    readStored(this.memory, address, page);
    this.#open(node, address, page, 0);
  }

  /** Plans a node's bytes, taking or giving back overflow pages as its size has changed. */
  save(node: Node): void {
    node.isDirty = true;
    this.#dirty.set(node.address, node);
    const { slots } = this.format;
    if (node.imageV1 !== undefined && slots !== undefined && fitsV1(node, slots)) {
      renderV1(node, node.imageV1, slots);
      return;
    }
    node.imageV1 = undefined;
    const needed = overflowPagesNeeded(node.size, this.pageSize);
    if (needed > 0 || node.overflowPages.length > 0) this.#fitOverflow(node, needed);
    if (node.earlierSave !== undefined) this.#stagePage(node);
    node.markSaved(this.pageSize);
  }

  /**
   * Saves a node that has taken over all that another one had, and frees that one; first, where its
   * chunks can be of use at once: who removes something because there is no room must find some.
   */
  saveMerged(node: Node, source: Node): void {
    const { areReusedAtOnce } = this.chunks;
    if (areReusedAtOnce) this.free(source);
    this.save(node);
    if (!areReusedAtOnce) this.free(source);
  }

  /** Gives back the node's chunks: its overflow pages first to last, then its own. */
  free(node: Node): void {
    if (this.#dirty.delete(node.address)) this.#stagePage(node);
    node.isDirty = false;
    this.cache.forget(node.address);
    for (const page of node.overflowPages) this.chunks.deallocate(page);
    this.chunks.deallocate(node.address);
  }

  /** Gives back all chunks at once; see {@link Chunks.clear}. */
  clear(inUse: () => readonly number[]): void {
    this.cache.clear();
    this.chunks.clear(inUse);
  }

  /** Writes what is planned. PRECONDITION: there is room. */
  flush(): void {
    this.staged.flush(this.memory);
    this.#dirty.forEach((node, address) => this.memory.write(address, pageOf(node)));
  }

  /** What was planned is in memory. */
  settle(): void {
    this.chunks.settle();
  }

  /** The operation was given up, and nothing was written. */
  restore(): void {
    this.cache.clear();
    this.staged.discard();
    this.chunks.restore();
  }

  /**
   * Puts a node's pages one behind another into its own buffer. A chain can have no more pages
   * than there are chunks: a longer one runs in a circle.
   */
  readonly #readRest: ReadRest = (node): void => {
    const countMax = this.chunks.countMax;
    const addresses: number[] = [];
    const pieces = [node.bytes.subarray(node.base, node.base + this.pageSize)];
    for (let address = overflowOf(node.bytes, node.base); address !== 0;) {
      if (addresses.length >= countMax) {
        throw corrupted('overflow pages', `at most ${countMax}`, 'more');
      }
      const page = this.#pageAt(address);
      addresses.push(address);
      pieces.push(overflowData(page));
      address = nextOverflowPage(page, address);
    }
    const buffer = node.ownBuffer(addresses.length * this.pageSize + this.pageSize);
    node.extend(concatInto(buffer, pieces), addresses);
  };

  /** A page where it lies, or else a copy of it. Throws `CORRUPTED`. */
  #pageAt(address: number): Uint8Array {
    const start = this.#placeOnHeap(address);
    if (start >= 0) return this.#heap!.heap!.subarray(start, start + this.pageSize);
    const page = new Uint8Array(this.pageSize);
    readStored(this.memory, address, page);
    return page;
  }

  /** Where on the heap the page at an address lies; -1 where it must be copied. */
  #placeOnHeap(address: number): number {
    this.chunks.assertPayload(address);
    return this.#heap === undefined ? -1 : this.#heap.heapOffset(address, this.pageSize);
  }

  #spareNode(): Node {
    return this.#spare.pop() ?? new Node(this.format.keySize);
  }

  /** A node is either kept in the cache or used again after the operation. */
  #lend(node: Node, depth: number): void {
    const isKept = this.#heap === undefined && this.cache.takes(node.address, depth);
    const usedAgain = isKept ? this.cache.put(node, depth) : node;
    if (usedAgain !== undefined) this.#borrowed.push(usedAgain);
  }

  #takeBack(node: Node): void {
    node.release();
    if (this.#spare.length < SPARE_NODES_MAX) this.#spare.push(node);
  }

  #open(node: Node, address: number, bytes: Uint8Array, base: number): void {
    const { slots } = this.format;
    const limit = base + this.pageSize;
    if (slots !== undefined && isV1(bytes, base)) {
      openV1(node, address, bytes.slice(base, limit), slots);
      return;
    }
    const isWhole = overflowOf(bytes, base) === 0;
    node.open(address, bytes, base, limit, isWhole ? undefined : this.#readRest);
  }

  /** Plans what was saved of a node's first page, before that is lost. */
  #stagePage(node: Node): void {
    const saved = node.earlierSave ?? pageOf(node);
    const page = this.#takePage();
    page.set(saved);
    this.staged.add(node.address, page.subarray(0, saved.length));
  }

  /** Surplus pages go back from the last to the first, so that the lowest is reused first. */
  #fitOverflow(node: Node, needed: number): void {
    const pages = [...node.overflowPages];
    while (pages.length < needed) pages.push(this.chunks.allocate());
    while (pages.length > needed) this.chunks.deallocate(pages.pop()!);
    node.overflowPages = pages;
    node.linkOverflow(pages[0] ?? 0);
    const { stream } = node;
    pages.forEach((page, index) => {
      const target = this.#takePage();
      const size = putOverflowPage(target, stream, index, pages[index + 1] ?? 0);
      this.staged.add(page, target.subarray(0, size));
    });
  }

  /** A page of anything, good until the operation ends: staged bytes must not change before. */
  #takePage(): Uint8Array {
    const taken = this.#pagesTaken++;
    if (taken >= PAGES_KEPT_MAX) return new Uint8Array(this.pageSize);
    return (this.#pages[taken] ??= new Uint8Array(this.pageSize));
  }

  /** A new node of layout V1 leaves the unused part of its slots as it was. */
  #readWhatIsThere(address: number): Uint8Array {
    const page = new Uint8Array(this.pageSize);
    const there = sizeInBytes(this.memory) - address;
    if (there > 0) this.memory.read(address, page.subarray(0, there));
    return page;
  }
}

/** What the last save of this operation says of the node's first page. */
function pageOf(node: Node): Uint8Array {
  return node.imageV1 ?? node.savedPage;
}

function usedWithinItself(): StorageError {
  return new StorageError(
    'CHANGED_WHILE_ITERATING',
    'the map was used from within a function that it called itself, such as that of update. ' +
      'Read what the function needs before the call.',
  );
}
