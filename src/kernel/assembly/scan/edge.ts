/**
 * One end of a range: a key, whether keys at it belong to the range, and on which side of it the
 * range lies. Without a key everything lies inside.
 */
import { compareBytes } from '../compare';
import { Element, keyPrefixSize, sizeOf, startOf } from '../tree/node';
import { BY_LENGTH } from '../tree/open-map';
import { map } from '../tree/plan';

@unmanaged
export class Edge {
  /** Where the key lies; 0 for none. */
  key: usize;
  length: usize;
  isInclusive: bool;
  /** 1 where the range lies above the edge, -1 below it. */
  inside: i32;

  /** Whether a stored key is not in the range. */
  leavesOut(key: Element): bool {
    if (this.key == 0) return false;
    const prefixSize = keyPrefixSize();
    const sign = this.compare(startOf(key) + prefixSize, sizeOf(key) - prefixSize) * this.inside;
    return sign < 0 || (sign == 0 && !this.isInclusive);
  }

  /** -1, 0 or 1, as a key comes before, with or after that of the edge. */
  private compare(key: usize, length: usize): i32 {
    if (map.order == BY_LENGTH && length != this.length) return length < this.length ? -1 : 1;
    return compareBytes(key, length, this.key, this.length);
  }
}
