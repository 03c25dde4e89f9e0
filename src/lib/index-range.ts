/**
 * Indices as arguments, and walks over elements by their indices: what vectors and deques share.
 *
 * Source: house style rule 14.
 */
import { assertSize } from './guards.js';
import type { Lease } from './lease.js';

/** Which elements to visit, and in which direction. */
export interface IndexRange {
  /** From this index on, inclusive; 0 unless told. */
  readonly from?: number | undefined;
  /** Up to before this index; the length unless told, and where it is more than that. */
  readonly to?: number | undefined;
  /** Last element first. */
  readonly reverse?: boolean | undefined;
}

/** Throws `TypeError` or `RangeError` unless it is an index below `end`. */
export function assertIndex(index: number, end: number): number {
  assertSize('index', index);
  if (index < end) return index;
  throw new RangeError(`index: expected less than ${end}, got ${index}`);
}

/**
 * The elements of a range, lazily; `read` gets one. The range is checked at once, before the first
 * step. Each step throws `CHANGED_WHILE_ITERATING` where the structure has changed since.
 */
export function walkIndices<T>(
  lease: Lease,
  { from = 0, to = Infinity, reverse = false }: IndexRange,
  length: number,
  read: (index: number) => T,
): Generator<T, void> {
  const start = assertSize('from', from);
  const end = to === Infinity ? length : Math.min(assertSize('to', to), length);
  return reverse
    ? walk(lease, end - start, (step) => read(end - 1 - step))
    : walk(lease, end - start, (step) => read(start + step));
}

function walk<T>(lease: Lease, count: number, read: (step: number) => T): Generator<T, void> {
  const { revision } = lease;
  return (function* () {
    lease.assertUnchanged(revision);
    for (let step = 0; step < count; step++) {
      yield read(step);
      lease.assertUnchanged(revision);
    }
  })();
}
