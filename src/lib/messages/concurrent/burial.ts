/**
 * The burial of a thread that has died: first its seat is marked, so that nobody else does the same
 * and no other thread takes it; then what it held is given back; then the seat is free.
 *
 * Who buries may die over it. Then whoever buries that one takes its burials over: what was done of
 * them is not done again, since each slot is given back by one change of its lock.
 *
 * Source: house style rule 13; the specification has no such thing.
 */
import { numberOf, type Seats } from './seats.js';
import type { SharedSlots } from './shared-slots.js';

/**
 * Buries a seat for the thread in seat `burier`. Returns how many slots are poisoned by it; 0 where
 * nobody has the seat any more, or another thread buries it. O(capacity).
 */
export function bury(seats: Seats, slots: SharedSlots, seat: number, burier: number): number {
  if (!seats.beginBurial(seat, burier)) return 0;
  let poisonedCount = slots.bury(numberOf(seat));
  for (const other of seats.takeOverBurials(numberOf(seat), burier)) {
    poisonedCount += bury(seats, slots, other, burier);
  }
  seats.endBurial(seat, burier);
  return poisonedCount;
}
