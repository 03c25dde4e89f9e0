/**
 * A walk over the entries of a table, slot by slot from either end, or in a ring from any slot. The
 * table is read in pieces, each as large as is worth a read: in a canister a read costs as much as
 * some thousands of bytes.
 *
 *     const walk = new Walk(table);
 *     while (walk.next()) use(walk.bytes, walk.offset);
 */
import { readU32 } from '../bytes.js';
import { EMPTY, TAG_SIZE } from './table-layout.js';
import type { Table } from './table.js';

/** Bytes of a piece, tags included; one slot at the least. */
const PIECE_SIZE = 16_384;

/** Where a walk begins and in which direction it goes. */
export interface WalkOptions {
  /** The slot to begin at; the first one unless told. */
  readonly from?: number;
  readonly reverse?: boolean;
}

/** So many slots of entries of this size are read or written at once. */
export function slotsAtOnce(entrySize: number, capacity: number): number {
  const count = Math.floor(PIECE_SIZE / (TAG_SIZE + entrySize));
  return Math.min(capacity, Math.max(1, count));
}

export class Walk {
  /** Holds the entry that {@link next} has come to, at {@link offset}. */
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  slot = 0;
  tag = EMPTY;
  readonly #table: Table;
  readonly #first: number;
  readonly #isReverse: boolean;
  readonly #pieceLength: number;
  /** The slots that were passed, and those of them in the pieces before this one. */
  #passed = 0;
  #passedBefore = 0;
  #tags: Uint8Array = new Uint8Array(0);

  constructor(table: Table, { from = 0, reverse = false }: WalkOptions = {}) {
    this.#table = table;
    this.#first = from;
    this.#isReverse = reverse;
    this.#pieceLength = slotsAtOnce(table.entrySize, table.capacity);
  }

  /** Goes on to the next entry. False where there is none. */
  next(): boolean {
    const { capacity, entrySize } = this.#table;
    while (this.#passed < capacity) {
      const inPiece = this.#inPiece();
      this.#passed += 1;
      this.tag = readU32(this.#tags, inPiece * TAG_SIZE);
      if (this.tag === EMPTY) continue;
      this.offset = inPiece * entrySize;
      return true;
    }
    return false;
  }

  /** The place in the piece of the next slot, for which there may have to be a new piece. */
  #inPiece(): number {
    const { capacity } = this.#table;
    const count = this.#tags.length / TAG_SIZE;
    if (this.#passed === this.#passedBefore + count) return this.#readPiece();
    const index = this.#passed - this.#passedBefore;
    this.slot = (this.slot + (this.#isReverse ? capacity - 1 : 1)) % capacity;
    return this.#isReverse ? count - 1 - index : index;
  }

  #readPiece(): number {
    const { capacity, tags, entries } = this.#table;
    const count = Math.min(this.#pieceLength, capacity - this.#passed);
    const start = this.#isReverse ? capacity - this.#passed - count : this.#passed;
    const slot = (this.#first + start) % capacity;
    this.#tags = tags.read(slot, count);
    this.bytes = entries.read(slot, count);
    this.#passedBefore = this.#passed;
    this.slot = this.#isReverse ? (slot + count - 1) % capacity : slot;
    return this.#isReverse ? count - 1 : 0;
  }
}
