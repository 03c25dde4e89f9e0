/**
 * The clockwork of a live instance. Its time is set to that of the wall clock once, if that lies
 * ahead; from then on it moves on by as much as the wall clock does, and a round runs at every
 * step, after which the HTTPS outcalls of canisters are made. Without this, an instance stands
 * still between the requests of its client.
 *
 * Source: specs/replica.md section 1.6; dfinity/ic, `auto_progress`.
 */
import type { Replica } from '../replica.js';
import { OutcallFetching } from './outcall-fetching.js';

const INTERVAL_IN_MS = 50;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

export class AutoProgress {
  readonly #replica: Replica;
  readonly #outcalls: OutcallFetching;
  readonly #intervalInMs: number;
  #lastStep = Date.now();
  #timer: NodeJS.Timeout | undefined;

  /** The delay is what the client wants between two rounds, at least. */
  constructor(replica: Replica, delayInMs: number) {
    this.#replica = replica;
    this.#outcalls = new OutcallFetching(replica);
    this.#intervalInMs = Math.max(delayInMs, INTERVAL_IN_MS);
    replica.clock.setCertified(BigInt(this.#lastStep) * NANOSECONDS_PER_MILLISECOND);
    this.#step();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** The next step waits for the end of this one, so that long rounds do not pile up. */
  #step(): void {
    this.#advance();
    this.#replica.executeRound();
    this.#outcalls.start();
    this.#timer = setTimeout(() => this.#step(), this.#intervalInMs);
  }

  /** The wall clock may be set back while we look at it; the time of a replica never is. */
  #advance(): void {
    const now = Date.now();
    const elapsed = BigInt(Math.max(now - this.#lastStep, 0)) * NANOSECONDS_PER_MILLISECOND;
    this.#lastStep = now;
    this.#replica.clock.set(this.#replica.clock.now + elapsed);
  }
}
