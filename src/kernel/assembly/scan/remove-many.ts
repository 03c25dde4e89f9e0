/**
 * Removes many keys in one operation, all or none: as `insert-many.ts` inserts, which also takes
 * the ranges. The keys are entries whose values are empty.
 *
 * Source: `src/lib/btree-map.ts`, `removeMany`, whose bytes these are.
 */
import { NONE } from '../tree/node';
import { hasFailed } from '../tree/plan';
import { allowNodesAgain } from '../tree/read';
import { removeKey } from '../tree/remove';
import { lookForRange, ranges, rangesEnd, RANGES_SIZE, writeMany } from './insert-many';

/** Removes; see `operations.ts` for the result. PRECONDITION: an operation begun. */
export function removeMany(bytes: usize, length: usize): f64 {
  let removedCount: f64 = 0;
  allowNodesAgain();
  for (let at = ranges; at < rangesEnd && !hasFailed; at += RANGES_SIZE) {
    lookForRange(at, bytes, length);
    if (removeKey() != NONE) removedCount++;
  }
  return writeMany(removedCount);
}
