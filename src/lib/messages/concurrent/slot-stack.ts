/**
 * Slots in a stack that threads share, without a lock: the last that was pushed is popped first, as
 * by the original. And whatever a thread was doing when it died, another one finishes.
 *
 *     word top    generation of the slot on top | seat that takes it, if any | its index
 *     word link   in each slot of the stack: its depth | index of the slot below
 *
 * What is done in several steps is announced by the first of them, and whoever comes upon the
 * announcement does the steps that are missing:
 *
 *     pop    top says "seat 3 takes slot 7"; slot 7 becomes claimed by 3; top goes down by its link
 *     push   slot 7, being freed by 3, gets its link; it becomes the top; slot 7 becomes free
 *
 * INVARIANT: only the slot on top can be "being freed", and nothing is taken from there or put on
 * it before it is free. So a slot that is being freed and not on top has not been pushed, and one
 * that is claimed has been popped.
 *
 * INVARIANT: a slot lies there once with a given generation (see `lock-word.ts`). So an index and a
 * generation that are the top lie on this link and no other, an announcement comes once, and a step
 * that somebody does late finds that it was done: the words compared are never the same again. No
 * counter against the ABA problem is needed, and none can wrap.
 *
 * The number of slots is the depth of the one on top: no count can go wrong when a thread dies.
 *
 * Source: `specs/limen.md` sections 3.1, 3.2 and 3.5; Treiber's stack, with the helping of Barnes
 * and of Harris.
 */
import { corrupted } from '../../errors.js';
import { highOf, lowOf, wordOf, type AtomicMemory } from './atomic-memory.js';
import type { SlotPlaces } from './layout.js';
import { CLAIMED, FREE, generationOf, kindOf, lockOf, RELEASING } from './lock-word.js';

const INDEX_BITS = 26;
const INDEX_MASK = 2 ** INDEX_BITS - 1;
/** In place of the index of a slot: there is none. */
const NOWHERE = INDEX_MASK;
const EMPTY = wordOf(0, NOWHERE);

/** The most slots that there can be. */
export const SLOTS_MAX = NOWHERE;

/** The index of the slot that a top, or what {@link SlotStack.pop} returns, tells of. */
export function indexOf(top: bigint): number {
  return lowOf(top) & INDEX_MASK;
}

export class SlotStack {
  /**
   * The stack whose top lies at `top`, for `seat`. `resting` is what a slot is while it lies there.
   */
  constructor(
    private readonly memory: AtomicMemory,
    private readonly places: SlotPlaces,
    private readonly top: number,
    private readonly resting: number,
    private readonly seat: number,
  ) {}

  /** Puts all slots there, the first on top. PRECONDITION: no other thread has the memory. O(n). */
  fill(): void {
    const { memory, places } = this;
    const { capacity } = places;
    for (let index = 0; index < capacity; index++) {
      const below = index + 1 < capacity ? index + 1 : NOWHERE;
      memory.store(places.linkOf(index), wordOf(capacity - index, below));
    }
    memory.store(this.top, capacity > 0 ? wordOf(0, 0) : EMPTY);
  }

  /** No slot. PRECONDITION: as that of {@link fill}. */
  empty(): void {
    this.memory.store(this.top, EMPTY);
  }

  /** How many slots lie there. O(1). */
  get depth(): number {
    for (;;) {
      const top = this.memory.load(this.top);
      const depth = this.#depthOf(top) - (seatOf(top) < 0 ? 0 : 1);
      if (this.memory.load(this.top) === top) return depth;
    }
  }

  /** Takes the slot on top, which is claimed by this seat then; none where there is none. O(1). */
  pop(): bigint | undefined {
    for (;;) {
      const top = this.settle();
      if (top === EMPTY) return undefined;
      const taken = takenBy(top, this.seat);
      if (!this.memory.exchange(this.top, top, taken)) continue;
      this.#finish(taken);
      return taken;
    }
  }

  /** Puts a slot on top. PRECONDITION: it is being freed, by this seat. O(1). */
  push(index: number, generation: number): void {
    const { memory, places } = this;
    const pushed = wordOf(generation, index);
    for (;;) {
      const top = this.settle();
      memory.store(places.linkOf(index), wordOf(this.#depthOf(top) + 1, indexOf(top)));
      if (memory.exchange(this.top, top, pushed)) break;
    }
    this.#rest(pushed);
  }

  /** Finishes what others have begun. Returns the top, from which no seat takes anything. O(1). */
  settle(): bigint {
    for (;;) {
      const top = this.memory.load(this.top);
      if (top === EMPTY) return top;
      if (seatOf(top) < 0) {
        this.#rest(top);
        return top;
      }
      this.#finish(top);
    }
  }

  /** The indices of all slots, from the top. PRECONDITION: no other thread is at work. O(n). */
  *indices(): IterableIterator<number> {
    let index = indexOf(this.settle());
    for (let count = 0; index !== NOWHERE && count < this.places.capacity; count++) {
      yield index;
      index = indexOf(this.#topAt(lowOf(this.memory.load(this.places.linkOf(index)))));
    }
  }

  /** The last step of a push. */
  #rest(top: bigint): void {
    const lock = this.places.lockOf(indexOf(top));
    const generation = highOf(top);
    const found = this.memory.load(lock);
    if (kindOf(found) !== RELEASING || generationOf(found) !== generation) return;
    this.memory.exchange(lock, found, lockOf(generation, this.resting));
  }

  /** The last two steps of a pop. */
  #finish(taken: bigint): void {
    const { memory, places } = this;
    const [index, generation] = [indexOf(taken), highOf(taken)];
    const claimed = lockOf(generation, CLAIMED, seatOf(taken));
    memory.exchange(places.lockOf(index), lockOf(generation, FREE), claimed);
    const below = lowOf(memory.load(places.linkOf(index)));
    memory.exchange(this.top, taken, this.#topAt(below));
  }

  #topAt(index: number): bigint {
    if (index === NOWHERE) return EMPTY;
    const { capacity } = this.places;
    if (index >= capacity) throw corrupted('link of a free slot', `below ${capacity}`, index);
    return wordOf(generationOf(this.memory.load(this.places.lockOf(index))), index);
  }

  #depthOf(top: bigint): number {
    const index = indexOf(top);
    return index === NOWHERE ? 0 : highOf(this.memory.load(this.places.linkOf(index)));
  }
}

/** The seat that takes the slot on top, or -1. */
function seatOf(top: bigint): number {
  return (lowOf(top) >>> INDEX_BITS) - 1;
}

function takenBy(top: bigint, seat: number): bigint {
  return wordOf(highOf(top), (((seat + 1) << INDEX_BITS) | indexOf(top)) >>> 0);
}
