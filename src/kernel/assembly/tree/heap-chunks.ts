/**
 * Chunks that are blocks of a heap, known by the addresses of their payloads. One is taken at once,
 * and given back where the operation is given up; one that the tree lets go of is freed when all is
 * written, unless the same operation has use for it.
 *
 * Source: `src/lib/s-btree-map/heap-chunks.ts`, which it mirrors.
 */
import { allocate as allocateBlock, blockSize, deallocate } from '../heap/blocks';
import { FIRST_BLOCK, TAG_SIZE } from '../heap/tags';
import { allocate } from '../workspace';
import { heapOf } from './open-map';
import { fail, map, SAFE_MAX } from './plan';

/** A chunk in a chain of such. */
@unmanaged
class Link {
  next: usize;
  block: u64;
}

/** What this operation has taken, the last first. */
let taken: usize = 0;
/** What it is going to free, the first first, and the last of it. */
let given: usize = 0;
let lastGiven: usize = 0;

/** Begins an operation. */
export function beginHeapChunks(): void {
  taken = 0;
  given = 0;
}

/** Takes a chunk; fails where the heap must grow for it. */
export function allocateHeapChunk(): u64 {
  if (given != 0) return takeGiven();
  const link = newLink();
  const block = link == 0 ? 0 : allocateBlock(heapOf(map), map.pageSize);
  if (block == 0) {
    fail();
    return 0;
  }
  fillLink(link, block, taken);
  taken = link;
  return block + TAG_SIZE;
}

function takeGiven(): u64 {
  const link = changetype<Link>(given);
  given = link.next;
  return link.block + TAG_SIZE;
}

/** Notes down that a chunk is to be freed; fails where it is none, or none any more. */
export function deallocateHeapChunk(address: u64): void {
  const block = address - TAG_SIZE;
  for (let at = given; at != 0; at = changetype<Link>(at).next) {
    if (changetype<Link>(at).block == block) return fail();
  }
  const link = newLink();
  if (link == 0 || blockSize(heapOf(map), block) < <u64>map.pageSize) return fail();
  fillLink(link, block, 0);
  if (given == 0) given = link;
  else changetype<Link>(lastGiven).next = link;
  lastGiven = link;
}

/** Whether a chunk can lie at an address. */
export function isHeapChunk(address: u64): bool {
  return address % TAG_SIZE == 0 && address >= FIRST_BLOCK + TAG_SIZE && address <= SAFE_MAX;
}

/** All is written: frees what the tree has let go of. Damage beside it traps, undoing all. */
export function keepHeapChunks(): void {
  if (!freeAll(given)) unreachable();
}

/** The operation is given up: what it has taken is free again. */
export function giveBackHeapChunks(): void {
  if (!freeAll(taken)) unreachable();
}

function freeAll(chain: usize): bool {
  for (let at = chain; at != 0; at = changetype<Link>(at).next) {
    if (!deallocate(heapOf(map), changetype<Link>(at).block)) return false;
  }
  return true;
}

function newLink(): usize {
  return allocate(offsetof<Link>());
}

function fillLink(place: usize, block: u64, next: usize): void {
  const link = changetype<Link>(place);
  link.next = next;
  link.block = block;
}
