/**
 * Our layout of tuples that Rust's crate does not have: one part, or four and more. The parts follow
 * each other. Each but the last has its size before it, unless it is fixed in size; the last takes
 * what is left. So a tuple of one part is that part.
 *
 *     OFFSET  SIZE  FIELD
 *          0     1  size of the part, or 0xff where it is 255 or more; absent where it is fixed
 *          1     4  size of the part, big-endian; only after 0xff
 *       then  size  the part
 *
 * and so on, up to the last part. Each size has one encoding; any other is refused, since it would
 * be a key that is not found.
 *
 * Source: the gap in `specs/ic-stable-structures.md` section 5.2; golden vectors
 * `test/golden/codecs.txt`.
 */
import { concatBytes, readU32BigEndian, writeU32BigEndian } from '../bytes.js';
import type { Bound } from '../codec.js';
import { corrupted } from '../errors.js';
import { isFixed, type TupleLayout } from './tuple-layout.js';

/** Stands for a size that follows in 4 bytes. */
const LONG = 0xff;
const LONG_FIELD_SIZE = 5;

/** The layout of tuples whose parts have these bounds. */
export function longLayout(bounds: readonly Bound[]): TupleLayout {
  const last = bounds.length - 1;
  return {
    bound: sumOf(bounds),
    join: (parts) =>
      concatBytes(
        ...parts.flatMap((part, index) =>
          index === last || isFixed(bounds[index]!) ? [part] : [sizeField(part.length), part],
        ),
      ),
    locate(bytes, start, end) {
      const edges: number[] = [];
      let offset = start;
      for (const bound of bounds.slice(0, last)) {
        const [partStart, partEnd] = locatePart(bytes, offset, end, bound);
        edges.push(partStart, partEnd);
        offset = partEnd;
      }
      edges.push(offset, end);
      return edges;
    },
  };
}

function sizeField(size: number): Uint8Array {
  if (size < LONG) return Uint8Array.of(size);
  const field = new Uint8Array(LONG_FIELD_SIZE);
  field[0] = LONG;
  writeU32BigEndian(field, 1, size);
  return field;
}

/** Where the part lies whose size field, if it is not fixed in size, is at `offset`. */
function locatePart(
  bytes: Uint8Array,
  offset: number,
  end: number,
  bound: Bound,
): readonly [start: number, end: number] {
  if (isFixed(bound)) return within(offset, bound.maxSize, end);
  const [, sizeEnd] = within(offset, 1, end);
  if (bytes[offset] !== LONG) return within(sizeEnd, bytes[offset]!, end);
  const [, longSizeEnd] = within(offset, LONG_FIELD_SIZE, end);
  const size = readU32BigEndian(bytes, offset + 1);
  if (size < LONG) throw corrupted('size of a part of a tuple', 'in 1 byte', size);
  return within(longSizeEnd, size, end);
}

/** Start and end of a field, which must end by `end`. */
function within(start: number, size: number, end: number): readonly [start: number, end: number] {
  if (start + size > end) throw corrupted('field of a tuple', `${size} bytes`, end - start);
  return [start, start + size];
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
