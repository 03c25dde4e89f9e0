/**
 * Messages in memory that threads share: every thread, a `worker_threads` worker of Node or a web
 * worker, has a manager of its own over the same slots, and a token that one of them stored is good
 * with all. Only tokens travel between threads; a message is read where it lies.
 *
 *     const inbox = ConcurrentMessageManager.create({ codec: blob(256), capacity: 1_000 });
 *     worker.postMessage(inbox.invite());                                    // to each worker once
 *     const inbox = ConcurrentMessageManager.join(invitation, { codec: blob(256) });   // in there
 *
 * No thread waits for another unless it asks to, with a timeout. What excludes is refused at once,
 * as by every manager, in words of `message-manager.ts`. A thread that must not block, such as the
 * main thread of a browser, can await instead. The original always blocks, and deadlocks a thread
 * that holds the guard itself.
 *
 * A worker may die at any moment. Nobody else stands still then, and whoever learns of it calls
 * {@link ConcurrentMessageManager.bury}: no slot is lost. A message that it was writing is
 * *poisoned*: refused with `POISONED`, until it is reclaimed.
 *
 * The slot that was freed last is taken first. How all this is done without a lock stands in
 * `concurrent/slot-stack.ts` and `concurrent/lock-word.ts`.
 *
 * Limits: 28 threads at a time; 2^26 - 1 slots; payloads with a bound. Other threads may come in
 * between any two calls: what `tokens`, `has` and `available` say was true when they looked.
 *
 * Source: `specs/limen.md` sections 3 to 5; crate `limen-core`, `ConcurrentMemoryManager`.
 */
import type { Codec } from '../codec.js';
import { firstViolation, StorageError } from '../errors.js';
import { assertSize } from '../guards.js';
import { CallbackForms } from './callback-forms.js';
import { AtomicMemory } from './concurrent/atomic-memory.js';
import { Bell } from './concurrent/bell.js';
import { bury } from './concurrent/burial.js';
import { GuardedSlots } from './concurrent/guarded-slots.js';
import {
  assertSameBound,
  createBuffer,
  readShape,
  SlotPlaces,
  type StoreShape,
} from './concurrent/layout.js';
import { generationOf, hasMessage, kindOf, POISONED } from './concurrent/lock-word.js';
import { Patience, type Clock, type Waiting, type Wish } from './concurrent/patience.js';
import { assertSeat, numberOf, Seats } from './concurrent/seats.js';
import { SharedSlots } from './concurrent/shared-slots.js';
import { SLOTS_MAX } from './concurrent/slot-stack.js';
import { unsound } from './concurrent/soundness.js';
import { MemoryClass } from './memory-class.js';
import { MessageBytes, type PayloadType } from './message-bytes.js';
import type {
  HeaderGuard,
  MessageManager,
  ReadGuard,
  SlotUsage,
  WriteGuard,
} from './message-manager.js';
import { messageToken, tokenIndex, tokenOf, type MessageToken } from './message-token.js';
import type { Message } from './message.js';

/** How a concurrent manager is to be. */
export interface ConcurrentMessageManagerOptions<P> extends PayloadType<P> {
  /** How many messages at most; from 0 to 2^26 - 1. */
  readonly capacity: number;
  /** The host's unless told. */
  readonly memoryClass?: MemoryClass;
  /** Tells the time to calls that wait, such as `performance`. */
  readonly clock?: Clock;
}

/** What a thread gives to join. */
export interface JoinOptions<P> {
  /** The codec that the store was created with. */
  readonly codec: Codec<P>;
  /** Tells the time to calls that wait, such as `performance`. */
  readonly clock?: Clock;
}

/** What one other thread joins with; goes through `postMessage`. */
export interface Invitation {
  readonly buffer: SharedArrayBuffer;
  /** What the thread is buried by, see {@link ConcurrentMessageManager.bury}. */
  readonly seat: number;
}

/**
 * A message store that several threads use at once.
 *
 * @example
 * const inbox = ConcurrentMessageManager.create({ codec: blob(256), capacity: 1_000 });
 * const invitation = inbox.invite();
 * const worker = new Worker('./worker.js', { workerData: invitation });
 * worker.on('exit', () => inbox.bury(invitation.seat));
 * worker.postMessage(inbox.store(Message.of(Uint8Array.of(1, 2, 3))));
 */
export class ConcurrentMessageManager<P> extends CallbackForms<P> implements MessageManager<P> {
  readonly capacity: number;
  readonly memoryClass: MemoryClass;
  /** What this thread is buried by. */
  readonly seat: number;
  readonly #memory: AtomicMemory;
  readonly #places: SlotPlaces;
  readonly #seats: Seats;
  readonly #patience: Patience;
  readonly #allSlots: SharedSlots;
  readonly #allGuarded: GuardedSlots<P>;
  #hasLeft = false;

  private constructor(
    buffer: SharedArrayBuffer,
    shape: StoreShape,
    bytes: MessageBytes<P>,
    seat: number,
    clock: Clock | undefined,
  ) {
    super();
    const bell = new Bell(buffer, numberOf(seat));
    this.capacity = shape.capacity;
    this.memoryClass = shape.memoryClass;
    this.seat = seat;
    this.#memory = new AtomicMemory(buffer);
    this.#places = new SlotPlaces(shape);
    this.#seats = new Seats(this.#memory);
    this.#patience = new Patience(bell, clock);
    this.#allSlots = new SharedSlots(this.#memory, this.#places, bell, numberOf(seat));
    this.#allGuarded = new GuardedSlots(this.#allSlots, this.#memory, this.#places, bytes);
  }

  /**
   * An empty store in new memory; this thread has the first seat. O(bytes of all slots).
   *
   * Throws `RangeError` for a capacity that is none or more bytes than the engine gives,
   * `INCOMPATIBLE_TYPE` for a codec without a bound and no `payloadSizeMax`,
   * `UNSUPPORTED_OPERATION` where the engine has no memory that threads share.
   */
  static create<P>(options: ConcurrentMessageManagerOptions<P>): ConcurrentMessageManager<P> {
    const { capacity, memoryClass = MemoryClass.host, clock } = options;
    assertSize('capacity', capacity, SLOTS_MAX);
    const bytes = new MessageBytes(options, memoryClass);
    const shape = { capacity, payloadSizeMax: bytes.payloadSizeMax, memoryClass };
    const buffer = createBuffer(shape);
    const seats = new Seats(new AtomicMemory(buffer));
    const seat = seats.invite();
    seats.take(seat);
    const manager = new ConcurrentMessageManager(buffer, shape, bytes, seat, clock);
    manager.#slots.fill();
    return manager;
  }

  /**
   * The store that an invitation leads to, in another thread or in the same. O(1).
   *
   * Throws `TypeError` for what is no invitation, `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED`
   * for a buffer without such a store, `INCOMPATIBLE_TYPE` for a codec of another bound,
   * `MEMORY_IN_USE` for an invitation that was used before or whose seat was buried.
   *
   * @example
   * const inbox = ConcurrentMessageManager.join(workerData, { codec: blob(256) });
   */
  static join<P>(
    invitation: Invitation,
    { codec, clock }: JoinOptions<P>,
  ): ConcurrentMessageManager<P> {
    const { buffer, seat } = (invitation ?? {}) as Invitation;
    const shape = readShape(buffer);
    const { payloadSizeMax, memoryClass } = shape;
    const bytes = new MessageBytes({ codec, payloadSizeMax }, memoryClass);
    assertSameBound(codec.name, payloadSizeMax, bytes.payloadSizeMax);
    new Seats(new AtomicMemory(buffer)).take(seat);
    return new ConcurrentMessageManager(buffer, shape, bytes, seat, clock);
  }

  /**
   * A seat for one more thread. It is that thread's until it leaves or is buried, also where it
   * never joins. Throws `MEMORY_IN_USE` where 28 are given. O(1).
   */
  invite(): Invitation {
    this.#assertHere();
    return { buffer: this.#memory.buffer, seat: this.#seats.invite() };
  }

  /** Gives the seat back; guards are ended as by {@link forceRelease}. Again does nothing. */
  leave(): void {
    if (this.#hasLeft) return;
    this.#guarded.revokeAll();
    this.#seats.leave(this.seat);
    this.#hasLeft = true;
  }

  /**
   * Gives back what a thread held that has died, and its seat: messages that it was writing are
   * poisoned, its reads end, a store or a free in the middle is undone or done. Returns how many
   * messages are poisoned by it; 0 for a thread that had left, or is being buried by another.
   * O(bytes of all slots).
   *
   * PRECONDITION: the thread is dead. One that goes on damages what it touches.
   *
   * Throws `RangeError` for this thread's own seat, and for what is no seat.
   *
   * @example
   * worker.on('exit', () => inbox.bury(invitation.seat));
   */
  bury(seat: number): number {
    assertSeat(seat);
    if (seat === this.seat) throw new RangeError('seat: expected that of another thread');
    return bury(this.#seats, this.#slots, seat, numberOf(this.seat));
  }

  get available(): number {
    return this.#slots.free.depth;
  }

  /** How many messages a thread was writing when it died. They count as live. O(capacity). */
  get poisoned(): number {
    let count = 0;
    for (const { lock } of this.#messages()) count += kindOf(lock) === POISONED ? 1 : 0;
    return count;
  }

  /** How many slots the guards of this thread hold now. O(1). */
  get borrowed(): number {
    return this.#guarded.borrowed;
  }

  /** As every manager's; with a timeout, waits for a slot. Throws as {@link read} then. */
  store(message: Message<P>, waiting: Waiting = {}): MessageToken {
    return this.#patience.until(waiting, this.#wishToStore(message));
  }

  /** As {@link store}, with a promise. */
  async storeAsync(message: Message<P>, waiting: Waiting = {}): Promise<MessageToken> {
    return this.#patience.untilAsync(waiting, this.#wishToStore(message));
  }

  peekHeader(token: MessageToken): HeaderGuard {
    return this.#guarded.peek(token);
  }

  /**
   * As every manager's; with a timeout, waits for a writer in another thread.
   *
   * Throws also, before anything has changed, `UNSUPPORTED_OPERATION` for a timeout on a thread
   * that must not block, or without a clock, unless the timeout is `Infinity`; `RangeError` and
   * `TypeError` for what is no timeout.
   */
  read(token: MessageToken, waiting: Waiting = {}): ReadGuard<P> {
    return this.#patience.until(
      waiting,
      this.#wish(token, () => this.#guarded.read(token)),
    );
  }

  /**
   * As {@link read}, with a promise: nothing is blocked. Rejects with `UNSUPPORTED_OPERATION` for a
   * timeout where the engine lacks `Atomics.waitAsync`.
   */
  async readAsync(token: MessageToken, waiting: Waiting = {}): Promise<ReadGuard<P>> {
    return this.#patience.untilAsync(
      waiting,
      this.#wish(token, () => this.#guarded.read(token)),
    );
  }

  /** As every manager's; with a timeout, waits for guards of other threads, as {@link read}. */
  readMut(token: MessageToken, waiting: Waiting = {}): WriteGuard<P> {
    return this.#patience.until(
      waiting,
      this.#wish(token, () => this.#guarded.write(token)),
    );
  }

  /** As {@link readMut}, with a promise. */
  async readMutAsync(token: MessageToken, waiting: Waiting = {}): Promise<WriteGuard<P>> {
    return this.#patience.untilAsync(
      waiting,
      this.#wish(token, () => this.#guarded.write(token)),
    );
  }

  /** As every manager's; with a timeout, waits for guards of other threads, as {@link read}. */
  free(token: MessageToken, waiting: Waiting = {}): void {
    const ask = () => this.#slots.release(token, 'free');
    this.#patience.until(waiting, this.#wish(token, ask));
  }

  /** As {@link free}, with a promise. */
  async freeAsync(token: MessageToken, waiting: Waiting = {}): Promise<void> {
    const ask = () => this.#slots.release(token, 'free');
    await this.#patience.untilAsync(waiting, this.#wish(token, ask));
  }

  take(token: MessageToken): Message<P> {
    return this.#guarded.end(token, 'take', ({ message }) => message);
  }

  has(token: MessageToken): boolean {
    const index = tokenIndex(messageToken(token));
    if (index >= this.capacity) return false;
    const lock = this.#slots.lockAt(index);
    return hasMessage(lock) && token === tokenOf(index, generationOf(lock));
  }

  *tokens(): IterableIterator<MessageToken> {
    for (const { index, lock } of this.#messages()) yield tokenOf(index, generationOf(lock));
  }

  usage(): SlotUsage {
    return this.#slots.usage();
  }

  /** Frees every message, the poisoned as well. Throws `BORROW_ACTIVE` as every manager does. */
  clear(): void {
    this.#slots.clear();
  }

  /** As every manager's. No other thread can use the message meanwhile, so it is consumed once. */
  consume<R>(token: MessageToken, use: (guard: ReadGuard<P>) => R): R {
    this.peekHeader(token).release();
    return this.#guarded.end(token, 'consume', use);
  }

  /**
   * Ends every borrow by this thread of a message whose guards were lost: they throw
   * `GUARD_RELEASED` from now on, and what they had set is not stored. Throws `BAD_TOKEN`,
   * `STALE_TOKEN`, `NOT_ALLOCATED`, `POISONED`. O(1).
   */
  forceRelease(token: MessageToken): void {
    this.#guarded.revoke(this.#slots.find(token));
  }

  /**
   * Frees a message where it is poisoned. Returns whether it was. Throws `BAD_TOKEN`,
   * `STALE_TOKEN`, `NOT_ALLOCATED`. O(size of a slot).
   */
  reclaim(token: MessageToken): boolean {
    return this.#slots.reclaim(this.#slots.findAny(token));
  }

  /** Frees the poisoned messages. Returns how many. O(bytes of all slots). */
  reclaimPoisoned(): number {
    return this.#slots.reclaimAll();
  }

  /**
   * The first rule of the layout that does not hold, in words, or `undefined`. O(bytes of all
   * slots); for tests. PRECONDITION: no thread is at work, and none has died without a burial.
   */
  checkInvariants(): string | undefined {
    return firstViolation(() => unsound(this.#memory, this.#places, this.#slots));
  }

  /** A store that waits for a slot is in nobody's way but its own thread's guards'. */
  #wishToStore(message: Message<P>): Wish<MessageToken> {
    return { ask: () => this.#guarded.store(message), isInOwnWay: () => false };
  }

  #wish<T>(token: MessageToken, ask: () => T): Wish<T> {
    return { ask, isInOwnWay: () => this.#guarded.holds(token) };
  }

  *#messages(): IterableIterator<{ index: number; lock: bigint }> {
    for (let index = 0; index < this.capacity; index++) {
      const lock = this.#slots.lockAt(index);
      if (hasMessage(lock)) yield { index, lock };
    }
  }

  get #slots(): SharedSlots {
    this.#assertHere();
    return this.#allSlots;
  }

  get #guarded(): GuardedSlots<P> {
    this.#assertHere();
    return this.#allGuarded;
  }

  #assertHere(): void {
    if (!this.#hasLeft) return;
    throw new StorageError('HANDLE_CLOSED', 'this thread has left the message store. Join again.');
  }
}
