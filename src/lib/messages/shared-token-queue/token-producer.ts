/**
 * The end of a queue between threads where tokens are put in. The limits are the producer's: it
 * decides, and it evicts.
 *
 * Source: `specs/limen.md` section 6.
 */
import { DISPOSE } from '../../dispose.js';
import { StorageError } from '../../errors.js';
import {
  decideAdmission,
  occupancyOf,
  type AdmissionDecision,
  type AdmissionItem,
  type AdmissionPolicy,
  type Load,
  type Occupancy,
} from '../admission.js';
import type { HeaderStore } from '../message-manager.js';
import type { MessageToken } from '../message-token.js';
import { peekItem, type PushAnswer, type TokenSink } from '../token-delivery.js';
import { assertQueueable, type QueuedToken } from '../token-queue/cell.js';
import type { End } from './ends.js';
import { TAIL_OFFSET, WAITING_OFFSET } from './layout.js';
import type { SharedRing } from './shared-ring.js';

/**
 * Puts tokens into a queue between threads; made by `SharedTokenQueue.producer`. Every method
 * throws `HANDLE_CLOSED` after the release.
 *
 * @example
 * using producer = queue.producer();
 * send(producer, messages, Message.of(payload));
 */
export class TokenProducer implements TokenSink {
  readonly #end: End;

  constructor(
    end: End,
    readonly policy: AdmissionPolicy,
  ) {
    this.#end = end;
  }

  /** How full the queue is now; the consumer may take out at any time. O(1). */
  occupancy(): Occupancy {
    return occupancyOf(this.policy, this.#end.use().state());
  }

  /** As `TokenQueue.push`, with the same answers; no memory can fail to grow. O(1 + evicted). */
  push(token: MessageToken, headers: HeaderStore, now?: bigint): PushAnswer {
    const queued = { ...peekItem(headers, token), token };
    assertQueueable(queued);
    const decision = this.decide(queued, now);
    if (decision.kind !== 'admit' && decision.kind !== 'evict') {
      return { isAdmitted: false, evicted: [], refusal: decision };
    }
    const evicted = decision.kind === 'evict' ? this.evict(decision.keep, () => undefined) : [];
    this.append(queued);
    return { isAdmitted: true, evicted };
  }

  /** What {@link push} would do with such a message now. O(1). */
  decide(item: AdmissionItem, now?: bigint): AdmissionDecision {
    return decideAdmission(this.policy, this.#end.use().state(), item, now);
  }

  /**
   * Takes out the oldest tokens until no more than `keep` is left, and returns those that the
   * consumer has not taken meanwhile. `free` gets each of them after it has gone: before, it might
   * be the consumer's. Where `free` throws, that message is the caller's to free.
   */
  evict(keep: Load, free: (token: MessageToken) => void): MessageToken[] {
    const ring = this.#end.use();
    const evicted: MessageToken[] = [];
    for (;;) {
      const { count, bytes } = ring.state();
      if (count === 0 || (count <= keep.count && bytes <= keep.bytes)) return evicted;
      const oldest = ring.takeOut();
      if (oldest === undefined) return evicted;
      evicted.push(oldest.token);
      free(oldest.token);
    }
  }

  /**
   * Puts a token in whatever the limits say: the last part of a push that was decided before. O(1).
   * Throws `GROW_FAILED` where the ring has no cell for it.
   */
  append(queued: QueuedToken): void {
    const ring = this.#end.use();
    if (ring.state().count >= ring.cells) throw ringIsFull(ring);
    ring.putIn(queued);
    if (ring.load(WAITING_OFFSET) === 1) ring.notify(TAIL_OFFSET);
  }

  /** Gives the end back, for another thread to take. Again does nothing. O(1). */
  release(): void {
    this.#end.release();
  }

  /** As {@link release}, for `using`. */
  [DISPOSE](): void {
    this.release();
  }
}

function ringIsFull({ cells }: SharedRing): StorageError {
  return new StorageError(
    'GROW_FAILED',
    `all ${cells} cells of the ring are taken, and it cannot grow. Nothing was queued; ` +
      'ask decide first, or create the queue for more tokens.',
    { cells },
  );
}
