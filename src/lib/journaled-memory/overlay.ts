/**
 * The writes of a transaction that has not ended, in RAM over the image. Pages of 4 KiB are copied
 * from the image when they are first written to; a read sees the copies where there are any.
 *
 * Of each page only the bytes from the first to the last that was written go to the journal.
 *
 * INVARIANT: a page lies within the image as a whole, since images have pages of 64 KiB.
 *
 * Source: house style rule 19; the pages are those of the shadow paging that databases do.
 */
import type { Range } from './record.js';

const PAGE_SIZE = 4096;

/** Fills `target` with bytes of the image. */
export type ReadImage = (offset: number, target: Uint8Array) => void;

interface Page {
  readonly bytes: Uint8Array;
  /** Where the bytes that were written start and end, in the page. */
  start: number;
  end: number;
}

/** What a transaction has written so far. Offsets are checked by whoever owns it. */
export class Overlay {
  readonly #readImage: ReadImage;
  readonly #pages = new Map<number, Page>();
  /** Bytes of the image, with what the transaction has added. */
  imageLength: number;
  readonly #oldLength: number;

  constructor(imageLength: number, readImage: ReadImage) {
    this.#readImage = readImage;
    this.imageLength = imageLength;
    this.#oldLength = imageLength;
  }

  /** Whether there is anything to commit. O(1). */
  get isChanged(): boolean {
    return this.#pages.size > 0 || this.imageLength !== this.#oldLength;
  }

  /** Reads through the overlay. O(bytes). */
  read(offset: number, target: Uint8Array): void {
    const pages = this.#pages;
    const first = Math.floor(offset / PAGE_SIZE);
    const last = Math.floor((offset + target.length - 1) / PAGE_SIZE);
    if (first < last || !pages.has(first)) this.#readImage(offset, target);
    for (let number = first; number <= last; number++) {
      const page = pages.get(number);
      if (page === undefined) continue;
      const at = number * PAGE_SIZE - offset;
      const from = Math.max(0, -at);
      const to = Math.min(PAGE_SIZE, target.length - at);
      target.set(page.bytes.subarray(from, to), at + from);
    }
  }

  /** Keeps a copy of `source`. O(bytes), and 4 KiB for each page that is new. */
  write(offset: number, source: Uint8Array): void {
    let written = 0;
    while (written < source.length) {
      const at = offset + written;
      const start = at % PAGE_SIZE;
      const end = Math.min(PAGE_SIZE, start + source.length - written);
      const page = this.#pageAt((at - start) / PAGE_SIZE, end - start);
      page.bytes.set(source.subarray(written, written + end - start), start);
      page.start = Math.min(page.start, start);
      page.end = Math.max(page.end, end);
      written += end - start;
    }
  }

  /** What is to be written to the image, from its start to its end. O(pages * log pages). */
  ranges(): Range[] {
    const inOrder = [...this.#pages].sort(([left], [right]) => left - right);
    return inOrder.map(([number, { bytes, start, end }]) => ({
      offset: number * PAGE_SIZE + start,
      bytes: bytes.subarray(start, end),
    }));
  }

  /** A page to which `count` bytes are about to be written. */
  #pageAt(number: number, count: number): Page {
    let page = this.#pages.get(number);
    if (page !== undefined) return page;
    page = { bytes: new Uint8Array(PAGE_SIZE), start: PAGE_SIZE, end: 0 };
    if (count < PAGE_SIZE) this.#readImage(number * PAGE_SIZE, page.bytes);
    this.#pages.set(number, page);
    return page;
  }
}
