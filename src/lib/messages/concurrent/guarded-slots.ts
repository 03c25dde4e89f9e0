/**
 * The messages of a store as one thread sees them: encoded into slots, and looked at through
 * guards. All guards of a thread on one slot share the thread's part of the lock; the last that
 * ends gives it back.
 *
 * A payload is copied out of the shared memory before it is decoded: no codec then keeps a view of
 * a slot, and decoders of browsers refuse shared bytes.
 *
 * Source: `specs/limen.md` sections 4 and 10.
 */
import { kind } from '../../guards.js';
import { Borrows, type Borrow } from '../borrows.js';
import {
  SlotHeaderGuard,
  SlotReadGuard,
  SlotWriteGuard,
  within,
  type SlotContent,
} from '../guards.js';
import { MESSAGE_HEADER_SIZE } from '../header-bytes.js';
import type { MessageBytes } from '../message-bytes.js';
import type { MessageHeader } from '../message-header.js';
import type { HeaderGuard, ReadGuard, WriteGuard } from '../message-manager.js';
import type { MessageToken } from '../message-token.js';
import { Message } from '../message.js';
import { indexWithin } from '../refusals.js';
import type { AtomicMemory } from './atomic-memory.js';
import type { SlotPlaces } from './layout.js';
import type { SharedSlots } from './shared-slots.js';

export class GuardedSlots<P> {
  readonly #borrows = new Borrows();

  constructor(
    private readonly slots: SharedSlots,
    private readonly memory: AtomicMemory,
    private readonly places: SlotPlaces,
    private readonly bytes: MessageBytes<P>,
  ) {}

  /** How many slots the guards of this thread hold. O(1). */
  get borrowed(): number {
    return this.#borrows.size;
  }

  /** Whether a guard of this thread holds the slot. Throws as {@link indexWithin} does. O(1). */
  holds(token: MessageToken): boolean {
    return this.#borrows.holds(indexWithin(token, this.places.capacity));
  }

  store(message: Message<P>): MessageToken {
    if (!(message instanceof Message)) {
      throw new TypeError(`message: expected a Message, got ${kind(message)}`);
    }
    return this.slots.put(this.bytes.encode(message.header, message.payload));
  }

  peek(token: MessageToken): HeaderGuard {
    const { index, borrow } = this.#share(token, 'peekHeader');
    return new SlotHeaderGuard(token, this.#contentOf(index), borrow);
  }

  read(token: MessageToken): ReadGuard<P> {
    const { index, borrow } = this.#share(token, 'read');
    return new SlotReadGuard(token, this.#contentOf(index), borrow);
  }

  write(token: MessageToken): WriteGuard<P> {
    const index = this.slots.own(token, 'readMut');
    const borrow = this.#shared(index, this.#borrows.forWriting(index, token, 'readMut'));
    const replace = (header: MessageHeader, payload: P): void =>
      this.slots.replace(index, this.bytes.encode(header, payload));
    return new SlotWriteGuard(token, { ...this.#contentOf(index), replace }, borrow);
  }

  /**
   * Calls `use` with a guard that excludes all others, and then frees the message; where `use`
   * throws, the message stays.
   */
  end<R>(token: MessageToken, doing: string, use: (guard: ReadGuard<P>) => R): R {
    const index = this.slots.hold(token, doing);
    const borrow = this.#shared(index, this.#borrows.forWriting(index, token, doing));
    let isFreed = false;
    const result = within(new SlotReadGuard(token, this.#contentOf(index), borrow), use, () => {
      isFreed = true;
      this.#borrows.revoke(index);
      this.slots.vacate(index);
    });
    // Where `use` has released the guard, the message was there for all again.
    if (!isFreed) this.slots.release(token, doing);
    return result;
  }

  /** Ends the guards of a slot: they are of no use any more. O(1). */
  revoke(index: number): void {
    if (!this.#borrows.holds(index)) return;
    this.#borrows.revoke(index);
    this.slots.letGo(index);
  }

  /** Ends all guards. */
  revokeAll(): void {
    for (const index of this.#borrows.indices()) this.revoke(index);
  }

  #share(token: MessageToken, doing: string): { index: number; borrow: Borrow } {
    const { slots } = this;
    const index = this.holds(token) ? slots.find(token) : slots.share(token, doing);
    return { index, borrow: this.#shared(index, this.#borrows.forReading(index, token, doing)) };
  }

  #shared(index: number, borrow: Borrow): Borrow {
    return new SharedBorrow(index, borrow, this.#borrows, this.slots);
  }

  #contentOf(index: number): SlotContent<P> {
    const { bytes, memory } = this;
    const start = this.places.messageOf(index);
    const readHeader = () => bytes.readHeader(memory.bytes, start);
    return {
      readHeader,
      readPayload() {
        const { payloadSize } = readHeader();
        const payload = memory.copy(start + MESSAGE_HEADER_SIZE, payloadSize);
        return bytes.readPayload(payload, 0, payloadSize);
      },
    };
  }
}

/** A borrow that gives the thread's part of the lock back with the last of its slot. */
class SharedBorrow implements Borrow {
  constructor(
    private readonly index: number,
    private readonly borrow: Borrow,
    private readonly borrows: Borrows,
    private readonly slots: SharedSlots,
  ) {}

  get isHeld(): boolean {
    return this.borrow.isHeld;
  }

  giveBack(): void {
    this.borrow.giveBack();
    if (!this.borrows.holds(this.index)) this.slots.letGo(this.index);
  }
}
