/**
 * The tag in front of the first block of an allocation. A free block has one as well; the further
 * blocks of an allocation have none, their bytes are the user's.
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  tag: 0 free, or bit 63 and the number of blocks of the allocation
 *          8     8  of a free block: the next free one, 0 is none
 *
 * Source: `specs/bstack.md` section 3.5.
 */
import { readU32, writeU64 } from '../../bytes.js';

const TAG_OFFSET = 0;
const HIGH_HALF_OFFSET = TAG_OFFSET + 4;
const TOP_BYTE_OFFSET = TAG_OFFSET + 7;

/** Bytes of a tag. */
export const TAG_SIZE = 8;

/** Bytes of a block at least: a tag and the link of a free one. */
export const CHECKED_BLOCK_SIZE_MIN = TAG_SIZE + 8;

export const CHECKED_BLOCK_LAYOUT = { tag: TAG_OFFSET, next: TAG_SIZE } as const;

const IN_USE = 0x80;
const IN_USE_OF_HIGH_HALF = 0x8000_0000;
const TWO_TO_THE_32 = 0x1_0000_0000;

/** The tag of an allocation of `count` blocks. */
export function tagOf(count: number): Uint8Array {
  const tag = new Uint8Array(TAG_SIZE);
  writeU64(tag, TAG_OFFSET, count);
  tag[TOP_BYTE_OFFSET]! |= IN_USE;
  return tag;
}

/**
 * How many blocks an allocation with this tag has, 0 for a free block, and `undefined` where the
 * bytes are no tag. The count may be any number: whether it can be, the stack's length says.
 */
export function readTag(tag: Uint8Array): number | undefined {
  const low = readU32(tag, TAG_OFFSET);
  const high = readU32(tag, HIGH_HALF_OFFSET);
  if (low === 0 && high === 0) return 0;
  if (high < IN_USE_OF_HIGH_HALF) return undefined;
  const count = (high - IN_USE_OF_HIGH_HALF) * TWO_TO_THE_32 + low;
  return count === 0 ? undefined : count;
}
