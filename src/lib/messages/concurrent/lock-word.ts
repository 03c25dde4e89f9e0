/**
 * The lock of a slot: one word that says everything about it, so that whoever changes the word has
 * seen all of it.
 *
 *     BITS      FIELD
 *      0 to 28  who: the readers, a bit for each seat; or the number of one seat; or zero
 *     29 to 31  what the slot is, see below
 *     32 to 63  generation of the message that is or was there last; 0 where none ever was
 *
 *     free ──claimed──▶ live ◀──▶ live with readers
 *      ▲     by a seat   │ ▲
 *      │                 │ └─────▶ writing, held     by a seat
 *      │                 ▼
 *      └──────────── releasing     by a seat, after the last generation ──▶ retired
 *
 * A claim is for a message to come, a release clears one that was. A slot is *held* where one seat
 * alone looks at it, to free it or not; *poisoned* where a seat died while it was writing.
 *
 * INVARIANT: between two times that a slot is free its generation grows, also where the claim of a
 * dead thread is given back. So no word that says "free" comes twice, and a thread that was stopped
 * between looking and changing finds out, however long that was.
 *
 * Source: `specs/limen.md` sections 3.5 and 4.
 */
import { highOf, lowOf, wordOf } from './atomic-memory.js';

/** On a list of free slots; or on its way there, by its owner. */
export const FREE = 0;
export const CLAIMED = 1;
export const LIVE = 2;
export const WRITING = 3;
export const HELD = 4;
export const RELEASING = 5;
export const POISONED = 6;
export const RETIRED = 7;

const KIND_NAMES = [
  'free',
  'claimed',
  'live',
  'being written',
  'held',
  'being freed',
  'poisoned',
  'retired',
];

const KIND_SHIFT = 29;
const WHO_MASK = 2 ** KIND_SHIFT - 1;

/** A lock's word; `who` is a seat, readers, or nobody. */
export function lockOf(generation: number, kind: number, who = 0): bigint {
  return wordOf(generation, ((kind << KIND_SHIFT) | who) >>> 0);
}

export const generationOf = highOf;

export function kindOf(lock: bigint): number {
  return lowOf(lock) >>> KIND_SHIFT;
}

/** The seat that has the slot, or a bit for each that reads it. */
export function whoOf(lock: bigint): number {
  return lowOf(lock) & WHO_MASK;
}

/** Whether there is a message, be it one that nobody can read any more. */
export function hasMessage(lock: bigint): boolean {
  const kind = kindOf(lock);
  return kind === LIVE || kind === WRITING || kind === HELD || kind === POISONED;
}

/** Whether this seat has the slot, in this way. */
export function isBy(lock: bigint, kind: number, seat: number): boolean {
  return kindOf(lock) === kind && whoOf(lock) === seat;
}

/** The lock with one more reader. PRECONDITION: it is live. */
export function withReader(lock: bigint, seat: number): bigint {
  return lockOf(generationOf(lock), LIVE, whoOf(lock) | (1 << seat));
}

/** The lock without what this seat holds of it; the same where that is nothing. */
export function withoutSeat(lock: bigint, seat: number): bigint {
  if (isBy(lock, WRITING, seat) || isBy(lock, HELD, seat)) return lockOf(generationOf(lock), LIVE);
  if (kindOf(lock) !== LIVE) return lock;
  return lockOf(generationOf(lock), LIVE, whoOf(lock) & ~(1 << seat));
}

/** A lock in words, for messages. */
export function holderOf(lock: bigint): string {
  const [kind, who] = [kindOf(lock), whoOf(lock)];
  if (kind === WRITING) return `a writer in seat ${who}`;
  if (kind === HELD) return `one that may free it, in seat ${who}`;
  if (kind !== LIVE || who === 0) return KIND_NAMES[kind]!;
  const seats = Array.from({ length: KIND_SHIFT }, (_, seat) => seat).filter(
    (seat) => (who & (1 << seat)) !== 0,
  );
  return `readers in ${seats.length === 1 ? 'seat' : 'seats'} ${seats.join(', ')}`;
}
