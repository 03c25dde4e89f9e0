/**
 * One end of a range: a key, whether keys at it belong to the range, and on which side of it the
 * range lies. Without a key everything lies inside.
 */
import { Element, keyPrefixSize, sizeOf, startOf } from '../tree/node';
import { compareKeys } from '../tree/order';

@unmanaged
export class Edge {
  /** Where the key lies; 0 for none. */
  key: usize;
  length: usize;
  isInclusive: bool;
  /** How many parts of tuples are compared, from the first on; 0 = all. */
  partCount: u32;
  /** 1 where the range lies above the edge, -1 below it. */
  inside: i32;

  /** Whether a stored key is not in the range. */
  leavesOut(key: Element): bool {
    if (this.key == 0) return false;
    const prefixSize = keyPrefixSize();
    const start = startOf(key) + prefixSize;
    const length = sizeOf(key) - prefixSize;
    const place = compareKeys(start, length, this.key, this.length, this.partCount);
    const sign = place * this.inside;
    return sign < 0 || (sign == 0 && !this.isInclusive);
  }
}
