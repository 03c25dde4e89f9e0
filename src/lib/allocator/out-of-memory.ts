/**
 * The one error of an allocator that a program should expect. It carries what the caller wanted to
 * store, so that nothing is lost with it.
 *
 * Source: `specs/ic-stable-memory.md` sections 2.8 and 4.6.
 */
import { StorageError } from '../errors.js';

/**
 * There is no room for a block of this size, and the memory cannot grow. What was to be changed is
 * as it was.
 *
 * @example
 * try {
 *   messages.push(message);
 * } catch (error) {
 *   if (error instanceof OutOfMemoryError) sendBack(error.rejected);
 * }
 */
export class OutOfMemoryError extends StorageError {
  /** The value that found no room, as it was passed; `undefined` where it was only bytes. */
  rejected: unknown = undefined;

  constructor(size: number, freeSize: number) {
    super(
      'OUT_OF_MEMORY',
      `no block of ${size} bytes is free (${freeSize} are, in all) and the memory cannot grow. ` +
        'Nothing was changed; remove something, or give the allocator more pages.',
      { size, freeSize },
    );
  }
}

/** Runs an action that stores `value`; where it finds no room, the error says what was rejected. */
export function rejecting<R>(value: unknown, action: () => R): R {
  try {
    return action();
  } catch (error) {
    if (error instanceof OutOfMemoryError) error.rejected = value;
    throw error;
  }
}
