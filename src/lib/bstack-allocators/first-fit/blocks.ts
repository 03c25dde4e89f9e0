/**
 * The blocks of the arena, one directly after another. A tag at either end of a block says how
 * long it is, so both neighbours of a block are found in O(1):
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  size of the payload: at least 16, a multiple of 8
 *          8     4  flags; bit 0: free
 *         12     4  reserved, 0
 *         16     …  payload; in a free block its first words are links, see `free-list.ts`
 *
 *     header 16 │ payload ……… size │ footer 8: the size again
 *               └ start
 *
 * A block is named by its start, which is also what its user gets; its header lies before that.
 * How many of the bytes its user has asked for is not stored.
 *
 * Nothing that is read here is trusted: a block of which the tags cannot be right is no block.
 *
 * Source: `specs/bstack.md` section 3.2, "Block".
 */
import type { StackReader, StackWriter } from '../../bstack/stack-edit.js';
import type { StackWrite } from '../../bstack/batch.js';
import { readBigU64, readU32, writeU32, writeU64 } from '../../bytes.js';
import { corrupted } from '../../errors.js';
import { ARENA_OFFSET } from './header.js';

const SIZE_OFFSET = 0;
const FLAGS_OFFSET = SIZE_OFFSET + 8;
const RESERVED_OFFSET = FLAGS_OFFSET + 4;
const PAYLOAD_OFFSET = RESERVED_OFFSET + 4;

/** The offsets within a block, for the layout tests. */
export const FIRST_FIT_BLOCK_LAYOUT = {
  size: SIZE_OFFSET,
  flags: FLAGS_OFFSET,
  reserved: RESERVED_OFFSET,
  payload: PAYLOAD_OFFSET,
} as const;

const FREE_BIT = 1;
const ALIGNMENT = 8;
const SMALLEST_SIZE = 16;

/** Bytes before the payload of a block, and behind it. */
export const BLOCK_HEADER_SIZE = PAYLOAD_OFFSET;
export const BLOCK_FOOTER_SIZE = 8;

/** Bytes of a block that are not payload. */
export const BLOCK_OVERHEAD = BLOCK_HEADER_SIZE + BLOCK_FOOTER_SIZE;

/** The shortest that a block can be, tags included. */
export const SMALLEST_BLOCK = SMALLEST_SIZE + BLOCK_OVERHEAD;

/** Where the payload of the first block lies. */
export const FIRST_START = ARENA_OFFSET + BLOCK_HEADER_SIZE;

/** A block: where its payload starts, and the bytes of its payload. */
export interface Block {
  readonly start: number;
  readonly size: number;
  readonly isFree: boolean;
}

/** The payload of a block that holds `length` bytes. */
export function sizeFor(length: number): number {
  return Math.max(SMALLEST_SIZE, Math.ceil(length / ALIGNMENT) * ALIGNMENT);
}

/** Whether a block can have this size at all. */
export function isBlockSize(size: number): boolean {
  return size >= SMALLEST_SIZE && size % ALIGNMENT === 0;
}

/** Where the header of a block lies: directly behind the block before it. */
export function headerOf({ start }: Pick<Block, 'start'>): number {
  return start - BLOCK_HEADER_SIZE;
}

/** Where a block ends, footer included. */
export function endOf({ start, size }: Omit<Block, 'isFree'>): number {
  return start + size + BLOCK_FOOTER_SIZE;
}

/** The block that starts there, or `undefined` where the header can be none. O(1). */
export function blockAt(reader: StackReader, start: number): Block | undefined {
  if (start % ALIGNMENT !== 0 || start < FIRST_START) return undefined;
  if (start + SMALLEST_SIZE + BLOCK_FOOTER_SIZE > reader.length) return undefined;
  const header = new Uint8Array(BLOCK_HEADER_SIZE);
  reader.getInto(start - BLOCK_HEADER_SIZE, header);
  // A word too large for a number comes out beyond 2^53, which is longer than any stack.
  const size = Number(readBigU64(header, SIZE_OFFSET));
  const isFree = (readU32(header, FLAGS_OFFSET) & FREE_BIT) !== 0;
  const block = { start, size, isFree };
  return isBlockSize(size) && endOf(block) <= reader.length ? block : undefined;
}

/** The block behind another, or `undefined` behind the last. O(1). */
export function blockAfter(reader: StackReader, block: Block): Block | undefined {
  return blockAt(reader, endOf(block) + BLOCK_HEADER_SIZE);
}

/** The block that ends there, or `undefined` before the first. Its tags agree. O(1). */
export function blockBefore(reader: StackReader, end: number): Block | undefined {
  if (end < FIRST_START + SMALLEST_SIZE + BLOCK_FOOTER_SIZE) return undefined;
  const size = readWord(reader, end - BLOCK_FOOTER_SIZE);
  if (!isBlockSize(size)) return undefined;
  const block = blockAt(reader, end - BLOCK_FOOTER_SIZE - size);
  return block?.size === size ? block : undefined;
}

/** Whether the footer of a block says what its header does. O(1). */
export function hasFooter(reader: StackReader, { start, size }: Block): boolean {
  return readWord(reader, start + size) === size;
}

/** A word of 8 bytes; one too large for a number comes out beyond 2^53. O(1). */
export function readWord(reader: StackReader, offset: number): number {
  const word = new Uint8Array(BLOCK_FOOTER_SIZE);
  reader.getInto(offset, word);
  return Number(readBigU64(word, 0));
}

/** Writes a word of 8 bytes. */
export function writeWord(writer: StackWriter, offset: number, value: number): void {
  writer.set(offset, wordOf(value));
}

/** Writes what stands before the payload of a block. */
export function writeBlockHeader(writer: StackWriter, block: Block): void {
  writer.set(headerOf(block), blockHeader(block));
}

/** Writes what stands behind the payload of a block. */
export function writeBlockFooter(writer: StackWriter, { start, size }: Block): void {
  writeWord(writer, start + size, size);
}

/**
 * The tags of allocated blocks of these sizes that lie one after another. Their offsets are from
 * the header of the first one.
 */
export function tagsOf(sizes: readonly number[]): StackWrite[] {
  const tags: StackWrite[] = [];
  let start = BLOCK_HEADER_SIZE;
  for (const size of sizes) {
    const header = blockHeader({ start, size, isFree: false });
    tags.push({ offset: start - BLOCK_HEADER_SIZE, bytes: header });
    tags.push({ offset: start + size, bytes: wordOf(size) });
    start += size + BLOCK_OVERHEAD;
  }
  return tags;
}

/** How many bytes blocks of these sizes take, tags included. */
export function bytesOfBlocks(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size + BLOCK_OVERHEAD, 0);
}

/**
 * All blocks of an arena in good order, from its front on. Throws `CORRUPTED` where they are not.
 * O(blocks).
 */
export function* blocksOf(reader: StackReader): Generator<Block, void> {
  let end = ARENA_OFFSET;
  while (end < reader.length) {
    const block = blockAt(reader, end + BLOCK_HEADER_SIZE);
    if (block === undefined) throw corrupted(`offset ${end}`, 'a block', 'no header of one');
    if (!hasFooter(reader, block)) throw corrupted(`block ${block.start}`, 'its footer', 'another');
    yield block;
    end = endOf(block);
  }
}

function wordOf(value: number): Uint8Array {
  const word = new Uint8Array(BLOCK_FOOTER_SIZE);
  writeU64(word, 0, value);
  return word;
}

function blockHeader({ size, isFree }: Block): Uint8Array {
  const header = new Uint8Array(BLOCK_HEADER_SIZE);
  writeU64(header, SIZE_OFFSET, size);
  writeU32(header, FLAGS_OFFSET, isFree ? FREE_BIT : 0);
  return header;
}
