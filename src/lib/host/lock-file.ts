/**
 * A file that says which process works on something: two that write to one file would destroy it.
 * Node has no `flock`, so the lock is a second file, made exclusively, with one line of text:
 *
 *     PROCESS START        the number of the process, and when it started, in ticks since the
 *                          machine did; without the start where the system does not tell
 *
 * A process that was killed leaves its lock behind. The next one sees that nobody has that number
 * any more, or somebody who started at another time, and takes the lock over. While it does, it
 * holds a lock on the lock: of two that find the same dead owner, only one removes its file, and
 * never the new file of the other. Who is killed in that moment leaves that lock behind too, and it
 * is taken over in the same way.
 *
 * A lock with nothing in it belongs to a process that is about to write its number. After a minute
 * it is one that a power cut has emptied.
 *
 * LIMIT: numbers of processes mean something on one machine only. Over a network, or from
 * containers that do not see each other's processes, this lock protects nothing.
 *
 * Source: `specs/wasm-dbms.md` section 14.2; own design.
 */
import fs from 'node:fs';
import { StorageError, type StorageErrorDetails } from '../errors.js';
import { systemCodeOf } from './system-error.js';

/** What is appended to the name of a lock for the lock on it. */
export const TAKEOVER_SUFFIX = '.takeover';

/** So many locks on locks were never left behind by accident. */
const TAKEOVERS_MAX = 3;

const WRITTEN_WITHIN_IN_MS = 60_000;

/** The process that a lock names. */
interface Owner {
  readonly process: number;
  readonly start: string | undefined;
}

/**
 * Makes the lock at `path` this process's, and returns what lets go of it. Throws `FILE_IN_USE`
 * where it is another's that is alive, or this process's already, with its number as
 * `details.process`; and what the system has against such a file, as it is.
 */
export function acquireLockFile(path: string): () => void {
  return acquire(path, TAKEOVERS_MAX);
}

function acquire(path: string, takeoversLeft: number): () => void {
  if (!claim(path)) takeOver(path, takeoversLeft);
  return () => fs.rmSync(path, { force: true });
}

function takeOver(path: string, takeoversLeft: number): void {
  assertAbandoned(path);
  if (takeoversLeft === 0)
    throw inUse(path, 'too many processes have died while they took it over');
  const release = acquire(path + TAKEOVER_SUFFIX, takeoversLeft - 1);
  try {
    // Once more: somebody may have taken it over before this process could.
    assertAbandoned(path);
    fs.rmSync(path, { force: true });
    if (!claim(path)) throw inUse(path, 'another process has just taken it');
  } finally {
    release();
  }
}

/** False where there is a lock already. */
function claim(path: string): boolean {
  const lock = makeFile(path);
  if (lock === undefined) return false;
  try {
    const line = [process.pid, startOf(process.pid)].join(' ').trimEnd();
    fs.writeSync(lock, `${line}\n`);
    return true;
  } catch (error) {
    fs.rmSync(path, { force: true });
    throw error;
  } finally {
    fs.closeSync(lock);
  }
}

/** A new file to write to; `undefined` where there is one. */
function makeFile(path: string): number | undefined {
  try {
    return fs.openSync(path, 'wx');
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return undefined;
    throw error;
  }
}

/** Throws `FILE_IN_USE` where the owner of the lock lives, or may be about to write who it is. */
function assertAbandoned(path: string): void {
  const text = textOf(path);
  if (text === undefined) return;
  const owner = parseOwner(text);
  if (owner === undefined) {
    if (isFresh(path)) throw inUse(path, 'process unknown works on it');
  } else if (isAlive(owner)) {
    throw inUse(path, `process ${owner.process} works on it`, { process: owner.process });
  }
}

/** The text of a lock; `undefined` where it is gone. */
function textOf(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parseOwner(text: string): Owner | undefined {
  const [, number, start] = /^([1-9]\d{0,9})(?: (\d+))?\s*$/.exec(text) ?? [];
  return number === undefined ? undefined : { process: Number(number), start };
}

function isFresh(path: string): boolean {
  const written = fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return written !== undefined && Date.now() - written < WRITTEN_WITHIN_IN_MS;
}

function isAlive(owner: Owner): boolean {
  try {
    // Signal 0 is not sent: it asks whether it could be.
    process.kill(owner.process, 0);
  } catch (error) {
    // A process of somebody else is alive too.
    if (systemCodeOf(error) !== 'EPERM') return false;
  }
  const start = startOf(owner.process);
  return start === undefined || owner.start === undefined || start === owner.start;
}

/**
 * When a process started, in ticks since the machine did: with it, a number that was given out anew
 * is told from the old one. `undefined` where the system does not tell; of a process that has ended
 * and only waits for its parent to notice, the empty text.
 */
function startOf(process: number): string | undefined {
  let facts: string;
  try {
    facts = fs.readFileSync(`/proc/${process}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name, in brackets, may hold anything; behind it come the state, and 18 fields on the start.
  const [state, ...numbers] = facts.slice(facts.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? '' : numbers[18];
}

function inUse(path: string, why: string, owner: StorageErrorDetails = {}): StorageError {
  return new StorageError(
    'FILE_IN_USE',
    `${path}: ${why}. Close it there, or, if no such program runs, delete this lock.`,
    { lock: path, ...owner },
  );
}
