/**
 * A timer that rings once, at the earliest of the moments that it was set for.
 *
 * What a timer's callback has changed is undone where it traps, and the timer is gone all the same:
 * then the alarm remembers one that will never ring. So a moment that lies behind us counts as
 * none, and whoever sets the alarm next sets it anew.
 *
 * Source: Azle 0.33.0, `lib/ic_apis/set_timer.ts`.
 */

/** What the alarm needs of the canister. */
export interface Clock {
  /** Now, in nanoseconds. */
  time(): bigint;
  /** Calls back once, after so many seconds. Returns what stands for the timer. */
  setTimer(delayInSeconds: number, callback: () => void): bigint;
  clearTimer(timer: bigint): void;
}

const SECOND = 1_000_000_000n;

/** No timer is set for a longer time, for its end might lie behind the end of time. */
const SECONDS_MAX = 86_400n;

export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #timer: { readonly id: bigint; readonly ringsAt: bigint } | undefined;

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
    const ringsAt = now + seconds * SECOND;
    if (this.#timer !== undefined) {
      const set = this.#timer.ringsAt;
      if (set >= now && set <= ringsAt) return;
      this.#clock.clearTimer(this.#timer.id);
    }
    const id = this.#clock.setTimer(Number(seconds), () => {
      this.#timer = undefined;
      this.#ring();
    });
    this.#timer = { id, ringsAt };
  }
}

/** As whole seconds, up. */
function secondsUntil(moment: bigint, now: bigint): bigint {
  if (moment <= now) return 0n;
  const seconds = (moment - now + SECOND - 1n) / SECOND;
  return seconds < SECONDS_MAX ? seconds : SECONDS_MAX;
}
