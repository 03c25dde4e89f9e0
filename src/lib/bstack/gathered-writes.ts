/**
 * Writes that wait to be done together. Those that come later win where they overlap; what is read
 * meanwhile has them laid over it.
 *
 * INVARIANT: the pieces are sorted by their offsets, do not overlap, and none is empty.
 */
import { concatAll } from '../bytes.js';
import type { Run } from './journal.js';

/** Writes by their offsets in the payload. Each costs O(log n) and the moving of an array. */
export class GatheredWrites {
  readonly #pieces: Run[] = [];

  /** Adds a write. The bytes are kept, not copied. */
  add(offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const end = offset + bytes.length;
    const first = this.#firstBehind(offset);
    const replaced: Run[] = [];
    for (let index = first; index < this.#pieces.length; index++) {
      const piece = this.#pieces[index]!;
      if (piece.offset >= end) break;
      replaced.push(piece);
    }
    const before = replaced.slice(0, 1).map((piece) => partBefore(piece, offset));
    const after = replaced.slice(-1).map((piece) => partFrom(piece, end));
    const pieces = [...before, { offset, bytes }, ...after].filter((each) => each.bytes.length > 0);
    this.#pieces.splice(first, replaced.length, ...pieces);
  }

  /** Puts what waits over bytes that were read from `offset` on. */
  overlay(offset: number, target: Uint8Array): void {
    const end = offset + target.length;
    for (let index = this.#firstBehind(offset); index < this.#pieces.length; index++) {
      const piece = this.#pieces[index]!;
      if (piece.offset >= end) return;
      const part = partFrom(partBefore(piece, end), offset);
      target.set(part.bytes, part.offset - offset);
    }
  }

  /** All of them; pieces that touch are joined. O(bytes). */
  runs(): Run[] {
    const groups: Run[][] = [];
    let end = -1;
    for (const piece of this.#pieces) {
      if (piece.offset === end) groups.at(-1)!.push(piece);
      else groups.push([piece]);
      end = endOf(piece);
    }
    return groups.map((group) => ({
      offset: group[0]!.offset,
      bytes: group.length === 1 ? group[0]!.bytes : concatAll(group.map(({ bytes }) => bytes)),
    }));
  }

  /** The index of the first piece that ends behind `offset`. */
  #firstBehind(offset: number): number {
    let low = 0;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (endOf(this.#pieces[middle]!) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function endOf({ offset, bytes }: Run): number {
  return offset + bytes.length;
}

/** What of a run lies before `end`. */
function partBefore({ offset, bytes }: Run, end: number): Run {
  return { offset, bytes: bytes.subarray(0, Math.max(0, end - offset)) };
}

/** What of a run lies from `start` on. */
function partFrom({ offset, bytes }: Run, start: number): Run {
  const skipped = Math.min(bytes.length, Math.max(0, start - offset));
  return { offset: offset + skipped, bytes: bytes.subarray(skipped) };
}
