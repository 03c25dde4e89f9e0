/**
 * Indices as arguments, and walks over elements by their indices: what vectors and deques share.
 *
 * Source: house style rule 14.
 */
import { assertSize } from './guards.js';

/** Which elements to visit, and in which direction. */
export interface IndexRange {
  /** From this index on, inclusive; 0 unless told. */
  readonly from?: number | undefined;
  /** Up to before this index; the length unless told, and where it is more than that. */
  readonly to?: number | undefined;
  /** Last element first. */
  readonly reverse?: boolean | undefined;
}

/** What is walked: it counts its changes, so that a walk can tell. */
export interface Walked {
  readonly revision: number;
  /** Throws `CHANGED_WHILE_ITERATING` where the revision is another one by now. */
  assertUnchanged(revision: number): void;
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
  walked: Walked,
  { from = 0, to = Infinity, reverse = false }: IndexRange,
  length: number,
  read: (index: number) => T,
): Generator<T, void> {
  const start = assertSize('from', from);
  const end = to === Infinity ? length : Math.min(assertSize('to', to), length);
  return reverse
    ? walk(walked, end - start, (step) => read(end - 1 - step))
    : walk(walked, end - start, (step) => read(start + step));
}

function walk<T>(walked: Walked, count: number, read: (step: number) => T): Generator<T, void> {
  const { revision } = walked;
  return (function* () {
    walked.assertUnchanged(revision);
    for (let step = 0; step < count; step++) {
      yield read(step);
      walked.assertUnchanged(revision);
    }
  })();
}
