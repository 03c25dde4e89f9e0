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
import { encodeCheckedInto, type Bound, type Codec } from '../codec.js';
import { locateFixed, locateSized, putSizeBefore, sizeField } from './size-field.js';
import { isFixed, type TupleLayout } from './tuple-layout.js';

/** The layout of tuples whose parts have these bounds. */
export function longLayout(bounds: readonly Bound[]): TupleLayout {
  const allButLast = bounds.slice(0, -1);
  const last = bounds.length - 1;
  const puts = bounds.map((bound, index) =>
    index === last || isFixed(bound) ? encodeCheckedInto : putSized,
  );
  return {
    form: 'adjacent',
    bound: sumOf(bounds),
    put(parts, values, target, offset) {
      let end = offset;
      for (let index = 0; index < parts.length && end >= 0; index++) {
        end = puts[index]!(parts[index]!, values[index], target, end);
      }
      return end;
    },
    locate(bytes, start, end) {
      const edges: number[] = [];
      let offset = start;
      for (const bound of allButLast) {
        const part = isFixed(bound)
          ? locateFixed(offset, bound.maxSize, end)
          : locateSized(bytes, offset, end);
        offset = part[1];
        edges.push(part[0], offset);
      }
      edges.push(offset, end);
      return edges;
    },
  };
}

function putSized(part: Codec<unknown>, value: unknown, target: Uint8Array, offset: number) {
  const end = encodeCheckedInto(part, value, target, offset + 1);
  return end < 0 ? -1 : putSizeBefore(target, offset, end);
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
