/**
 * A block of bytes that an allocator on a `BStack` has given: where it lies, and the right to read
 * and write it until it is freed or moved, or its allocator is closed.
 *
 *     alloc ──► alive ──► consumed     by `realloc`, `dealloc`, or the allocator's `intoStack`
 *
 * A block is a value and never changes. Which blocks are alive only their allocator knows, so that
 * closing it costs O(1) however many there are. Nothing of a handle lies in the file: who wants to
 * find a block again stores the 16 bytes of `toBytes`, and gives them to the allocator's `restore`
 * after opening. Dropping a handle frees nothing.
 *
 * Source: `specs/bstack.md` sections 1.9, 2.1 and 2.2 (there `BStackOwnedSlice`).
 */
import type { BStack } from '../bstack.js';
import type { BStackRange } from '../bstack/range.js';
import { BStackSlice } from '../bstack/slice.js';
import { StorageError } from '../errors.js';

/** Who gave a block: it knows whether the block is still alive. */
export interface BlockGiver {
  readonly stack: BStack;
  isAlive(block: BStackBlock): boolean;
}

/**
 * A block of an allocator. Reads and writes are those of a {@link BStackSlice}, and each throws
 * `VALUE_CONSUMED` once the block is dead. A write is all or nothing: 1 sync where it lies within
 * 256 bytes of the file from a multiple of 256 on, otherwise 4.
 *
 * @example
 * const block = allocator.alloc(5);
 * block.write(new TextEncoder().encode('hello'));
 * root.write(block.toBytes()); // to find it again: allocator.restore(root.read())
 */
export class BStackBlock {
  readonly #giver: BlockGiver;

  /** For allocators. Take blocks from `alloc`, `realloc` and `restore` of one. */
  constructor(
    giver: BlockGiver,
    /** Where the block lies in the stack; it has as many bytes as were asked for. */
    readonly range: BStackRange,
  ) {
    this.#giver = giver;
  }

  /** Offset of the first byte in the stack. */
  get start(): number {
    return this.range.start;
  }

  /** Offset behind the last byte in the stack. */
  get end(): number {
    return this.range.end;
  }

  /** In bytes. */
  get length(): number {
    return this.range.length;
  }

  get isEmpty(): boolean {
    return this.range.isEmpty;
  }

  /** Whether the block may be used: it was not freed, moved or closed with its allocator. O(1). */
  get isLive(): boolean {
    return this.#giver.isAlive(this);
  }

  /** A copy of all bytes of the block. O(length). */
  read(): Uint8Array {
    return this.#view().read();
  }

  /** Fills `target` from `offset` of the block on. Throws `OUT_OF_BOUNDS` past the block's end. */
  readInto(offset: number, target: Uint8Array): void {
    this.#view().readInto(offset, target);
  }

  /**
   * Writes all of `bytes` from `offset` of the block on, at its front unless told. Throws
   * `OUT_OF_BOUNDS` past the block's end, and nothing was written.
   */
  write(bytes: Uint8Array, offset = 0): void {
    this.#view().write(bytes, offset);
  }

  /** Makes `count` bytes from `offset` on zero: all of the block unless told. As `write`. */
  zero(offset?: number, count?: number): void {
    this.#view().zero(offset, count);
  }

  /**
   * A view of the bytes from `start` up to before `end`, all of them unless told, to read and write
   * in parts. It asks no more whether the block is alive: use it while you know it is.
   */
  slice(start = 0, end = this.length): BStackSlice {
    return this.#view().slice(start, end);
  }

  /** The handle as 16 bytes, for the allocator's `restore` when it is opened again. O(1). */
  toBytes(): Uint8Array {
    return this.range.toBytes();
  }

  #view(): BStackSlice {
    if (!this.isLive) throw blockConsumed(this.range);
    const { stack } = this.#giver;
    // A block of no bytes lies nowhere: the stack may have become shorter than where it began.
    return this.isEmpty
      ? new BStackSlice(stack, 0, 0)
      : new BStackSlice(stack, this.start, this.end);
  }
}

/** The error of a use of a dead block. */
export function blockConsumed({ start, length }: BStackRange): StorageError {
  return new StorageError(
    'VALUE_CONSUMED',
    `the block of ${length} bytes at ${start} was freed or moved, or its allocator was closed. ` +
      'Use the block that realloc gave, or restore it from its saved bytes.',
    { start, length },
  );
}

/** The error of a range that the allocator never gave, or has taken back. `why` says which. */
export function notAllocated({ start, length }: BStackRange, why: string): StorageError {
  return new StorageError(
    'NOT_ALLOCATED',
    `no block of ${length} bytes at ${start} is allocated: ${why}. ` +
      'Give back each block once, to the allocator that it came from.',
    { start, length },
  );
}
