/**
 * The header of a ghost tree, the first bytes of the stack's payload:
 *
 *     OFFSET  SIZE  FIELD
 *          0    32  free for the user
 *         32     8  magic with the letters "ALGT", see `../magic.ts`
 *         40     8  address of the tree's root; 0 = no block is free
 *         48        arena
 *
 * The arena is divided into blocks that begin at multiples of 32 bytes from its start and are
 * multiples of 32 bytes long. Only a free block says how long it is, see `node.ts`.
 *
 * Patch 2 is the last one whose nodes we know to the byte: 0.4.2 of the original (patch 3) keeps
 * the heights of a node's children in bytes that we leave zero. Its readers accept every patch and
 * build the tree anew at each opening, and so do we where a node has anything in these bytes: each
 * opens what the other has written.
 *
 * Source: `specs/bstack.md` section 3.3.
 */
import type { StackReader } from '../../bstack/stack-edit.js';
import { readU64, writeU64 } from '../../bytes.js';
import { corrupted } from '../../errors.js';
import { ARENA_MAGIC_SIZE, assertArena, encodeArenaMagic } from '../magic.js';

const USER_SIZE = 32;
const MAGIC_OFFSET = USER_SIZE;
const ROOT_OFFSET = MAGIC_OFFSET + ARENA_MAGIC_SIZE;
const ARENA = ROOT_OFFSET + 8;

/** Where each field lies, for the test that compares the table above with the code. */
export const GHOST_TREE_HEADER_LAYOUT = {
  user: 0,
  magic: MAGIC_OFFSET,
  root: ROOT_OFFSET,
  arena: ARENA,
} as const;

const LETTERS = 'ALGT';
const PATCH = 2;

/** What blocks are measured in, in bytes: the smallest has just room for a node. */
export const GRAIN = 32;

/** The size of the block for `length` bytes: the next multiple of 32, 0 for none. */
export function blockSizeOf(length: number): number {
  return Math.ceil(length / GRAIN) * GRAIN;
}

/** The whole header of an arena without free blocks. */
export function encodeHeader(): Uint8Array {
  const header = new Uint8Array(ARENA);
  header.set(encodeArenaMagic(LETTERS, PATCH), MAGIC_OFFSET);
  return header;
}

/** Throws `BAD_MAGIC` or `UNSUPPORTED_VERSION` unless the stack begins with a header. */
export function assertHeader(stack: StackReader): void {
  assertArena(stack, LETTERS, MAGIC_OFFSET, ARENA);
}

/** The address of the tree's root, or 0. */
export function readRoot(source: StackReader): number {
  const root = new Uint8Array(ARENA - ROOT_OFFSET);
  source.getInto(ROOT_OFFSET, root);
  return readU64(root, 0);
}

/** Where the root's address lies, and its bytes. */
export function encodeRoot(address: number): {
  readonly offset: number;
  readonly bytes: Uint8Array;
} {
  const bytes = new Uint8Array(ARENA - ROOT_OFFSET);
  writeU64(bytes, 0, address);
  return { offset: ROOT_OFFSET, bytes };
}

/** Whether a block may begin at `address`. */
export function isBlockStart(address: number): boolean {
  return address >= ARENA && (address - ARENA) % GRAIN === 0;
}

/** Throws `CORRUPTED` unless a free block of `size` bytes may lie at `address`. */
export function assertFreeBlock(address: number, size: number, length: number): void {
  assertFreeAddress(address, length);
  if (size >= GRAIN && size % GRAIN === 0 && size <= length - address) return;
  throw corrupted(`the size of the free block at ${address}`, `a multiple of ${GRAIN}`, size);
}

/** Throws `CORRUPTED` unless a node may lie at `address`. */
export function assertFreeAddress(address: number, length: number): void {
  if (isBlockStart(address) && address <= length - GRAIN) return;
  throw corrupted('the address of a free block', `a block of ${length} bytes`, address);
}
