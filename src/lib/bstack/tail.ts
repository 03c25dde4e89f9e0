/**
 * The end of a stack: bytes added, taken off, and replaced by others of another length. In order:
 *
 *     push       data, sync, length, sync
 *     extend     the file's end, length, sync
 *     discard    the file's end, length, sync
 *     replace    through the journal, where both tails have bytes: 4 syncs
 *
 * An interrupted push leaves a file that is longer than its length says; opening cuts it. The first
 * sync of a push is one more than the original has: without it a power loss can keep the length
 * and lose the data. An interrupted discard leaves a file that is shorter, or its old length; both
 * are what opening makes of it.
 *
 * Source: `specs/bstack.md` sections 1.4, 1.6 and 1.8.
 */
import { PAYLOAD_OFFSET } from './header.js';
import { JOURNAL_MODE, writeBytes, type Run } from './journal.js';
import type { StackFile } from './stack-file.js';

/** Adds bytes at the end; gives the old length. 2 syncs. */
export function append(file: StackFile, bytes: Uint8Array): number {
  file.assertAddable(bytes.length);
  const before = file.length;
  if (bytes.length === 0) return before;
  file.stage(() => {
    file.write(before, bytes);
    file.sync();
  });
  file.commit(() => file.setLength(before + bytes.length));
  return before;
}

/** Adds zeros at the end; gives the old length. 1 sync, 2 right after a journal was used. */
export function extend(file: StackFile, count: number): number {
  file.assertAddable(count);
  const before = file.length;
  if (count === 0) return before;
  file.stage(() => {
    file.setEnd(before + count);
    file.syncPendingCut();
  });
  file.commit(() => file.setLength(before + count));
  return before;
}

/** Adds zeros with bytes in between, at offsets from the old end; gives the old length. 2 syncs. */
export function extendSparsely(file: StackFile, count: number, runs: readonly Run[]): number {
  if (runs.length === 0) return extend(file, count);
  file.assertAddable(count);
  const before = file.length;
  file.stage(() => {
    file.setEnd(before + count);
    for (const { offset, bytes } of runs) file.write(before + offset, bytes);
    file.sync();
  });
  file.commit(() => file.setLength(before + count));
  return before;
}

/** Takes bytes off the end. 1 sync. */
export function discard(file: StackFile, count: number): void {
  file.assertRemovable(count);
  if (count === 0) return;
  const after = file.length - count;
  file.commit(() => {
    file.setEnd(after);
    file.setLength(after);
  });
}

/** Puts bytes in the place of the last `count` ones. At most 4 syncs. */
export function replaceTail(file: StackFile, count: number, bytes: Uint8Array): void {
  file.assertRemovable(count);
  if (count === 0) append(file, bytes);
  else if (bytes.length === 0) discard(file, count);
  else if (bytes.length === count) writeBytes(file, file.length - count, bytes);
  else if (file.storage.isAtomic) replaceAtOnce(file, file.length - count, bytes);
  else replaceThroughJournal(file, file.length - count, bytes);
}

/** First takes the room, which is all that can be refused. */
function replaceAtOnce(file: StackFile, start: number, bytes: Uint8Array): void {
  const after = start + bytes.length;
  const before = file.length;
  if (after > before) {
    file.assertAddable(after - before);
    file.stage(() => file.setEnd(after));
  }
  file.commit(() => {
    file.write(start, bytes);
    if (after < before) file.setEnd(after);
    file.setLength(after);
  });
}

/** The new tail is staged behind both the old end and the new one, so that nothing overlaps. */
function replaceThroughJournal(file: StackFile, start: number, bytes: Uint8Array): void {
  const after = start + bytes.length;
  const staged = Math.max(file.length, after);
  file.assertAddable(staged + bytes.length - file.length);
  const mode = after > file.length ? JOURNAL_MODE.GROW : JOURNAL_MODE.SHRINK;
  file.stage(() => {
    file.setEnd(staged + bytes.length);
    file.write(staged, bytes);
    file.sync();
  });
  file.commit(() => {
    file.setJournal(PAYLOAD_OFFSET + start, mode);
    file.sync();
    file.write(start, bytes);
    file.sync();
    file.setLengthAtRest(after);
    file.cut();
  });
}
