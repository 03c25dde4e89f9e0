/**
 * What opening does with a file that a crash has left: it finishes the change of an armed journal,
 * else it forgets what was not committed. Afterwards the journal is at rest, and the file ends
 * where the payload does.
 *
 *     target  mode           what is done
 *     0       0              the file is longer than the length says: what is too much is cut off
 *                            the file is shorter: it had been cut, the length follows
 *     0       many           each block is written to its place
 *     else    write          the staged bytes are written to the target
 *     else    repeat, copy   the target is filled once more
 *     else    grow, shrink   the staged tail is written to the target, the length becomes another
 *     any     else           nothing was begun that this release knows: as without a journal
 *
 * A record that does not fit the payload is of a damaged file, or of none of ours: then nothing is
 * replayed. All replays read what they do not change, and the journal stays armed until they are
 * durable; so a crash within the recovery is recovered from in the same way.
 *
 * The length after a grow or shrink is stored nowhere. It follows from where the file ends, since
 * the new tail of n bytes, from `start` up to `after`, is staged behind the longer one of both:
 *
 *     grow      end = after + n  = 2 after - start          after = (end + start) / 2
 *     shrink    end = before + n = before + after - start   after = end + start - before
 *
 * Source: `specs/bstack.md` sections 1.3 and 1.8.
 */
import { readBigU64 } from '../bytes.js';
import { moveBytes } from '../move-bytes.js';
import type { Storage } from '../storage.js';
import { fillWith } from './fill.js';
import { AT_REST, PAYLOAD_OFFSET, writeLength, writeLengthAtRest, type Header } from './header.js';
import { COPY_SIZE, JOURNAL_LAYOUT, JOURNAL_MODE } from './journal.js';

/** Repairs the file; gives the length of its payload. Up to 3 syncs, none where all is well. */
export function recover(storage: Storage, header: Header): number {
  const sync = () => {
    if (!storage.isAtomic) storage.sync();
  };
  const end = storage.length() - PAYLOAD_OFFSET;
  const before = Math.min(header.length, end);
  if (header.target === 0 && header.mode === AT_REST) {
    if (end === header.length) return before;
    if (end > before) storage.setLength(PAYLOAD_OFFSET + before);
    else writeLength(storage, before);
    sync();
    return before;
  }
  const after = replay(storage, { ...header, length: before, end });
  sync();
  writeLengthAtRest(storage, after);
  sync();
  storage.setLength(PAYLOAD_OFFSET + after);
  sync();
  return after;
}

/** An armed journal: its record lies from `length` to `end` of the payload. */
interface Armed extends Header {
  readonly end: number;
}

/** Does what the journal says, if it says anything possible. Gives the length that then counts. */
function replay(storage: Storage, armed: Armed): number {
  const { length, end, target, mode } = armed;
  if (end > length) {
    if (target === 0) replayMany(storage, armed);
    else if (mode === JOURNAL_MODE.WRITE) replayWrite(storage, armed);
    else if (mode === JOURNAL_MODE.REPEAT) replayRepeat(storage, armed);
    else if (mode === JOURNAL_MODE.COPY) replayCopy(storage, armed);
    else if (mode === JOURNAL_MODE.GROW) return replayTail(storage, armed, growth(armed));
    else if (mode === JOURNAL_MODE.SHRINK) return replayTail(storage, armed, shrinkage(armed));
  }
  return length;
}

function replayWrite(storage: Storage, { length, end, target }: Armed): void {
  const count = end - length;
  if (!fits(target, count, length)) return;
  moveBytes(storage, PAYLOAD_OFFSET + length, target, count);
}

function replayRepeat(storage: Storage, { length, end, target }: Armed): void {
  const size = end - length - JOURNAL_LAYOUT.repeat.pattern;
  if (size <= 0) return;
  const copies = readNumber(storage, length + JOURNAL_LAYOUT.repeat.copies);
  if (!fits(target, copies * size, length)) return;
  const pattern = new Uint8Array(size);
  storage.read(PAYLOAD_OFFSET + length + JOURNAL_LAYOUT.repeat.pattern, pattern);
  fillWith(storage, target, copies, pattern);
}

function replayCopy(storage: Storage, { length, end, target }: Armed): void {
  if (end - length < COPY_SIZE) return;
  const source = PAYLOAD_OFFSET + readNumber(storage, length + JOURNAL_LAYOUT.copy.source);
  const count = readNumber(storage, length + JOURNAL_LAYOUT.copy.count);
  const overlap = Math.abs(source - target) < count;
  if (overlap || !fits(target, count, length) || !fits(source, count, length)) return;
  moveBytes(storage, source, target, count);
}

function growth({ end, target }: Armed): number {
  return Math.floor((end + target - PAYLOAD_OFFSET) / 2);
}

function shrinkage({ length, end, target }: Armed): number {
  return end + target - PAYLOAD_OFFSET - length;
}

/** `after` is the new length, if the journal is what its mode says. */
function replayTail(storage: Storage, { length, end, target, mode }: Armed, after: number): number {
  const staged = Math.max(length, after);
  const count = after - (target - PAYLOAD_OFFSET);
  const isRight = mode === JOURNAL_MODE.GROW ? after > length : after < length;
  if (!isRight || count < 0 || staged + count !== end || !fits(target, 0, length)) return length;
  moveBytes(storage, PAYLOAD_OFFSET + staged, target, count);
  return after;
}

/** Two rounds: nothing is written unless every block is one. */
function replayMany(storage: Storage, armed: Armed): void {
  const { mode } = armed;
  if (mode !== JOURNAL_MODE.MANY && mode !== JOURNAL_MODE.MANY_AS_DOCUMENTED) return;
  if (!eachBlock(storage, armed, () => undefined)) return;
  eachBlock(storage, armed, (source, target, count) => moveBytes(storage, source, target, count));
}

/** Walks the blocks; says whether they all fit and fill the record. */
function eachBlock(
  storage: Storage,
  { length, end }: Armed,
  visit: (source: number, target: number, count: number) => void,
): boolean {
  let at = length;
  while (at < end) {
    const bytes = at + JOURNAL_LAYOUT.block.bytes;
    if (bytes > end) return false;
    const start = readNumber(storage, at + JOURNAL_LAYOUT.block.start);
    const count = readNumber(storage, at + JOURNAL_LAYOUT.block.end) - start;
    if (count < 0 || bytes + count > end || start + count > length) return false;
    visit(PAYLOAD_OFFSET + bytes, PAYLOAD_OFFSET + start, count);
    at = bytes + count;
  }
  return true;
}

/** Whether bytes from this offset of the file on lie within the payload. */
function fits(offset: number, count: number, length: number): boolean {
  return offset >= PAYLOAD_OFFSET && offset + count <= PAYLOAD_OFFSET + length;
}

/** A stored number at an offset of the payload. Above 2^53 it is rounded, and fits nowhere. */
function readNumber(storage: Storage, offset: number): number {
  const bytes = new Uint8Array(8);
  storage.read(PAYLOAD_OFFSET + offset, bytes);
  return Number(readBigU64(bytes, 0));
}
