/**
 * Guards speak to the caller: `TypeError` for the wrong type, `RangeError` for the wrong value, in
 * the form "label: expected …, got …". Each returns what it checked. They stand at public doors,
 * never inside hot loops.
 *
 * Source: house style rule 14.
 */

/** Looked up once: in the sandbox of a test each look at a global costs more than a check. */
const { isSafeInteger, MAX_SAFE_INTEGER } = Number;
const Bytes = Uint8Array;

/** A whole number from 0 to `max` (2^53 - 1 unless told). */
export function assertSize(label: string, value: unknown, max = MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number')
    throw new TypeError(`${label}: expected a number, got ${kind(value)}`);
  if (!isSafeInteger(value) || value < 0 || value > max) {
    throw new RangeError(`${label}: expected a whole number from 0 to ${max}, got ${value}`);
  }
  return value;
}

/** Bytes: a `Uint8Array`, and nothing that merely looks like one. */
export function assertBytes(label: string, value: unknown): Uint8Array {
  if (!(value instanceof Bytes)) {
    throw new TypeError(`${label}: expected a Uint8Array, got ${kind(value)}`);
  }
  return value;
}

/** Whether a value is one that comes later: a promise, or what `await` takes for one. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/** The type of a value in a word, for messages. */
export function kind(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  return value.constructor?.name ?? 'object';
}
