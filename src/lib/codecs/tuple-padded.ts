/**
 * Rust's layout of a pair whose parts are bounded: each part padded with zeros to its largest size,
 * so that every pair is equally long. `a` and `b` are those largest sizes.
 *
 *     OFFSET     SIZE  FIELD
 *          0        a  first part, padded
 *          a        b  second part, padded
 *      a + b     w(a)  size of the first part; absent where it is fixed
 *       then     w(b)  size of the second part; absent where it is fixed
 *
 * NOTE: a pair is *declared* variable in size unless both parts are fixed, although it never
 * varies. Rust does so, and structures store its length because of it.
 *
 * Padding is not read back: checking it would cost more than all the rest.
 *
 * Source: `specs/ic-stable-structures.md` section 5.2.
 */
import { encodeCheckedInto } from '../codec.js';
import { corrupted } from '../errors.js';
import {
  readSize,
  widthOf,
  writeSize,
  type LimitedBound,
  type TupleLayout,
} from './tuple-layout.js';

/** The layout of pairs with these bounds. */
export function paddedLayout(a: LimitedBound, b: LimitedBound): TupleLayout {
  const aWidth = a.fixedSize ? 0 : widthOf(a.maxSize);
  const bWidth = b.fixedSize ? 0 : widthOf(b.maxSize);
  const aSizeOffset = a.maxSize + b.maxSize;
  const bSizeOffset = aSizeOffset + aWidth;
  const size = bSizeOffset + bWidth;
  return {
    form: 'padded',
    bound: { maxSize: size, fixedSize: a.fixedSize && b.fixedSize },
    put(parts, values, target, offset) {
      const bOffset = offset + a.maxSize;
      const sizesOffset = offset + aSizeOffset;
      if (offset + size > target.length) return -1;
      const aEnd = encodeCheckedInto(parts[0]!, values[0], target, offset);
      if (aEnd < 0) return -1;
      if (aEnd < bOffset) target.fill(0, aEnd, bOffset);
      const bEnd = encodeCheckedInto(parts[1]!, values[1], target, bOffset);
      if (bEnd < 0) return -1;
      if (bEnd < sizesOffset) target.fill(0, bEnd, sizesOffset);
      if (aWidth > 0) writeSize(target, sizesOffset, aWidth, aEnd - offset);
      if (bWidth > 0) writeSize(target, offset + bSizeOffset, bWidth, bEnd - bOffset);
      return offset + size;
    },
    locate(bytes, start, end) {
      if (end - start !== size) throw corrupted('size of a pair', size, end - start);
      const aSize = aWidth > 0 ? readSize(bytes, start + aSizeOffset, aWidth) : a.maxSize;
      const bSize = bWidth > 0 ? readSize(bytes, start + bSizeOffset, bWidth) : b.maxSize;
      assertWithinBound(aSize, a.maxSize);
      assertWithinBound(bSize, b.maxSize);
      const bStart = start + a.maxSize;
      return [start, start + aSize, bStart, bStart + bSize];
    },
  };
}

function assertWithinBound(size: number, max: number): void {
  if (size > max) throw corrupted('size of a part of a pair', `at most ${max}`, size);
}
