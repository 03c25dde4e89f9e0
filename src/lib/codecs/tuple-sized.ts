/**
 * Rust's layout of a triple, for parts of any bound: nothing is padded, and the last part takes
 * what is left. Where the first two parts are fixed in size, the parts simply follow each other:
 *
 *     OFFSET     SIZE  FIELD
 *          0        a  first part
 *          a        b  second part
 *      a + b     rest  third part
 *
 * Otherwise the sizes of the first two are stored, as wide as they need to be (w = 1, 2 or 4):
 *
 *     OFFSET     SIZE  FIELD
 *          0        1  widths: (w(a) - 1) << 2 | (w(b) - 1), whether or not a part is fixed
 *          1     w(a)  size of the first part, big-endian; absent where it is fixed
 *       then        a  first part
 *       then     w(b)  size of the second part, big-endian; absent where it is fixed
 *       then        b  second part
 *       then     rest  third part
 *
 * Source: `specs/ic-stable-structures.md` section 5.2.
 */
import { encodeCheckedInto, type Bound } from '../codec.js';
import { corrupted } from '../errors.js';
import {
  isFixed,
  locatePart,
  putBehindSize,
  putInTurn,
  widthOf,
  widthWithin,
  type LimitedBound,
  type TupleLayout,
} from './tuple-layout.js';

/** Bits of the widths byte that belong to one part. */
const WIDTH_BITS = 2;
const WIDTH_MASK = 3;

/** The layout of triples with these bounds. */
export function sizedLayout(a: Bound, b: Bound, c: Bound): TupleLayout {
  return isFixed(a) && isFixed(b) ? adjacentLayout(a, b, c) : layoutWithSizes(a, b, c);
}

function adjacentLayout(a: LimitedBound, b: LimitedBound, c: Bound): TupleLayout {
  const cOffset = a.maxSize + b.maxSize;
  return {
    form: 'adjacent',
    bound: sumOfBounds(a, b, c, 0),
    put: putInTurn,
    locate(_bytes, start, end) {
      const cStart = start + cOffset;
      if (cStart > end) throw corrupted('size of a triple', `at least ${cOffset}`, end - start);
      const bStart = start + a.maxSize;
      return [start, bStart, bStart, cStart, cStart, end];
    },
  };
}

function layoutWithSizes(a: Bound, b: Bound, c: Bound): TupleLayout {
  const putA = isFixed(a) ? encodeCheckedInto : putBehindSize;
  const putB = isFixed(b) ? encodeCheckedInto : putBehindSize;
  return {
    form: 'widths',
    bound: sumOfBounds(a, b, c, 1 + widthMax(a) + widthMax(b)),
    put(parts, values, target, offset) {
      const aOffset = offset + 1;
      const aEnd = putA(parts[0]!, values[0], target, aOffset);
      if (aEnd < 0) return -1;
      const bEnd = putB(parts[1]!, values[1], target, aEnd);
      if (bEnd < 0) return -1;
      const widths = [widthUsed(a, aEnd - aOffset), widthUsed(b, bEnd - aEnd)] as const;
      target[offset] = ((widths[0] - 1) << WIDTH_BITS) | (widths[1] - 1);
      return encodeCheckedInto(parts[2]!, values[2], target, bEnd);
    },
    locate(bytes, start, end) {
      const widths = bytes[start]!;
      const aWidth = (widths >>> WIDTH_BITS) + 1;
      const bWidth = (widths & WIDTH_MASK) + 1;
      const edges = locatePart(bytes, start + 1, end, a, aWidth);
      edges.push(...locatePart(bytes, edges[1]!, end, b, bWidth));
      edges.push(edges[3]!, end);
      return edges;
    },
  };
}

/** What the byte of widths says of a part that was written in so many bytes. */
function widthUsed(bound: Bound, total: number): number {
  return isFixed(bound) ? widthOf(bound.maxSize) : widthWithin(total);
}

/** The widest size field that a part can need. */
function widthMax(bound: Bound): number {
  return bound === 'unbounded' || bound.fixedSize ? 0 : widthOf(bound.maxSize);
}

function sumOfBounds(a: Bound, b: Bound, c: Bound, overhead: number): Bound {
  if (a === 'unbounded' || b === 'unbounded' || c === 'unbounded') return 'unbounded';
  const fixedSize = a.fixedSize && b.fixedSize && c.fixedSize;
  return { maxSize: a.maxSize + b.maxSize + c.maxSize + overhead, fixedSize };
}
