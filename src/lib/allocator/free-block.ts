/**
 * Boundary tags, and the arithmetic of blocks. A block is a payload between two equal tags, so that
 * who stands at either end of it knows where the other end is:
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  front tag: payload size s; bit 63 says whether the block is allocated
 *          8     s  payload
 *      8 + s     8  rear tag, the same
 *
 * The payload of a free block begins with its two links in the free tree, see `free-tree.ts`; the
 * rest is as its last owner left it.
 *
 * INVARIANT: payloads are of 16 bytes at least, and of a multiple of 8; blocks lie end to end; no
 * two free blocks are neighbours.
 *
 * Source: `specs/ic-stable-memory.md` sections 1.2, 1.3, 2.7 and 3.2.
 */
import { readU32, writeU32 } from '../bytes.js';
import { corrupted } from '../errors.js';

/** An address in the heap; of a block it is that of its front tag. 0 is none. */
export type StablePtr = number;

/** Bytes of a tag. */
export const TAG_SIZE = 8;
/** Bytes that a block has besides its payload. */
export const TAGS_SIZE = 2 * TAG_SIZE;
/** The smallest payload has room for the two links of a free block. */
export const PAYLOAD_SIZE_MIN = 16;
const PAYLOAD_ALIGNMENT = 8;
/** The smallest block, tags included. */
export const BLOCK_SIZE_MIN = PAYLOAD_SIZE_MIN + TAGS_SIZE;

/** Where the first block lies. What lies before it is never used, so that 0 points to nothing. */
export const FIRST_BLOCK = 8;

/** What a tag's high word has in front of the size's upper half. */
const ALLOCATED_BIT = 0x8000_0000;
const WORD = 2 ** 32;

/** Where each field lies, for the test that compares the table above with the code. */
export const BLOCK_LAYOUT = { frontTag: 0, payload: TAG_SIZE } as const;

/** What a tag says. */
export interface Tag {
  readonly size: number;
  readonly isAllocated: boolean;
}

/** What the tag at an offset of some bytes says, whether or not a block can have such a size. */
export function peekTag(bytes: Uint8Array, offset: number): Tag {
  const high = readU32(bytes, offset + 4);
  const isAllocated = high >= ALLOCATED_BIT;
  const size = (isAllocated ? high - ALLOCATED_BIT : high) * WORD + readU32(bytes, offset);
  return { size, isAllocated };
}

/** The tag at an offset of some bytes. Throws `CORRUPTED` for a size that no block has. */
export function readTag(bytes: Uint8Array, offset: number): Tag {
  const tag = peekTag(bytes, offset);
  if (isPayloadSize(tag.size)) return tag;
  throw corrupted('tag of a block', 'a payload size', tag.size);
}

function isPayloadSize(size: number): boolean {
  return size >= PAYLOAD_SIZE_MIN && size % PAYLOAD_ALIGNMENT === 0 && Number.isSafeInteger(size);
}

/** Writes a tag to an offset of some bytes. */
export function writeTag(bytes: Uint8Array, offset: number, { size, isAllocated }: Tag): void {
  const high = Math.floor(size / WORD);
  writeU32(bytes, offset, size % WORD);
  writeU32(bytes, offset + 4, isAllocated ? high + ALLOCATED_BIT : high);
}

/** The payload that a request of `size` bytes gets at least: 16, or the next multiple of 8. */
export function paddedSize(size: number): number {
  return Math.max(PAYLOAD_SIZE_MIN, Math.ceil(size / PAYLOAD_ALIGNMENT) * PAYLOAD_ALIGNMENT);
}

/**
 * A block as a value: where it is and how large. Nothing is read or written by it.
 *
 * @example
 * const [first, rest] = new FreeBlock(8, 200).split(64);
 * rest.ptr; // 88
 */
export class FreeBlock {
  constructor(
    /** Address of the front tag. */
    readonly ptr: StablePtr,
    /** Bytes of the payload. */
    readonly size: number,
  ) {}

  /** The block that fills the bytes from `ptr` up to `end`. */
  static between(ptr: StablePtr, end: StablePtr): FreeBlock {
    return new FreeBlock(ptr, end - ptr - TAGS_SIZE);
  }

  /** Bytes of the block, tags included. */
  get totalSize(): number {
    return this.size + TAGS_SIZE;
  }

  /** Where the next block begins. */
  get end(): StablePtr {
    return this.ptr + this.totalSize;
  }

  /** Address of the rear tag. */
  get rearTag(): StablePtr {
    return this.end - TAG_SIZE;
  }

  /** Address of the rear tag of the block before this one. */
  get previousRearTag(): StablePtr {
    return this.ptr - TAG_SIZE;
  }

  /** This block and the one behind it as one. PRECONDITION: that one begins where this one ends. */
  merge(next: FreeBlock): FreeBlock {
    return FreeBlock.between(this.ptr, next.end);
  }

  /** Whether a payload of `size` bytes leaves room for a block behind it. */
  canSplit(size: number): boolean {
    return this.size - size >= BLOCK_SIZE_MIN;
  }

  /** A block of `size` bytes, and the rest as a block. */
  split(size: number): [FreeBlock, FreeBlock] {
    const first = new FreeBlock(this.ptr, size);
    return [first, FreeBlock.between(first.end, this.end)];
  }
}
