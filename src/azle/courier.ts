/**
 * Delivers the letters of an outbox in timers. Each time one is due the courier begins as many
 * attempts as it may have under way, and books what comes of them.
 *
 *     arm ──► timer ──► begin ──► deliver ──await──► delivered or failed ──► arm
 *
 * Timers do not outlive an upgrade, and what was under way then is never answered: so the courier
 * is to be armed in `init` and in `postUpgrade`, and after each `enqueue`. All that it knows itself
 * lies on the heap and may be lost at any moment; what must last is in the outbox.
 *
 * Where a timer's callback traps, everything that it did is undone, the attempts that it began
 * included, and nothing would set a timer any more. So there is a second one, the watch, that does
 * nothing but arm the courier again, as long as there is anything to deliver.
 *
 * An attempt without an answer counts as under way until its lease has run out, and no longer: a
 * receiver that never answers slows the courier down, but does not stop it.
 *
 * Source: issue 8; `src/lib/messages/outbox.ts`.
 */
import { StorageError, type Letter, type MessageToken, type Outbox } from '../lib/index.js';
import { Alarm, type Clock } from './alarm.js';
import { isCleanup, reasonOf } from './call-error.js';

/** Brings a letter to where it belongs. What it throws, or rejects with, is a failed attempt. */
export type Deliver<P> = (letter: Letter<P>) => unknown;

/** How a courier is to work. */
export interface CourierOptions {
  /** How many attempts are under way at the same time, at most; 10 unless told. */
  readonly inFlightMax?: number;
}

/** What a courier needs of the canister. */
export interface CourierSystem extends Clock {
  trap(message: string): void;
}

const IN_FLIGHT_MAX = 10;

/** How long after a trap the courier goes on, in nanoseconds. */
const WATCH = 60_000_000_000n;

export class Courier<P> {
  readonly #outbox: Outbox<P>;
  readonly #deliver: Deliver<P>;
  readonly #system: CourierSystem;
  readonly #inFlightMax: number;
  readonly #rounds: Alarm;
  readonly #watch: Alarm;
  /** What is under way: the newest attempt of each letter. */
  readonly #inFlight = new Map<MessageToken, Letter<P>>();

  /** Throws `RangeError` for options that are none. */
  constructor(
    outbox: Outbox<P>,
    deliver: Deliver<P>,
    { inFlightMax = IN_FLIGHT_MAX }: CourierOptions,
    system: CourierSystem,
  ) {
    if (!Number.isSafeInteger(inFlightMax) || inFlightMax < 1) {
      throw new RangeError(`inFlightMax: expected a whole number from 1 on, got ${inFlightMax}`);
    }
    this.#outbox = outbox;
    this.#deliver = deliver;
    this.#system = system;
    this.#inFlightMax = inFlightMax;
    this.#rounds = new Alarm(system, () => this.#round());
    this.#watch = new Alarm(system, () => this.arm());
  }

  /** How many attempts are under way. O(1). */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /**
   * Sets a timer for the letter that is due next, where there is one. To be called in `init` and
   * `postUpgrade`, and after each change of the outbox; once more does no harm. O(log n).
   */
  arm(): void {
    const due = this.#outbox.nextDue();
    if (due === undefined) return;
    const now = this.#system.time();
    this.#watch.setFor(laterOf(due, now) + WATCH);
    this.#forgetUnanswered(now);
    this.#rounds.setFor(this.#isBusy ? laterOf(due, this.#nextLeaseEnd()) : due);
  }

  #round(): void {
    const now = this.#system.time();
    this.#forgetUnanswered(now);
    while (!this.#isBusy) {
      const letter = this.#outbox.begin(now);
      if (letter === undefined) break;
      this.#inFlight.set(letter.token, letter);
      void this.#attempt(letter);
    }
    this.arm();
  }

  async #attempt(letter: Letter<P>): Promise<void> {
    try {
      await this.#deliver(letter);
    } catch (error) {
      // The callback of the call has trapped, and this must not: the lease runs out.
      if (isCleanup(error)) return this.#forget(letter);
      return this.#book(letter, (now) => this.#outbox.failed(letter, reasonOf(error), now));
    }
    this.#book(letter, () => this.#outbox.delivered(letter.token));
  }

  /** Nobody hears what is thrown here, so what the outbox could not undo itself has to trap. */
  #book(letter: Letter<P>, book: (now: bigint) => unknown): void {
    try {
      this.#forget(letter);
      book(this.#system.time());
      this.arm();
    } catch (error) {
      if (!(error instanceof StorageError)) this.#system.trap(reasonOf(error));
    }
  }

  get #isBusy(): boolean {
    return this.#inFlight.size >= this.#inFlightMax;
  }

  /** PRECONDITION: something is under way. O(attempts under way). */
  #nextLeaseEnd(): bigint {
    const ends = Array.from(this.#inFlight.values(), ({ dueAt }) => dueAt!);
    return ends.reduce((first, end) => (end < first ? end : first));
  }

  #forget(letter: Letter<P>): void {
    if (this.#inFlight.get(letter.token) === letter) this.#inFlight.delete(letter.token);
  }

  /** O(attempts under way). */
  #forgetUnanswered(now: bigint): void {
    for (const letter of this.#inFlight.values()) {
      if (letter.dueAt! <= now) this.#inFlight.delete(letter.token);
    }
  }
}

function laterOf(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
