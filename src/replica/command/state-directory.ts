/**
 * A state directory: where a replica keeps its state across restarts. It holds
 *
 *     replica.json   its identity, see `identity.ts`
 *     lock           the process that works on it, see `directory-lock.ts`
 *     checkpoint-N   the whole state at some time; there is none before the first one
 *     journal-N      every input since that checkpoint
 *
 * N counts up from 0. A new checkpoint is written under another name and gets its own when it is
 * complete and on the disk, its journal before it; only then the old pair goes. So whatever stops
 * the process, the checkpoint with the highest number is whole, and its journal is there.
 *
 * Source: own design, after the checkpoints of databases.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { StateError } from '../archive/state-error.js';
import { lockDirectory, LOCK_NAME, TAKEOVER_NAME } from './directory-lock.js';
import { fingerprintOf, readIdentity, writeIdentity, type Identity } from './identity.js';
import { readRecords, RecordFile } from './record-file.js';

const IDENTITY_NAME = 'replica.json';
const UNFINISHED = '.new';
const OWN_NAMES = /^(checkpoint|journal)-\d+(\.new)?$|^replica\.json\.new$/;
const NUMBERED = /^(checkpoint|journal)-(\d+)$/;

const OWNER_ONLY = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;

type Visit = (body: Uint8Array) => void;

export class StateDirectory {
  readonly identity: Identity;
  readonly #fingerprint: Uint8Array;
  readonly #unlock: () => void;
  #number: number;

  /** Makes the directory where it is missing or empty. Throws `StateError`. */
  constructor(
    readonly path: string,
    freshIdentity: () => Identity,
  ) {
    this.#unlock = prepare(path);
    try {
      this.identity = this.#readIdentity() ?? this.#create(freshIdentity());
      this.#fingerprint = fingerprintOf(this.identity);
      this.#number = Math.max(...this.#numbers('checkpoint'), 0);
    } catch (thrown) {
      this.#unlock();
      throw thrown;
    }
  }

  /** Hands the records of the newest checkpoint to `visit`; false where there is none. */
  readCheckpoint(visit: Visit): boolean {
    const path = this.#file('checkpoint', this.#number);
    if (this.#number === 0 && !existsSync(path)) return false;
    const { end, isCutOff } = readRecords(path, 'RCK', this.#fingerprint, visit);
    if (!isCutOff) return true;
    throw new StateError('DAMAGED', `${path} ends within a record, at offset ${end}`);
  }

  /** Hands the entries since the checkpoint to `visit`, and gives the journal to go on with. */
  readJournal(visit: Visit): RecordFile {
    const path = this.#file('journal', this.#number);
    if (!existsSync(path)) throw new StateError('DAMAGED', `${path} is missing`);
    const { end } = readRecords(path, 'RJN', this.#fingerprint, visit);
    return RecordFile.continue(path, end);
  }

  /** Keeps what `write` appends as the newest checkpoint, and gives its journal. */
  replaceCheckpoint(write: (append: Visit) => void): RecordFile {
    const next = this.#number + 1;
    const journal = RecordFile.create(this.#file('journal', next), 'RJN', this.#fingerprint);
    journal.sync();
    const path = this.#file('checkpoint', next);
    const checkpoint = RecordFile.create(path + UNFINISHED, 'RCK', this.#fingerprint);
    write((body) => checkpoint.append(body));
    checkpoint.sync();
    checkpoint.close();
    renameSync(path + UNFINISHED, path);
    syncDirectory(this.path);
    this.#number = next;
    this.removeLeftovers();
    return journal;
  }

  /** Removes what an earlier process did not finish, and what is older than the checkpoint. */
  removeLeftovers(): void {
    for (const name of readdirSync(this.path)) {
      const number = NUMBERED.exec(name)?.[2];
      const isLeftover = OWN_NAMES.test(name) && Number(number) !== this.#number;
      if (isLeftover) rmSync(join(this.path, name), { force: true });
    }
  }

  /** Lets others work on the directory. */
  unlock(): void {
    this.#unlock();
  }

  #readIdentity(): Identity | undefined {
    const path = join(this.path, IDENTITY_NAME);
    if (existsSync(path)) return readIdentity(path, readFileSync(path, 'utf8'));
    const foreign = readdirSync(this.path).filter(
      (name) => !OWN_NAMES.test(name) && name !== LOCK_NAME && name !== TAKEOVER_NAME,
    );
    if (foreign.length === 0) return undefined;
    const found = foreign.slice(0, 3).join(', ');
    throw new StateError(
      'FOREIGN',
      `${this.path} is no state directory: expected ${IDENTITY_NAME} or nothing, found ${found}. ` +
        'Name another directory; it is made if it is missing',
    );
  }

  /** The identity comes last: a directory that has one has all that belongs to it. */
  #create(identity: Identity): Identity {
    RecordFile.create(this.#file('journal', 0), 'RJN', fingerprintOf(identity)).close();
    const path = join(this.path, IDENTITY_NAME);
    const options = { mode: OWNER_ONLY, flush: true };
    writeFileSync(path + UNFINISHED, writeIdentity(identity), options);
    renameSync(path + UNFINISHED, path);
    syncDirectory(this.path);
    return identity;
  }

  #numbers(kind: string): number[] {
    return readdirSync(this.path).flatMap((name) => {
      const match = NUMBERED.exec(name);
      return match !== null && match[1] === kind ? [Number(match[2])] : [];
    });
  }

  #file(kind: 'checkpoint' | 'journal', number: number): string {
    return join(this.path, `${kind}-${number}`);
  }
}

/** A directory that is there, can be written, and is locked. */
function prepare(path: string): () => void {
  try {
    mkdirSync(path, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
    return lockDirectory(path);
  } catch (thrown) {
    if (thrown instanceof StateError) throw thrown;
    const reason = (thrown as Error).message;
    throw new StateError('UNWRITABLE', `${path} cannot be used as a state directory: ${reason}`);
  }
}

/** A name is on the disk when its directory is. */
function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
