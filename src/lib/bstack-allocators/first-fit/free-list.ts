/**
 * The free blocks, linked in both directions through the first words of their payloads:
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  start of the next free block, 0 for none
 *          8     8  start of the free block before, 0 in the first one
 *
 * What is freed last comes first. Only the list of an arena that was just recovered is in the
 * order of the addresses.
 *
 * INVARIANT: each free block is in the list once, and no other block is. A link that leads
 * elsewhere is found before anything is written through it, and a list that leads in a circle ends
 * once it has more steps than the arena has room for blocks.
 *
 * Source: `specs/bstack.md` section 3.2, "Block" and "alloc".
 */
import type { StackReader, StackWriter } from '../../bstack/stack-edit.js';
import { readBigU64, writeU64 } from '../../bytes.js';
import { corrupted } from '../../errors.js';
import { blockAt, SMALLEST_BLOCK, writeWord, type Block } from './blocks.js';
import { ARENA_OFFSET, readFreeHead, writeFreeHead } from './header.js';

const NEXT_OFFSET = 0;
const PREVIOUS_OFFSET = NEXT_OFFSET + 8;
const LINKS_SIZE = PREVIOUS_OFFSET + 8;

/** The offsets within the payload of a free block, for the layout tests. */
export const FIRST_FIT_LINKS_LAYOUT = { next: NEXT_OFFSET, previous: PREVIOUS_OFFSET } as const;

/** Starts of the free blocks after and before one, 0 for none. */
export interface Links {
  readonly next: number;
  readonly previous: number;
}

/** The first free block of at least `size` bytes. O(free blocks). Throws `CORRUPTED`. */
export function findFit(reader: StackReader, size: number): Block | undefined {
  for (const block of freeBlocks(reader)) if (block.size >= size) return block;
  return undefined;
}

/** The free blocks in the order of the list. Throws `CORRUPTED` where a link leads elsewhere. */
export function* freeBlocks(reader: StackReader): Generator<Block, void> {
  let start = readFreeHead(reader);
  let previous = 0;
  let roomLeft = reader.length - ARENA_OFFSET;
  while (start !== 0) {
    roomLeft -= SMALLEST_BLOCK;
    if (roomLeft < 0) throw corrupted('the free list', 'an end', 'more blocks than there is room');
    const block = freeBlockAt(reader, start);
    const links = readLinks(reader, start);
    assertLink(`the link back from free block ${start}`, previous, links.previous);
    yield block;
    previous = start;
    start = links.next;
  }
}

/** Takes a free block out of the list. O(1). Throws `CORRUPTED` and has written nothing. */
export function unlink(writer: StackWriter, start: number): void {
  const { next, previous } = readLinks(writer, start);
  if (next !== 0) {
    freeBlockAt(writer, next);
    assertLink(`the link back from free block ${next}`, start, readLinks(writer, next).previous);
  }
  if (previous === 0) {
    assertLink('the head of the free list', start, readFreeHead(writer));
    writeFreeHead(writer, next);
  } else {
    freeBlockAt(writer, previous);
    assertLink(`the link from free block ${previous}`, start, readLinks(writer, previous).next);
    writeWord(writer, previous + NEXT_OFFSET, next);
  }
  if (next !== 0) writeWord(writer, next + PREVIOUS_OFFSET, previous);
}

/** Puts a free block in front of the list. O(1). Throws `CORRUPTED` and has written nothing. */
export function linkFirst(writer: StackWriter, start: number): void {
  const next = readFreeHead(writer);
  if (next !== 0) freeBlockAt(writer, next);
  writeLinks(writer, start, { next, previous: 0 });
  writeFreeHead(writer, start);
  if (next !== 0) writeWord(writer, next + PREVIOUS_OFFSET, start);
}

/** Writes both links of a free block. */
export function writeLinks(writer: StackWriter, start: number, { next, previous }: Links): void {
  const links = new Uint8Array(LINKS_SIZE);
  writeU64(links, NEXT_OFFSET, next);
  writeU64(links, PREVIOUS_OFFSET, previous);
  writer.set(start, links);
}

function readLinks(reader: StackReader, start: number): Links {
  const links = new Uint8Array(LINKS_SIZE);
  reader.getInto(start, links);
  return {
    next: Number(readBigU64(links, NEXT_OFFSET)),
    previous: Number(readBigU64(links, PREVIOUS_OFFSET)),
  };
}

function freeBlockAt(reader: StackReader, start: number): Block {
  const block = blockAt(reader, start);
  if (block?.isFree === true) return block;
  const found = block === undefined ? 'no block' : 'an allocated one';
  throw corrupted(`the free list at ${start}`, 'a free block', found);
}

function assertLink(what: string, expected: number, found: number): void {
  if (found !== expected) throw corrupted(what, expected, found);
}
