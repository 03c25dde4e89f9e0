/**
 * The lock of a state directory: a file with the number of the process that works on it. Two
 * processes that append to one journal would make it unreadable.
 *
 * Source: own design.
 */
import { join } from 'node:path';

import { StorageError } from '../../lib/errors.js';
import { acquireLockFile, TAKEOVER_SUFFIX } from '../../lib/host/lock-file.js';
import { StateError } from '../archive/state-error.js';

export const LOCK_NAME = 'lock';
export const TAKEOVER_NAME = LOCK_NAME + TAKEOVER_SUFFIX;

/** Gives the function that lets go of the lock. */
export function lockDirectory(directory: string): () => void {
  try {
    return acquireLockFile(join(directory, LOCK_NAME));
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const { process = 'number unknown', lock } = error.details;
    const remedy = `If that is no replica, delete ${lock}`;
    throw new StateError(
      'IN_USE',
      `${directory} is in use: process ${process} works on it. ${remedy}`,
    );
  }
}
