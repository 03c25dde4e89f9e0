/**
 * A redo log in a storage: records of committed transactions behind a head that says which
 * generation they are of, see `generation.ts` and `record.ts`.
 *
 *     512                                   end
 *      │ record 0 │ record 1 │ record 2 │    │ ··· records of older generations ···
 *
 * The end is nowhere written down: it is where the first record is that does not check. A record
 * that does not check, with the next one whole behind it, is damage and no crash, because each
 * record was durable before the next one was written.
 *
 * Limits: a damaged record is taken for the end where its first 40 bytes, too, are damaged.
 *
 * Source: `specs/bstack.md` section 1.5 for what a disk may do; house style rule 11.
 */
import { corrupted, StorageError } from '../errors.js';
import type { Storage } from '../storage.js';
import { readGeneration, RECORDS_OFFSET, writeGeneration, type Generation } from './generation.js';
import {
  decodeRecord,
  encodeRecord,
  readRecordAt,
  recordLengthAt,
  type Change,
  type RecordId,
} from './record.js';

/** The open journal of an image. */
export class Journal {
  readonly #storage: Storage;
  #generation: number;
  #recordCount = 0;
  #end = RECORDS_OFFSET;

  /** PRECONDITION: {@link begin} comes before {@link append}. */
  constructor(storage: Storage, generation: number) {
    this.#storage = storage;
    this.#generation = generation;
  }

  /** Bytes of records since the generation began. O(1). */
  get recordBytes(): number {
    return this.#end - RECORDS_OFFSET;
  }

  /**
   * Begins the next generation: durably, none of the records counts any more. Keeps `keepBytes` of
   * room for new ones. One write, one sync.
   *
   * PRECONDITION: the image has this length and all that the records say, durably.
   */
  begin(imageLength: number, keepBytes: number, isClosed = false): void {
    this.#generation += 1;
    writeGeneration(this.#storage, { number: this.#generation, imageLength, isClosed });
    this.#storage.sync();
    this.#recordCount = 0;
    this.#end = RECORDS_OFFSET;
    this.#cutTo(RECORDS_OFFSET + keepBytes);
  }

  /** Writes a record behind the last one, not durably yet. One write. O(bytes). */
  append(change: Change): void {
    const id = { generation: this.#generation, number: this.#recordCount };
    const record = encodeRecord(id, change);
    this.#storage.write(this.#end, record);
    this.#recordCount += 1;
    this.#end += record.length;
  }

  /** Returns once all records are durable. */
  sync(): void {
    this.#storage.sync();
  }

  /** Cuts off what a failed {@link append} may have left behind the last record. */
  cut(): void {
    this.#cutTo(this.#end);
  }

  #cutTo(length: number): void {
    if (this.#storage.length() > length) this.#storage.setLength(length);
  }
}

/** What a journal has for its image. */
export interface Recovered {
  readonly generation: Generation;
  readonly changes: readonly Change[];
}

/**
 * Reads a journal and writes nothing; `undefined` for one that was never begun. All its changes
 * are in RAM then. O(bytes). Throws `BAD_MAGIC`, `UNSUPPORTED_VERSION`, `CORRUPTED`.
 */
export function readJournal(journal: Storage): Recovered | undefined {
  const generation = readGeneration(journal);
  if (generation === undefined) return undefined;
  assertNewest(journal, generation.number);
  return { generation, changes: generation.isClosed ? [] : [...changesOf(journal, generation)] };
}

/**
 * Whether an image may lack what its journal has: so it is from the opening of a `JournaledMemory`
 * until its `close`. Who would read or change the image alone must not do so then. O(1).
 */
export function isJournalInUse(journal: Storage): boolean {
  return readGeneration(journal)?.isClosed === false;
}

/** Throws where the head of a newer generation was damaged: its records would be lost. */
function assertNewest(journal: Storage, generation: number): void {
  const newer = { generation: generation + 1, number: 0 };
  if (readRecordAt(journal, RECORDS_OFFSET, newer) === undefined) return;
  throw corrupted('head of a journal', `generation ${generation + 1}`, generation);
}

function* changesOf(journal: Storage, generation: Generation): Generator<Change> {
  let end = RECORDS_OFFSET;
  let { imageLength } = generation;
  for (let number = 0; ; number++) {
    const id = { generation: generation.number, number };
    const record = readRecordAt(journal, end, id);
    if (record === undefined) return assertEnd(journal, end, id);
    const change = decodeRecord(record);
    if (change.imageLength < imageLength) {
      throw corrupted('length of the image', `at least ${imageLength}`, change.imageLength);
    }
    imageLength = change.imageLength;
    yield change;
    end += record.length;
  }
}

/** Throws where a whole record lies behind the one that does not check. */
function assertEnd(journal: Storage, end: number, { generation, number }: RecordId): void {
  const length = recordLengthAt(journal, end, { generation, number });
  if (length < 0) return;
  const next = { generation, number: number + 1 };
  if (readRecordAt(journal, end + length, next) === undefined) return;
  throw new StorageError(
    'CORRUPTED',
    `record ${number} of the journal is damaged, and a whole one lies behind it. ` +
      'Restore the image and the journal from a copy.',
    { generation, number, offset: end },
  );
}
