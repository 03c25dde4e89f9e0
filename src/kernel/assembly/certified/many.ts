/**
 * Many changes of a certified map in one request. The entries, or the keys, lie one behind the
 * other:
 *
 *     OFFSET  SIZE  FIELD
 *          0     4  size k of the key, big-endian
 *          4     4  size v of the value, big-endian; of a key to be removed 0
 *          8     k  the key
 *        8+k     v  the value
 *      8+k+v        the next one
 *
 *     CODE  OPERATION    OPERAND 3             RESULT
 *       87  insert many  bytes of all blocks   how many keys were new; -2 and -3 as for one
 *       88  remove many                        how many keys were there; -2
 *
 * The length of all of them stands where that of a key does.
 *
 * Insertions are all made or none: a block of the size of all of theirs is taken first, and given
 * back; from that they can all be taken. So after -3 nothing has happened; -2 is the answer to
 * damage, where some may be made, and TypeScript makes them again.
 *
 * Source: `src/lib/s-certified-btree-map/kernel-map.ts` is the other side.
 */
import { operandOf } from '../frame';
import { allocate as allocateBlock, deallocate } from '../heap/blocks';
import { allocate, release } from '../workspace';
import { takeOut } from './change';
import { heap, saveMap } from './map';
import { put } from './operations';
import { FAILED, locate, SAME } from './search';

const VALUE_SIZE_OFFSET: usize = 4;
const ENTRY_OFFSET: usize = 8;

const FALL_BACK: f64 = -2;
const NO_BLOCK: f64 = -3;

export function insertMany(entries: usize, length: usize): f64 {
  const room = allocateBlock(heap, <u64>operandOf(3));
  if (room == 0) return NO_BLOCK;
  if (!deallocate(heap, room)) return FALL_BACK;
  let newCount: f64 = 0;
  const scratch = allocate(0);
  const end = entries + length;
  for (let at = entries; at < end; at = nextEntry(at)) {
    const keySize = sizeAt(at);
    const key = at + ENTRY_OFFSET;
    if (nextEntry(at) > end) unreachable();
    const position = locate(key, keySize);
    const isPut =
      position != FAILED && put(position, key, keySize, sizeAt(at + VALUE_SIZE_OFFSET)) == 0;
    if (!isPut) return finish(FALL_BACK);
    if (position != SAME) newCount++;
    release(scratch);
  }
  return finish(newCount);
}

export function removeMany(keys: usize, length: usize): f64 {
  let count: f64 = 0;
  const scratch = allocate(0);
  const end = keys + length;
  for (let at = keys; at < end; at = nextEntry(at)) {
    if (nextEntry(at) > end) unreachable();
    const position = locate(at + ENTRY_OFFSET, sizeAt(at));
    if (position == FAILED || (position == SAME && !takeOut())) return finish(FALL_BACK);
    if (position == SAME) count++;
    release(scratch);
  }
  return count == 0 ? 0 : finish(count);
}

function finish(result: f64): f64 {
  saveMap();
  return result;
}

function sizeAt(at: usize): usize {
  return bswap<u32>(load<u32>(at));
}

function nextEntry(at: usize): usize {
  return at + ENTRY_OFFSET + sizeAt(at) + sizeAt(at + VALUE_SIZE_OFFSET);
}
