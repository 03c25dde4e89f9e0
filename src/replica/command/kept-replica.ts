/**
 * A replica that survives its process. It is brought back from the newest checkpoint of a state
 * directory and the journal of what it was told since; from then on every input is in the journal
 * before its result is known to anybody.
 *
 * When the journal has grown, a new checkpoint takes its place. How much it must have grown depends
 * on the size of the checkpoint, so that the cost of checkpoints stays in proportion to the inputs.
 *
 * What is written survives the process at once, and a loss of power after a second.
 *
 * Source: own design.
 */
import { CheckpointReader, writeCheckpoint } from '../archive/checkpoint.js';
import { readEntry, writeEntry, type JournalEntry } from '../archive/journal-entry.js';
import { record, replay } from '../archive/recorder.js';
import { replicaKinds } from '../archive/replica-kinds.js';
import type { Kind } from '../archive/value-format.js';
import { nodeHost } from '../host/node-host.js';
import { Replica, type ReplicaOptions } from '../replica.js';
import type { Identity } from './identity.js';
import type { RecordFile } from './record-file.js';
import { StateDirectory } from './state-directory.js';

const SYNC_INTERVAL_IN_MS = 1000;

/** A journal is replaced by a checkpoint when it has this many bytes or entries. */
export interface JournalLimits {
  readonly size: number;
  readonly entries: number;
}

const JOURNAL_LIMITS: JournalLimits = { size: 16 * 2 ** 20, entries: 20_000 };

export interface KeptReplicaOptions extends Pick<ReplicaOptions, 'print'> {
  readonly directory: string;
  readonly freshIdentity: () => Identity;
  /** Hears that the state cannot be written any more. It must end the process: see `#append`. */
  readonly fail: (error: Error) => void;
  readonly limits?: JournalLimits;
}

export class KeptReplica {
  readonly replica: Replica;
  /** How many entries of the journal were carried out again. */
  readonly replayed: number;
  readonly #kinds: readonly Kind[];
  readonly #directory: StateDirectory;
  readonly #fail: (error: Error) => void;
  readonly #limits: JournalLimits;
  readonly #timer: NodeJS.Timeout;
  #journal: RecordFile;
  #entries: number;
  #checkpointSize = 0;
  #syncedSize = 0;

  /** Throws `StateError` where the directory cannot be used; then nothing in it was changed. */
  constructor(options: KeptReplicaOptions) {
    const { directory, freshIdentity, fail, limits = JOURNAL_LIMITS, print } = options;
    this.#directory = new StateDirectory(directory, freshIdentity);
    this.#fail = fail;
    this.#limits = limits;
    try {
      const { seed } = this.#directory.identity;
      this.#kinds = replicaKinds(nodeHost, seed);
      this.replica = this.#atCheckpoint(replicaOptions(this.#directory.identity, print));
      const entries: JournalEntry[] = [];
      this.#journal = this.#directory.readJournal((body) => {
        entries.push(readEntry(body, this.#kinds));
      });
      replay(this.replica, entries, this.#kinds);
      this.replayed = this.#entries = entries.length;
    } catch (thrown) {
      this.#directory.unlock();
      throw thrown;
    }
    this.#directory.removeLeftovers();
    this.#journal.cutOff();
    record(this.replica, this.#kinds, (entry) => this.#append(entry));
    this.#timer = setInterval(() => this.#sync(), SYNC_INTERVAL_IN_MS).unref();
  }

  get path(): string {
    return this.#directory.path;
  }

  /** Writes the whole state down and begins a new journal. */
  checkpoint(): void {
    const old = this.#journal;
    let size = 0;
    this.#journal = this.#directory.replaceCheckpoint((append) =>
      writeCheckpoint(this.replica.values(), this.#kinds, nodeHost, (body) => {
        size += body.length;
        append(body);
      }),
    );
    this.#checkpointSize = size;
    this.#entries = 0;
    old.close();
  }

  /** Ends with a checkpoint, so that the next start has nothing to carry out again. */
  close(): void {
    clearInterval(this.#timer);
    if (this.#entries > 0) this.checkpoint();
    this.#journal.close();
    this.#directory.unlock();
  }

  #atCheckpoint(options: ReplicaOptions): Replica {
    const reader = new CheckpointReader();
    const found = this.#directory.readCheckpoint((body) => {
      this.#checkpointSize += body.length;
      reader.take(body);
    });
    return new Replica(found ? { ...options, values: reader.values(this.#kinds) } : options);
  }

  /**
   * Where an input cannot be written down, the replica is ahead of its journal: whoever heard of
   * the result would be deceived by the next start. So the process ends here.
   */
  #append(entry: JournalEntry): void {
    try {
      this.#journal.append(writeEntry(entry, this.#kinds));
      this.#entries++;
      if (this.#isJournalLong()) this.checkpoint();
    } catch (thrown) {
      this.#fail(thrown as Error);
      throw thrown;
    }
  }

  #isJournalLong(): boolean {
    const { entries, size } = this.#limits;
    return this.#entries >= entries || this.#journal.size >= Math.max(size, this.#checkpointSize);
  }

  #sync(): void {
    if (this.#syncedSize === this.#journal.size) return;
    this.#syncedSize = this.#journal.size;
    this.#journal.syncSoon(this.#fail);
  }
}

/** What a replica with this identity is made of. */
export function replicaOptions(
  { seed, time, subnets, system }: Identity,
  print: ReplicaOptions['print'],
): ReplicaOptions {
  const options = { host: nodeHost, seed, time, subnets, systemCanisters: system };
  return print === undefined ? options : { ...options, print };
}
