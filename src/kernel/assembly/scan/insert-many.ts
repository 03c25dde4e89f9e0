/**
 * Inserts many entries in one operation, all or none: the plan has the writes of each, in the order
 * in which they would have been made one by one, so the bytes come out the same. A node that comes
 * again is the one that was edited before.
 *
 * The entries are ranges of one array of bytes:
 *
 *     OFFSET  SIZE  FIELD
 *          0   4+4  where the key begins and ends
 *          8   4+4  where the value begins and ends
 *         16        the next entry
 *
 * Source: `src/lib/btree-map/entry-table.ts` is the other side.
 */
import { insertEntry } from '../tree/insert';
import { keyPrefixSize, NONE, PREFIX_SIZE } from '../tree/node';
import { elementFrom, giveUp } from '../tree/operations';
import { commit, hasChanges, hasFailed, map, pagesNeeded, planHeaders } from '../tree/plan';
import { allowNodesAgain } from '../tree/read';
import { lookFor } from '../tree/search';

export const RANGES_SIZE: usize = 16;

const UNCHANGED: f64 = -1;
const PAGES_NEEDED: f64 = -3;

/** The entries that were announced. */
export let ranges: usize = 0;
export let rangesEnd: usize = 0;

/** Takes note of the entries, for the change that comes next, which has their bytes. */
export function takeRanges(bytes: usize, length: usize): f64 {
  ranges = bytes;
  rangesEnd = bytes + length;
  return 0;
}

/** Inserts or overwrites; see `operations.ts` for the result. PRECONDITION: an operation begun. */
export function insertMany(bytes: usize, length: usize): f64 {
  let newCount: f64 = 0;
  allowNodesAgain();
  for (let at = ranges; at < rangesEnd && !hasFailed; at += RANGES_SIZE) {
    if (insertRanges(at, bytes, length)) newCount++;
  }
  return writeMany(newCount);
}

/**
 * Writes what is planned, if it can be, and answers how many entries it was about. Whether there is
 * anything to write shows once the headers are planned: a removal may change nothing else.
 */
export function writeMany(count: f64): f64 {
  planHeaders();
  if (hasFailed) return giveUp();
  if (!hasChanges()) return UNCHANGED;
  const pages = pagesNeeded();
  if (pages != 0) return PAGES_NEEDED - <f64>pages;
  commit();
  return count;
}

/** Says which key is looked for: that of the entry whose ranges lie here. Returns its length. */
export function lookForRange(at: usize, bytes: usize, length: usize): usize {
  const start = <usize>load<u32>(at);
  const end = <usize>load<u32>(at, 4);
  if (start > end || end > length) unreachable();
  lookFor(bytes + start, end - start);
  return end - start;
}

/** Plans the insertion of one entry; whether its key is new. Ranges that are none trap. */
function insertRanges(at: usize, bytes: usize, length: usize): bool {
  const keyLength = lookForRange(at, bytes, length);
  const keyStart = <usize>load<u32>(at);
  const valueStart = <usize>load<u32>(at, 8);
  const valueEnd = <usize>load<u32>(at, 12);
  if (valueStart > valueEnd || valueEnd > length) unreachable();
  if (keyPrefixSize() == 0 && keyLength != <usize>map.keySize) unreachable();
  const key = elementFrom(bytes + keyStart, keyLength, keyPrefixSize());
  const value = elementFrom(bytes + valueStart, valueEnd - valueStart, PREFIX_SIZE);
  return insertEntry(key, value) == NONE;
}
