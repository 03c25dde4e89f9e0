/**
 * Moments and spans of time, both in nanoseconds, as the Internet Computer counts them from 1970
 * on. This library has no clock: whoever calls says what time it is.
 *
 * Source: issue 8.
 */
import { kind } from '../../guards.js';

/** A moment that does not come: all 64 bits are set. */
export const NEVER = 2n ** 64n - 1n;

/** The last moment that there is. */
const LAST_MOMENT = NEVER - 1n;

/** Returns a moment or a span, from 0 to 2^64 - 2. Throws `TypeError`, `RangeError`. */
export function assertNanoseconds(label: string, value: unknown): bigint {
  if (typeof value !== 'bigint') {
    throw new TypeError(`${label}: expected a bigint of nanoseconds, got ${kind(value)}`);
  }
  if (value >= 0n && value <= LAST_MOMENT) return value;
  throw new RangeError(`${label}: expected nanoseconds from 0 to 2^64 - 2, got ${value}`);
}

/** The moment `span` later, or the last one. O(1). */
export function later(moment: bigint, span: bigint): bigint {
  const sum = moment + span;
  return sum < LAST_MOMENT ? sum : LAST_MOMENT;
}
