/**
 * Asking again until it is granted: what is refused because of others, who will be done at some
 * time, is asked again whenever the bell rings, until time is up.
 *
 * Nothing waits unless it was asked to, for so many milliseconds. A library has no clock of its
 * own, so whoever wants to wait for a limited time gives it one.
 *
 * Source: house style rule 22; `specs/limen.md` section 3.3, where the original always blocks.
 */
import { hasCode, StorageError, type StorageErrorCode } from '../../errors.js';
import { assertTimeout } from '../shared-buffer.js';
import type { Bell } from './bell.js';

/** Tells the time, in milliseconds from some start: `performance` and `Date` are such. */
export interface Clock {
  now(): number;
}

/** How long a call may wait. */
export interface Waiting {
  /** In milliseconds, up to `Infinity`; 0 unless told: then a refusal comes at once. */
  readonly timeout?: number;
}

/** Something to be had, perhaps not yet. */
export interface Wish<T> {
  /** Throws a refusal where it is not to be had. */
  ask(): T;
  /** Whether this thread itself stands in the way: then to wait is no use. */
  isInOwnWay(): boolean;
}

interface Pause {
  readonly rings: number;
  readonly milliseconds: number;
}

/** Refusals that pass when another thread is done. */
const PASSING: readonly StorageErrorCode[] = ['ALREADY_BORROWED', 'BORROW_ACTIVE', 'NO_FREE_SLOTS'];

export class Patience {
  constructor(
    private readonly bell: Bell,
    private readonly clock: Clock | undefined,
  ) {}

  /**
   * Blocks the thread until the wish is granted or time is up: then throws its last refusal. Throws
   * `UNSUPPORTED_OPERATION` where the thread must not block, and where there is no clock.
   */
  until<T>({ timeout = 0 }: Waiting, wish: Wish<T>): T {
    if (timeout === 0) return wish.ask();
    this.#assertTimeout(timeout);
    this.bell.assertMayBlock();
    const attempts = this.#attempts(wish, timeout);
    for (;;) {
      const { done, value } = attempts.next();
      if (done === true) return value;
      this.bell.wait(value.rings, value.milliseconds);
    }
  }

  /** As {@link until}, with a promise: no thread is blocked. */
  async untilAsync<T>({ timeout = 0 }: Waiting, wish: Wish<T>): Promise<T> {
    if (timeout === 0) return wish.ask();
    this.#assertTimeout(timeout);
    this.bell.assertMayWaitAsync();
    const attempts = this.#attempts(wish, timeout);
    for (;;) {
      const { done, value } = attempts.next();
      if (done === true) return value;
      await this.bell.waitAsync(value.rings, value.milliseconds);
    }
  }

  /** Asks until it is granted, with a pause after each refusal. */
  *#attempts<T>({ ask, isInOwnWay }: Wish<T>, timeout: number): Generator<Pause, T, void> {
    const end = this.#now() + timeout;
    this.bell.listen();
    try {
      for (;;) {
        const { rings } = this.bell;
        try {
          return ask();
        } catch (error) {
          const milliseconds = end - this.#now();
          if (!isPassing(error) || isInOwnWay() || milliseconds <= 0) throw error;
          yield { rings, milliseconds };
        }
      }
    } finally {
      this.bell.stopListening();
    }
  }

  #now(): number {
    return this.clock?.now() ?? 0;
  }

  #assertTimeout(timeout: number): void {
    assertTimeout(timeout);
    if (timeout === Infinity || this.clock !== undefined) return;
    throw new StorageError(
      'UNSUPPORTED_OPERATION',
      `cannot wait for ${timeout} ms without a clock. Give one, such as { clock: performance }.`,
      { timeout },
    );
  }
}

function isPassing(error: unknown): boolean {
  return hasCode(error, ...PASSING);
}
