/**
 * Our layout of a pair of which a part is unbounded. Rust's crate has none: it panics.
 *
 *     OFFSET     SIZE  FIELD
 *          0        1  0xfc + (w - 1), where w = 1, 2 or 4 is the width of the size that follows;
 *                      0xfe where none follows, because the first part is fixed
 *          1        w  size of the first part, big-endian; absent where it is fixed
 *       then        a  first part
 *       then     rest  second part
 *
 * The first byte is there for the day when someone turns `tuple(u64, blob(10))` into
 * `tuple(u64, bytes)`: the stored pairs are padded ones, which start with the first part itself.
 * Counters, text and canister ids never start with 0xfc or above, and then sizes must fit as well;
 * so old pairs are refused as `CORRUPTED`, not misread. For the same reason the crate took its own
 * attempt at this layout back.
 *
 * Source: `specs/ic-stable-structures.md` section 5.2 (the gap); golden vectors
 * `test/golden/codecs.txt`.
 */
import { encodeCheckedInto, type Bound } from '../codec.js';
import { corrupted } from '../errors.js';
import {
  isFixed,
  locatePart,
  putBehindSize,
  putInTurn,
  widthWithin,
  type TupleLayout,
} from './tuple-layout.js';

/** Marks an open pair; the low two bits are the width of the size field less one. */
const MARK = 0xfc;
const MARK_WITHOUT_SIZE = 0xfe;

/** The layout of pairs with these bounds, of which one at least is `unbounded`. */
export function openLayout(a: Bound): TupleLayout {
  return isFixed(a) ? layoutWithoutSize(a.maxSize) : layoutWithSize(a);
}

function layoutWithoutSize(aSize: number): TupleLayout {
  const bOffset = 1 + aSize;
  return {
    form: 'marked',
    bound: 'unbounded',
    put(parts, values, target, offset) {
      const end = putInTurn(parts, values, target, offset + 1);
      if (end >= 0) target[offset] = MARK_WITHOUT_SIZE;
      return end;
    },
    locate(bytes, start, end) {
      const mark = bytes[start]!;
      const bStart = start + bOffset;
      if (bStart > end) throw corrupted('size of a pair', `at least ${bOffset}`, end - start);
      if (mark !== MARK_WITHOUT_SIZE) throw corrupted('mark of a pair', MARK_WITHOUT_SIZE, mark);
      return [start + 1, bStart, bStart, end];
    },
  };
}

function layoutWithSize(a: Bound): TupleLayout {
  return {
    form: 'marked',
    bound: 'unbounded',
    put(parts, values, target, offset) {
      const aEnd = putBehindSize(parts[0]!, values[0], target, offset + 1);
      if (aEnd < 0) return -1;
      target[offset] = MARK + widthWithin(aEnd - offset - 1) - 1;
      return encodeCheckedInto(parts[1]!, values[1], target, aEnd);
    },
    locate(bytes, start, end) {
      const mark = bytes[start] ?? 0;
      if (mark < MARK) throw corrupted('mark of a pair', `at least ${MARK}`, mark);
      const edges = locatePart(bytes, start + 1, end, a, mark - MARK + 1);
      edges.push(edges[1]!, end);
      return edges;
    },
  };
}
