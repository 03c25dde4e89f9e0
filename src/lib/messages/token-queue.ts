/**
 * A queue of tokens that lives in a memory: first in, first out, with limits, and still there after
 * an upgrade. It carries what stands for messages; the messages are in a manager.
 *
 *     const inbox = TokenQueue.init(memory.get(0), { maxCount: 1_000, whenFull: 'evict-oldest' });
 *     send(inbox, messages, Message.of(payload));
 *     receive(inbox, messages, ({ payload }) => handle(payload));
 *
 * `send` and `receive` (see `token-delivery.ts`) keep queue and manager in step, so that no message
 * is left without a token; {@link TokenQueue.push} and {@link TokenQueue.pop} are for those who
 * store and free by themselves. Whether a message is taken is decided by the limits, see
 * `admission.ts`. They are the program's and not stored: each opening may bring other ones, and a
 * queue that holds more than they allow is full until it has been emptied so far.
 *
 * The tokens lie in a ring of cells, see `token-queue/ring.ts`. A full ring doubles, as that of a
 * `Deque` does.
 *
 * INVARIANT: the memory holds every cell of the ring; the ring in the header is the one in RAM;
 * each cell holds a token; the sizes in the cells add up to the bytes in the header.
 *
 * Limits: one producer and one consumer, in one thread (`shared-token-queue.ts` has a queue between
 * threads); one open handle on a memory. The ring never shrinks.
 *
 * Promise: nothing is ever written over a cell that the header names, and a header is one write. So
 * an operation that throws has changed nothing, also where the memory refuses to grow; after a
 * failed *write* outside a canister the handle refuses further use, and the memory holds the queue
 * as it was before.
 *
 * Source: `specs/limen.md` sections 6 and 9.9; crate `limen-core`, `StaticRing` and the trait
 * `Edge`.
 */
import { wrap } from '../deque/ring.js';
import { firstViolation } from '../errors.js';
import { assertSize } from '../guards.js';
import { walkIndices, type IndexRange } from '../index-range.js';
import { Lease } from '../lease.js';
import { assertEmpty, readStored, reserve, type Memory } from '../memory.js';
import { moveBytes } from '../move-bytes.js';
import { Slots } from '../vec/slots.js';
import {
  admissionPolicy,
  decideAdmission,
  isExpired,
  occupancyOf,
  type AdmissionDecision,
  type AdmissionItem,
  type AdmissionOptions,
  type AdmissionPolicy,
  type Load,
  type Occupancy,
} from './admission.js';
import type { HeaderStore } from './message-manager.js';
import type { MessageToken } from './message-token.js';
import { peekItem, type PushAnswer, type TokenSink, type TokenSource } from './token-delivery.js';
import { CELL_SIZE, TOKEN_CELL, type QueuedToken } from './token-queue/cell.js';
import {
  CELLS_OFFSET,
  createTokenHeader,
  encodeTokenRing,
  FIRST_TOKEN_RING,
  isSameRing,
  readTokenRing,
  RING_OFFSET,
  without,
  withNewest,
  type TokenRing,
} from './token-queue/ring.js';

const STRUCTURE = 'TokenQueue';

/** A token that was taken out of a queue. */
export interface PoppedToken extends QueuedToken {
  /** Whether its deadline was over when it was popped; false where no time was given. */
  readonly isExpired: boolean;
}

/**
 * A bounded queue of tokens in a memory.
 *
 * @example
 * const queue = TokenQueue.init(new VectorMemory(), { maxCount: 2 });
 * queue.push(messages.store(message), messages); // { isAdmitted: true, evicted: [] }
 * messages.take(queue.pop()!.token);
 */
export class TokenQueue implements TokenSink, TokenSource, Iterable<QueuedToken> {
  readonly #lease: Lease;
  readonly #slots: Slots<QueuedToken>;
  #ring: TokenRing;

  private constructor(
    lease: Lease,
    memory: Memory,
    /** The limits, as they were given, and what was not given. */
    readonly policy: AdmissionPolicy,
    ring: TokenRing,
  ) {
    this.#lease = lease;
    this.#slots = new Slots(memory, CELLS_OFFSET, TOKEN_CELL, {
      maxSize: CELL_SIZE,
      fixedSize: true,
    });
    this.#ring = ring;
  }

  /**
   * Opens the queue in `memory`, or creates one where the memory is empty (0 pages). O(1).
   *
   * Throws `BAD_MAGIC` for a memory that holds anything else, and leaves it as it is;
   * `UNSUPPORTED_VERSION`, `CORRUPTED`, `MEMORY_IN_USE`; `GROW_FAILED` without room; and what
   * {@link admissionPolicy} throws.
   */
  static init(memory: Memory, limits: AdmissionOptions): TokenQueue {
    return memory.size() === 0
      ? TokenQueue.create(memory, limits)
      : TokenQueue.load(memory, limits);
  }

  /**
   * Creates a queue in an empty memory. Throws `NOT_EMPTY` for any other, `MEMORY_IN_USE`,
   * `GROW_FAILED`, and what {@link admissionPolicy} throws. O(1).
   */
  static create(memory: Memory, limits: AdmissionOptions): TokenQueue {
    const policy = admissionPolicy(limits);
    return Lease.open(STRUCTURE, [memory], (lease) => {
      assertEmpty(memory);
      reserve(memory, CELLS_OFFSET);
      memory.write(0, createTokenHeader(FIRST_TOKEN_RING));
      return new TokenQueue(lease, memory, policy, FIRST_TOKEN_RING);
    });
  }

  /** Opens an existing queue; never writes. Throws as {@link TokenQueue.init} does. O(1). */
  static load(memory: Memory, limits: AdmissionOptions): TokenQueue {
    const policy = admissionPolicy(limits);
    return Lease.open(
      STRUCTURE,
      [memory],
      (lease) => new TokenQueue(lease, memory, policy, readRing(memory)),
    );
  }

  /** Number of tokens. O(1). */
  get length(): number {
    this.#lease.assertUsable();
    return this.#ring.length;
  }

  /** Bytes of payload of all messages in the queue, as they were when they were pushed. O(1). */
  get bytes(): number {
    this.#lease.assertUsable();
    return this.#ring.bytes;
  }

  /** Whether there is no token. O(1). */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** How full the queue is. O(1). */
  occupancy(): Occupancy {
    return occupancyOf(this.policy, this.#load());
  }

  /**
   * Puts a token at the end, if the limits let it, and says whether they did. `headers` is the
   * store of the message: its header is looked at and let go of at once. `now`, in nanoseconds, is
   * compared with the deadline. Amortised O(1 + evicted).
   *
   * What is not admitted stays the caller's, to free or to try again; so do the messages of evicted
   * tokens, which are no longer in the queue. Throws what the store throws for the token, and
   * `GROW_FAILED` where the ring is full and cannot double; the queue is then as it was.
   */
  push(token: MessageToken, headers: HeaderStore, now?: bigint): PushAnswer {
    const queued = { ...peekItem(headers, token), token };
    const decision = this.decide(queued, now);
    if (decision.kind === 'admit') {
      this.append(queued);
      return { isAdmitted: true, evicted: [] };
    }
    if (decision.kind !== 'evict') return { isAdmitted: false, evicted: [], refusal: decision };
    const doomed = this.#oldestAbove(decision.keep);
    this.#append(queued, doomed);
    return { isAdmitted: true, evicted: doomed.map((each) => each.token) };
  }

  /** What {@link push} would do with such a message now. O(1). */
  decide(item: AdmissionItem, now?: bigint): AdmissionDecision {
    return decideAdmission(this.policy, this.#load(), item, now);
  }

  /**
   * Puts a token at the end whatever the limits say: the last part of a push that was decided
   * before. Amortised O(1). Throws `GROW_FAILED`.
   */
  append(queued: QueuedToken): void {
    this.#append(queued, []);
  }

  /**
   * Takes out the oldest tokens until no more than `keep` is left, and returns them. `free` gets
   * each of them before it goes; where it throws, that token stays and the ones before are gone.
   */
  evict(keep: Load, free: (token: MessageToken) => void): MessageToken[] {
    const evicted: MessageToken[] = [];
    for (const queued of this.#oldestAbove(keep)) {
      free(queued.token);
      this.remove(queued);
      evicted.push(queued.token);
    }
    return evicted;
  }

  /** The oldest token, which stays; `undefined` in an empty queue. O(1). Throws `CORRUPTED`. */
  peek(): QueuedToken | undefined {
    return this.peekAt(0);
  }

  /**
   * The token with this index, counted from the oldest, or `undefined` beyond the end. O(1). Throws
   * `RangeError` for what is no index, `CORRUPTED`.
   */
  peekAt(index: number): QueuedToken | undefined {
    const { length } = this;
    return assertSize('index', index) < length ? this.#read(index) : undefined;
  }

  /**
   * Takes out the oldest token, or returns `undefined`. Its message is the caller's to free, also
   * where it is expired, which is seen by `now` in nanoseconds. O(1). Throws `CORRUPTED`.
   */
  pop(now?: bigint): PoppedToken | undefined {
    return this.popBatch(1, now)[0];
  }

  /** Takes out up to `countMax` of the oldest tokens, all at once. Otherwise as {@link pop}. */
  popBatch(countMax: number, now?: bigint): PoppedToken[] {
    const count = Math.min(assertSize('countMax', countMax), this.length);
    const popped = this.#oldest(count).map((queued) => ({
      ...queued,
      isExpired: isExpired(queued, now),
    }));
    if (count > 0) this.#change(without(this.#ring, popped));
    return popped;
  }

  /** Takes out the oldest token if it is this one, and says whether it was. O(1). */
  remove({ token }: QueuedToken): boolean {
    const isOldest = this.peek()?.token === token;
    if (isOldest) this.pop();
    return isOldest;
  }

  /**
   * The tokens from index `from` up to before `to`, lazily, oldest first (last with `reverse`); all
   * of them unless told. Throws `RangeError` for bounds that are no indices. The iterator throws
   * `CHANGED_WHILE_ITERATING` if the queue is changed under it.
   */
  values(range: IndexRange = {}): Generator<QueuedToken, void> {
    return walkIndices(this.#lease, range, this.length, (index) => this.#read(index));
  }

  /** All tokens, oldest first. */
  [Symbol.iterator](): Generator<QueuedToken, void> {
    return this.values();
  }

  /** Gives the memory back and closes the handle: each further use throws `HANDLE_CLOSED`. */
  intoMemory(): Memory {
    this.#lease.end();
    return this.#slots.memory;
  }

  /** The first rule of the layout that does not hold, in words, or `undefined`. O(n); for tests. */
  checkInvariants(): string | undefined {
    const { length, bytes } = this;
    return firstViolation(() => {
      if (!isSameRing(readRing(this.#slots.memory), this.#ring)) {
        return 'the header tells of another ring';
      }
      let sum = 0;
      for (let index = 0; index < length; index++) sum += this.#read(index).payloadSize;
      return sum === bytes ? undefined : `the sizes add up to ${sum}, the header says ${bytes}`;
    });
  }

  #load(): Load {
    this.#lease.assertUsable();
    return { count: this.#ring.length, bytes: this.#ring.bytes };
  }

  #read(index: number): QueuedToken {
    const { capacity, head } = this.#ring;
    return this.#slots.read(wrap(head + index, capacity));
  }

  #oldest(count: number): QueuedToken[] {
    return Array.from({ length: count }, (_, index) => this.#read(index));
  }

  /** As few of the oldest as leave no more than `keep`. */
  #oldestAbove(keep: Load): QueuedToken[] {
    const oldest: QueuedToken[] = [];
    let { count, bytes } = this.#load();
    while (count > 0 && (count > keep.count || bytes > keep.bytes)) {
      const queued = this.#read(oldest.length);
      oldest.push(queued);
      count -= 1;
      bytes -= queued.payloadSize;
    }
    return oldest;
  }

  /** The cell is one that no token has, also where `doomed` leave theirs with the same header. */
  #append(queued: QueuedToken, doomed: readonly QueuedToken[]): void {
    this.#lease.assertUsable();
    const encoded = this.#slots.encode(queued);
    if (this.#ring.length === this.#ring.capacity) this.#double();
    const { capacity, head, length } = this.#ring;
    this.#change(withNewest(without(this.#ring, doomed), queued), () =>
      this.#slots.write(wrap(head + length, capacity), encoded),
    );
  }

  /** What had come round to the start moves behind the old end, into cells that were not there. */
  #double(): void {
    const { capacity, head } = this.#ring;
    const slots = this.#slots;
    reserve(slots.memory, slots.addressOf(2 * capacity));
    this.#change({ ...this.#ring, capacity: 2 * capacity }, () =>
      moveBytes(slots.memory, slots.address, slots.addressOf(capacity), head * slots.slotSize),
    );
  }

  /** Writes cells that are not in use, then the header that makes them real. */
  #change(ring: TokenRing, write?: () => void): void {
    this.#lease.change(() => {
      write?.();
      this.#slots.memory.write(RING_OFFSET, encodeTokenRing(ring));
      this.#ring = ring;
    });
  }
}

function readRing(memory: Memory): TokenRing {
  const header = new Uint8Array(CELLS_OFFSET);
  readStored(memory, 0, header);
  return readTokenRing(STRUCTURE, header, memory);
}
