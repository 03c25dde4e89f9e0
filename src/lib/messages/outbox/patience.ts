/**
 * How long an outbox waits, and how often it tries.
 *
 *     attempt     1 ──fails──► 2 ──fails──► 3 ──fails──► 4 ...  attemptsMax ──fails──► dead
 *     waits          1 delay     2 delays     4 delays   ... retryDelayMax
 *
 * There is no chance in it: a library without any cannot spread retries at random, and need not,
 * where whoever delivers takes a few letters at a time.
 *
 * Source: issue 8.
 */
import { assertSize } from '../../guards.js';
import { assertNanoseconds } from './moment.js';

const SECOND = 1_000_000_000n;
const ATTEMPTS_MAX = 0xffff_ffff;

/** When an outbox tries again, and when it gives up. Spans are in nanoseconds. */
export interface PatienceOptions {
  /** How many attempts a letter has before it is dead; from 1 on, and 10 unless told. */
  readonly attemptsMax?: number;
  /** The wait after the first failure; each further one doubles it. A second unless told. */
  readonly retryDelay?: bigint;
  /** The longest wait; an hour unless told. */
  readonly retryDelayMax?: bigint;
  /**
   * For how long an attempt without an answer is taken to be under way. Afterwards the letter is
   * tried again, so it should be longer than a delivery takes. Five minutes unless told.
   */
  readonly lease?: bigint;
}

export class Patience {
  readonly attemptsMax: number;
  readonly lease: bigint;
  readonly #retryDelay: bigint;
  readonly #retryDelayMax: bigint;

  /** Throws `TypeError` and `RangeError` for options that are none. */
  constructor(options: PatienceOptions) {
    const { attemptsMax = 10, retryDelay = SECOND, retryDelayMax = 3_600n * SECOND } = options;
    this.attemptsMax = assertSize('attemptsMax', attemptsMax, ATTEMPTS_MAX);
    if (attemptsMax === 0) throw new RangeError('attemptsMax: expected at least 1, got 0');
    this.#retryDelay = assertNanoseconds('retryDelay', retryDelay);
    this.#retryDelayMax = assertNanoseconds('retryDelayMax', retryDelayMax);
    this.lease = assertNanoseconds('lease', options.lease ?? 300n * SECOND);
  }

  /** The wait after so many failures, from 1 on. O(1). */
  delayAfter(failures: number): bigint {
    // Beyond 64 doublings any delay but none is above the longest.
    const doublings = BigInt(Math.min(failures - 1, 64));
    const delay = this.#retryDelay << doublings;
    return delay < this.#retryDelayMax ? delay : this.#retryDelayMax;
  }
}
