/**
 * Puts an arena in order of which the recovery flag says that an operation stopped half-way: ours
 * while the length of the stack changed, or upstream's anywhere between its single writes. It walks
 * the headers from the first block on, and what it finds decides:
 *
 *     what is left is shorter than two tags              cut off: a block that was never whole
 *     a block that reaches past the end                  cut off: likewise
 *     no header, and zeros up to the end                 cut off: a block at the end was growing
 *     no header, and other bytes                         CORRUPTED, and nothing was written
 *     the footer says F, and at the place that a         two blocks: a block was being split, or
 *     split would put them, tags of F and the rest lie   two were being joined
 *     the footer says anything else                      the header is right: it is written first
 *
 *     header S │ rest … │ footer rest │ header F │ … F … │ footer F        S = rest + 24 + F
 *
 * Free blocks that lie side by side become one, and free blocks at the end are cut off: the
 * original leaves both as they are. The free list is made anew, in the order of the addresses. No
 * byte within an allocated block is changed. What cannot be told: a block that was allocated, but
 * whose handle was not yet stored; `reclaim` frees those.
 *
 *     edit       repaired tags, joined blocks, the list; and the flag clear, if nothing is cut
 *     discard    what is to be cut
 *     clear      the flag
 *
 * A crash in between leaves the flag and blocks that the next walk finds the same. The cut comes
 * behind the edit, because a header that still spans two blocks would reach past a cut between
 * them. 4 syncs, 6 with a cut; O(blocks) time and RAM.
 *
 * Source: `specs/bstack.md` section 3.2, "Recovery", with the fixes of 0.2.1 and 0.4.1.
 */
import type { StackReader } from '../../bstack/stack-edit.js';
import type { BStack } from '../../bstack.js';
import { corrupted } from '../../errors.js';
import {
  blockAt,
  BLOCK_FOOTER_SIZE,
  BLOCK_HEADER_SIZE,
  BLOCK_OVERHEAD,
  endOf,
  hasFooter,
  isBlockSize,
  readWord,
  writeBlockFooter,
  writeBlockHeader,
  type Block,
} from './blocks.js';
import { writeLinks } from './free-list.js';
import { ARENA_OFFSET, setRecoveryFlag, writeFreeHead } from './header.js';

/** Bytes that are looked at together where zeros are expected. */
const SCANNED_SIZE = 65_536;

/** A block as it is to be, and whether its tags say something else. */
interface Repaired extends Block {
  readonly isTorn: boolean;
}

/** Repairs the arena of a stack. Throws `CORRUPTED` where it cannot, and has written nothing. */
export function recover(stack: BStack): void {
  const blocks = joinFree([...repairedBlocks(stack)]);
  if (blocks.at(-1)?.isFree === true) blocks.pop();
  const end = blocks.length === 0 ? ARENA_OFFSET : endOf(blocks.at(-1)!);
  const free = blocks.filter(({ isFree }) => isFree);
  stack.edit((edit) => {
    for (const block of blocks) {
      if (!block.isTorn) continue;
      writeBlockHeader(edit, block);
      writeBlockFooter(edit, block);
    }
    free.forEach(({ start }, index) => {
      const next = free[index + 1]?.start ?? 0;
      writeLinks(edit, start, { next, previous: free[index - 1]?.start ?? 0 });
    });
    writeFreeHead(edit, free[0]?.start ?? 0);
    setRecoveryFlag(edit, end < edit.length);
  });
  if (end === stack.length) return;
  stack.discard(stack.length - end);
  setRecoveryFlag(stack, false);
}

/** The blocks in the order of their addresses, up to what is to be cut off. */
function* repairedBlocks(reader: StackReader): Generator<Repaired, void> {
  let end = ARENA_OFFSET;
  while (reader.length - end >= BLOCK_OVERHEAD) {
    const block = blockAt(reader, end + BLOCK_HEADER_SIZE);
    if (block === undefined) return assertNeverWhole(reader, end);
    const repaired = repair(reader, block);
    yield repaired;
    end = endOf(repaired);
  }
}

/** A block of which the footer says what the header does. */
function repair(reader: StackReader, block: Block): Repaired {
  if (hasFooter(reader, block)) return { ...block, isTorn: false };
  const front = frontOfSplit(reader, block);
  return { ...(front ?? block), isTorn: true };
}

/** The front half of a block that holds the tags of two, or `undefined`. */
function frontOfSplit(reader: StackReader, block: Block): Block | undefined {
  const backSize = readWord(reader, block.start + block.size);
  const size = block.size - backSize - BLOCK_OVERHEAD;
  if (!isBlockSize(backSize) || !isBlockSize(size)) return undefined;
  const front = { ...block, size };
  if (!hasFooter(reader, front)) return undefined;
  const back = blockAt(reader, endOf(front) + BLOCK_HEADER_SIZE);
  return back?.size === backSize ? front : undefined;
}

/** Throws `CORRUPTED` unless what lies from `end` on is what a block leaves that was not whole. */
function assertNeverWhole(reader: StackReader, end: number): void {
  const size = readWord(reader, end);
  // A size that no stack can have is damage, and no block that was never whole.
  const isPartOfBlock = isBlockSize(size) && Number.isSafeInteger(end + size + BLOCK_OVERHEAD);
  if (isPartOfBlock || isZeroFrom(reader, end)) return;
  throw corrupted(`offset ${end}`, 'the header of a block, or zeros up to the end', size);
}

function isZeroFrom(reader: StackReader, start: number): boolean {
  for (let offset = start; offset < reader.length; offset += SCANNED_SIZE) {
    const piece = new Uint8Array(Math.min(SCANNED_SIZE, reader.length - offset));
    reader.getInto(offset, piece);
    if (piece.some((byte) => byte !== 0)) return false;
  }
  return true;
}

/** Free blocks that lie side by side as one. */
function joinFree(blocks: readonly Repaired[]): Repaired[] {
  const joined: Repaired[] = [];
  for (const block of blocks) {
    const before = joined.at(-1);
    if (before?.isFree !== true || !block.isFree) joined.push(block);
    else joined[joined.length - 1] = spanning(before, block);
  }
  return joined;
}

function spanning({ start }: Block, last: Block): Repaired {
  const size = endOf(last) - BLOCK_FOOTER_SIZE - start;
  return { start, size, isFree: true, isTorn: true };
}
