/**
 * The first 48 bytes of a stack that is cut into blocks of one size; both slab allocators have it.
 *
 *     OFFSET  SIZE  FIELD
 *          0    24  left to the user, zero at first
 *         24     8  magic of `magic.ts`: "ALSL", or "ALCK" where each block has a tag
 *         32     8  size of a block in bytes, with its tag
 *         40     8  first free block, an offset in the stack; 0 is none
 *         48     …  blocks, up to the end of the stack
 *
 * (Numbers little-endian.) The header is written by one `push`: a stack has all of it or nothing.
 *
 * Source: `specs/bstack.md` sections 3.4 and 3.5.
 */
import type { BStack } from '../../bstack.js';
import { readU64, writeU64 } from '../../bytes.js';
import { corrupted, StorageError } from '../../errors.js';
import { ARENA_MAGIC_SIZE, assertArena, encodeArenaMagic } from '../magic.js';

const USER_OFFSET = 0;
const MAGIC_OFFSET = USER_OFFSET + 24;
const BLOCK_SIZE_OFFSET = MAGIC_OFFSET + ARENA_MAGIC_SIZE;

/** Where the header has the first free block. */
export const FREE_HEAD_OFFSET = BLOCK_SIZE_OFFSET + 8;

/** Where the first block lies: bytes of the header. */
export const SLAB_ARENA_OFFSET = FREE_HEAD_OFFSET + 8;

export const SLAB_LAYOUT = {
  user: USER_OFFSET,
  magic: MAGIC_OFFSET,
  blockSize: BLOCK_SIZE_OFFSET,
  freeHead: FREE_HEAD_OFFSET,
  arena: SLAB_ARENA_OFFSET,
} as const;

/** Which of the slab allocators a stack belongs to. */
export interface SlabKind {
  /** Four ASCII letters. */
  readonly letters: string;
  /** The patch byte of stacks that are made here. */
  readonly patch: number;
  /** The smallest size of a block that has room for what the allocator writes into free ones. */
  readonly blockSizeMin: number;
}

/** Writes the header of a stack that has no blocks yet. Throws `NOT_EMPTY`. 2 syncs. */
export function createSlab(stack: BStack, { letters, patch }: SlabKind, blockSize: number): void {
  if (!stack.isEmpty) throw notEmpty(letters, stack.length);
  const header = new Uint8Array(SLAB_ARENA_OFFSET);
  header.set(encodeArenaMagic(letters, patch), MAGIC_OFFSET);
  writeU64(header, BLOCK_SIZE_OFFSET, blockSize);
  stack.push(header);
}

/**
 * The size of the blocks of a stack. Throws `BAD_MAGIC` for a stack of anything else,
 * `UNSUPPORTED_VERSION`, and `CORRUPTED` where the blocks do not fill it. Writes nothing.
 */
export function readBlockSize(stack: BStack, kind: SlabKind): number {
  assertArena(stack, kind.letters, MAGIC_OFFSET, SLAB_ARENA_OFFSET);
  const blockSize = readU64(stack.get(BLOCK_SIZE_OFFSET, FREE_HEAD_OFFSET), 0);
  if (blockSize < kind.blockSizeMin) {
    throw corrupted('block size', `at least ${kind.blockSizeMin}`, blockSize);
  }
  const rest = (stack.length - SLAB_ARENA_OFFSET) % blockSize;
  if (rest !== 0) throw corrupted('bytes behind the last whole block', 0, rest);
  return blockSize;
}

function notEmpty(letters: string, length: number): StorageError {
  return new StorageError(
    'NOT_EMPTY',
    `blocks of "${letters}" were to be made in a stack that has ${length} bytes. ` +
      'Open what is there, or use an empty stack.',
    { letters, length },
  );
}
