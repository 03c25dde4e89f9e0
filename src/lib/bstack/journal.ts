/**
 * The journal of a stack: how bytes in the middle of the payload change as a whole, whatever
 * happens meanwhile. What is to be done is *staged* behind the payload, where nothing counts; a
 * write of the header *arms* the journal; it is *replayed* in place, and *disarmed*:
 *
 *     1  write the staged record behind the payload    sync
 *     2  arm: target and mode, one write               sync    from here on it happens
 *     3  change the payload in place                   sync
 *     4  disarm: zeros, one write                      sync
 *     5  cut the staged record off
 *
 * Before step 2 is durable, whoever opens the file cuts the record off; after it, `recovery.ts`
 * does step 3 again. Replaying changes neither the record nor what it reads, so that any number of
 * replays does what one does. The sync of step 4 is needed, too: else step 5, or what is staged
 * next, could reach the disk before it.
 *
 * Staged records by mode:
 *
 *     write    target 32 + offset: the new bytes
 *     repeat   target 32 + offset: how often, then the pattern
 *     copy     target 32 + where to: what lies elsewhere in the payload is its own record
 *     many     target 0: a block for each of several writes, one behind the other
 *     grow, shrink    a new tail of another length, see `tail.ts`
 *
 * A repeat:
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  copies
 *          8     …  pattern, up to the end of the file
 *
 * A copy:
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  offset in the payload to copy from
 *          8     8  bytes
 *
 * A block of many writes:
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  offset in the payload of the first byte
 *          8     8  offset in the payload behind the last byte
 *         16     …  the new bytes
 *
 * Source: `specs/bstack.md` section 1.8. It gives 2^64 - 1 as the mode of many writes, as the
 * original's document does; its code, in Rust and in C, has 2^64 - 6. That is written here, and
 * both are read.
 */
import { concatAll, writeU64 } from '../bytes.js';
import { moveBytes } from '../move-bytes.js';
import { ATOMIC_BLOCK_SIZE } from '../storage.js';
import { fillWith } from './fill.js';
import { AT_REST, PAYLOAD_OFFSET } from './header.js';
import type { StackFile } from './stack-file.js';

/** The mode of a journal, as the header has it. */
export const JOURNAL_MODE = {
  WRITE: AT_REST,
  GROW: 2n ** 64n - 2n,
  SHRINK: 2n ** 64n - 3n,
  REPEAT: 2n ** 64n - 4n,
  COPY: 2n ** 64n - 5n,
  MANY: 2n ** 64n - 6n,
  MANY_AS_DOCUMENTED: 2n ** 64n - 1n,
} as const;

const COPIES_OFFSET = 0;
const PATTERN_OFFSET = COPIES_OFFSET + 8;

const SOURCE_OFFSET = 0;
const COUNT_OFFSET = SOURCE_OFFSET + 8;

/** Bytes of a staged copy. */
export const COPY_SIZE = COUNT_OFFSET + 8;

const START_OFFSET = 0;
const END_OFFSET = START_OFFSET + 8;
const BYTES_OFFSET = END_OFFSET + 8;

/** The staged records. */
export const JOURNAL_LAYOUT = {
  repeat: { copies: COPIES_OFFSET, pattern: PATTERN_OFFSET },
  copy: { source: SOURCE_OFFSET, count: COUNT_OFFSET },
  block: { start: START_OFFSET, end: END_OFFSET, bytes: BYTES_OFFSET },
} as const;

/** Bytes that are to lie at an offset of the payload. */
export interface Run {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Whether a disk writes these bytes of the payload as a whole. PRECONDITION: `count` > 0. */
export function isInOneBlock(offset: number, count: number): boolean {
  const first = PAYLOAD_OFFSET + offset;
  const last = first + count - 1;
  return Math.floor(first / ATOMIC_BLOCK_SIZE) === Math.floor(last / ATOMIC_BLOCK_SIZE);
}

/** Overwrites bytes of the payload. 1 sync within one block, else 4. */
export function writeBytes(file: StackFile, offset: number, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  changeInPlace(file, { offset, count: bytes.length }, JOURNAL_MODE.WRITE, bytes, () =>
    file.write(offset, bytes),
  );
}

/** Writes copies of a pattern over bytes of the payload. 1 sync within one block, else 4. */
export function repeatBytes(
  file: StackFile,
  offset: number,
  copies: number,
  pattern: Uint8Array,
): void {
  const count = copies * pattern.length;
  if (count === 0) return;
  const record = new Uint8Array(PATTERN_OFFSET + pattern.length);
  writeU64(record, COPIES_OFFSET, copies);
  record.set(pattern, PATTERN_OFFSET);
  changeInPlace(file, { offset, count }, JOURNAL_MODE.REPEAT, record, () =>
    fillWith(file.storage, PAYLOAD_OFFSET + offset, copies, pattern),
  );
}

/** Copies bytes within the payload; the ranges may overlap. 1 sync within one block, else 4. */
export function copyBytes(file: StackFile, from: number, to: number, count: number): void {
  if (count === 0 || from === to) return;
  const overlap = Math.abs(from - to) < count;
  if (overlap && !file.storage.isAtomic) return writeBytes(file, to, file.get(from, count));
  const record = new Uint8Array(COPY_SIZE);
  writeU64(record, SOURCE_OFFSET, from);
  writeU64(record, COUNT_OFFSET, count);
  changeInPlace(file, { offset: to, count }, JOURNAL_MODE.COPY, record, () =>
    moveBytes(file.storage, PAYLOAD_OFFSET + from, PAYLOAD_OFFSET + to, count),
  );
}

/**
 * Overwrites several ranges of the payload as one change. 1 sync where all lie within one block,
 * else 4. PRECONDITION: the runs are sorted, and between any two there is a byte.
 */
export function writeRuns(file: StackFile, runs: readonly Run[]): void {
  const [first] = runs;
  const last = runs.at(-1);
  if (first === undefined || last === undefined) return;
  if (runs.length === 1) return writeBytes(file, first.offset, first.bytes);
  const count = last.offset + last.bytes.length - first.offset;
  if (isInOneBlock(first.offset, count)) return writeBytes(file, first.offset, fuse(file, runs));
  const write = () => runs.forEach(({ offset, bytes }) => file.write(offset, bytes));
  if (file.storage.isAtomic) return file.commit(write);
  throughJournal(file, 0, JOURNAL_MODE.MANY, concatAll(runs.flatMap(blockOf)), write);
}

/** The runs with what lies between them, as one. */
function fuse(file: StackFile, runs: readonly Run[]): Uint8Array {
  const start = runs[0]!.offset;
  const last = runs.at(-1)!;
  const fused = file.get(start, last.offset + last.bytes.length - start);
  for (const { offset, bytes } of runs) fused.set(bytes, offset - start);
  return fused;
}

function blockOf({ offset, bytes }: Run): Uint8Array[] {
  const head = new Uint8Array(BYTES_OFFSET);
  writeU64(head, START_OFFSET, offset);
  writeU64(head, END_OFFSET, offset + bytes.length);
  return [head, bytes];
}

/** Changes one range: at once where it cannot be torn, else through the journal. */
function changeInPlace(
  file: StackFile,
  { offset, count }: { readonly offset: number; readonly count: number },
  mode: bigint,
  record: Uint8Array,
  change: () => void,
): void {
  if (!file.storage.isAtomic && !isInOneBlock(offset, count)) {
    return throughJournal(file, PAYLOAD_OFFSET + offset, mode, record, change);
  }
  file.commit(() => {
    change();
    file.sync();
  });
}

/** The five steps. */
function throughJournal(
  file: StackFile,
  target: number,
  mode: bigint,
  record: Uint8Array,
  replay: () => void,
): void {
  file.stage(() => {
    file.write(file.length, record);
    file.sync();
  });
  file.commit(() => {
    file.setJournal(target, mode);
    file.sync();
    replay();
    file.sync();
    file.setJournal(0, AT_REST);
    file.sync();
    file.cut();
  });
}
