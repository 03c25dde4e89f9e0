/**
 * How far a sender may be ahead of its receiver. What is posted is kept on the heap until somebody
 * takes it, so a sender that never waits would fill it. Costs an atomic load for each message, and
 * for every so many one that tells the sender.
 */

/** How many messages may be on their way, in a port as well as in a ring. */
export const WINDOW = 1_024;

const TELL_EVERY = WINDOW / 2;

/** One end of it. Both have the same word, in a `SharedArrayBuffer`. */
export class Window {
  #count = 0;

  constructor(readonly received: Int32Array) {}

  /** Waits until so many more may be sent, and counts them. At most half a window. */
  send(count = 1): void {
    this.#count += count;
    for (;;) {
      const received = Atomics.load(this.received, 0);
      if (this.#count - received <= WINDOW) return;
      Atomics.wait(this.received, 0, received);
    }
  }

  /** Counts one more as received. */
  receive(): void {
    this.#count += 1;
    if (this.#count % TELL_EVERY !== 0) return;
    Atomics.store(this.received, 0, this.#count);
    Atomics.notify(this.received, 0);
  }
}
