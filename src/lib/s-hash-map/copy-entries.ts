/**
 * Fills a new table with the entries of an old one. The old one is read in the order of its tags,
 * and homes rise with tags; so the new one is written from front to back, in large pieces, and no
 * key is hashed or even looked at.
 *
 *     old   │ d │ a │   │ b │ c │         d has come round from the end: it is the last one
 *     new   │   │ a │   │   │ b │   │ c │ d │   │
 *
 * Entries that the end of the new table has no slot for come round to its front, where others lie
 * already. They are few, and placed one by one.
 */
import { writeU32 } from '../bytes.js';
import { homeOf, TAG_SIZE } from './table-layout.js';
import type { Table } from './table.js';
import { slotsAtOnce, Walk } from './walk.js';

/**
 * Overwrites all of `target`, whose bytes may be anything, with the entries of `source`. O(slots).
 *
 * PRECONDITION: `target` is not full with them, and entries have one size.
 */
export function copyEntries(source: Table, target: Table): void {
  const writer = new TableWriter(target);
  const walk = new Walk(source, { from: source.firstInOrder() });
  while (walk.next()) writer.put(walk.tag, walk.bytes, walk.offset);
  writer.finish();
}

/** Writes a table from front to back. */
class TableWriter {
  readonly #table: Table;
  readonly #pieceLength: number;
  readonly #tags: Uint8Array;
  readonly #entries: Uint8Array;
  /** The first slot of the piece, and the one behind the last entry. */
  #start = 0;
  #next = 0;
  readonly #comeRound: [tag: number, entry: Uint8Array][] = [];

  constructor(table: Table) {
    this.#table = table;
    this.#pieceLength = slotsAtOnce(table.entrySize, table.capacity);
    this.#tags = new Uint8Array(this.#pieceLength * TAG_SIZE);
    this.#entries = new Uint8Array(this.#pieceLength * table.entrySize);
  }

  /** Adds an entry. PRECONDITION: none that was added before has a larger tag. */
  put(tag: number, bytes: Uint8Array, offset: number): void {
    const { capacity, entrySize } = this.#table;
    const entry = bytes.subarray(offset, offset + entrySize);
    const slot = Math.max(this.#next, homeOf(tag, capacity));
    if (slot >= capacity) {
      this.#comeRound.push([tag, entry]);
      return;
    }
    while (slot >= this.#start + this.#pieceLength) this.#writePiece();
    writeU32(this.#tags, (slot - this.#start) * TAG_SIZE, tag);
    this.#entries.set(entry, (slot - this.#start) * entrySize);
    this.#next = slot + 1;
  }

  finish(): void {
    const table = this.#table;
    while (this.#start < table.capacity) this.#writePiece();
    for (const [tag, entry] of this.#comeRound) {
      table.place(table.find(tag, isNone).slot, tag, entry);
    }
  }

  #writePiece(): void {
    const { capacity, entrySize, tags, entries } = this.#table;
    const count = Math.min(this.#pieceLength, capacity - this.#start);
    entries.write(this.#start, this.#entries.subarray(0, count * entrySize));
    tags.write(this.#start, this.#tags.subarray(0, count * TAG_SIZE));
    this.#entries.fill(0);
    this.#tags.fill(0);
    this.#start += count;
  }
}

function isNone(): boolean {
  return false;
}
