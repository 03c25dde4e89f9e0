/**
 * What a thread waits for when it has asked to: a bell that rings whenever a slot is free again or
 * a guard has gone. One for the whole store; whoever wakes looks for itself.
 *
 * It rings only where somebody waits, so that others pay one look at a word for it. Who waits is
 * kept as a bit for each seat: a dead thread is then known not to.
 *
 * NOTE: a thread listens first, looks second and sleeps third, and sleeps not at all if the bell
 * was rung since it began. So no ring is missed.
 *
 * Source: the `futex` of Linux, which `Atomics.wait` is made after.
 */
import { assertMayWaitAsync, blocking, waitAsync } from '../shared-buffer.js';
import { RINGS_OFFSET, WAITING_OFFSET } from './layout.js';

const WORD_SHIFT = 2;
const WAITING = WAITING_OFFSET >> WORD_SHIFT;
const RINGS = RINGS_OFFSET >> WORD_SHIFT;

export class Bell {
  readonly #words: Int32Array;
  readonly #bit: number;
  /** How many times this thread waits now; more than one where it does so with promises. */
  #listeners = 0;

  constructor(buffer: SharedArrayBuffer, seat: number) {
    this.#words = new Int32Array(buffer);
    this.#bit = 1 << seat;
  }

  /** Wakes all that wait, if any do. O(1). */
  ring(): void {
    if (Atomics.load(this.#words, WAITING) === 0) return;
    Atomics.add(this.#words, RINGS, 1);
    Atomics.notify(this.#words, RINGS);
  }

  /** How often it has rung. */
  get rings(): number {
    return Atomics.load(this.#words, RINGS);
  }

  /** From now on it rings for this thread. */
  listen(): void {
    if (this.#listeners++ === 0) Atomics.or(this.#words, WAITING, this.#bit);
  }

  stopListening(): void {
    if (--this.#listeners === 0) Atomics.and(this.#words, WAITING, ~this.#bit);
  }

  /** A dead thread listens no more. */
  forget(seat: number): void {
    Atomics.and(this.#words, WAITING, ~(1 << seat));
  }

  /** Blocks until it has rung more often than `rings`, or time is up. */
  wait(rings: number, milliseconds: number): void {
    Atomics.wait(this.#words, RINGS, rings, milliseconds);
  }

  /** As {@link wait}, with a promise. */
  async waitAsync(rings: number, milliseconds: number): Promise<void> {
    await waitAsync(this.#words, RINGS, rings, milliseconds);
  }

  /** Throws `UNSUPPORTED_OPERATION` on a thread that must not block, as a browser's main thread. */
  assertMayBlock(): void {
    // A value that is not there: answered at once where the thread may wait.
    const wait = () => Atomics.wait(this.#words, RINGS, this.rings + 1, 0);
    blocking(wait, 'Ask with the twin that ends in Async, or without a timeout.');
  }

  /** Throws `UNSUPPORTED_OPERATION` where the engine cannot wait with a promise. */
  assertMayWaitAsync(): void {
    assertMayWaitAsync('Ask without a timeout, and again.');
  }
}
