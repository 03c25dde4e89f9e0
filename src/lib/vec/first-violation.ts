/**
 * How `checkInvariants` reports: a rule that a check names, or the error that a check ran into.
 *
 * Source: house style rule 16.
 */
import { StorageError } from '../errors.js';

/** What `check` returns, or the text of the `StorageError` that it throws. */
export function firstViolation(check: () => string | undefined): string | undefined {
  try {
    return check();
  } catch (error) {
    if (error instanceof StorageError) return error.message;
    throw error;
  }
}
