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
import { elementFrom } from '../tree/operations';
import { commit, hasFailed, map, pagesNeeded, planHeaders } from '../tree/plan';
import { allowNodesAgain } from '../tree/read';
import { lookFor } from '../tree/search';

const RANGES_SIZE: usize = 16;

const FALL_BACK: f64 = -2;
const PAGES_NEEDED: f64 = -3;

/** The entries that were announced. */
let ranges: usize = 0;
let rangesLength: usize = 0;

/** Takes note of the entries to insert, for {@link insertMany}, which has their bytes. */
export function takeRanges(bytes: usize, length: usize): f64 {
  ranges = bytes;
  rangesLength = length;
  return 0;
}

/** Inserts or overwrites; see `operations.ts` for the result. PRECONDITION: an operation begun. */
export function insertMany(bytes: usize, length: usize): f64 {
  let newCount: f64 = 0;
  allowNodesAgain();
  for (let at = ranges; at < ranges + rangesLength && !hasFailed; at += RANGES_SIZE) {
    if (insertRanges(at, bytes, length)) newCount++;
  }
  planHeaders();
  if (hasFailed) return FALL_BACK;
  const pages = pagesNeeded();
  if (pages != 0) return PAGES_NEEDED - <f64>pages;
  commit();
  return newCount;
}

/** Plans the insertion of one entry; whether its key is new. Ranges that are none trap. */
function insertRanges(at: usize, bytes: usize, length: usize): bool {
  const keyStart = <usize>load<u32>(at);
  const keyEnd = <usize>load<u32>(at, 4);
  const valueStart = <usize>load<u32>(at, 8);
  const valueEnd = <usize>load<u32>(at, 12);
  if (keyStart > keyEnd || keyEnd > length) unreachable();
  if (valueStart > valueEnd || valueEnd > length) unreachable();
  const keyLength = keyEnd - keyStart;
  if (keyPrefixSize() == 0 && keyLength != <usize>map.keySize) unreachable();
  lookFor(bytes + keyStart, keyLength);
  const key = elementFrom(bytes + keyStart, keyLength, keyPrefixSize());
  const value = elementFrom(bytes + valueStart, valueEnd - valueStart, PREFIX_SIZE);
  return insertEntry(key, value) == NONE;
}
