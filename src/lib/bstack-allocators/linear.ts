/**
 * The simplest allocator on a `BStack`: a block is what the stack was lengthened by, and only the
 * last block can be resized or given back. Nothing of it lies in the file, not even a header.
 *
 *     alloc 3    aaa
 *     alloc 5    aaabbbbb
 *     dealloc a  ...bbbbb     lost for good: there is no list of what is free
 *     dealloc b  ...          the stack is cut
 *
 * For what is built up once and given back as a whole, or never. Any stack opens as a linear one.
 *
 *     OPERATION               CALLS OF THE STACK   SYNCS   A CRASH LEAVES
 *     alloc                   extend                   1   no block, or the block
 *     realloc, longer         extend                   1   the old length or the new one
 *     realloc, shorter        discard                  1   the old length or the new one
 *     realloc, not the last   refused                  0   nothing
 *     dealloc, the last       discard                  1   the block, or none
 *     dealloc, another        none                     0   nothing
 *     allocBulk               one extend               1   none of the blocks, or all
 *     deallocBulk             one discard              1   all of the blocks, or none
 *
 * Each operation is one call of the stack, so there is nothing to repair. Every operation is O(1),
 * bulk calls O(n log n). A block of no bytes starts where the stack ends.
 *
 * Source: `specs/bstack.md` section 3.1.
 */
import type { BStack } from '../bstack.js';
import type { BStackRange } from '../bstack/range.js';
import { StorageError } from '../errors.js';
import { BStackAllocator } from './allocator.js';
import { notAllocated } from './block.js';

/**
 * Blocks one behind another.
 *
 * @example
 * const allocator = LinearBStackAllocator.open(BStack.open(new HeapStorage()));
 * const block = allocator.alloc(100);
 * block.write(Uint8Array.of(1, 2, 3));
 */
export class LinearBStackAllocator extends BStackAllocator {
  private constructor(stack: BStack) {
    super(stack);
  }

  /** An allocator that adds to what lies in `stack`. Reads and writes nothing. O(1). */
  static open(stack: BStack): LinearBStackAllocator {
    return new LinearBStackAllocator(stack);
  }

  checkInvariants(): string | undefined {
    this.assertUsable();
    return undefined;
  }

  protected allocate(length: number): number {
    return length === 0 ? this.length : this.stack.extend(length);
  }

  protected reallocate(range: BStackRange, length: number): number {
    if (length === range.length) return range.start;
    if (range.isEmpty) return this.allocate(length);
    if (range.end !== this.length) throw notLast(range);
    if (length > range.length) this.stack.extend(length - range.length);
    else this.stack.discard(range.length - length);
    return range.start;
  }

  protected release(range: BStackRange): void {
    this.releaseAll([range]);
  }

  protected assertPlausible(range: BStackRange): void {
    if (range.isEmpty || range.end <= this.length) return;
    throw notAllocated(range, `the stack ends at ${this.length}`);
  }

  protected override allocateAll(lengths: readonly number[]): number[] {
    const total = lengths.reduce((sum, length) => sum + length, 0);
    let end = this.allocate(total);
    return lengths.map((length) => {
      const start = end;
      end += length;
      return start;
    });
  }

  /** Cuts the stack below those ranges that lie at its end without a gap. */
  protected override releaseAll(ranges: readonly BStackRange[]): void {
    let end = this.length;
    for (const range of [...ranges].sort((a, b) => b.end - a.end || b.start - a.start)) {
      if (range.end === end) end = range.start;
    }
    if (end < this.length) this.stack.discard(this.length - end);
  }
}

function notLast({ start, length }: BStackRange): StorageError {
  return new StorageError(
    'UNSUPPORTED_OPERATION',
    `the block of ${length} bytes at ${start} is not the last one, and only that can be resized. ` +
      'Allocate a new block and copy, or use another allocator.',
    { start, length },
  );
}
