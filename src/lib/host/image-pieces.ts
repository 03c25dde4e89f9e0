/**
 * Images of memories are walked in pieces of a MiB, so that one of any size passes through little
 * RAM. Within a piece the pages that matter are found: a page of zeros is a hole in a file that has
 * them, and was never touched in a memory.
 *
 * Source: `specs/wasm-dbms.md` section 14.3.
 */
import { sizeInBytes, WASM_PAGE_SIZE, type Memory } from '../memory.js';
import { FileMemory } from './file-memory.js';

/** An image: a memory, or the path of a file of whole pages. */
export type Image = Memory | string;

/** Hears how far a walk has come, in bytes; the last time both are the same. A throw ends it. */
export type OnProgress = (doneBytes: number, totalBytes: number) => void;

/** Some pages of an image. The bytes are valid until the next piece. */
export interface Piece {
  /** Of the first byte, in the image. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const PIECE_SIZE = 16 * WASM_PAGE_SIZE;

const ZERO_PAGE = new Uint8Array(WASM_PAGE_SIZE);

/**
 * Lends the memory that an image is. A path is opened for reading only, and nobody else may have it
 * open; who wants to look into a file that is open hands over its `FileMemory`.
 */
export function withImage<R>(image: Image, use: (memory: Memory) => R): R {
  if (typeof image !== 'string') return use(image);
  const memory = FileMemory.open(image, { readOnly: true });
  try {
    return use(memory);
  } finally {
    memory.close();
  }
}

/** The first `total` bytes of a memory, all of them unless told, in order. */
export function* piecesOf(
  memory: Memory,
  onProgress?: OnProgress,
  total = sizeInBytes(memory),
): Generator<Piece, void> {
  const buffer = new Uint8Array(Math.min(total, PIECE_SIZE));
  for (let offset = 0; offset < total; offset += PIECE_SIZE) {
    const bytes = buffer.subarray(0, Math.min(PIECE_SIZE, total - offset));
    memory.read(offset, bytes);
    yield { offset, bytes };
    if (offset + PIECE_SIZE < total) onProgress?.(offset + PIECE_SIZE, total);
  }
  onProgress?.(total, total);
}

/** The pages of a piece, in order. */
export function* pagesOf({ offset, bytes }: Piece): Generator<Piece, void> {
  for (let start = 0; start < bytes.length; start += WASM_PAGE_SIZE) {
    yield { offset: offset + start, bytes: bytes.subarray(start, start + WASM_PAGE_SIZE) };
  }
}

/** Whether a page holds nothing but zeros. O(1) for most that do not. */
export function isZero(page: Uint8Array): boolean {
  return Buffer.compare(page, ZERO_PAGE) === 0;
}
