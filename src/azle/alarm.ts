/**
 * A timer that rings once, at the earliest of the moments that it was set for.
 *
 * A timer is never cleared: Azle's `clearTimer` traps, because dropping what the timer holds calls
 * into the JavaScript engine that is just running. So one that an earlier moment has overtaken
 * still comes, and does nothing.
 *
 * What a timer's callback has changed is undone where it traps, and the timer is gone all the same:
 * then the alarm remembers one that will never ring. So a moment that lies behind us counts as
 * none, and whoever sets the alarm next sets it anew.
 *
 * Source: Azle 0.33.0, `lib/ic_apis/set_timer.ts` and `ic/set_timer.rs`.
 */

/** What the alarm needs of the canister. */
export interface Clock {
  /** Now, in nanoseconds. */
  time(): bigint;
  /** Calls back once, after so many seconds. */
  setTimer(delayInSeconds: number, callback: () => void): unknown;
}

const SECOND = 1_000_000_000n;

/** No timer is set for a longer time, for its end might lie behind the end of time. */
const SECONDS_MAX = 86_400n;

export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  /** The timer that counts. */
  #timer: { readonly ringsAt: bigint } | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /**
   * Rings at that moment or less than a second later, for timers count in seconds; within a day in
   * any case; and before that where it was set so. O(1).
   */
  setFor(moment: bigint): void {
    const now = this.#clock.time();
    const seconds = secondsUntil(moment, now);
    const timer = { ringsAt: now + seconds * SECOND };
    if (this.#timer !== undefined) {
      const { ringsAt } = this.#timer;
      if (ringsAt >= now && ringsAt <= timer.ringsAt) return;
    }
    this.#clock.setTimer(Number(seconds), () => {
      if (this.#timer !== timer) return;
      this.#timer = undefined;
      this.#ring();
    });
    this.#timer = timer;
  }
}

/** As whole seconds, up. */
function secondsUntil(moment: bigint, now: bigint): bigint {
  if (moment <= now) return 0n;
  const seconds = (moment - now + SECOND - 1n) / SECOND;
  return seconds < SECONDS_MAX ? seconds : SECONDS_MAX;
}
