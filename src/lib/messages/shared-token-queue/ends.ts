/**
 * The two ends of a queue between threads: who holds one, and that nobody else does.
 *
 * An end that was taken stays taken when its thread dies. Whoever knows that it is dead takes it
 * over; what is in the queue, and in the consumer's hand, is then the new holder's.
 *
 * Source: `specs/limen.md` section 6: one producer, one consumer.
 */
import { StorageError } from '../../errors.js';
import { kind } from '../../guards.js';
import { CONSUMER_TAKEN_OFFSET, PRODUCER_TAKEN_OFFSET } from './layout.js';
import type { SharedRing } from './shared-ring.js';

const TAKEN_OFFSETS = { producer: PRODUCER_TAKEN_OFFSET, consumer: CONSUMER_TAKEN_OFFSET };

/** How an end is taken. */
export interface TakeOptions {
  /** Also where it is taken. PRECONDITION: the thread that had it does nothing any more. */
  readonly takeOver?: boolean;
}

/** The right to one end of a queue. */
export class End {
  #isHeld = true;

  private constructor(
    readonly ring: SharedRing,
    readonly name: 'producer' | 'consumer',
  ) {}

  /** Throws `MEMORY_IN_USE` where it is taken. O(1). */
  static take(ring: SharedRing, name: End['name'], { takeOver = false }: TakeOptions): End {
    if (typeof takeOver !== 'boolean') {
      throw new TypeError(`takeOver: expected a boolean, got ${kind(takeOver)}`);
    }
    const isFree = ring.exchange(TAKEN_OFFSETS[name], 0, 1);
    if (isFree || takeOver) return new End(ring, name);
    throw new StorageError(
      'MEMORY_IN_USE',
      `the ${name}'s end of this queue is taken. Release it there first; if the thread that had ` +
        'it is dead, take it over with { takeOver: true }.',
      { end: name },
    );
  }

  /** The ring. Throws `HANDLE_CLOSED` after the release. O(1). */
  use(): SharedRing {
    if (this.#isHeld) return this.ring;
    throw new StorageError(
      'HANDLE_CLOSED',
      `this ${this.name}'s end of a queue was released. Take it again.`,
      { end: this.name },
    );
  }

  /** From now on others may take it. Again does nothing. O(1). */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.ring.store(TAKEN_OFFSETS[this.name], 0);
  }
}
