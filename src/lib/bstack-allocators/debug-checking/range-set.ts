/**
 * Ranges of bytes in RAM, of which no two overlap. A range of no bytes overlaps nothing and is not
 * kept.
 *
 * Source: `specs/bstack.md` section 3.8.
 */
import { BStackRange } from '../../bstack/range.js';

/** A set of ranges. Each question and each change costs O(ranges): it is for debugging. */
export class RangeSet {
  #ranges: readonly BStackRange[];

  /** Throws `RangeError` where two of the ranges overlap; `label` names them. */
  constructor(label: string, ranges: readonly BStackRange[]) {
    this.#ranges = ranges.filter(({ isEmpty }) => !isEmpty);
    const clash = this.#ranges.find((range) => this.overlapping(range).length > 1);
    if (clash === undefined) return;
    throw new RangeError(`${label}: expected disjoint ranges, got two at ${clash.start}`);
  }

  /** All of them, by their starts. */
  toArray(): BStackRange[] {
    return [...this.#ranges].sort((a, b) => a.compare(b));
  }

  /** Those that have a byte in common with `range`. */
  overlapping(range: BStackRange): readonly BStackRange[] {
    if (range.isEmpty) return [];
    return this.#ranges.filter((each) => each.start < range.end && range.start < each.end);
  }

  /** Adds a range. PRECONDITION: it overlaps none. */
  add(range: BStackRange): void {
    if (!range.isEmpty) this.#ranges = [...this.#ranges, range];
  }

  /** Takes these bytes out of the set: ranges that overlap them are cut, or split in two. */
  remove(range: BStackRange): void {
    const hit = new Set(this.overlapping(range));
    if (hit.size === 0) return;
    this.#ranges = this.#ranges.flatMap((each) =>
      hit.has(each) ? partsOutside(each, range) : each,
    );
  }
}

/** What is left of a range in front of a hole and behind it. */
function partsOutside(range: BStackRange, hole: BStackRange): BStackRange[] {
  const parts: BStackRange[] = [];
  if (range.start < hole.start) parts.push(BStackRange.between(range.start, hole.start));
  if (hole.end < range.end) parts.push(BStackRange.between(hole.end, range.end));
  return parts;
}
