/**
 * The contract of a message store: a message goes in, a token comes out, and through the token the
 * message is read, edited, taken or freed. Queues carry tokens, not messages.
 *
 * What may happen to a token at the same time, as in Rust: many readers or one writer, and nothing
 * is freed under either. Where Rust's compiler says so, a guard says it here, and every manager
 * refuses in the same words:
 *
 *     CODE              store  peekHeader, read  readMut  free, take
 *     NO_FREE_SLOTS       x                                           every slot is taken
 *     BAD_TOKEN                       x             x          x      never given by this manager
 *     STALE_TOKEN                     x             x          x      the slot has been used again
 *     NOT_ALLOCATED                   x             x          x      the message has been freed
 *     ALREADY_BORROWED                x             x                a guard that excludes this one
 *     BORROW_ACTIVE                                            x      some guard holds the slot
 *     POISONED                        x             x          x      a worker died while it wrote
 *     VALUE_TOO_LARGE     x                                           payload above the bound
 *
 * They are tested in this order: token, slot, borrow. A refused call has changed nothing. The
 * commit of an edit throws `VALUE_TOO_LARGE` as well, and a guard after its end `GUARD_RELEASED`.
 *
 * Where the original's managers disagree (specification, section 3.3), the rule here is that of its
 * documented contract: an empty slot is `NOT_ALLOCATED`, for reads and frees alike; static and heap
 * managers of the original answer `BadToken` to reads. A token whose generation is *newer* than the
 * slot's was never given, and is a bad one. And nothing ever waits for a borrow unless it was asked
 * to: the concurrent manager of the original blocks, and deadlocks a thread that holds the guard
 * itself.
 *
 * Source: `specs/limen.md` sections 2 to 5 and 9; crate `limen-core`, traits `HeaderStore` and
 * `MemoryManager`.
 */
import type { MemoryClass } from './memory-class.js';
import type { HeaderFields, MessageHeader } from './message-header.js';
import type { MessageToken } from './message-token.js';
import type { Message } from './message.js';

/** The right to look at a message's header, until it is released. */
export interface HeaderGuard {
  readonly token: MessageToken;
  /** Throws `GUARD_RELEASED` after the end. */
  readonly header: MessageHeader;
  readonly isReleased: boolean;
  /** Gives the right back. Again does nothing. O(1). */
  release(): void;
  /** As {@link release}, for `using`. */
  [Symbol.dispose](): void;
}

/** The right to look at a message. Others may look at the same time; nobody can change it. */
export interface ReadGuard<P> extends HeaderGuard {
  /** Decoded when it is first asked for. Throws `CORRUPTED` for bytes that are no payload. */
  readonly payload: P;
  readonly message: Message<P>;
}

/**
 * The right to change a message, alone. Changes are kept in the guard until {@link commit} stores
 * them all at once; a guard that is released without has changed nothing.
 */
export interface WriteGuard<P> extends HeaderGuard {
  /** What is stored, or what it was set to. An edit *inside* it has to be set to be known. */
  payload: P;
  /** Whether something was set that is not stored. */
  readonly isChanged: boolean;

  /** Sets fields of the header. Throws as `messageHeader` does; size and class are stamped. */
  setHeader(fields: HeaderFields): void;

  /**
   * Stores what was set, stamps size and class, and releases. Throws `VALUE_TOO_LARGE` or
   * `INVALID_VALUE` for a payload that cannot be stored: then nothing has changed, and the guard
   * goes on.
   */
  commit(): void;
}

/** What queues and schedulers get: headers without the type of any payload. */
export interface HeaderStore {
  /** The header, without touching the payload. Counts as a reader. Throws as the table says. */
  peekHeader(token: MessageToken): HeaderGuard;
}

/** How a manager's slots are used. They add up: `available + live + retired = capacity`. */
export interface SlotUsage {
  readonly capacity: number;
  readonly available: number;
  /** Slots that hold a message. */
  readonly live: number;
  /** Slots that have had 2^32 - 1 messages, and will have no other. */
  readonly retired: number;
}

/** A store of messages with payloads of type `P`. */
export interface MessageManager<P> extends HeaderStore {
  /** How many slots there are. Changes only where a manager has a call for it. O(1). */
  readonly capacity: number;
  /** How many slots are free. O(1). */
  readonly available: number;
  /** What the manager stamps on its messages. */
  readonly memoryClass: MemoryClass;

  /**
   * Stores a message; the caller keeps its own. Throws `NO_FREE_SLOTS`, and what the codec of the
   * payload throws: then no slot is taken.
   */
  store(message: Message<P>): MessageToken;

  /** The message, to look at. Throws as the table says. */
  read(token: MessageToken): ReadGuard<P>;

  /** The message, to change. Throws as the table says. */
  readMut(token: MessageToken): WriteGuard<P>;

  /** Frees the message's slot, for another. Throws as the table says. */
  free(token: MessageToken): void;

  /** Frees the slot and returns what it held. Throws as the table says, and `CORRUPTED`. */
  take(token: MessageToken): Message<P>;

  /** Whether the token stands for a message now. Throws `TypeError` for no bigint. O(1). */
  has(token: MessageToken): boolean;

  /** The tokens of all messages, by their slots. O(slots used). */
  tokens(): IterableIterator<MessageToken>;

  /** How the slots are used. O(1). */
  usage(): SlotUsage;

  /** Frees every message. Throws `BORROW_ACTIVE` where some guard holds one: then none is freed. */
  clear(): void;

  /**
   * Calls `look` with a header guard and releases it, also where `look` throws. Throws `TypeError`
   * for a `look` that returns a promise: the guard would be held across an `await`.
   */
  withHeader<R>(token: MessageToken, look: (guard: HeaderGuard) => R): R;

  /** As {@link withHeader}, with a read guard. */
  withRead<R>(token: MessageToken, look: (guard: ReadGuard<P>) => R): R;

  /** As {@link withHeader}, with a write guard, which is committed unless `edit` throws. */
  withWrite<R>(token: MessageToken, edit: (guard: WriteGuard<P>) => R): R;

  /**
   * Calls `use` with a read guard and then frees the message; where `use` throws or returns a
   * promise, the message stays.
   */
  consume<R>(token: MessageToken, use: (guard: ReadGuard<P>) => R): R;
}
