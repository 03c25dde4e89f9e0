/**
 * A handle of an allocated block: where it is and how many bytes its owner may use. It is a plain
 * value: it does not know whether the block is still allocated; the allocator checks that.
 *
 * Source: `specs/ic-stable-memory.md` section 3.1; defect 13 (only the start was checked).
 */
import { StorageError } from '../errors.js';
import { TAG_SIZE, TAGS_SIZE, type StablePtr } from './free-block.js';

/**
 * An allocated block.
 *
 * @example
 * const slice = allocator.allocate(100);
 * slice.size; // 104
 * allocator.writeBytes(slice.offset(96, 8), Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
 */
export class SSlice {
  constructor(
    /** Address of the front tag; what the block is known by. */
    readonly ptr: StablePtr,
    /** Bytes of the payload: at least as many as were asked for. */
    readonly size: number,
  ) {}

  /** Bytes of the block, tags included. */
  get totalSize(): number {
    return this.size + TAGS_SIZE;
  }

  /** Where the next block begins. */
  get end(): StablePtr {
    return this.ptr + this.totalSize;
  }

  /**
   * The address of byte `at` of the payload, from where `length` bytes may be read or written. The
   * whole range is checked: a longer one would run over the rear tag. Throws `OUT_OF_BOUNDS`. O(1).
   */
  offset(at: number, length = 0): StablePtr {
    const isWithin = Number.isSafeInteger(at) && at >= 0 && length >= 0 && at + length <= this.size;
    if (isWithin) return this.ptr + TAG_SIZE + at;
    throw new StorageError(
      'OUT_OF_BOUNDS',
      `bytes ${at} to ${at + length} are not within a block of ${this.size} bytes. ` +
        'Reallocate the block first, or check the offset.',
      { offset: at, length, size: this.size },
    );
  }
}
