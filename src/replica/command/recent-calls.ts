/**
 * The calls that a replica carried out last, for the status page. Heartbeats and timers come by
 * themselves, many times a second; they are left out unless they fail, and so is the inspection of
 * a message that is let in.
 *
 * Source: own design.
 */
import type { MessageEnd, MessageStart, Watcher } from '../watch.js';

export interface RecentCall extends MessageStart, MessageEnd {
  /** Counts all calls there ever were in this process. */
  readonly number: number;
  readonly milliseconds: number;
}

const CALLS_MAX = 50;

const UNASKED = /^(heartbeat|global timer|on low Wasm memory|inspect message)$/i;

export class RecentCalls {
  readonly #calls: RecentCall[] = [];
  #count = 0;

  readonly watcher: Watcher = (start) => {
    const startedAt = performance.now();
    return (end) => this.#add(start, end, performance.now() - startedAt);
  };

  /** How many there were, also of those that are no longer listed. */
  get count(): number {
    return this.#count;
  }

  /** The latest first. */
  list(): readonly RecentCall[] {
    return this.#calls;
  }

  #add(start: MessageStart, end: MessageEnd, milliseconds: number): void {
    if (UNASKED.test(start.mode) && end.result !== 'trapped') return;
    this.#count++;
    this.#calls.unshift({ ...start, ...end, number: this.#count, milliseconds });
    this.#calls.length = Math.min(this.#calls.length, CALLS_MAX);
  }
}
