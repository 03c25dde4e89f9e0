/**
 * The lock of a state directory: a file with the number of the process that works on it. Two
 * processes that append to one journal would make it unreadable.
 *
 * A process that was killed leaves its lock behind. The next one sees that nobody has that number
 * any more and takes the lock over; while it does, a second file keeps others from doing the same.
 *
 * Source: own design.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { StateError } from '../archive/state-error.js';

export const LOCK_NAME = 'lock';
export const TAKEOVER_NAME = 'lock.takeover';

/** Gives the function that lets go of the lock. */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, LOCK_NAME);
  if (!claim(path)) takeOver(directory, path);
  return () => rmSync(path, { force: true });
}

function takeOver(directory: string, path: string): void {
  const takeover = join(directory, TAKEOVER_NAME);
  if (!claim(takeover)) throw inUse(directory, `another process is starting, see ${takeover}`);
  try {
    const owner = ownerOf(path);
    if (owner !== undefined && isAlive(owner)) {
      const remedy = `If that is no replica, delete ${path}`;
      throw inUse(directory, `process ${owner || 'number unknown'} works on it. ${remedy}`);
    }
    rmSync(path, { force: true });
    if (!claim(path)) throw inUse(directory, 'another process has just started');
  } finally {
    rmSync(takeover, { force: true });
  }
}

function claim(path: string): boolean {
  try {
    writeFileSync(path, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

/** Undefined where the file is gone, 0 where it does not say: its owner may be about to write. */
function ownerOf(path: string): number | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}

function isAlive(owner: number): boolean {
  try {
    // Signal 0 is not sent: it asks whether it could be. To process 0, this one, it always can.
    process.kill(owner, 0);
    return true;
  } catch (thrown) {
    // A process of somebody else is alive too.
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function inUse(directory: string, why: string): StateError {
  return new StateError('IN_USE', `${directory} is in use: ${why}`);
}
