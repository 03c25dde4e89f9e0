/**
 * Letters that are to be delivered at least once: put in by one call, delivered by a later one,
 * tried again where that fails, and kept as dead letters where it never works. Here are the books;
 * who delivers, and by what, is the caller's (in a canister a `Courier`, see `src/azle`).
 *
 *     const outbox = Outbox.init(
 *       { messages: memory.get(5), schedule: memory.get(6) },
 *       { codec: transfer, payloadSizeMax: 256, capacity: 10_000 },
 *     );
 *     outbox.enqueue(payment, { now: time() });
 *
 *     const letter = outbox.begin(time()); // in a timer
 *     try {
 *       await call(ledger, 'transfer', { args: [letter.payload, letter.token] });
 *       outbox.delivered(letter.token);
 *     } catch (error) {
 *       outbox.failed(letter, String(error), time());
 *     }
 *
 * What becomes of a letter:
 *
 *     enqueue ──► waiting ──begin──► in flight ──delivered──► gone
 *                  ▲   ▲                │  │
 *                  │   └─────failed─────┘  └─── too often, or too late ──► dead
 *                  └────────────────────────────retry──────────────────────┘
 *
 * A letter is counted as tried, and is due again after a *lease*, before anything is sent. So
 * wherever a delivery ends without an answer, the letter is tried again:
 *
 *     TRAP, UPGRADE OR LOSS                  WHAT THE OUTBOX HOLDS       WHAT THE RECEIVER GETS
 *     in the call that enqueues              nothing, and no token       nothing
 *     between enqueue and begin              the letter, due as before   the letter, later
 *     behind begin, before the call is sent  the letter, not tried yet   the letter, later
 *     while the call is under way            the letter, leased          the letter, perhaps twice
 *     in the callback with the answer        the letter, leased          the letter, perhaps twice
 *
 * At least once is not exactly once. A receiver that must not act twice keeps the tokens that it
 * has acted on, by sender: the token of a letter stays the same through all attempts, and no other
 * letter of this outbox ever has it.
 *
 * The letters lie in a {@link StableMessageManager}; what else is stored of a letter is in
 * `outbox/stored-letter.ts`. When they are due is in a set of its own, see `outbox/schedule.ts`;
 * the two are kept in step by `outbox/letter-book.ts`.
 *
 * INVARIANT: each letter is scheduled once, at the moment that it names itself; nothing else is.
 *
 * Limits: letters are delivered in the order in which they are due, and those of one moment in
 * none. The quality of service is carried along, not obeyed. A dead letter holds its slot until it
 * is retried or discarded. One open handle on the two memories.
 *
 * Promise: an operation that throws has changed nothing, also where a memory refuses to grow; in a
 * canister what is no `StorageError` has to trap, for a trap undoes it. After a failed *write*
 * outside a canister the handle refuses further use. {@link Outbox.repair} then opens an outbox
 * with every letter in it, the one that was being changed as it was before or as it was to be.
 *
 * Source: issue 8; `specs/limen.md` sections 6 and 9.9.
 */
import { encodeChecked, type Codec } from '../codec.js';
import { MemoryClass } from './memory-class.js';
import { MessageBytes, type PayloadType } from './message-bytes.js';
import { isOverdue, type QualityOfService } from './message-header.js';
import type { MessageToken } from './message-token.js';
import { LetterBook, type BookedLetter, type OutboxMemories } from './outbox/letter-book.js';
import { Letter, type Attempt } from './outbox/letter.js';
import { assertNanoseconds, later, NEVER } from './outbox/moment.js';
import { Patience, type PatienceOptions } from './outbox/patience.js';
import { shortened, type StoredLetter } from './outbox/stored-letter.js';

/** How an outbox is to be. */
export interface OutboxOptions<P> extends PayloadType<P>, PatienceOptions {
  /** How many letters at most, dead ones included. */
  readonly capacity: number;
}

/** What is said of a letter. Moments and spans are in nanoseconds. */
export interface EnqueueOptions {
  readonly now: bigint;
  /** How long it waits before it is tried; not at all unless told. */
  readonly delay?: bigint | undefined;
  /** From then on no attempt is begun, and the letter is dead. None unless told. */
  readonly deadline?: bigint | undefined;
  readonly qos?: QualityOfService;
  readonly traceId?: bigint;
  readonly sequence?: bigint;
}

/** How an outbox is filled. */
export interface OutboxUsage {
  /** How many letters it can hold. */
  readonly capacity: number;
  /** How many more. */
  readonly available: number;
  /** Letters that are to be delivered, those in flight included. */
  readonly pending: number;
  readonly dead: number;
}

/** Most letters that one {@link Outbox.begin} gives up before it leaves the rest to the next. */
const BURIALS_MAX = 32;

/**
 * An outbox of letters that carry a `P`.
 *
 * @example
 * const memories = { messages: new VectorMemory(), schedule: new VectorMemory() };
 * const outbox = Outbox.init(memories, { codec: blob(64), capacity: 100 });
 * const token = outbox.enqueue(Uint8Array.of(1, 2), { now: 1_000n });
 * const letter = outbox.begin(1_000n)!;
 * letter.payload; // Uint8Array [1, 2]
 * outbox.failed(letter, 'nobody there', 1_500n);
 * outbox.nextDue(); // 1_000_001_500n: a second later
 */
export class Outbox<P> {
  readonly #codec: Codec<P>;
  readonly #book: LetterBook;
  readonly #patience: Patience;

  private constructor(memories: OutboxMemories, options: OutboxOptions<P>) {
    const { codec, payloadSizeMax, capacity, ...patience } = options;
    this.#patience = new Patience(patience);
    const { payloadSizeMax: maxSize } = new MessageBytes(
      { codec, payloadSizeMax },
      MemoryClass.host,
    );
    const fixedSize = codec.bound !== 'unbounded' && codec.bound.fixedSize;
    this.#codec = { ...codec, bound: { maxSize, fixedSize } };
    this.#book = new LetterBook(memories, maxSize, capacity);
  }

  /**
   * Opens the outbox in these memories, or creates one where they are empty (0 pages). How patient
   * it is may be another at each opening. O(1).
   *
   * Throws what {@link StableMessageManager.init} and `BTreeSet.init` throw, `CORRUPTED` for two
   * memories that do not belong together, `TypeError` and `RangeError` for options that are none.
   */
  static init<P>(memories: OutboxMemories, options: OutboxOptions<P>): Outbox<P> {
    const outbox = new Outbox(memories, options);
    try {
      outbox.#book.assertComplete();
    } catch (error) {
      outbox.intoMemories();
      throw error;
    }
    return outbox;
  }

  /**
   * Opens an outbox of which a write has failed half-way: mends the letters, and makes the schedule
   * anew from them, wherever its memory is one or empty. O(n log n). Throws as {@link Outbox.init}
   * does, and `CORRUPTED` for letters that no failed write has left so.
   */
  static repair<P>(memories: OutboxMemories, options: OutboxOptions<P>): Outbox<P> {
    const outbox = new Outbox(memories, options);
    outbox.#book.repair();
    return outbox;
  }

  /**
   * Puts a letter in, and returns the token that stands for it until it is gone. O(log n).
   *
   * Throws `NO_FREE_SLOTS` for a full outbox, `VALUE_TOO_LARGE` and `INVALID_VALUE` as the codec
   * does, `GROW_FAILED`; `TypeError` and `RangeError` for options that are none. Then there is no
   * such letter.
   */
  enqueue(payload: P, { now, delay = 0n, deadline, ...fields }: EnqueueOptions): MessageToken {
    this.#book.assertUsable();
    const creationTick = assertNanoseconds('now', now);
    const dueAt = later(now, assertNanoseconds('delay', delay));
    if (deadline !== undefined) assertNanoseconds('deadline', deadline);
    const content = encodeChecked(this.#codec, payload);
    const counts = { attempts: 0, attemptsBefore: 0 };
    const letter: StoredLetter = { state: 'waiting', dueAt, ...counts, reason: '', content };
    return this.#book.add(letter, { ...fields, creationTick, deadline });
  }

  /**
   * Begins an attempt to deliver the letter that is due first: it is counted, and the letter is
   * leased. `undefined` where none is due; or where so many letters had to be given up on the way
   * that the rest is left to another call: then {@link nextDue} is not after `now`. O(log n).
   *
   * Given up are letters behind their deadline, those whose last attempt was not answered, and
   * those whose payload the codec cannot read.
   *
   * Throws `GROW_FAILED`, and what was given up before stays so; `TypeError` and `RangeError` for
   * a `now` that is none.
   */
  begin(now: bigint): Letter<P> | undefined {
    this.#book.assertUsable();
    assertNanoseconds('now', now);
    for (let count = 0; count < BURIALS_MAX; count++) {
      const first = this.#book.schedule.first();
      if (first === undefined || first[0] > now) return undefined;
      const letter = this.#beginWith(this.#book.read(first[1]), now);
      if (letter !== undefined) return letter;
    }
    return undefined;
  }

  /**
   * The letter has arrived, and is gone. Returns whether it was still there: an answer may come
   * twice, and of an attempt that was taken for lost. O(log n). Throws `BAD_TOKEN`.
   */
  delivered(token: MessageToken): boolean {
    this.#book.assertUsable();
    if (!this.#book.isThere(token)) return false;
    this.#book.remove(token);
    return true;
  }

  /**
   * The attempt has failed: the letter waits for the next one, or is dead where there is none or
   * where that would come behind the deadline. Returns whether the attempt was still under way;
   * of any other nothing changes. O(log n).
   *
   * Throws `BAD_TOKEN`, `GROW_FAILED`; `TypeError` and `RangeError` for a `now` that is none.
   *
   * @param reason Kept with the letter, as far as 200 bytes go.
   */
  failed({ token, attempts }: Attempt, reason: string, now: bigint): boolean {
    this.#book.assertUsable();
    assertNanoseconds('now', now);
    if (!this.#book.isThere(token)) return false;
    const booked = this.#book.read(token);
    const { header, letter } = booked;
    if (letter.state !== 'in-flight' || letter.attempts !== attempts) return false;
    const failures = attempts - letter.attemptsBefore;
    const dueAt = later(now, this.#patience.delayAfter(failures));
    const isLast = failures >= this.#patience.attemptsMax || isOverdue(header, dueAt);
    if (isLast) this.#bury(booked, reason);
    else this.#book.move(booked, { state: 'waiting', dueAt, reason: shortened(reason) });
    return true;
  }

  /** When something is to be done next, to arm a timer; `undefined` for never. O(log n). */
  nextDue(): bigint | undefined {
    this.#book.assertUsable();
    return this.#book.schedule.first()?.[0];
  }

  /**
   * The letter of this token; `undefined` where it is gone. O(its size). Throws `BAD_TOKEN`.
   */
  find(token: MessageToken): Letter<P> | undefined {
    this.#book.assertUsable();
    if (!this.#book.isThere(token)) return undefined;
    return new Letter(this.#book.read(token), this.#codec);
  }

  /**
   * The dead letters, lazily, in the order of their tokens; those behind the token `after`, where
   * one is given. O(log n) to start. The iterator throws `CHANGED_WHILE_ITERATING` where the
   * schedule changes under it.
   */
  *deadLetters({ after = 0n }: { after?: bigint | undefined } = {}): Generator<Letter<P>, void> {
    this.#book.assertUsable();
    for (const token of this.#book.schedule.dead(after)) {
      yield new Letter(this.#book.read(token), this.#codec);
    }
  }

  /**
   * Makes a letter due now, with all its attempts before it again; a deadline that has passed no
   * longer counts. So a dead letter lives again. Returns whether it is so: a letter in flight stays
   * as it is. O(log n). Throws `BAD_TOKEN`, `STALE_TOKEN`, `NOT_ALLOCATED`, `GROW_FAILED`;
   * `TypeError` and `RangeError` for a `now` that is none.
   */
  retry(token: MessageToken, now: bigint): boolean {
    this.#book.assertUsable();
    assertNanoseconds('now', now);
    const booked = this.#book.read(token);
    const { state, attempts } = booked.letter;
    if (state === 'in-flight') return false;
    const changes = { state: 'waiting', dueAt: now, attemptsBefore: attempts } as const;
    this.#book.move(booked, changes, isOverdue(booked.header, now) ? { deadline: undefined } : {});
    return true;
  }

  /**
   * Removes a letter, whatever its state; what is in flight may arrive still. O(log n). Throws
   * `BAD_TOKEN`, `STALE_TOKEN`, `NOT_ALLOCATED`.
   */
  discard(token: MessageToken): void {
    this.#book.assertUsable();
    this.#book.remove(token);
  }

  /** How the outbox is filled. O(log n + dead letters), of which none is read. */
  usage(): OutboxUsage {
    this.#book.assertUsable();
    const { capacity, available, live } = this.#book.usage;
    const dead = this.#book.schedule.deadCount;
    return { capacity, available, pending: live - dead, dead };
  }

  /** Closes the outbox and returns its memories, free for other structures. O(1). */
  intoMemories(): OutboxMemories {
    return this.#book.intoMemories();
  }

  /** The first rule that does not hold, in words, or `undefined`. O(n log n); for tests. */
  checkInvariants(): string | undefined {
    this.#book.assertUsable();
    return this.#book.checkInvariants();
  }

  /** The letter, leased; `undefined` where it had to be given up. */
  #beginWith(booked: BookedLetter, now: bigint): Letter<P> | undefined {
    const { header, letter } = booked;
    const { state, attempts, attemptsBefore, reason } = letter;
    const isUnanswered = state === 'in-flight';
    const lastReason = isUnanswered ? `no answer to attempt ${attempts}` : reason;
    if (isOverdue(header, now)) return this.#bury(booked, `its deadline has passed. ${lastReason}`);
    if (attempts - attemptsBefore >= this.#patience.attemptsMax) {
      return this.#bury(booked, lastReason);
    }
    const unreadable = this.#whyUnreadable(booked);
    if (unreadable !== undefined) return this.#bury(booked, unreadable);
    const leased = this.#book.move(booked, {
      state: 'in-flight',
      attempts: attempts + 1,
      dueAt: later(now, this.#patience.lease),
      reason: shortened(lastReason),
    });
    return new Letter({ ...booked, letter: leased }, this.#codec);
  }

  /**
   * What the codec says of a payload that it cannot read. Whatever that is: a letter that cannot
   * even be tried would hold up all that come behind it.
   */
  #whyUnreadable(booked: BookedLetter): string | undefined {
    try {
      void new Letter(booked, this.#codec).payload;
      return undefined;
    } catch (error) {
      return String(error);
    }
  }

  #bury(booked: BookedLetter, reason: string): undefined {
    this.#book.move(booked, { state: 'dead', dueAt: NEVER, reason: shortened(reason) });
  }
}
