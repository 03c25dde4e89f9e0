/**
 * A memory on the heap: one growable array of bytes. It is what the library uses in Node and in
 * tests, and what an image of stable memory is opened with.
 *
 * The array doubles when it is full, so that growing page by page costs amortised O(1) a byte.
 *
 * Source: `specs/ic-stable-structures.md` section 1.3; crate type `VectorMemory`.
 */
import { assertBytes, assertSize } from './guards.js';
import { assertWithin, WASM_PAGE_SIZE, type HeapMemory } from './memory.js';

/** One array of bytes cannot hold more than 2^32 of them in today's engines. */
const PAGES_MAX = 2 ** 16 - 1;

/**
 * A memory on the heap. Reading and writing cost O(bytes), growing amortised O(bytes added).
 *
 * @example
 * const memory = new VectorMemory();
 * const map = BTreeMap.init(memory, text, u64);
 * const image = memory.toBytes(); // and VectorMemory.from(image) opens it again
 */
export class VectorMemory implements HeapMemory {
  #bytes = new Uint8Array(0);
  #sizeInPages = 0;
  readonly #pagesMax: number;

  /**
   * An empty memory that grows to at most `pagesMax` pages of 64 KiB (just under 4 GiB unless
   * told). Throws `RangeError` for more than that.
   */
  constructor(pagesMax = PAGES_MAX) {
    this.#pagesMax = assertSize('pagesMax', pagesMax, PAGES_MAX);
  }

  /**
   * A memory with a copy of these bytes, such as a downloaded image. O(bytes). Throws `RangeError`
   * where the length is no whole number of pages: then the image was cut.
   */
  static from(image: Uint8Array): VectorMemory {
    const length = assertBytes('image', image).length;
    if (length % WASM_PAGE_SIZE !== 0) {
      throw new RangeError(`image: expected whole pages of ${WASM_PAGE_SIZE} bytes, got ${length}`);
    }
    const memory = new VectorMemory();
    memory.grow(length / WASM_PAGE_SIZE);
    memory.write(0, image);
    return memory;
  }

  size(): number {
    return this.#sizeInPages;
  }

  grow(pages: number): number {
    const oldSize = this.#sizeInPages;
    const newSize = oldSize + assertSize('pages', pages);
    if (newSize > this.#pagesMax || !this.#ensureCapacity(newSize * WASM_PAGE_SIZE)) return -1;
    this.#sizeInPages = newSize;
    return oldSize;
  }

  read(offset: number, target: Uint8Array): void {
    assertBytes('target', target);
    const end = offset + target.length;
    assertWithin(offset, target.length, this.#sizeInPages * WASM_PAGE_SIZE);
    target.set(this.#bytes.subarray(offset, end));
  }

  write(offset: number, source: Uint8Array): void {
    assertBytes('source', source);
    assertWithin(offset, source.length, this.#sizeInPages * WASM_PAGE_SIZE);
    this.#bytes.set(source, offset);
  }

  /** The array itself, for structures that read it where it lies. Never write to it. */
  get heap(): Uint8Array {
    return this.#bytes;
  }

  heapOffset(offset: number, length: number): number {
    return offset + length <= this.#sizeInPages * WASM_PAGE_SIZE ? offset : -1;
  }

  /** A copy of the whole memory: an image that {@link VectorMemory.from} opens. O(bytes). */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#sizeInPages * WASM_PAGE_SIZE);
  }

  /** False where the engine has no room: an engine's own limit must not throw out of `grow`. */
  #ensureCapacity(length: number): boolean {
    if (length <= this.#bytes.length) return true;
    const doubled = Math.min(this.#bytes.length * 2, this.#pagesMax * WASM_PAGE_SIZE);
    try {
      const larger = new Uint8Array(Math.max(length, doubled));
      larger.set(this.#bytes);
      this.#bytes = larger;
      return true;
    } catch {
      return false;
    }
  }
}
