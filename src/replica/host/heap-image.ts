/**
 * A heap as it was at some moment, as a value. It consists of pages that are never changed, so the
 * image of a moment later shares all pages that are still the same, and a page of zeroes takes no
 * room: a canister may have a heap of 4 GiB that it hardly uses.
 *
 * Comparing pages costs about what copying them would, and leaves untouched memory untouched.
 *
 * Source: specs/replica.md section 4.2, "Trap implementation in V8".
 */
import { WASM_PAGE_SIZE } from '../../lib/memory.js';
import { StableMemory } from '../stable-memory.js';

type Page = Uint8Array | undefined;

const ZEROES = new Uint8Array(WASM_PAGE_SIZE);

export class HeapImage {
  static readonly empty = new HeapImage([]);

  private constructor(private readonly pages: readonly Page[]) {}

  /** In bytes. */
  get size(): number {
    return this.pages.length * WASM_PAGE_SIZE;
  }

  /** The image of a heap that is now; this one is of the same heap, some time before. */
  next(heap: Uint8Array): HeapImage {
    const count = heap.length / WASM_PAGE_SIZE;
    const pages = Array.from({ length: count }, (_, index) => {
      const page = pageOf(heap, index);
      const before = this.pages[index];
      return isSame(page, before) ? before : page.slice();
    });
    return new HeapImage(pages);
  }

  /** PRECONDITION: the heap has the size of the image. */
  copyTo(heap: Uint8Array): void {
    this.pages.forEach((page, index) => {
      const target = pageOf(heap, index);
      if (!isSame(target, page)) target.set(page ?? ZEROES);
    });
  }

  /** The same bytes in the form in which snapshots keep them. */
  toStableMemory(): StableMemory {
    const written = this.pages.flatMap((page, index) =>
      page === undefined ? [] : [[index, page] as const],
    );
    return StableMemory.empty.with(this.pages.length, written);
  }
}

function pageOf(heap: Uint8Array, index: number): Uint8Array {
  return heap.subarray(index * WASM_PAGE_SIZE, (index + 1) * WASM_PAGE_SIZE);
}

function isSame(page: Uint8Array, known: Page): boolean {
  return Buffer.compare(page, known ?? ZEROES) === 0;
}
