/**
 * How a node's stream is cut into pages. The first page, of P bytes, is the node itself; what does
 * not fit goes on in overflow pages, each in a chunk of its own:
 *
 *     OFFSET  SIZE   FIELD
 *          0     3   magic "NOF"
 *          3     8   address of the next overflow page; 0 = last
 *         11   P-11  data
 *
 * Source: `specs/ic-stable-structures.md` section 3.6; crate `btreemap/node/io.rs`.
 */
import { readU64, writeU64 } from '../bytes.js';
import { corrupted } from '../errors.js';
import { hasMagic, writeLetters } from '../magic.js';

const MAGIC = 'NOF';
const NEXT_OFFSET = MAGIC.length;
const DATA_OFFSET = NEXT_OFFSET + 8;

/** Where each field lies, for the test that compares the table above with the code. */
export const OVERFLOW_LAYOUT = { magic: 0, next: NEXT_OFFSET, data: DATA_OFFSET } as const;

/** How many overflow pages a stream of `streamSize` bytes needs. */
export function overflowPagesNeeded(streamSize: number, pageSize: number): number {
  return Math.max(0, Math.ceil((streamSize - pageSize) / (pageSize - DATA_OFFSET)));
}

/**
 * Puts the overflow page with the number `index` of this stream into `page`, linked to `next` (0 =
 * last). Returns how many bytes it has.
 */
export function putOverflowPage(
  page: Uint8Array,
  stream: Uint8Array,
  index: number,
  next: number,
): number {
  const start = page.length + index * (page.length - DATA_OFFSET);
  const data = stream.subarray(start, start + page.length - DATA_OFFSET);
  writeLetters(page, MAGIC);
  writeU64(page, NEXT_OFFSET, next);
  page.set(data, DATA_OFFSET);
  return DATA_OFFSET + data.length;
}

/** The address of the page that follows this one; 0 = none. Throws `CORRUPTED` by the magic. */
export function nextOverflowPage(page: Uint8Array, address: number): number {
  if (!hasMagic(page, MAGIC)) {
    throw corrupted(`overflow page at address ${address}`, MAGIC, 'other bytes');
  }
  return readU64(page, NEXT_OFFSET);
}

/** The part of an overflow page that belongs to the stream. */
export function overflowData(page: Uint8Array): Uint8Array {
  return page.subarray(DATA_OFFSET);
}
