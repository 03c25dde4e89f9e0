/**
 * Stable memory as a value. It may be 500 GiB large while little of it was ever written, messages
 * change a few pages at a time, and a trap must undo them all. So the pages stand in a tree that is
 * never changed in place:
 *
 *     root (256 branches) -> branch (256 leaves) -> leaf (256 pages) -> page (64 KiB)
 *
 * A missing page is a page of zeroes and costs nothing. A message writes into a
 * {@link StableMemoryOverlay}, which copies a page when it first writes to it; `commit` makes a new
 * tree that shares every untouched page with the old one. Roll-back is to drop the overlay, and a
 * snapshot is to keep the value.
 *
 * Source: specs/replica.md sections 4.2 and 4.3.
 */
import { WASM_PAGE_SIZE } from '../lib/memory.js';

/** 500 GiB. */
export const STABLE_PAGES_MAX = (500 * 2 ** 30) / WASM_PAGE_SIZE;

/** Dirty pages are counted as pages of the machine, which are smaller than those of Wasm. */
const DIRTY_PAGE_SIZE = 4096;

const FANOUT = 256;

type Leaf = readonly (Uint8Array | undefined)[];
type Branch = readonly (Leaf | undefined)[];
type Root = readonly (Branch | undefined)[];

export class StableMemory {
  static readonly empty = new StableMemory(0, []);

  private constructor(
    /** In pages of 64 KiB. */
    readonly size: number,
    private readonly root: Root,
  ) {}

  static fromBytes(bytes: Uint8Array): StableMemory {
    const overlay = new StableMemoryOverlay(StableMemory.empty);
    overlay.grow(Math.ceil(bytes.length / WASM_PAGE_SIZE));
    overlay.write(0, bytes);
    return overlay.commit();
  }

  page(index: number): Uint8Array | undefined {
    const branch = this.root[Math.floor(index / FANOUT ** 2)];
    const leaf = branch?.[Math.floor(index / FANOUT) % FANOUT];
    return leaf?.[index % FANOUT];
  }

  /** The same memory with another size and some pages replaced. */
  with(size: number, pages: Iterable<readonly [number, Uint8Array]>): StableMemory {
    const root = this.root.slice();
    for (const [index, page] of pages) {
      const branch = root[Math.floor(index / FANOUT ** 2)]?.slice() ?? [];
      const leaf = branch[Math.floor(index / FANOUT) % FANOUT]?.slice() ?? [];
      leaf[index % FANOUT] = page;
      branch[Math.floor(index / FANOUT) % FANOUT] = leaf;
      root[Math.floor(index / FANOUT ** 2)] = branch;
    }
    return new StableMemory(size, root);
  }

  /** How many pages were ever written, which is what the memory costs. */
  get pagesWritten(): number {
    let count = 0;
    for (const branch of this.root) {
      for (const leaf of branch ?? []) count += leaf?.filter(isPresent).length ?? 0;
    }
    return count;
  }

  /** All bytes, zeroes included: only for memories that are known to be small. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.size * WASM_PAGE_SIZE);
    this.copyTo(bytes);
    return bytes;
  }

  /** Fills the target, which has the size of this memory, with its bytes. */
  copyTo(target: Uint8Array): void {
    for (let index = 0; index < this.size; index++) {
      const page = this.page(index);
      const start = index * WASM_PAGE_SIZE;
      if (page !== undefined) target.set(page, start);
      else target.fill(0, start, start + WASM_PAGE_SIZE);
    }
  }

  /** A copy of a range, which has to lie inside: no page outside of it is touched. */
  read(offset: number, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    new StableMemoryOverlay(this).read(offset, bytes);
    return bytes;
  }
}

/** The stable memory as one message sees and changes it. Callers check bounds with `contains`. */
export class StableMemoryOverlay {
  readonly #base: StableMemory;
  readonly #written = new Map<number, Uint8Array>();
  readonly #dirty = new Set<number>();
  readonly #accessed = new Set<number>();
  #size: number;

  constructor(base: StableMemory) {
    this.#base = base;
    this.#size = base.size;
  }

  get size(): number {
    return this.#size;
  }

  /** The old size in pages, or -1 where the limit forbids to grow. */
  grow(pages: number): number {
    const old = this.#size;
    if (pages > STABLE_PAGES_MAX - old) return -1;
    this.#size = old + pages;
    return old;
  }

  contains(offset: number, length: number): boolean {
    return offset + length <= this.#size * WASM_PAGE_SIZE;
  }

  read(offset: number, target: Uint8Array): void {
    forEachPiece(offset, target.length, (page, within, start, length) => {
      const bytes = this.#written.get(page) ?? this.#base.page(page);
      if (bytes === undefined) target.fill(0, start, start + length);
      else target.set(bytes.subarray(within, within + length), start);
    });
  }

  write(offset: number, source: Uint8Array): void {
    forEachPiece(offset, source.length, (page, within, start, length) => {
      this.#writable(page).set(source.subarray(start, start + length), within);
    });
  }

  /** How many pages of 4 KiB are dirty. */
  get dirtyPages(): number {
    return this.#dirty.size;
  }

  /** Marks the pages of a range as dirty; gives how many were not before. */
  dirty(offset: number, length: number): number {
    const before = this.#dirty.size;
    markPages(this.#dirty, offset, length);
    return this.#dirty.size - before;
  }

  /** Marks the pages of 4 KiB of a range as accessed; gives how many are by now. */
  accessed(offset: number, length: number): number {
    markPages(this.#accessed, offset, length);
    return this.#accessed.size;
  }

  commit(): StableMemory {
    if (this.#written.size === 0 && this.#size === this.#base.size) return this.#base;
    return this.#base.with(this.#size, this.#written);
  }

  #writable(index: number): Uint8Array {
    const own = this.#written.get(index);
    if (own !== undefined) return own;
    const page = this.#base.page(index)?.slice() ?? new Uint8Array(WASM_PAGE_SIZE);
    this.#written.set(index, page);
    return page;
  }
}

function markPages(pages: Set<number>, offset: number, length: number): void {
  const last = Math.floor((offset + length - 1) / DIRTY_PAGE_SIZE);
  for (let page = Math.floor(offset / DIRTY_PAGE_SIZE); page <= last; page++) pages.add(page);
}

/** Cuts a range of memory at the page borders. `start` is where the piece lies in the range. */
function forEachPiece(
  offset: number,
  length: number,
  visit: (page: number, within: number, start: number, length: number) => void,
): void {
  let start = 0;
  while (start < length) {
    const page = Math.floor((offset + start) / WASM_PAGE_SIZE);
    const within = (offset + start) % WASM_PAGE_SIZE;
    const piece = Math.min(length - start, WASM_PAGE_SIZE - within);
    visit(page, within, start, piece);
    start += piece;
  }
}

function isPresent(page: Uint8Array | undefined): boolean {
  return page !== undefined;
}
