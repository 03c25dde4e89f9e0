/**
 * The seats of a store: each thread that uses it has one, whose number stands in the locks that it
 * holds. A word for each:
 *
 *     BITS      FIELD
 *      0 to  1  0 free, 1 invited, 2 taken, 3 being buried
 *      2 to  7  the number of the seat that buries it
 *     32 to 63  term: how often the seat was given
 *
 * What a seat is known by outside is its number together with its term. So a seat is taken once,
 * and who is told late that a thread has ended does not bury the thread that came after it.
 *
 * Source: `specs/limen.md` section 3.1, where a handle is cloned instead; who has died, no lock of
 * the original knows.
 */
import { StorageError } from '../../errors.js';
import { assertSize } from '../../guards.js';
import { highOf, lowOf, wordOf, type AtomicMemory } from './atomic-memory.js';
import { seatAddress, SEATS_MAX } from './layout.js';

const FREE = 0;
const INVITED = 1;
const TAKEN = 2;
const BURIED = 3;

const STATE_MASK = 3;
const BURIER_SHIFT = 2;
const NUMBERS = 32;

/** The number of a seat, below {@link SEATS_MAX}. */
export function numberOf(seat: number): number {
  return seat % NUMBERS;
}

export class Seats {
  constructor(private readonly memory: AtomicMemory) {}

  /** A seat for a thread to come. Throws `MEMORY_IN_USE` where all are given. O(seats). */
  invite(): number {
    for (let number = 0; number < SEATS_MAX; number++) {
      const word = this.#wordOf(number);
      const term = (highOf(word) + 1) >>> 0;
      if (stateOf(word) !== FREE) continue;
      if (this.#change(number, word, wordOf(term, INVITED))) return term * NUMBERS + number;
    }
    throw new StorageError(
      'MEMORY_IN_USE',
      `all ${SEATS_MAX} seats of the message store are given. Let a thread leave, or bury one.`,
      { seats: SEATS_MAX },
    );
  }

  /** Takes a seat. Throws `MEMORY_IN_USE` where it was taken before, or was given up. O(1). */
  take(seat: number): void {
    assertSeat(seat);
    if (this.#move(seat, INVITED, TAKEN)) return;
    throw new StorageError(
      'MEMORY_IN_USE',
      `seat ${numberOf(seat)} was taken before, or given up. Invite each thread for itself.`,
      { seat },
    );
  }

  /** Gives a seat up. PRECONDITION: it holds no slot. O(1). */
  leave(seat: number): void {
    this.#move(seat, TAKEN, FREE);
  }

  /**
   * Begins to bury a seat, or goes on with what this `burier` has begun. Returns whether that is
   * for it to do: not where nobody has the seat any more, or another one buries it. O(1).
   */
  beginBurial(seat: number, burier: number): boolean {
    return (
      this.#move(seat, TAKEN, buriedBy(burier)) ||
      this.#move(seat, INVITED, buriedBy(burier)) ||
      this.#move(seat, buriedBy(burier), buriedBy(burier))
    );
  }

  /** Takes over a burial whose burier has died itself: gives the seats. O(seats). */
  *takeOverBurials(from: number, burier: number): IterableIterator<number> {
    for (let number = 0; number < SEATS_MAX; number++) {
      const seat = highOf(this.#wordOf(number)) * NUMBERS + number;
      if (this.#move(seat, buriedBy(from), buriedBy(burier))) yield seat;
    }
  }

  /** The seat is free for another. */
  endBurial(seat: number, burier: number): void {
    this.#move(seat, buriedBy(burier), FREE);
  }

  #move(seat: number, from: number, to: number): boolean {
    const term = Math.floor(seat / NUMBERS);
    return this.#change(numberOf(seat), wordOf(term, from), wordOf(term, to));
  }

  #change(number: number, from: bigint, to: bigint): boolean {
    return this.memory.exchange(seatAddress(number), from, to);
  }

  #wordOf(number: number): bigint {
    return this.memory.load(seatAddress(number));
  }
}

/** Throws `TypeError` and `RangeError` for what is no seat of any store. */
export function assertSeat(seat: number): void {
  assertSize('seat', seat, NUMBERS * 2 ** 32);
  if (numberOf(seat) < SEATS_MAX) return;
  throw new RangeError(`seat: expected what invite() gave, got ${seat}`);
}

function stateOf(word: bigint): number {
  return lowOf(word) & STATE_MASK;
}

function buriedBy(burier: number): number {
  return BURIED | (burier << BURIER_SHIFT);
}
