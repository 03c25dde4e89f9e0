/**
 * Operations that look before they write: they read, compare or ask a callback, and then do one of
 * the changes of `journal.ts` and `tail.ts`. Nothing is written before the last question is
 * answered.
 *
 * Source: `specs/bstack.md` section 1.4.
 */
import { equalBytes } from '../bytes.js';
import { assertBytes, assertSize } from '../guards.js';
import { writeBytes } from './journal.js';
import type { StackFile } from './stack-file.js';
import { runEdit } from './stack-edit.js';
import { append, discard, extend, replaceTail } from './tail.js';

/** The last `count` bytes. */
export function tailOf(file: StackFile, count: number): Uint8Array {
  file.assertRemovable(count);
  return file.get(file.length - count, count);
}

/** Puts what a callback makes of the tail in its place. */
export function replace(
  file: StackFile,
  count: number,
  change: (tail: Uint8Array) => Uint8Array,
): void {
  const tail = tailOf(file, count);
  const bytes = file.callBack(() => change(tail));
  replaceTail(file, count, assertBytes('the new tail', bytes));
}

/** Lets a callback change a copy, and writes it back. */
export function process(
  file: StackFile,
  start: number,
  end: number,
  change: (bytes: Uint8Array) => void,
): void {
  const count = file.assertSpan(start, end);
  file.assertWritable(start, count);
  const bytes = file.get(start, count);
  file.callBack(() => change(bytes));
  writeBytes(file, start, bytes);
}

/** Overwrites bytes; gives the old ones. */
export function swap(file: StackFile, offset: number, bytes: Uint8Array): Uint8Array {
  file.assertWritable(offset, assertBytes('bytes', bytes).length);
  const old = file.get(offset, bytes.length);
  writeBytes(file, offset, bytes);
  return old;
}

/** Overwrites bytes if they are the expected ones; says whether they were. */
export function compareAndSwap(
  file: StackFile,
  offset: number,
  expected: Uint8Array,
  bytes: Uint8Array,
): boolean {
  assertBytes('expected', expected);
  file.assertWritable(offset, assertBytes('bytes', bytes).length);
  if (expected.length !== bytes.length) return false;
  if (!equalBytes(file.get(offset, bytes.length), expected)) return false;
  writeBytes(file, offset, bytes);
  return true;
}

/**
 * Exchanges two ranges of one length, as two writes of one journal: 4 syncs. The original stages
 * one range only and takes 6.
 */
export function exchange(file: StackFile, left: number, right: number, count: number): void {
  file.assertWritable(left, count);
  file.assertWritable(right, count);
  if (left === right) return;
  if (Math.abs(left - right) < count) {
    throw new RangeError(`right: expected ${count} bytes apart from ${left}, got ${right}`);
  }
  runEdit(file, (edit) => {
    const bytes = edit.get(left, left + count);
    edit.set(left, edit.get(right, right + count));
    edit.set(right, bytes);
  });
}

/** Lengthens or cuts the stack. */
export function resize(file: StackFile, length: number): void {
  if (assertSize('length', length) < file.length) discard(file, file.length - length);
  else extend(file, length - file.length);
}

/** Lengthens the stack if it is shorter, by zeros that a callback may fill; says whether it was. */
export function ensure(
  file: StackFile,
  length: number,
  fill?: (bytes: Uint8Array) => void,
): boolean {
  const count = assertSize('length', length) - file.length;
  if (count <= 0) return false;
  file.assertAddable(count);
  if (fill === undefined) {
    extend(file, count);
    return true;
  }
  const bytes = new Uint8Array(count);
  file.callBack(() => fill(bytes));
  append(file, bytes);
  return true;
}
