/**
 * The end of a queue between threads where tokens are taken out.
 *
 * A token that the consumer only looks at might be evicted under it. So a look takes it out of the
 * ring and *in hand*: a cell of the shared memory that is the consumer's alone. There it waits
 * until it is popped or removed. If the thread dies before that, whoever takes the end over finds
 * it in the hand, and the message is received once more.
 *
 *     in hand   copy the cell and note its number; if the copy is whole, for the head has not gone
 *               on, say that the hand holds it; then count the head up
 *
 * NOTE: where the head did not get so far, the hand of a dead thread holds nothing: the token is
 * still in the ring. If it was evicted at that very moment, the hand holds a token whose message is
 * gone, which a receive reports as missing.
 *
 * Source: `specs/limen.md` section 6.
 */
import { DISPOSE } from '../../dispose.js';
import { assertSize } from '../../guards.js';
import {
  assertTime,
  isExpired,
  occupancyOf,
  type AdmissionPolicy,
  type Occupancy,
} from '../admission.js';
import type { TokenSource } from '../token-delivery.js';
import type { QueuedToken } from '../token-queue/cell.js';
import type { PoppedToken } from '../token-queue.js';
import type { End } from './ends.js';
import {
  HAND_OFFSET,
  HEAD_OFFSET,
  HELD_NUMBER_OFFSET,
  HOLDS_OFFSET,
  TAIL_OFFSET,
  WAITING_OFFSET,
} from './layout.js';
import { assertMayWaitAsync, assertTimeout, blocking } from '../shared-buffer.js';

/**
 * Takes tokens out of a queue between threads; made by `SharedTokenQueue.consumer`. Every method
 * throws `HANDLE_CLOSED` after the release, and `CORRUPTED` for bytes that are no token.
 *
 * @example
 * using consumer = queue.consumer();
 * while (consumer.wait()) receive(consumer, messages, ({ payload }) => handle(payload));
 */
export class TokenConsumer implements TokenSource {
  readonly #end: End;
  readonly #policy: AdmissionPolicy;
  /** How many calls wait now; more than one where they do so with promises. */
  #waiting = 0;

  /** Looks into the hand of the one before. */
  constructor(end: End, policy: AdmissionPolicy) {
    this.#end = end;
    this.#policy = policy;
    const { ring } = end;
    if (ring.load(HELD_NUMBER_OFFSET) === ring.load(HEAD_OFFSET)) ring.store(HOLDS_OFFSET, 0);
  }

  /** How full the queue is now, without what is in hand. O(1). */
  occupancy(): Occupancy {
    return occupancyOf(this.#policy, this.#end.use().state());
  }

  /** Whether there is no token, in the queue or in hand. O(1). */
  get isEmpty(): boolean {
    const ring = this.#end.use();
    return ring.load(HOLDS_OFFSET) === 0 && ring.oldest() === undefined;
  }

  /**
   * The oldest token, or `undefined`. It stays the next one until it is popped or removed; it
   * counts no more for the limits, and cannot be evicted. O(1).
   */
  peek(): QueuedToken | undefined {
    const ring = this.#end.use();
    while (ring.load(HOLDS_OFFSET) === 0) {
      const head = ring.oldest();
      if (head === undefined) return undefined;
      ring.copyTo(HAND_OFFSET, head);
      ring.store(HELD_NUMBER_OFFSET, head);
      if (ring.load(HEAD_OFFSET) !== head) continue;
      ring.store(HOLDS_OFFSET, 1);
      if (!ring.passOver(head)) ring.store(HOLDS_OFFSET, 0);
    }
    return ring.readAt(HAND_OFFSET);
  }

  /** Takes out the oldest token, or returns `undefined`; as `TokenQueue.pop`. O(1). */
  pop(now?: bigint): PoppedToken | undefined {
    const ring = this.#end.use();
    assertTime(now);
    const isInHand = ring.load(HOLDS_OFFSET) === 1;
    const queued = isInHand ? ring.readAt(HAND_OFFSET) : ring.takeOut();
    if (isInHand) ring.store(HOLDS_OFFSET, 0);
    return queued && { ...queued, isExpired: isExpired(queued, now) };
  }

  /** Takes out up to `countMax` of the oldest tokens. Otherwise as {@link pop}. */
  popBatch(countMax: number, now?: bigint): PoppedToken[] {
    assertSize('countMax', countMax);
    const batch: PoppedToken[] = [];
    while (batch.length < countMax) {
      const popped = this.pop(now);
      if (popped === undefined) break;
      batch.push(popped);
    }
    return batch;
  }

  /** Takes out the oldest token if it is this one, and says whether it was. O(1). */
  remove({ token }: QueuedToken): boolean {
    const isOldest = this.peek()?.token === token;
    if (isOldest) this.#end.use().store(HOLDS_OFFSET, 0);
    return isOldest;
  }

  /**
   * Blocks the thread until there is a token, and says whether there is one; `false` where none
   * came for `timeout` milliseconds, from 0 to `Infinity`. Throws `UNSUPPORTED_OPERATION` on a
   * thread that must not block, as the main thread of a browser: it takes {@link waitAsync}.
   */
  wait(timeout = Infinity): boolean {
    const ring = this.#end.use();
    assertTimeout(timeout);
    return this.#listening(() => {
      for (;;) {
        const tail = ring.load(TAIL_OFFSET);
        if (!this.isEmpty) return true;
        const wait = () => ring.wait(TAIL_OFFSET, tail, timeout);
        if (!blocking(wait, 'Await waitAsync.')) return !this.isEmpty;
      }
    });
  }

  /** As {@link wait}, with a promise. Throws `UNSUPPORTED_OPERATION` where the engine cannot. */
  async waitAsync(timeout = Infinity): Promise<boolean> {
    const ring = this.#end.use();
    assertTimeout(timeout);
    assertMayWaitAsync('Look again later.');
    this.#listen();
    try {
      for (;;) {
        const tail = ring.load(TAIL_OFFSET);
        if (!this.isEmpty) return true;
        if (!(await ring.waitAsync(TAIL_OFFSET, tail, timeout))) return !this.isEmpty;
      }
    } finally {
      this.#stopListening();
    }
  }

  /**
   * Gives the end back, for another thread to take; what is in hand is there for it. Again does
   * nothing. O(1).
   */
  release(): void {
    this.#end.release();
  }

  /** As {@link release}, for `using`. */
  [DISPOSE](): void {
    this.release();
  }

  #listening<R>(wait: () => R): R {
    this.#listen();
    try {
      return wait();
    } finally {
      this.#stopListening();
    }
  }

  /** From now on the producer wakes this thread. It looks for tokens after that, and not before. */
  #listen(): void {
    if (this.#waiting++ === 0) this.#end.ring.store(WAITING_OFFSET, 1);
  }

  #stopListening(): void {
    if (--this.#waiting === 0) this.#end.ring.store(WAITING_OFFSET, 0);
  }
}
