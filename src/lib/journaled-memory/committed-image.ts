/**
 * An image in a storage as it was after the last transaction that was committed, and the order of
 * writes and syncs that keeps it so across a crash at any point:
 *
 *     commit      journal: record, SYNC      the transaction is there from here on
 *                 image: the same bytes      no sync: the journal has them
 *     checkpoint  image: SYNC                now the image has them, too
 *                 journal: new head, SYNC    and the records do not count any more
 *     recovery    journal: read; image: all records again; then a checkpoint
 *
 * Only the length runs ahead: the image is lengthened while a transaction still runs, so that a
 * full disk is found out in time. The head and each record have the length that counts; what is too
 * long is cut, and what is too short because the power went is written again.
 *
 * INVARIANT: bytes of the image change only by records that are durable; beyond the length that
 * counts they are zero.
 *
 * Promise: a commit that throws before its sync has changed nothing. Where the sync itself throws
 * nobody knows, and where a later step fails the image lags behind the journal: then everything is
 * refused with `PREVIOUS_FAILURE` until the storages are opened again, which puts it in order.
 *
 * Source: house style rule 11; redo logging as in Gray and Reuter, "Transaction Processing".
 */
import { corrupted, StorageError } from '../errors.js';
import { assertSize } from '../guards.js';
import { WASM_PAGE_SIZE } from '../memory.js';
import type { Storage } from '../storage.js';
import { Journal, readJournal, type Recovered } from './journal.js';
import type { Change } from './record.js';

const CHECKPOINT_BYTES = 16 * 1024 * 1024;

/** Settings of a `JournaledMemory`, which may differ from one opening to the next. */
export interface JournaledMemoryOptions {
  /**
   * How many bytes of records the journal holds before a checkpoint comes; 16 MiB unless told. It
   * bounds the file, up to one transaction more, and what an opening after a crash has to do.
   */
  readonly checkpointBytes?: number;
}

/** The image and the journal of one `JournaledMemory`. */
export class CommittedImage {
  readonly #image: Storage;
  readonly #journalStorage: Storage;
  readonly #journal: Journal;
  readonly #checkpointBytes: number;
  #length: number;
  #failure: { readonly cause: unknown } | undefined;

  private constructor(
    image: Storage,
    journalStorage: Storage,
    journal: Journal,
    length: number,
    checkpointBytes: number,
  ) {
    this.#image = image;
    this.#journalStorage = journalStorage;
    this.#journal = journal;
    this.#length = length;
    this.#checkpointBytes = checkpointBytes;
  }

  /** Opens both and puts the image in order. Writes nothing before all of the journal is read. */
  static recover(
    image: Storage,
    journal: Storage,
    { checkpointBytes = CHECKPOINT_BYTES }: JournaledMemoryOptions = {},
  ): CommittedImage {
    assertSize('checkpointBytes', checkpointBytes);
    const recovered = readJournal(journal);
    const length = committedLength(image, recovered);
    const opened = new CommittedImage(
      image,
      journal,
      new Journal(journal, recovered?.generation.number ?? -1),
      length,
      checkpointBytes,
    );
    opened.#fitLength();
    for (const change of recovered?.changes ?? []) opened.#apply(change);
    opened.#beginGeneration();
    return opened;
  }

  /** Bytes of the image. O(1). */
  get length(): number {
    return this.#length;
  }

  /** Throws `PREVIOUS_FAILURE` where a step has failed that leaves the image behind. O(1). */
  assertUsable(): void {
    if (this.#failure !== undefined) throw previousFailure(this.#failure.cause);
  }

  /** Reads the image, also what was lengthened and is not committed yet. */
  readonly read = (offset: number, target: Uint8Array): void => {
    this.#image.read(offset, target);
  };

  /** Makes room in the image for what is to be committed; false where there is none. */
  tryLengthen(length: number): boolean {
    if (!Number.isSafeInteger(length)) return false;
    try {
      this.#image.setLength(length);
      return true;
    } catch (error) {
      if (error instanceof StorageError && error.code === 'GROW_FAILED') return false;
      throw error;
    }
  }

  /** Takes back what {@link tryLengthen} has added. Never throws: a failure is kept for later. */
  shorten(): void {
    if (this.#failure === undefined) this.#keepFailure(() => this.#fitLength());
  }

  /**
   * Commits a change. Where it returns the change is durable; where it throws nothing has changed,
   * unless it was the sync. One sync, and two more where a checkpoint is due.
   */
  commit(change: Change): void {
    try {
      this.#journal.append(change);
    } catch (error) {
      this.#latching(() => this.#journal.cut());
      throw error;
    }
    this.#latching(() => this.#journal.sync());
    this.#length = change.imageLength;
    this.#keepFailure(() => {
      this.#apply(change);
      if (this.#journal.recordBytes >= this.#checkpointBytes) this.#beginGeneration();
    });
  }

  /** Makes the image complete and empties the journal. Two syncs; none where it is empty. */
  checkpoint(): void {
    if (this.#journal.recordBytes > 0) this.#latching(() => this.#beginGeneration());
  }

  /** Makes the image complete, gives the journal's room back, and closes both. */
  close(): void {
    try {
      if (this.#failure === undefined) this.#beginGeneration(true);
    } finally {
      this.#image.close();
      this.#journalStorage.close();
    }
  }

  /** Opens both anew after a failure; else gives itself. */
  reopened(): CommittedImage {
    if (this.#failure === undefined) return this;
    const options = { checkpointBytes: this.#checkpointBytes };
    return CommittedImage.recover(this.#image, this.#journalStorage, options);
  }

  #beginGeneration(isClosed = false): void {
    this.#image.sync();
    this.#journal.begin(this.#length, isClosed ? 0 : this.#checkpointBytes, isClosed);
  }

  #apply({ ranges }: Change): void {
    for (const { offset, bytes } of ranges) this.#image.write(offset, bytes);
  }

  #fitLength(): void {
    if (this.#image.length() !== this.#length) this.#image.setLength(this.#length);
  }

  /** Does a step after whose failure the bytes and this object may disagree. */
  #latching(step: () => void): void {
    try {
      step();
    } catch (cause) {
      this.#failure = { cause };
      throw cause;
    }
  }

  /** As before, for what must not hide that the transaction is committed, or was undone. */
  #keepFailure(step: () => void): void {
    try {
      step();
    } catch (cause) {
      this.#failure = { cause };
    }
  }
}

/** The length that counts: the journal's, or the image's own where the journal has nothing. */
function committedLength(image: Storage, recovered: Recovered | undefined): number {
  const found = image.length();
  if (recovered === undefined || recovered.generation.isClosed) {
    if (found % WASM_PAGE_SIZE !== 0) throw notPageAligned(found);
    return found;
  }
  const { generation, changes } = recovered;
  if (found < generation.imageLength) {
    throw corrupted('image of a journal, bytes', `at least ${generation.imageLength}`, found);
  }
  return changes.at(-1)?.imageLength ?? generation.imageLength;
}

function notPageAligned(length: number): StorageError {
  return new StorageError(
    'NOT_PAGE_ALIGNED',
    `expected an image of whole pages of ${WASM_PAGE_SIZE} bytes, found ${length} bytes. ` +
      'Nothing was written; it was cut, or it is no memory image.',
    { length },
  );
}

function previousFailure(cause: unknown): StorageError {
  return new StorageError(
    'PREVIOUS_FAILURE',
    'an earlier step of this memory failed half-way. Call reopen(), or open the files again: ' +
      'what was committed is put in order then.',
    {},
    { cause },
  );
}
