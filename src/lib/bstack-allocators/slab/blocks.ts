/**
 * Blocks of one size, one behind another, and the list of those that are free. Both slab
 * allocators stand on it.
 *
 *     header ── free head ──► block 5 ──► block 2 ──► 0
 *
 * A free block begins with a prefix of zeros (a tag, or nothing) and then has the next free block,
 * an offset in the stack. The list is last in, first out.
 *
 * INVARIANT: a change of the list and what goes with it are written by one edit, so that a block is
 * always either in the list or out of it.
 *
 * Source: `specs/bstack.md` sections 3.4 and 3.5.
 */
import type { BStack } from '../../bstack.js';
import type { StackEdit } from '../../bstack/stack-edit.js';
import { readU64, writeU64 } from '../../bytes.js';
import { corrupted } from '../../errors.js';
import { FREE_HEAD_OFFSET, SLAB_ARENA_OFFSET } from './header.js';

const LINK_SIZE = 8;

/** What a stack and an edit have in common. */
type Bytes = Pick<StackEdit, 'length' | 'get'>;

/** Free blocks that could be taken, and what would be the first one of the list then. */
export interface TakenBlocks {
  readonly starts: readonly number[];
  readonly next: number;
}

/** The blocks of a stack. */
export class SlabBlocks {
  constructor(
    readonly stack: BStack,
    /** Bytes of a block. */
    readonly size: number,
    /** Zeros in front of the link of a free block. */
    readonly prefixSize: number,
  ) {}

  /** How many blocks these bytes take. */
  countFor(bytes: number): number {
    return Math.ceil(bytes / this.size);
  }

  /** Whether `count` blocks, at least 1, may lie from `start` on in a stack of this length. */
  isRun(start: number, count: number, length: number): boolean {
    const isInside = start >= SLAB_ARENA_OFFSET && start + count * this.size <= length;
    return isInside && count > 0 && (start - SLAB_ARENA_OFFSET) % this.size === 0;
  }

  /** Where `count` blocks from `start` on begin. */
  run(start: number, count: number): number[] {
    return Array.from({ length: count }, (_, index) => start + index * this.size);
  }

  /** The first free block, or 0. */
  head(bytes: Bytes): number {
    return readU64(bytes.get(FREE_HEAD_OFFSET, FREE_HEAD_OFFSET + LINK_SIZE), 0);
  }

  /** Makes this the first free block. */
  setHead(edit: StackEdit, head: number): void {
    edit.set(FREE_HEAD_OFFSET, linkOf(head));
  }

  /** Up to `count` blocks from the front of the list, which is not changed. */
  peek(bytes: Bytes, count: number): TakenBlocks {
    const starts: number[] = [];
    for (const start of this.follow(bytes, count)) starts.push(start);
    const last = starts.at(-1);
    return { starts, next: last === undefined ? this.head(bytes) : this.nextOf(bytes, last) };
  }

  /**
   * The free blocks from the head on, at most `count` of them. Throws `CORRUPTED` at what is no
   * free block, and where the list comes back to a block: so it ends, whatever the bytes are.
   */
  *follow(bytes: Bytes, count = Infinity): Generator<number, void> {
    const seen = new Set<number>();
    let start = this.head(bytes);
    while (start !== 0 && seen.size < count) {
      const next = this.nextOf(bytes, start);
      seen.add(start);
      if (seen.has(next)) throw corrupted('a free block', 'once in the list', next);
      yield start;
      start = next;
    }
  }

  /** The free block behind this one in the list, or 0. Throws `CORRUPTED` for what is none. */
  nextOf(bytes: Bytes, start: number): number {
    if (!this.isRun(start, 1, bytes.length)) throw corrupted('a free block', 'a block', start);
    const block = bytes.get(start, start + this.prefixSize + LINK_SIZE);
    if (block.subarray(0, this.prefixSize).some((byte) => byte !== 0)) {
      throw corrupted(`tag of the free block ${start}`, 0, 'a block in use');
    }
    return readU64(block, this.prefixSize);
  }

  /** Puts blocks in front of the list: the first of them becomes the head. */
  put(edit: StackEdit, starts: readonly number[]): void {
    starts.forEach((start, index) => {
      const block = new Uint8Array(this.prefixSize + LINK_SIZE);
      writeU64(block, this.prefixSize, starts[index + 1] ?? this.head(edit));
      edit.set(start, block);
    });
    if (starts.length > 0) this.setHead(edit, starts[0]!);
  }
}

function linkOf(next: number): Uint8Array {
  const link = new Uint8Array(LINK_SIZE);
  writeU64(link, 0, next);
  return link;
}
