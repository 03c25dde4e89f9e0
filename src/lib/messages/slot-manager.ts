/**
 * What the managers of a single thread have in common: all but where the slots are and which one
 * is taken next. A subclass brings a {@link SlotTable}; tokens, borrows and guards are dealt with
 * here, so that all managers keep one table of errors.
 *
 * INVARIANT: whatever may refuse (the token, a borrow, the codec, the memory) is asked before the
 * table changes. So a call that throws leaks no slot.
 *
 * Source: `specs/limen.md` sections 2 to 5.
 */
import { kind } from '../guards.js';
import { Borrows } from './borrows.js';
import { CallbackForms } from './callback-forms.js';
import { SlotHeaderGuard, SlotReadGuard, SlotWriteGuard, type SlotContent } from './guards.js';
import type { MemoryClass } from './memory-class.js';
import type {
  HeaderGuard,
  MessageManager,
  ReadGuard,
  SlotUsage,
  WriteGuard,
} from './message-manager.js';
import type { MessageHeader } from './message-header.js';
import { messageToken, tokenIndex, tokenOf, type MessageToken } from './message-token.js';
import { Message } from './message.js';
import { assertStands, indexWithin, type SlotState } from './refusals.js';

/** What lies in a slot. Good until that slot changes. */
export interface Slot<P> extends SlotState, SlotContent<P> {}

/** Which slot holds a message, and its how manieth that is. */
export interface LiveSlot {
  readonly index: number;
  readonly generation: number;
}

/** Numbered slots, each of which holds a message or none. */
export interface SlotTable<P> {
  readonly capacity: number;
  /** Slots that hold a message. */
  readonly live: number;
  /** Slots that will never hold one again. */
  readonly retired: number;

  /** What lies in the slot. PRECONDITION: `index` is below the capacity. O(1). */
  look(index: number): Slot<P>;

  /**
   * Takes a slot, counts its generation up and writes the message, its header stamped with size and
   * class. Throws `NO_FREE_SLOTS`, and as the codec and the memory do: then nothing has changed.
   */
  put(message: Message<P>): MessageToken;

  /** Writes another message into a live slot, stamped as well. Throws as {@link put} does. */
  replace(index: number, header: MessageHeader, payload: P): void;

  /** Frees a live slot: what it held is gone. After its last generation it is retired. */
  vacate(index: number): void;

  /** The live slots by their numbers. The one that was reached may be vacated meanwhile. */
  liveSlots(): IterableIterator<LiveSlot>;
}

/** A message store over a table of slots, for one thread. */
export abstract class SlotManager<P> extends CallbackForms<P> implements MessageManager<P> {
  readonly #borrows = new Borrows();

  protected constructor(
    protected readonly slots: SlotTable<P>,
    readonly memoryClass: MemoryClass,
  ) {
    super();
  }

  get capacity(): number {
    return this.slots.capacity;
  }

  get available(): number {
    return this.slots.capacity - this.slots.live - this.slots.retired;
  }

  /** How many slots some guard holds now. O(1). */
  get borrowed(): number {
    return this.#borrows.size;
  }

  store(message: Message<P>): MessageToken {
    if (message instanceof Message) return this.slots.put(message);
    throw new TypeError(`message: expected a Message, got ${kind(message)}`);
  }

  peekHeader(token: MessageToken): HeaderGuard {
    const { index, slot } = this.#find(token);
    const borrow = this.#borrows.forReading(index, token, 'peekHeader');
    return new SlotHeaderGuard(token, slot, borrow);
  }

  read(token: MessageToken): ReadGuard<P> {
    const { index, slot } = this.#find(token);
    return new SlotReadGuard(token, slot, this.#borrows.forReading(index, token, 'read'));
  }

  readMut(token: MessageToken): WriteGuard<P> {
    const { index, slot } = this.#find(token);
    const borrow = this.#borrows.forWriting(index, token, 'readMut');
    const writable = {
      readHeader: () => slot.readHeader(),
      readPayload: () => slot.readPayload(),
      replace: (header: MessageHeader, payload: P) => this.slots.replace(index, header, payload),
    };
    return new SlotWriteGuard(token, writable, borrow);
  }

  free(token: MessageToken): void {
    const { index } = this.#find(token);
    this.#borrows.assertNone(index, token, 'free');
    this.slots.vacate(index);
  }

  take(token: MessageToken): Message<P> {
    const { index, slot } = this.#find(token);
    this.#borrows.assertNone(index, token, 'take');
    const message = new Message(slot.readHeader(), slot.readPayload());
    this.slots.vacate(index);
    return message;
  }

  has(token: MessageToken): boolean {
    const index = tokenIndex(messageToken(token));
    if (index >= this.capacity) return false;
    const { generation, isLive } = this.slots.look(index);
    return isLive && token === tokenOf(index, generation);
  }

  *tokens(): IterableIterator<MessageToken> {
    for (const { index, generation } of this.slots.liveSlots()) yield tokenOf(index, generation);
  }

  usage(): SlotUsage {
    const { capacity, live, retired } = this.slots;
    return { capacity, live, retired, available: this.available };
  }

  clear(): void {
    for (const index of this.#borrows.indices()) {
      this.#borrows.assertNone(index, tokenOf(index, this.slots.look(index).generation), 'clear');
    }
    for (const { index } of this.slots.liveSlots()) this.slots.vacate(index);
  }

  consume<R>(token: MessageToken, use: (guard: ReadGuard<P>) => R): R {
    const result = this.withRead(token, use);
    this.free(token);
    return result;
  }

  /**
   * Ends every borrow of a message whose guards were lost: they throw `GUARD_RELEASED` from now on,
   * and what they had set is not stored. Throws `BAD_TOKEN`, `STALE_TOKEN`, `NOT_ALLOCATED`. O(1).
   */
  forceRelease(token: MessageToken): void {
    this.#borrows.revoke(this.#find(token).index);
  }

  #find(token: MessageToken): { index: number; slot: Slot<P> } {
    const index = indexWithin(token, this.capacity);
    const slot = this.slots.look(index);
    assertStands(token, slot);
    return { index, slot };
  }
}
