/**
 * Points in time, as JavaScript's `Date` has them: whole milliseconds before or after the first of
 * January 1970, UTC. They are stored as the `i64` that they are:
 *
 *     OFFSET  SIZE  FIELD
 *          0     8  milliseconds + 2^63, big-endian
 *
 * No clock is read here, or anywhere in this library: what `new Date()` says is the caller's.
 *
 * Source: the gap in `specs/ic-stable-structures.md` section 5.1; golden vectors
 * `test/golden/codecs.txt`.
 */
import { compareBytes } from '../bytes.js';
import type { KeyCodec } from '../codec.js';
import { corrupted } from '../errors.js';
import { fixedSizeParts } from './fixed-size.js';
import { invalidValue, wrongType } from './refusals.js';
import { i64 } from './signed.js';

/**
 * A `Date` in 8 bytes, ordered by time. O(1).
 *
 * Throws `TypeError` for what is no `Date`, `INVALID_VALUE` for one that is no point in time, such
 * as `new Date('tomorrow')`, `CORRUPTED` for stored bytes of another length or beyond all dates.
 *
 * @example
 * const events = BTreeMap.init(memory.get(0), tuple(date, u64), text);
 * events.insert([new Date('1815-12-10'), 1n], 'Ada is born');
 */
export const date: KeyCodec<Date> = {
  ...fixedSizeParts('date', 8, readDate),
  order: compareBytes,
  encode: (value) => i64.encode(millisecondsOf(value)),
  encodeInto: (value, target, offset) => i64.encodeInto!(millisecondsOf(value), target, offset),
};

function millisecondsOf(value: Date): bigint {
  if (!isDate(value)) throw wrongType('date', 'a Date', value);
  const milliseconds = value.getTime();
  if (Number.isNaN(milliseconds)) throw invalidValue('date', 'a point in time', 'no date');
  return BigInt(milliseconds);
}

/** Whether a value is a `Date`, be it a point in time or not. O(1). */
export function isDate(value: unknown): value is Date {
  return value instanceof Date;
}

/** The `Date` of so many milliseconds from 1970; `undefined` where there is none. O(1). */
export function dateAt(milliseconds: number): Date | undefined {
  const value = new Date(milliseconds);
  return value.getTime() === milliseconds ? value : undefined;
}

/** The text of a date, such as `2024-02-29T12:00:00.000Z`; `undefined` where it is none. O(1). */
export function textOfDate(value: Date): string | undefined {
  return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
}

/** The date of a text that {@link textOfDate} makes; `undefined` for any other. O(1). */
export function dateFromText(text: unknown): Date | undefined {
  const value = dateAt(Date.parse(String(text)));
  return value?.toISOString() === text ? value : undefined;
}

function readDate(bytes: Uint8Array, offset: number): Date {
  const milliseconds = i64.decodeAt!(bytes, offset, offset + 8);
  const value = dateAt(Number(milliseconds));
  if (value === undefined) {
    throw corrupted('date', 'milliseconds of a date', String(milliseconds));
  }
  return value;
}
