/**
 * A window of pages of another memory, as a memory of its own. Unlike the crate's, it truly
 * confines: a read or write beyond the window is refused, and so is a `grow` beyond it, also where
 * the base has not reached the window's start yet.
 *
 *     base     0 ........ start ........ end ........
 *     window              0 ............ end - start
 *
 * Source: `specs/ic-stable-structures.md` section 1.3 (with the two escapes of the original
 * closed); crate type `RestrictedMemory`.
 */
import { assertBytes, assertSize } from './guards.js';
import { leasesOn, type Lease, type RevocableMemory } from './lease.js';
import { assertWithin, WASM_PAGE_SIZE, type Memory } from './memory.js';

/**
 * A window of pages of another memory. Every operation costs what it costs on the base.
 *
 * @example
 * const base = new VectorMemory();
 * const first = new RestrictedMemory(base, 0, 100);
 * const second = new RestrictedMemory(base, 100, 200);
 */
export class RestrictedMemory implements RevocableMemory {
  readonly #base: Memory;
  readonly #startPage: number;
  readonly #endPage: number;

  /**
   * The pages from `startPage` up to, not including, `endPage` of `base`. Throws `RangeError`
   * where the window ends before it starts.
   */
  constructor(base: Memory, startPage: number, endPage: number) {
    this.#base = base;
    this.#startPage = assertSize('startPage', startPage);
    this.#endPage = assertSize('endPage', endPage);
    if (endPage < startPage) {
      throw new RangeError(`endPage: expected at least ${startPage}, got ${endPage}`);
    }
  }

  /** Those of the base: what is put back there is put back here. */
  get leases(): Set<Lease> | undefined {
    return leasesOn(this.#base);
  }

  /** The pages of the window that the base has reached. */
  size(): number {
    const reached = Math.min(this.#base.size(), this.#endPage);
    return Math.max(0, reached - this.#startPage);
  }

  /** Grows the base as far as needed, also over the pages before the window. */
  grow(pages: number): number {
    const oldSize = this.size();
    const newEndPage = this.#startPage + oldSize + assertSize('pages', pages);
    if (newEndPage > this.#endPage) return -1;
    const missing = newEndPage - this.#base.size();
    if (pages > 0 && missing > 0 && this.#base.grow(missing) < 0) return -1;
    return oldSize;
  }

  read(offset: number, target: Uint8Array): void {
    const length = assertBytes('target', target).length;
    assertWithin(offset, length, this.size() * WASM_PAGE_SIZE);
    if (length > 0) this.#base.read(this.#startPage * WASM_PAGE_SIZE + offset, target);
  }

  write(offset: number, source: Uint8Array): void {
    const length = assertBytes('source', source).length;
    assertWithin(offset, length, this.size() * WASM_PAGE_SIZE);
    if (length > 0) this.#base.write(this.#startPage * WASM_PAGE_SIZE + offset, source);
  }
}
