/**
 * What one thread does with the slots that it shares with others: every change of a slot's lock is
 * here, but for those of the lists (`slot-stack.ts`). A message is bytes here, see
 * `message-bytes.ts`.
 *
 * Nothing here waits for another thread, nor loops because of one that stands still: a loop comes
 * round only where somebody else got on meanwhile. So a thread may die between any two steps, and
 * the others go on; what the dead one held is given back by its burial:
 *
 *     IT WAS                        THEN THE SLOT IS
 *     storing a message             free
 *     reading                       without that reader
 *     writing                       poisoned: what it holds is half old, half new
 *     taking or clearing            as before, with its message
 *     freeing                       free
 *
 * Source: `specs/limen.md` sections 3.3, 3.5 and 5; the burial is ours.
 */
import { readU32 } from '../../bytes.js';
import { corrupted, type StorageError } from '../../errors.js';
import { MESSAGE_HEADER_LAYOUT } from '../header-bytes.js';
import type { SlotUsage } from '../message-manager.js';
import { GENERATION_MAX, tokenGeneration, tokenOf, type MessageToken } from '../message-token.js';
import {
  alreadyBorrowed,
  assertStands,
  borrowActive,
  indexWithin,
  noFreeSlots,
  poisoned,
} from '../refusals.js';
import { highOf, type AtomicMemory } from './atomic-memory.js';
import type { Bell } from './bell.js';
import { FREE_TOP_OFFSET, RETIRED_TOP_OFFSET, type SlotPlaces } from './layout.js';
import {
  CLAIMED,
  FREE,
  generationOf,
  hasMessage,
  HELD,
  holderOf,
  isBy,
  kindOf,
  LIVE,
  lockOf,
  POISONED,
  RELEASING,
  RETIRED,
  whoOf,
  withoutSeat,
  withReader,
  WRITING,
} from './lock-word.js';
import { indexOf, SlotStack } from './slot-stack.js';

/** A slot and its lock. */
interface Found {
  readonly index: number;
  readonly lock: bigint;
}

type Refusal = (token: MessageToken, doing: string, holder: string) => StorageError;

export class SharedSlots {
  readonly free: SlotStack;
  readonly retired: SlotStack;

  /** `seat` is a number of a seat here and below. */
  constructor(
    private readonly memory: AtomicMemory,
    private readonly places: SlotPlaces,
    private readonly bell: Bell,
    private readonly seat: number,
  ) {
    this.free = new SlotStack(memory, places, FREE_TOP_OFFSET, FREE, seat);
    this.retired = new SlotStack(memory, places, RETIRED_TOP_OFFSET, RETIRED, seat);
  }

  /** All slots are free. PRECONDITION: no other thread has the memory. O(capacity). */
  fill(): void {
    this.free.fill();
    this.retired.empty();
  }

  /** The lock of a slot. O(1). */
  lockAt(index: number): bigint {
    return this.memory.load(this.places.lockOf(index));
  }

  /** Takes a slot, writes the message there and shows it to all. Throws `NO_FREE_SLOTS`. */
  put(message: Uint8Array): MessageToken {
    const taken = this.free.pop();
    if (taken === undefined) throw noFreeSlots(this.places.capacity, this.retired.depth);
    const index = indexOf(taken);
    const generation = highOf(taken) + 1;
    this.memory.write(this.places.messageOf(index), message);
    this.#move(index, lockOf(generation - 1, CLAIMED, this.seat), lockOf(generation, LIVE));
    return tokenOf(index, generation);
  }

  /** Throws as `peekHeader` does, but for a borrow. Returns the index. O(1). */
  find(token: MessageToken): number {
    return this.#find(token).index;
  }

  /** Reads a slot from now on. Throws as `peekHeader` does. Returns the index. O(1). */
  share(token: MessageToken, doing: string): number {
    for (;;) {
      const { index, lock } = this.#find(token);
      if (kindOf(lock) !== LIVE) throw alreadyBorrowed(token, doing, holderOf(lock));
      if (this.#tryMove(index, lock, withReader(lock, this.seat))) return index;
    }
  }

  /** Writes a slot from now on. Throws as `readMut` does. Returns the index. O(1). */
  own(token: MessageToken, doing: string): number {
    return this.#seize(token, doing, WRITING, alreadyBorrowed);
  }

  /** Has a slot for itself, to look at it and perhaps to free it. Throws as `free` does. O(1). */
  hold(token: MessageToken, doing: string): number {
    return this.#seize(token, doing, HELD, borrowActive);
  }

  /** Ends what this seat holds of a slot, if anything. O(1). */
  letGo(index: number): void {
    this.#giveUp(index, this.seat);
    this.bell.ring();
  }

  /** Replaces the message of a slot that this seat writes. O(size of the messages). */
  replace(index: number, message: Uint8Array): void {
    const start = this.places.messageOf(index);
    const [size, used] = [message.length, this.#usedSize(index)];
    this.memory.write(start, message);
    if (size < used) this.memory.clear(start + size, used - size);
  }

  /** Frees the slot of a message. Throws as the table says. O(size of the message). */
  release(token: MessageToken, doing: string): void {
    const index = this.#seize(token, doing, RELEASING, borrowActive);
    this.#recycle(index, tokenGeneration(token), this.#usedSize(index));
  }

  /** Frees a slot that this seat holds. O(size of the message). */
  vacate(index: number): void {
    const generation = generationOf(this.lockAt(index));
    const releasing = lockOf(generation, RELEASING, this.seat);
    this.#move(index, lockOf(generation, HELD, this.seat), releasing);
    this.#recycle(index, generation, this.#usedSize(index));
  }

  /**
   * Frees every message, the poisoned as well; the first of them is taken first then. Throws
   * `BORROW_ACTIVE` where some guard holds one: then none is freed. O(bytes of all slots).
   */
  clear(): void {
    const held: number[] = [];
    try {
      for (let index = this.places.capacity - 1; index >= 0; index--) {
        if (this.#holdAt(index)) held.push(index);
      }
    } catch (error) {
      for (const index of held) this.letGo(index);
      throw error;
    }
    for (const index of held) this.vacate(index);
    this.reclaimAll();
  }

  /** Frees the poisoned slots. Returns how many. O(bytes of all slots). */
  reclaimAll(): number {
    let count = 0;
    for (let index = 0; index < this.places.capacity; index++) {
      if (this.reclaim({ index, lock: this.lockAt(index) })) count += 1;
    }
    return count;
  }

  /** How the slots are used, all told at one moment. O(1). */
  usage(): SlotUsage {
    const { capacity } = this.places;
    for (;;) {
      const available = this.free.depth;
      const retired = this.retired.depth;
      // A slot that was retired meanwhile would count twice.
      if (this.free.depth !== available) continue;
      return { capacity, available, retired, live: capacity - available - retired };
    }
  }

  /** As {@link find}, also where the message is poisoned. O(1). */
  findAny(token: MessageToken): Found {
    const index = indexWithin(token, this.places.capacity);
    const lock = this.lockAt(index);
    assertStands(token, { generation: generationOf(lock), isLive: hasMessage(lock) });
    return { index, lock };
  }

  /** Frees a slot where this lock of it says that it is poisoned. O(size of a slot). */
  reclaim({ index, lock }: Found): boolean {
    if (kindOf(lock) !== POISONED) return false;
    const generation = generationOf(lock);
    if (!this.#tryMove(index, lock, lockOf(generation, RELEASING, this.seat))) return false;
    this.#recycle(index, generation, this.places.messageSize);
    return true;
  }

  /**
   * Gives back what a dead seat held. Returns how many slots are poisoned by it. O(capacity).
   *
   * PRECONDITION: the seat's thread does nothing any more.
   */
  bury(dead: number): number {
    // What it had announced gets done. Then what it was freeing is on no list, see `slot-stack.ts`.
    this.free.settle();
    this.retired.settle();
    let poisonedCount = 0;
    for (let index = 0; index < this.places.capacity; index++) {
      if (this.#buryAt(index, dead)) poisonedCount += 1;
    }
    this.bell.forget(dead);
    this.bell.ring();
    return poisonedCount;
  }

  /** Whether the slot is poisoned now. */
  #buryAt(index: number, dead: number): boolean {
    const lock = this.lockAt(index);
    const generation = generationOf(lock);
    if (isBy(lock, WRITING, dead)) {
      this.#move(index, lock, lockOf(generation, POISONED));
      return true;
    }
    // A generation that no message had: the slot has been claimed, and must not be free as before.
    const isClaimed = isBy(lock, CLAIMED, dead);
    if (isClaimed || isBy(lock, RELEASING, dead)) {
      const next = generation + (isClaimed ? 1 : 0);
      this.#move(index, lock, lockOf(next, RELEASING, this.seat));
      this.#recycle(index, next, this.places.messageSize);
    } else {
      this.#giveUp(index, dead);
    }
    return false;
  }

  /** Whether a slot has a message, which is held now. */
  #holdAt(index: number): boolean {
    for (;;) {
      const lock = this.lockAt(index);
      if (!hasMessage(lock) || kindOf(lock) === POISONED) return false;
      const generation = generationOf(lock);
      if (kindOf(lock) !== LIVE || whoOf(lock) !== 0) {
        throw borrowActive(tokenOf(index, generation), 'clear', holderOf(lock));
      }
      if (this.#tryMove(index, lock, lockOf(generation, HELD, this.seat))) return true;
    }
  }

  #giveUp(index: number, seat: number): void {
    for (;;) {
      const lock = this.lockAt(index);
      const without = withoutSeat(lock, seat);
      if (without === lock || this.#tryMove(index, lock, without)) return;
    }
  }

  #find(token: MessageToken): Found {
    const found = this.findAny(token);
    if (kindOf(found.lock) === POISONED) throw poisoned(token);
    return found;
  }

  #seize(token: MessageToken, doing: string, kind: number, refusal: Refusal): number {
    for (;;) {
      const { index, lock } = this.#find(token);
      if (kindOf(lock) !== LIVE || whoOf(lock) !== 0) throw refusal(token, doing, holderOf(lock));
      const seized = lockOf(generationOf(lock), kind, this.seat);
      if (this.#tryMove(index, lock, seized)) return index;
    }
  }

  /** Clears a slot that this seat is freeing, and then lists it: never the other way round. */
  #recycle(index: number, generation: number, size: number): void {
    this.memory.clear(this.places.messageOf(index), size);
    const list = generation === GENERATION_MAX ? this.retired : this.free;
    list.push(index, generation);
    this.bell.ring();
  }

  /** Bytes of the message in a slot, by what its header says. */
  #usedSize(index: number): number {
    const { messageSize } = this.places;
    const start = this.places.messageOf(index);
    const size = readU32(this.memory.bytes, start + MESSAGE_HEADER_LAYOUT.payloadSize);
    return Math.min(MESSAGE_HEADER_LAYOUT.end + size, messageSize);
  }

  #tryMove(index: number, from: bigint, to: bigint): boolean {
    return this.memory.exchange(this.places.lockOf(index), from, to);
  }

  /** Changes a lock that nobody else may change. */
  #move(index: number, from: bigint, to: bigint): void {
    if (this.#tryMove(index, from, to)) return;
    const found = this.lockAt(index);
    throw corrupted(`lock of slot ${index}`, holderOf(from), holderOf(found));
  }
}
