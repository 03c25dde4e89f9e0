/**
 * Finds the blocks of a stack that are neither in use nor in the list of the free ones, and puts
 * them back. The blocks are walked from the first to the last, by what their tags say:
 *
 *     in use, n blocks     n ≥ 1, ends within the stack, no free block inside: on behind them
 *     free, in the list    on behind it
 *     free, not in it      leaked, on behind it
 *     anything else        suspicious, see below
 *
 * Suspicious bytes are no tag: a walk is out of step with the blocks, because a tag was damaged, or
 * because the end of an allocation was cut off and a crash kept the stack from being cut as well
 * (the original does that in two calls). The walk goes on at the next block of the list, which is
 * known to be one. Without one, it goes on at the first block from which a walk over proper tags
 * ends exactly at the end of the stack. Without such a block, the rest is an orphan: the stack is
 * cut off there.
 *
 * Where the list itself is damaged nothing is changed, as a block that seems to have leaked may be
 * in a part of the list that can no longer be reached.
 *
 * Limits: O(blocks), 8 bytes of RAM for each free block and, behind suspicious bytes, 1 for each
 * block; with more than 2^26 blocks behind them these are left as they are.
 *
 * Source: `specs/bstack.md` section 3.5, `recover()`.
 */
import { StorageError } from '../../errors.js';
import type { SlabBlocks } from '../slab/blocks.js';
import { SLAB_ARENA_OFFSET } from '../slab/header.js';
import { readTag, TAG_SIZE } from './tag.js';

/** More blocks than this behind suspicious bytes are not searched. */
const SEARCHED_BLOCKS_MAX = 2 ** 26;

/** What a walk over all blocks has found. */
export interface BlockSurvey {
  /** What is wrong with the list of free blocks; then the rest is a guess. */
  readonly listDamage: string | undefined;
  /** Free blocks that are not in the list. */
  readonly leaked: readonly number[];
  /** How many blocks nobody can tell the use of. */
  readonly unclassified: number;
  /** Where the stack should end. */
  readonly end: number;
}

/**
 * Puts leaked blocks into the list and cuts off an orphaned end; gives how many blocks could not be
 * classified, 0 where all is in order. May be repeated, also after a crash of itself. At most 5
 * syncs; none where nothing has leaked.
 */
export function recoverBlocks(blocks: SlabBlocks): number {
  const { stack } = blocks;
  const { listDamage, leaked, unclassified, end } = surveyBlocks(blocks);
  if (listDamage !== undefined) {
    return unclassified + leaked.length + (stack.length - end) / blocks.size;
  }
  if (end < stack.length) stack.discard(stack.length - end);
  stack.edit((edit) => blocks.put(edit, leaked));
  return unclassified;
}

/** Walks all blocks; changes nothing. O(blocks). */
export function surveyBlocks(blocks: SlabBlocks): BlockSurvey {
  const { free, damage } = readList(blocks);
  return { listDamage: damage, ...new BlockWalk(blocks, free).toEnd() };
}

/** The blocks of the list as far as it can be followed. */
function readList(blocks: SlabBlocks): { free: Set<number>; damage: string | undefined } {
  const free = new Set<number>();
  try {
    for (const start of blocks.follow(blocks.stack)) free.add(start);
    return { free, damage: undefined };
  } catch (error) {
    if (error instanceof StorageError) return { free, damage: error.message };
    throw error;
  }
}

class BlockWalk {
  readonly #tag = new Uint8Array(TAG_SIZE);
  readonly #sorted: readonly number[];
  readonly #end: number;
  /** How many of the sorted free blocks lie at or before the walk. */
  #passed = 0;

  constructor(
    readonly blocks: SlabBlocks,
    readonly free: ReadonlySet<number>,
  ) {
    this.#sorted = [...free].sort((a, b) => a - b);
    this.#end = blocks.stack.length;
  }

  toEnd(): Omit<BlockSurvey, 'listDamage'> {
    const { size } = this.blocks;
    const leaked: number[] = [];
    let unclassified = 0;
    let at = SLAB_ARENA_OFFSET;
    while (at < this.#end) {
      const isLeaked = this.#tagAt(at) === 0 && !this.free.has(at);
      const next = this.#stepFrom(at);
      const resumed = next ?? this.#resumeAfter(at);
      if (resumed === undefined) break;
      if (isLeaked) leaked.push(at);
      if (next === undefined) unclassified += (resumed - at) / size;
      at = resumed;
    }
    return { leaked, unclassified, end: at };
  }

  /** Where the walk goes on behind a proper block; `undefined` at suspicious bytes. */
  #stepFrom(at: number): number | undefined {
    const count = this.#tagAt(at);
    if (count === undefined) return undefined;
    if (count === 0) return at + this.blocks.size;
    const next = at + count * this.blocks.size;
    const isProper = next <= this.#end && next <= this.#nextFree(at) && !this.free.has(at);
    return isProper ? next : undefined;
  }

  /** Where the walk goes on behind suspicious bytes; `undefined` where they are an orphan. */
  #resumeAfter(at: number): number | undefined {
    const free = this.#nextFree(at);
    if (free !== Infinity) return free;
    const { size } = this.blocks;
    const count = (this.#end - at) / size;
    if (count > SEARCHED_BLOCKS_MAX) return this.#end;
    const reachesEnd = new Uint8Array(count + 1);
    reachesEnd[count] = 1;
    for (let index = count - 1; index > 0; index--) {
      const next = this.#stepFrom(at + index * size);
      if (next !== undefined) reachesEnd[index] = reachesEnd[(next - at) / size]!;
    }
    const first = reachesEnd.indexOf(1, 1);
    return first < count ? at + first * size : undefined;
  }

  /** The first block of the list behind `at`. The walk only goes forward, so this is amortised. */
  #nextFree(at: number): number {
    const sorted = this.#sorted;
    while (this.#passed < sorted.length && sorted[this.#passed]! <= at) this.#passed += 1;
    return sorted[this.#passed] ?? Infinity;
  }

  #tagAt(at: number): number | undefined {
    this.blocks.stack.getInto(at, this.#tag);
    return readTag(this.#tag);
  }
}
