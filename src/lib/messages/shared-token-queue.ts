/**
 * A queue of tokens between two threads: one puts in, the other takes out, and neither waits for
 * the other unless it asks to. It goes with a `ConcurrentMessageManager`, where the messages are.
 *
 *     const queue = SharedTokenQueue.create({ maxCount: 1_000 });           // in one thread
 *     const producer = queue.producer();
 *     worker.postMessage(queue.buffer);
 *
 *     const queue = SharedTokenQueue.attach(buffer, { maxCount: 1_000 });   // in the other
 *     const consumer = queue.consumer();
 *
 * Limits, answers, `send` and `receive` are those of a `TokenQueue`. Also eviction, though the
 * consumer may pop at the same moment: see `shared-token-queue/shared-ring.ts`. Each end is one
 * thread's alone; who takes it second is refused.
 *
 * What differs from a `TokenQueue`: the ring does not grow, and is made for the most tokens at
 * once; what the consumer looks at, it has in hand (`shared-token-queue/token-consumer.ts`); a
 * token that is evicted is taken out before its message is freed, not after. A thread that dies
 * between the two leaves a message that no queue knows; the manager's `tokens()` still shows it.
 *
 * Limits: one producer, one consumer; 2^26 tokens. The manager needs a slot for each token that the
 * limits allow, and two more: for the message in hand, and for the one that is being sent.
 *
 * Source: `specs/limen.md` section 6; crate `limen-core`, the mutex-wrapped edges, for which this
 * has no lock.
 */
import { StorageError } from '../errors.js';
import { assertSize } from '../guards.js';
import {
  admissionPolicy,
  occupancyOf,
  type AdmissionOptions,
  type AdmissionPolicy,
  type Occupancy,
} from './admission.js';
import { End, type TakeOptions } from './shared-token-queue/ends.js';
import { CELL_COUNT_MAX, createRing, readCellCount } from './shared-token-queue/layout.js';
import { SharedRing } from './shared-token-queue/shared-ring.js';
import { TokenConsumer } from './shared-token-queue/token-consumer.js';
import { TokenProducer } from './shared-token-queue/token-producer.js';

/**
 * A bounded queue of tokens in memory that threads share.
 *
 * @example
 * const queue = SharedTokenQueue.create({ maxCount: 1_000 });
 * const worker = new Worker('./worker.js', { workerData: queue.buffer });
 * const producer = queue.producer();
 * producer.push(messages.store(message), messages);
 */
export class SharedTokenQueue {
  readonly #ring: SharedRing;

  private constructor(
    /** For the other thread, to attach. */
    readonly buffer: SharedArrayBuffer,
    /** The limits, as they were given, and what was not given. */
    readonly policy: AdmissionPolicy,
  ) {
    this.#ring = new SharedRing(buffer, readCellCount(buffer));
  }

  /**
   * An empty queue in new memory. O(maxCount).
   *
   * Throws what {@link admissionPolicy} throws, `RangeError` for more than 2^26 tokens or more
   * bytes than the engine gives, `UNSUPPORTED_OPERATION` where the engine has no shared memory.
   */
  static create(limits: AdmissionOptions): SharedTokenQueue {
    const policy = admissionPolicy(limits);
    assertSize('maxCount', policy.maxCount, CELL_COUNT_MAX);
    return new SharedTokenQueue(createRing(policy.maxCount), policy);
  }

  /**
   * The queue in the memory of another thread. Its limits are those of this thread. O(1).
   *
   * Throws `TypeError` for what no threads share, `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED`;
   * `INCOMPATIBLE_TYPE` for limits of more tokens than the ring was made for; and what
   * {@link admissionPolicy} throws.
   */
  static attach(buffer: SharedArrayBuffer, limits: AdmissionOptions): SharedTokenQueue {
    const policy = admissionPolicy(limits);
    const queue = new SharedTokenQueue(buffer, policy);
    const { cells } = queue.#ring;
    if (policy.maxCount <= cells) return queue;
    throw new StorageError(
      'INCOMPATIBLE_TYPE',
      `the ring was made for ${cells} tokens, and the limits say ${policy.maxCount}. ` +
        'Attach with the limits that the queue was created with.',
      { cells, maxCount: policy.maxCount },
    );
  }

  /** How full the queue is now; O(1), from any thread. */
  occupancy(): Occupancy {
    return occupancyOf(this.policy, this.#ring.state());
  }

  /**
   * The end where tokens are put in, for this thread. O(1). Throws `MEMORY_IN_USE` where it is
   * taken, unless it is taken over, as after the death of a worker.
   */
  producer(options: TakeOptions = {}): TokenProducer {
    return new TokenProducer(End.take(this.#ring, 'producer', options), this.policy);
  }

  /** The end where tokens are taken out, for this thread. Otherwise as {@link producer}. */
  consumer(options: TakeOptions = {}): TokenConsumer {
    return new TokenConsumer(End.take(this.#ring, 'consumer', options), this.policy);
  }
}
