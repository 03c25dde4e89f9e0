/**
 * Bytes moved within a memory or a storage. The ranges may overlap: what moves up is copied from
 * its end, what moves down from its start, so that nothing is overwritten before it was copied.
 */
import type { Memory } from './memory.js';

/** Bounds the room that a move takes in RAM. */
const PART_SIZE_MAX = 65_536;

/** What has bytes to move. */
type Movable = Pick<Memory, 'read' | 'write'>;

/** Moves `size` bytes. PRECONDITION: both ranges lie within the memory. O(size). */
export function moveBytes(memory: Movable, source: number, target: number, size: number): void {
  const buffer = new Uint8Array(Math.min(size, PART_SIZE_MAX));
  for (let moved = 0; moved < size; moved += buffer.length) {
    const part = buffer.subarray(0, Math.min(buffer.length, size - moved));
    const offset = target < source ? moved : size - moved - part.length;
    memory.read(source + offset, part);
    memory.write(target + offset, part);
  }
}
