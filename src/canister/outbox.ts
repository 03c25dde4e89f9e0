/**
 * The outbox of the data canister: calls of other canisters, which are made at least once, and kept
 * where they never succeed. This is all but the calls themselves; those are made by the Candid edge
 * (`index.ts`), with a courier.
 *
 *     virtual memory 252   the letters
 *     virtual memory 253   when they are due
 *
 * They are taken with the first letter. A canister from before there was an outbox may have maps in
 * them: then there is none.
 *
 * Only controllers may use it, for the calls come from this canister, and may do what it may.
 */
import {
  bytes,
  encodeUtf8,
  messageToken,
  Outbox,
  principal,
  record,
  StorageError,
  text,
  type Letter,
  type MemoryManager,
  type MessageToken,
  type OutboxMemories,
  type OutboxUsage,
  type Principal,
} from '../lib/index.js';
import { hasCode } from '../lib/errors.js';
import type { Caller } from './data-store.js';
import { RefusalError, type OutboxRefusal } from './refusal.js';

const LETTERS_MEMORY = 252;
const SCHEDULE_MEMORY = 253;

const LETTERS_MAX = 10_000;
const ARG_SIZE_MAX = 16_384;
const METHOD_SIZE_MAX = 128;
/** Of a canister's principal, and of what a record says of its fields. */
const OVERHEAD_MAX = 64;

const LIST_LENGTH_DEFAULT = 20;
/** As many of the largest letters as fit a reply. */
const LIST_LENGTH_MAX = 100;

/** The last moment that a letter can name. */
const MOMENT_MAX = 2n ** 64n - 2n;

const callRecord = record({ canister: principal, method: text, arg: bytes });

/** A call of another canister; `arg` is its argument as it is sent. */
export interface Call {
  readonly canister: Principal;
  readonly method: string;
  readonly arg: Uint8Array;
}

/** A call, and when to make it, in nanoseconds. */
export interface CallRequest extends Call {
  readonly delay: bigint | undefined;
  readonly deadline: bigint | undefined;
}

/** A call with what became of it so far. */
export type CallLetter = Letter<Call>;

/** Some dead letters; `next` is the token to go on behind, where there are more. */
export interface DeadLetters {
  readonly letters: CallLetter[];
  readonly next: MessageToken | undefined;
}

/** What there is, and when the next attempt begins. */
export interface OutboxStatus extends OutboxUsage {
  readonly nextDue: bigint | undefined;
}

const EMPTY: OutboxStatus = {
  capacity: LETTERS_MAX,
  available: LETTERS_MAX,
  pending: 0,
  dead: 0,
  nextDue: undefined,
};

export class CallOutbox {
  readonly #memory: MemoryManager;
  readonly #isTaken: () => boolean;
  #outbox: Outbox<Call> | undefined;

  /** `isTaken` tells whether maps lie in the memories of the outbox. */
  constructor(memory: MemoryManager, isTaken: () => boolean) {
    this.#memory = memory;
    this.#isTaken = isTaken;
  }

  /** The letters; `undefined` where there were never any. Throws as the library does. O(1). */
  get letters(): Outbox<Call> | undefined {
    if (this.#outbox !== undefined || this.#isTaken()) return this.#outbox;
    const { messages, schedule } = this.#memories;
    if (messages.size() === 0 && schedule.size() === 0) return undefined;
    return this.#open();
  }

  /**
   * As {@link letters}, but nothing where they cannot be opened: whoever uses them will hear of
   * that, and whoever does not is not to be hindered.
   */
  get lettersToDeliver(): Outbox<Call> | undefined {
    try {
      return this.letters;
    } catch (error) {
      if (error instanceof StorageError) return undefined;
      throw error;
    }
  }

  /** Puts a call in, and returns its token. */
  enqueue(caller: Caller, now: bigint, request: CallRequest): MessageToken {
    this.#assertMayUse(caller);
    const { canister, method, arg, delay = 0n, deadline } = request;
    assertFits(method, arg);
    assertMoment('delay', delay);
    if (deadline !== undefined) {
      assertMoment('deadline', deadline);
      if (deadline <= now + delay) throw invalidLetter('the deadline is over at the first attempt');
    }
    const outbox = this.letters ?? this.#open();
    try {
      return outbox.enqueue({ canister, method, arg }, { now, delay, deadline });
    } catch (error) {
      if (!hasCode(error, 'NO_FREE_SLOTS')) throw error;
      throw refusal({ OutboxFull: { limit: LETTERS_MAX } });
    }
  }

  status(caller: Caller): OutboxStatus {
    this.#assertMayUse(caller);
    const outbox = this.letters;
    return outbox === undefined ? EMPTY : { ...outbox.usage(), nextDue: outbox.nextDue() };
  }

  /** The letter of this token, or `undefined` where it is gone or never was. */
  letter(caller: Caller, token: bigint): CallLetter | undefined {
    this.#assertMayUse(caller);
    try {
      return this.letters?.find(messageToken(token));
    } catch (error) {
      if (hasCode(error, 'BAD_TOKEN')) return undefined;
      throw error;
    }
  }

  /** Dead letters by their tokens, from behind the token `after` on. */
  deadLetters(caller: Caller, after: bigint | undefined, limit: number | undefined): DeadLetters {
    this.#assertMayUse(caller);
    const length = Math.max(1, Math.min(limit ?? LIST_LENGTH_DEFAULT, LIST_LENGTH_MAX));
    const letters: CallLetter[] = [];
    for (const letter of this.letters?.deadLetters({ after }) ?? []) {
      if (letters.length === length) return { letters, next: letters.at(-1)?.token };
      letters.push(letter);
    }
    return { letters, next: undefined };
  }

  /** Makes a letter due now, with all its attempts before it. Refuses what is in flight. */
  retry(caller: Caller, now: bigint, token: bigint): void {
    this.#assertMayUse(caller);
    if (this.#known(token, (outbox, known) => outbox.retry(known, now))) return;
    throw refusal({ LetterInFlight: token });
  }

  /** Removes a letter. */
  discard(caller: Caller, token: bigint): void {
    this.#assertMayUse(caller);
    this.#known(token, (outbox, known) => outbox.discard(known));
  }

  /** Refuses with `UnknownLetter` where there is none of this token. */
  #known<T>(token: bigint, action: (outbox: Outbox<Call>, known: MessageToken) => T): T {
    const outbox = this.letters;
    if (outbox === undefined) throw refusal({ UnknownLetter: token });
    try {
      return action(outbox, messageToken(token));
    } catch (error) {
      if (!hasCode(error, 'BAD_TOKEN', 'STALE_TOKEN', 'NOT_ALLOCATED')) throw error;
      throw refusal({ UnknownLetter: token });
    }
  }

  #assertMayUse(caller: Caller): void {
    if (!caller.isController) throw refusal({ NotAuthorized: null });
    if (!this.#isTaken()) return;
    throw refusal({
      OutboxUnavailable: `a map lies in virtual memory ${LETTERS_MEMORY} or ${SCHEDULE_MEMORY}`,
    });
  }

  #open(): Outbox<Call> {
    const payloadSizeMax = ARG_SIZE_MAX + METHOD_SIZE_MAX + OVERHEAD_MAX;
    const options = { codec: callRecord, payloadSizeMax, capacity: LETTERS_MAX };
    this.#outbox = Outbox.init(this.#memories, options);
    return this.#outbox;
  }

  get #memories(): OutboxMemories {
    return {
      messages: this.#memory.get(LETTERS_MEMORY),
      schedule: this.#memory.get(SCHEDULE_MEMORY),
    };
  }
}

function assertFits(method: string, arg: Uint8Array): void {
  const size = encodeUtf8(method).length;
  if (size === 0 || size > METHOD_SIZE_MAX) {
    throw invalidLetter(`expected a method of 1 to ${METHOD_SIZE_MAX} bytes, found ${size}`);
  }
  if (arg.length <= ARG_SIZE_MAX) return;
  throw refusal({ ArgumentTooLarge: { max_size: ARG_SIZE_MAX, size: arg.length } });
}

function assertMoment(what: string, value: bigint): void {
  if (value > MOMENT_MAX) throw invalidLetter(`expected a ${what} up to 2^64 - 2, found ${value}`);
}

function invalidLetter(why: string): RefusalError<OutboxRefusal> {
  return refusal({ InvalidLetter: why });
}

function refusal(why: OutboxRefusal): RefusalError<OutboxRefusal> {
  return new RefusalError(why);
}
