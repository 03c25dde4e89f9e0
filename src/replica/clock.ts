/**
 * The clock of a replica. Time is an input: it stands still unless somebody sets it or a round
 * runs. It has two hands. `now` is what the next round will run at; `roundTime` is what the last
 * round ran at, and the time that canisters see.
 *
 * Source: specs/replica.md section 1.6.
 */

/** 6 May 2021, 19:17:10 UTC, where every PocketIC instance begins. */
export const DEFAULT_TIME = 1_620_328_630_000_000_000n;

export class Clock {
  #now: bigint;
  #roundTime: bigint;

  constructor(now: bigint, roundTime = now) {
    this.#now = now;
    this.#roundTime = roundTime;
  }

  get now(): bigint {
    return this.#now;
  }

  get roundTime(): bigint {
    return this.#roundTime;
  }

  /** Sets the time of the next round. False, and nothing happens, where that lies in the past. */
  set(time: bigint): boolean {
    if (time < this.#now) return false;
    this.#now = time;
    return true;
  }

  /** Sets the time at once, also for queries. */
  setCertified(time: bigint): boolean {
    if (!this.set(time)) return false;
    this.#roundTime = time;
    return true;
  }

  /** Puts both hands where they stood once. */
  restore(now: bigint, roundTime: bigint): void {
    this.#now = now;
    this.#roundTime = roundTime;
  }

  /** Begins a round. Each round is later than the one before, by a nanosecond at least. */
  beginRound(): void {
    if (this.#now <= this.#roundTime) this.#now = this.#roundTime + 1n;
    this.#roundTime = this.#now;
  }
}
