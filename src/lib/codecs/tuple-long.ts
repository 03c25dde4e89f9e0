/**
 * Our layout of tuples that Rust's crate does not have: one part, or four and more. The parts
 * follow each other. Each but the last has its size before it, unless it is fixed in size; the last
 * takes what is left. So a tuple of one part is that part.
 *
 *     OFFSET  SIZE  FIELD
 *          0   1/5  size of the part, see `size-field.ts`; absent where it is fixed
 *       then  size  the part
 *
 * and so on, up to the last part.
 *
 * Source: the gap in `specs/ic-stable-structures.md` section 5.2; golden vectors
 * `test/golden/codecs.txt`.
 */
import { concatBytes } from '../bytes.js';
import type { Bound } from '../codec.js';
import { locateFixed, locateSized, sizeField } from './size-field.js';
import { isFixed, type TupleLayout } from './tuple-layout.js';

/** The layout of tuples whose parts have these bounds. */
export function longLayout(bounds: readonly Bound[]): TupleLayout {
  const allButLast = bounds.slice(0, -1);
  return {
    form: 'adjacent',
    bound: sumOf(bounds),
    join(parts) {
      const fields = parts.map((part, index) => {
        const bound = allButLast[index];
        return bound === undefined || isFixed(bound)
          ? part
          : concatBytes(sizeField(part.length), part);
      });
      return concatBytes(...fields);
    },
    locate(bytes, start, end) {
      const edges: number[] = [];
      let offset = start;
      for (const bound of allButLast) {
        const [partStart, partEnd] = isFixed(bound)
          ? locateFixed(offset, bound.maxSize, end)
          : locateSized(bytes, offset, end);
        edges.push(partStart, partEnd);
        offset = partEnd;
      }
      edges.push(offset, end);
      return edges;
    },
  };
}

function sumOf(bounds: readonly Bound[]): Bound {
  let maxSize = 0;
  for (const [index, bound] of bounds.entries()) {
    if (bound === 'unbounded') return 'unbounded';
    maxSize += bound.maxSize;
    if (index < bounds.length - 1 && !bound.fixedSize) maxSize += sizeField(bound.maxSize).length;
  }
  return { maxSize, fixedSize: bounds.every(isFixed) };
}
