/**
 * A heap as the memory that a tree's engine works on. Addresses are those of the heap, but for
 * address 0, where no block can be: there the engine finds the fields of the map's header.
 *
 *     0            the header's fields, which a handle keeps and writes when it publishes a change
 *     16, ...      payloads of blocks
 *
 * Source: `specs/ic-stable-memory.md` section 1.1.
 */
import type { StableMemoryAllocator } from '../allocator.js';
import { FIRST_BLOCK } from '../allocator/free-block.js';
import { WASM_PAGE_SIZE, type Memory } from '../memory.js';
import { FIELDS_OFFSET } from '../ownership/stable-structure.js';

/** Where the engine writes the fields of the header. */
export const HEADER_FIELDS = 0;

export class HeapWindow implements Memory {
  constructor(
    readonly allocator: StableMemoryAllocator,
    /** The header of a structure, as its handle keeps it. */
    readonly header: Uint8Array,
  ) {}

  size(): number {
    return Math.ceil((this.allocator.availableSize + FIRST_BLOCK) / WASM_PAGE_SIZE);
  }

  /** Heaps grow by themselves. */
  grow(): number {
    return -1;
  }

  read(offset: number, target: Uint8Array): void {
    this.allocator.readBytes(offset, target);
  }

  write(offset: number, source: Uint8Array): void {
    if (offset === HEADER_FIELDS) this.header.set(source, FIELDS_OFFSET);
    else this.allocator.writeBytes(offset, source);
  }
}
