/** A canister's clock and timers, as Azle gives them, moved by hand. */
import type { CourierSystem } from '../../src/azle/courier.js';

const SECOND = 1_000_000_000n;

interface Timer {
  readonly ringsAt: bigint;
  readonly callback: () => void;
}

export class FakeTimers implements CourierSystem {
  readonly traps: string[] = [];
  readonly #timers = new Map<number, Timer>();
  #now: bigint;
  #lastId = 0;

  constructor(now: bigint) {
    this.#now = now;
  }

  /** In how many seconds each timer rings, the first first. */
  get pending(): number[] {
    const times = Array.from(this.#timers.values(), ({ ringsAt }) => Number(ringsAt - this.#now));
    return times.sort((a, b) => a - b).map((time) => time / Number(SECOND));
  }

  readonly time = (): bigint => this.#now;

  readonly setTimer = (delayInSeconds: number, callback: () => void): void => {
    this.#lastId += 1;
    const ringsAt = this.#now + BigInt(delayInSeconds) * SECOND;
    this.#timers.set(this.#lastId, { ringsAt, callback });
  };

  readonly trap = (message: string): void => void this.traps.push(message);

  /** Lets time go by, and rings what rings meanwhile; promises are settled after each. */
  async advance(seconds: number): Promise<void> {
    const end = this.#now + BigInt(Math.round(seconds * 1e9));
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      const [id, { ringsAt, callback }] = next;
      this.#timers.delete(id);
      if (ringsAt > this.#now) this.#now = ringsAt;
      callback();
      await settled();
    }
    this.#now = end;
  }

  /** The next timers ring and trap: they are gone, and nothing that they do is done. */
  lose(): void {
    for (const [id, { ringsAt }] of this.#timers) {
      if (ringsAt <= this.#now) this.#timers.delete(id);
    }
  }

  #next(end: bigint): [number, Timer] | undefined {
    return [...this.#timers]
      .filter(([, { ringsAt }]) => ringsAt <= end)
      .sort(([, a], [, b]) => Number(a.ringsAt - b.ringsAt))[0];
  }
}

/** Everything that waits for settled promises has run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
