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

/** In which direction to walk. */
export interface WalkDirection {
  /** Last slot first. */
  readonly reverse?: boolean | undefined;
}

/** Where a walk begins, and in which direction it goes. */
export interface WalkOptions extends WalkDirection {
  /** The slot to begin at; the first one unless told. */
  readonly from?: number;
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
  readonly #table: Table;
  readonly #first: number;
  readonly #isReverse: boolean;
  readonly #pieceLength: number;
  /** The slots of all pieces so far, the present one included. */
  #read = 0;
  /** The first slot of the piece, its tags, and the place in it; outside before the first step. */
  #start = 0;
  #tags: Uint8Array = new Uint8Array(0);
  /** The same tags as words, of which only is asked whether they are zero, on any machine. */
  #words: Uint32Array = new Uint32Array(0);
  #index = 0;

  constructor(table: Table, { from = 0, reverse = false }: WalkOptions = {}) {
    this.#table = table;
    this.#first = from;
    this.#isReverse = reverse;
    this.#pieceLength = slotsAtOnce(table.entrySize, table.capacity);
  }

  /** The slot of the entry. */
  get slot(): number {
    return (this.#start + this.#index) % this.#table.capacity;
  }

  /** The tag of the entry. */
  get tag(): number {
    return readU32(this.#tags, this.#index * TAG_SIZE);
  }

  /** Goes on to the next entry. False where there is none. */
  next(): boolean {
    const { capacity, entrySize } = this.#table;
    const step = this.#isReverse ? -1 : 1;
    for (;;) {
      const words = this.#words;
      let index = this.#index + step;
      while (words[index] === EMPTY) index += step;
      this.#index = index;
      if (words[index] !== undefined) {
        this.offset = index * entrySize;
        return true;
      }
      if (this.#read === capacity) return false;
      this.#readPiece(capacity);
    }
  }

  #readPiece(capacity: number): void {
    const { tags, entries } = this.#table;
    const count = Math.min(this.#pieceLength, capacity - this.#read);
    const start = this.#isReverse ? capacity - this.#read - count : this.#read;
    this.#start = (this.#first + start) % capacity;
    this.#tags = tags.read(this.#start, count);
    this.#words = new Uint32Array(this.#tags.buffer, this.#tags.byteOffset, count);
    this.bytes = entries.read(this.#start, count);
    this.#read += count;
    this.#index = this.#isReverse ? count : -1;
  }
}
