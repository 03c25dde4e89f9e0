/**
 * The data memory of a log: its entries, encoded, one right after the other.
 *
 * Layout V1:
 *
 *     OFFSET  SIZE  FIELD
 *          0     3  magic "GLD"
 *          3     1  layout version = 1
 *          4    28  reserved, never written
 *         32        the first entry; where each one ends, the index says
 *
 * Positions count from the first entry on, like the bounds of the index.
 *
 * Source: `specs/ic-stable-structures.md` section 4.3; crate module `log`.
 */
import { corrupted } from '../errors.js';
import { MAGIC_SIZE, writeMagic } from '../magic.js';
import { reserve, sizeInBytes, type Memory } from '../memory.js';
import { moveBytes } from '../move-bytes.js';
import { LAYOUT_VERSION, RESERVED_SIZE } from './log-index.js';

export const DATA_MAGIC = 'GLD';

const RESERVED_OFFSET = MAGIC_SIZE;
const ENTRIES_OFFSET = RESERVED_OFFSET + RESERVED_SIZE;

/** Where each field lies, for the test that compares the table above with the code. */
export const LOG_DATA_LAYOUT = {
  magic: 0,
  reserved: RESERVED_OFFSET,
  entries: ENTRIES_OFFSET,
} as const;

export class LogData {
  constructor(readonly memory: Memory) {}

  /** Writes the header. PRECONDITION: the memory has a page. */
  static create(memory: Memory): LogData {
    const header = new Uint8Array(MAGIC_SIZE);
    writeMagic(header, DATA_MAGIC, LAYOUT_VERSION);
    memory.write(0, header);
    return new LogData(memory);
  }

  /** The size of header and entries where these end at `end`. */
  sizeInBytes(end: number): number {
    return ENTRIES_OFFSET + end;
  }

  /** Makes room for entries up to `end`. Throws `GROW_FAILED`. */
  reserve(end: number): void {
    reserve(this.memory, ENTRIES_OFFSET + end);
  }

  /** Throws `CORRUPTED` unless the memory holds entries up to `end`. */
  assertHolds(end: number): void {
    const endMax = sizeInBytes(this.memory) - ENTRIES_OFFSET;
    if (end > endMax) throw corrupted('end of the entries', `at most ${endMax}`, end);
  }

  /** Fills `target` from `start` on. */
  read(start: number, target: Uint8Array): void {
    this.memory.read(ENTRIES_OFFSET + start, target);
  }

  write(start: number, entries: Uint8Array): void {
    this.memory.write(ENTRIES_OFFSET + start, entries);
  }

  /** Moves the entries from `start` up to `end` to the front. */
  moveToFront(start: number, end: number): void {
    moveBytes(this.memory, ENTRIES_OFFSET + start, ENTRIES_OFFSET, end - start);
  }
}
