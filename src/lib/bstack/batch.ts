/**
 * Several reads or writes in one call.
 *
 * Source: `specs/bstack.md` section 1.8 (there `get_batched`, `set_batched`, `extend_sparse`).
 */
import { assertBytes } from '../guards.js';
import { GatheredWrites } from './gathered-writes.js';
import { writeRuns, type Run } from './journal.js';
import type { StackFile } from './stack-file.js';
import { extendSparsely } from './tail.js';

/** A range of a stack: from `start` up to `end`. */
export interface StackSpan {
  readonly start: number;
  readonly end: number;
}

/** Bytes and the offset that they are to be written to. */
export type StackWrite = Run;

/** Copies of all ranges, in their order. Nothing is read unless all of them are good. */
export function getBatched(file: StackFile, spans: readonly StackSpan[]): Uint8Array[] {
  const lengths = spans.map(({ start, end }) => file.assertSpan(start, end));
  return spans.map(({ start }, index) => file.get(start, lengths[index]!));
}

/** Does all writes as one change. */
export function setBatched(file: StackFile, writes: readonly StackWrite[]): void {
  for (const { offset, bytes } of writes) {
    file.assertWritable(offset, assertBytes('bytes', bytes).length);
  }
  writeRuns(file, gatherDisjoint(writes));
}

/** Lengthens the stack by zeros with writes among them; their offsets are from its old end. */
export function extendSparse(
  file: StackFile,
  count: number,
  writes: readonly StackWrite[],
): number {
  file.assertAddable(count);
  for (const { offset, bytes } of writes) {
    file.assertWithin(offset, assertBytes('bytes', bytes).length, count);
  }
  return extendSparsely(file, count, gatherDisjoint(writes));
}

/** The writes in the order of their offsets. Which of two that overlap wins would be a guess. */
function gatherDisjoint(writes: readonly StackWrite[]): Run[] {
  const sorted = writes.filter(({ bytes }) => bytes.length > 0);
  sorted.sort((left, right) => left.offset - right.offset);
  const gathered = new GatheredWrites();
  let end = 0;
  for (const { offset, bytes } of sorted) {
    if (offset < end) {
      throw new RangeError(`writes: expected disjoint ones, got two at offset ${offset}`);
    }
    gathered.add(offset, bytes);
    end = offset + bytes.length;
  }
  return gathered.runs();
}
