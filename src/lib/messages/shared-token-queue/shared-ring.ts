/**
 * A ring of tokens between two threads, without a lock: the producer puts in at the tail, and both
 * take out at the head, the producer what it evicts.
 *
 *     put in     write the cell at the tail; then count the tail up
 *     take out   copy the cell at the head; then count the head up, if it is still the same
 *
 * Head and tail are numbers of tokens and go on for ever, modulo 2^32; a cell is found by their low
 * bits. Two that take out at once have copied the same cell, and one of them counts up; the other
 * throws its copy away and begins anew. A copy may be torn only if the producer has written over
 * the cell, and it does that after the head has gone by: such a copy is thrown away as well. So no
 * token is had by two, and none is passed over.
 *
 * INVARIANT: a cell changes only while it is not between head and tail. So whoever finds the head
 * where it was before it looked at cells has seen them whole.
 *
 * Every look at the shared memory is a call of one of five methods. Whoever watches them sees
 * everything that one thread does to another; the tests try every order of them.
 *
 * Source: Lamport's ring of one producer and one consumer, with a head that two may move.
 */
import { readU32, writeU64 } from '../../bytes.js';
import type { Load } from '../admission.js';
import { waitAsync } from '../shared-buffer.js';
import { CELL_SIZE, readCell, TOKEN_CELL_LAYOUT, writeCell } from '../token-queue/cell.js';
import type { QueuedToken } from '../token-queue/cell.js';
import {
  BYTES_BEFORE_OFFSET,
  cellOffset,
  HEAD_OFFSET,
  SHARED_CELL_SIZE,
  TAIL_OFFSET,
  WORD_SIZE,
} from './layout.js';

/** No queue holds so many bytes, so a difference modulo this is the difference. */
const BYTES_MODULUS = 2 ** 52;
const HIGH_HALF_MASK = BYTES_MODULUS / 2 ** 32 - 1;

const CELL_WORDS = SHARED_CELL_SIZE / WORD_SIZE;
const QUEUED_WORDS = CELL_SIZE / WORD_SIZE;

/** What was found at one moment. */
export interface RingState extends Load {
  /** Tokens ever taken out. */
  readonly head: number;
  /** Tokens ever put in. */
  readonly tail: number;
}

export class SharedRing {
  readonly #words: Int32Array;
  readonly #mask: number;
  /** A cell of this thread's own, as bytes and as words. */
  readonly #copy = new Uint8Array(SHARED_CELL_SIZE);
  protected readonly copy = new Int32Array(this.#copy.buffer);

  constructor(
    buffer: SharedArrayBuffer,
    /** How many there are. */
    readonly cells: number,
  ) {
    this.#words = new Int32Array(buffer);
    this.#mask = cells - 1;
  }

  /** A word that the other thread may change. */
  load(offset: number): number {
    return Atomics.load(this.#words, offset / WORD_SIZE) >>> 0;
  }

  /** Sets a word that the other thread may look at. */
  store(offset: number, value: number): void {
    Atomics.store(this.#words, offset / WORD_SIZE, value);
  }

  /** Sets a word if it is as expected, and says whether it was. */
  exchange(offset: number, expected: number, value: number): boolean {
    const before = expected | 0;
    return Atomics.compareExchange(this.#words, offset / WORD_SIZE, before, value) === before;
  }

  /** Fills the copy with words of a cell: perhaps torn, see above. */
  collect(offset: number, count: number): void {
    const first = offset / WORD_SIZE;
    for (let word = 0; word < count; word++) this.copy[word] = this.#words[first + word]!;
  }

  /** Fills a cell, which the other thread does not look at, or in vain, with words of the copy. */
  spread(offset: number, count: number): void {
    const first = offset / WORD_SIZE;
    for (let word = 0; word < count; word++) this.#words[first + word] = this.copy[word]!;
  }

  /** Blocks until the word is another or time is up; says whether it was the first. */
  wait(offset: number, value: number, milliseconds: number): boolean {
    return Atomics.wait(this.#words, offset / WORD_SIZE, value | 0, milliseconds) !== 'timed-out';
  }

  /** As {@link wait}, with a promise. PRECONDITION: the engine has `Atomics.waitAsync`. */
  async waitAsync(offset: number, value: number, milliseconds: number): Promise<boolean> {
    return waitAsync(this.#words, offset / WORD_SIZE, value | 0, milliseconds);
  }

  /** Wakes whoever waits for the word. */
  notify(offset: number): void {
    Atomics.notify(this.#words, offset / WORD_SIZE);
  }

  /** How much there is, at one moment. O(1), but for as often as the head moves meanwhile. */
  state(): RingState {
    for (;;) {
      const head = this.load(HEAD_OFFSET);
      const tail = this.load(TAIL_OFFSET);
      if (head === tail) return { head, tail, count: 0, bytes: 0 };
      const before = this.#bytesBefore(head);
      const bytes = (this.#bytesUpTo(tail) - before + BYTES_MODULUS) % BYTES_MODULUS;
      if (this.load(HEAD_OFFSET) === head) return { head, tail, count: (tail - head) >>> 0, bytes };
    }
  }

  /** Puts a token in. PRECONDITION: this is the producer, and a cell is free. O(1). */
  putIn(queued: QueuedToken): void {
    const tail = this.load(TAIL_OFFSET);
    const before = this.#bytesUpTo(tail);
    writeCell(this.#copy, 0, queued);
    writeU64(this.#copy, BYTES_BEFORE_OFFSET, before);
    this.spread(this.#offsetOf(tail), CELL_WORDS);
    this.store(TAIL_OFFSET, (tail + 1) >>> 0);
  }

  /** Takes the oldest token out, or finds none. O(1), but for as often as the other was first. */
  takeOut(): QueuedToken | undefined {
    for (;;) {
      const head = this.oldest();
      if (head === undefined) return undefined;
      this.collect(this.#offsetOf(head), QUEUED_WORDS);
      if (this.passOver(head)) return readCell(this.#copy, 0);
    }
  }

  /** The number of the oldest token, or `undefined` where there is none. */
  oldest(): number | undefined {
    // The tail is looked at second: if it is the same, no token was there at that moment.
    const head = this.load(HEAD_OFFSET);
    return head === this.load(TAIL_OFFSET) ? undefined : head;
  }

  /** Takes out the token with this number if it is still the oldest, and says whether it was. */
  passOver(head: number): boolean {
    return this.exchange(HEAD_OFFSET, head, (head + 1) >>> 0);
  }

  /** Copies the token with this number to `target`: perhaps torn, see above. */
  copyTo(target: number, number: number): void {
    this.collect(this.#offsetOf(number), QUEUED_WORDS);
    this.spread(target, QUEUED_WORDS);
  }

  /** The token that lies at an offset. Throws `CORRUPTED`. */
  readAt(offset: number): QueuedToken {
    this.collect(offset, QUEUED_WORDS);
    return readCell(this.#copy, 0);
  }

  #offsetOf(number: number): number {
    return cellOffset(number & this.#mask);
  }

  /** Bytes ever put in before the token with this number, which is in the ring. */
  #bytesBefore(number: number): number {
    this.collect(this.#offsetOf(number), CELL_WORDS);
    return totalIn(this.#copy);
  }

  /** Bytes ever put in before the tail. The last token's cell is there, also if it is out. */
  #bytesUpTo(tail: number): number {
    const before = this.#bytesBefore((tail - 1) >>> 0);
    return (before + readU32(this.#copy, TOKEN_CELL_LAYOUT.payloadSize)) % BYTES_MODULUS;
  }
}

/** The last field of a cell; of a torn copy any number, but no error. */
function totalIn(cell: Uint8Array): number {
  const high = readU32(cell, BYTES_BEFORE_OFFSET + WORD_SIZE) & HIGH_HALF_MASK;
  return high * 2 ** 32 + readU32(cell, BYTES_BEFORE_OFFSET);
}
