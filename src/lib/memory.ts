/**
 * A byte store with the meaning of a Wasm memory: counted in pages, grown but never shrunk, zero
 * where nothing was written. Everything that owns bytes in this library stands on it.
 *
 * Source: `specs/ic-stable-structures.md` sections 1.1 and 1.2; crate `ic-stable-structures`,
 * trait `Memory`.
 */
import { corrupted, StorageError } from './errors.js';

/** Bytes in a Wasm page, the unit of {@link Memory.size} and {@link Memory.grow}. */
export const WASM_PAGE_SIZE = 65_536;

/**
 * The four verbs of a memory. Offsets and sizes are whole numbers below 2^53, which is far above
 * the 500 GiB of IC stable memory.
 */
export interface Memory {
  /** The current size in pages. O(1). */
  size(): number;

  /**
   * Adds `pages` zero-filled pages. Returns the old size in pages, or -1 where there is no room:
   * then nothing has changed. Never throws for lack of room.
   */
  grow(pages: number): number;

  /** Fills `target` from `offset` (bytes) on. Throws `OUT_OF_BOUNDS` and leaves `target` alone. */
  read(offset: number, target: Uint8Array): void;

  /** Copies `source` to `offset` (bytes). Never grows: throws `OUT_OF_BOUNDS`, writing nothing. */
  write(offset: number, source: Uint8Array): void;
}

/** A memory in which somebody else lives too, and may keep a header of its own in page 0. */
export interface SharedMemory extends Memory {
  /** From now on the others may neither write page 0 nor grow the memory. O(1). */
  guardFirstPage(): void;
}

/** Guards page 0 for a structure that caches its header, where the memory is shared at all. */
export function guardFirstPage(memory: Memory): void {
  if ('guardFirstPage' in memory) (memory as SharedMemory).guardFirstPage();
}

/** A memory whose bytes may lie in an array on the heap, where they are read without a copy. */
export interface HeapMemory extends Memory {
  /** The array, or `undefined` where there is none. After a grow it may be another one. */
  readonly heap: Uint8Array | undefined;

  /** Where in {@link heap} `length` bytes from `offset` on lie; -1 where not in one piece. O(1). */
  heapOffset(offset: number, length: number): number;
}

/** The memory as one that may lie on the heap, or `undefined` where its kind never does. */
export function asHeapMemory(memory: Memory): HeapMemory | undefined {
  return 'heap' in memory ? (memory as HeapMemory) : undefined;
}

/**
 * Grows `memory` by the fewest pages that make it hold `end` bytes. Throws `GROW_FAILED` where it
 * cannot, and then nothing has changed. O(1) where there is room.
 */
export function reserve(memory: Memory, end: number): void {
  const size = memory.size();
  const missing = Math.ceil(end / WASM_PAGE_SIZE) - size;
  if (missing > 0 && memory.grow(missing) < 0) throw growFailed(size, missing);
}

/**
 * Writes, growing first where needed by the fewest pages. A write of nothing still grows, so that
 * `offset` is covered: the crate does so, and memory sizes are part of the format.
 */
export function safeWrite(memory: Memory, offset: number, source: Uint8Array): void {
  reserve(memory, offset + source.length);
  memory.write(offset, source);
}

/**
 * Reads where a *stored* address points to. Beyond the end of the memory it is the address that is
 * wrong, so the error is `CORRUPTED`.
 */
export function readStored(memory: Memory, address: number, target: Uint8Array): void {
  try {
    memory.read(address, target);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'OUT_OF_BOUNDS') throw error;
    throw corrupted('stored address', `at most ${sizeInBytes(memory)}`, address);
  }
}

/** The size of a memory in bytes. O(1). */
export function sizeInBytes(memory: Memory): number {
  return memory.size() * WASM_PAGE_SIZE;
}

/** Looked up once, see `guards.ts`. */
const { isSafeInteger } = Number;

/** Throws `OUT_OF_BOUNDS` unless `[offset, offset + length)` lies within `sizeInBytes`. */
export function assertWithin(offset: number, length: number, sizeInBytes: number): void {
  if (isSafeInteger(offset) && offset >= 0 && offset + length <= sizeInBytes) return;
  throw new StorageError(
    'OUT_OF_BOUNDS',
    `bytes ${offset} to ${offset + length} are not within a memory of ${sizeInBytes} bytes. ` +
      'Grow the memory first, or check the address.',
    { offset, length, sizeInBytes },
  );
}

/** Throws `NOT_EMPTY` unless the memory has no pages: only then may something new be made in it. */
export function assertEmpty(memory: Memory): void {
  const sizeInPages = memory.size();
  if (sizeInPages === 0) return;
  throw new StorageError(
    'NOT_EMPTY',
    `expected an empty memory, found ${sizeInPages} pages. Use init to open what is there.`,
    { sizeInPages },
  );
}

function growFailed(sizeInPages: number, missingPages: number): StorageError {
  return new StorageError(
    'GROW_FAILED',
    `the memory has ${sizeInPages} pages of 64 KiB and cannot grow by ${missingPages}. ` +
      'Nothing was changed; delete data or raise the limit of the memory.',
    { sizeInPages, missingPages },
  );
}
