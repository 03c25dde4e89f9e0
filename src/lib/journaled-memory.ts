/**
 * A memory whose changes are all or nothing: a transaction's writes are there together after a
 * crash, or none of them is. Two storages keep it, such as two files: the image, which is a flat
 * memory image, and a journal, where each transaction is written down before it touches the image.
 *
 *     const memory = JournaledMemory.open(image, journal);
 *     const users = BTreeMap.init(memory, text, u64);
 *     memory.transaction(() => {
 *       users.insert('ada', 1n);
 *       users.insert('grace', 2n);
 *     });
 *
 * Structures need not know of it. Within `transaction` their writes go to pages in RAM, and they
 * read them there; when it ends these become one record of the journal, with one sync; then they
 * are written to the image without one. A checkpoint now and then syncs the image and begins the
 * journal anew. A write or a grow outside of a transaction is a transaction of its own: an insert
 * into a map is several, so it belongs into one.
 *
 *     a commit      40 bytes + for each page of 4 KiB: 16 + what lies between the first and the
 *                   last byte that was written to it; 1 sync
 *     a checkpoint  2 syncs, every `checkpointBytes` of journal
 *     opening       2 syncs, and what the journal holds is written again
 *     a read        goes to the image; within a transaction to the pages first
 *
 * What a transaction does costs one sync, whether it is one insert or a thousand: batches are what
 * makes it fast. The image is written twice in all: that is the price of all or nothing.
 *
 * The image alone is a memory image after `close`, and after `checkpoint` until the next change.
 * While it is open, and after a crash, its journal belongs to it: `isJournalInUse` tells. An image
 * without a journal, or with a closed one, is taken as it is.
 *
 * INVARIANT: see `journaled-memory/committed-image.ts` for the order of writes and syncs,
 * `generation.ts` and `record.ts` there for the format.
 *
 * Limits: a transaction's pages are in RAM, and at its end its record as well; the records of a
 * journal are when it is opened. Storages of up to 2^53 bytes. One open memory for an image.
 *
 * Promise: survives. After a crash of the process or of the machine at any point the memory is as
 * the last committed transaction has left it, where the crash came within a commit also as that one
 * does.
 *
 * Source: issue "Memory in files that survives a crash", part 2; house style rules 9 and 11.
 */
import { StorageError } from './errors.js';
import { assertBytes, assertSize } from './guards.js';
import { CommittedImage } from './journaled-memory/committed-image.js';
import { Overlay } from './journaled-memory/overlay.js';
import { assertWithin, WASM_PAGE_SIZE, type Memory } from './memory.js';
import { DISPOSE } from './ownership/stable-structure.js';
import type { Storage } from './storage.js';

const CHECKPOINT_BYTES = 16 * 1024 * 1024;

/** Settings of a {@link JournaledMemory}, which may differ from one opening to the next. */
export interface JournaledMemoryOptions {
  /**
   * How many bytes of records the journal holds before a checkpoint comes; 16 MiB unless told. It
   * bounds the file, up to one transaction more, and what an opening after a crash has to do.
   */
  readonly checkpointBytes?: number;
}

/**
 * A memory over an image and its journal.
 *
 * @example
 * const memory = JournaledMemory.open(new HeapStorage(), new HeapStorage());
 * const counts = Vec.init(memory, u32);
 * memory.transaction(() => {
 *   for (let count = 0; count < 1000; count++) counts.push(count); // one sync for all of them
 * });
 * memory.close();
 */
export class JournaledMemory implements Memory {
  readonly #committed: CommittedImage;
  #overlay: Overlay | undefined;
  #state: 'open' | 'rolledBack' | 'closed' = 'open';

  /** For subclasses that know where their storages come from. */
  protected constructor(committed: CommittedImage) {
    this.#committed = committed;
  }

  /**
   * Opens an image with its journal, or creates both in empty storages, and puts the image in order
   * after a crash. The storages are the memory's from then on. O(bytes in the journal), 2 syncs.
   *
   * Throws and writes nothing: `BAD_MAGIC` where the journal is a file of somebody else,
   * `UNSUPPORTED_VERSION`; `NOT_PAGE_ALIGNED` for an image of other than whole pages; `CORRUPTED`
   * for a damaged journal, or where the image is shorter than its journal says: then they do not
   * belong together. Throws `GROW_FAILED`, `IO_FAILED`; then nothing is lost.
   */
  static open(
    image: Storage,
    journal: Storage,
    options: JournaledMemoryOptions = {},
  ): JournaledMemory {
    return new JournaledMemory(recover(image, journal, options));
  }

  /** The current size in pages of 64 KiB. O(1). */
  size(): number {
    this.#assertUsable();
    return this.#length / WASM_PAGE_SIZE;
  }

  /**
   * Adds pages, as `Memory` says: -1 where the image has no room. Takes part in the transaction;
   * outside of one it is one, with a sync of its own.
   */
  grow(pages: number): number {
    assertSize('pages', pages);
    const oldSize = this.size();
    const newLength = (oldSize + pages) * WASM_PAGE_SIZE;
    if (pages === 0) return oldSize;
    if (!this.#committed.tryLengthen(newLength)) return -1;
    if (this.#overlay !== undefined) this.#overlay.imageLength = newLength;
    else if (!this.#commitGrowth(newLength)) return -1;
    return oldSize;
  }

  /** Reads as `Memory` says: within a transaction what it has written. */
  read(offset: number, target: Uint8Array): void {
    this.#assertUsable();
    assertWithin(offset, assertBytes('target', target).length, this.#length);
    if (this.#overlay !== undefined) this.#overlay.read(offset, target);
    else this.#committed.read(offset, target);
  }

  /**
   * Writes as `Memory` says. Takes part in the transaction; outside of one it is one, with a sync
   * of its own, and where it throws nothing was written, unless it was the sync.
   */
  write(offset: number, source: Uint8Array): void {
    this.#assertUsable();
    assertWithin(offset, assertBytes('source', source).length, this.#length);
    if (source.length === 0) return;
    if (this.#overlay !== undefined) this.#overlay.write(offset, source);
    else this.#committed.commit({ imageLength: this.#length, ranges: [{ offset, bytes: source }] });
  }

  /**
   * Runs `change` and commits all that it has written, in one step: where this returns it is
   * durable. Gives what `change` gives. One sync, or none where nothing was written.
   *
   * Where `change` throws all is undone. Structures that are open on this memory may then know in
   * RAM what is no longer true, so the memory refuses everything from then on: see {@link reopen}.
   * Where nothing was written it refuses nothing.
   *
   * Throws what `change` throws; `TypeError` where it gives a promise, which is undone at once,
   * because its rest would run outside of the transaction; `REENTERED` within a transaction;
   * `GROW_FAILED`, `IO_FAILED` where the journal cannot be written, which undoes it as well.
   * `ROLLED_BACK`, `PREVIOUS_FAILURE`, `HANDLE_CLOSED`.
   */
  transaction<R>(change: () => R): R {
    this.#assertOutside();
    const overlay = new Overlay(this.#length, this.#committed.read);
    this.#overlay = overlay;
    try {
      const result = change();
      if (isPromise(result)) throw this.#refusedPromise();
      if (overlay.isChanged) this.#commitOverlay(overlay);
      return result;
    } catch (error) {
      if (overlay.isChanged) this.#rollBack();
      throw error;
    } finally {
      this.#overlay = undefined;
    }
  }

  /**
   * Makes the image complete and begins the journal anew: from here to the next change the image
   * alone is the memory. Two syncs; none where nothing was committed since. Throws `REENTERED`
   * within a transaction, `IO_FAILED`, and what {@link transaction} throws for a memory not usable.
   */
  checkpoint(): void {
    this.#assertOutside();
    this.#committed.checkpoint();
  }

  /** Does nothing, since what was committed is durable: for who takes it for a `FileMemory`. */
  sync(): void {
    this.#assertOutside();
  }

  /**
   * A memory over the same storages, to open the structures on again after a rollback: O(1). After
   * a failure it puts the image in order first, as {@link JournaledMemory.open} does. This one
   * refuses everything from then on. Throws `REENTERED`, `HANDLE_CLOSED`, `IO_FAILED`.
   */
  reopen(): JournaledMemory {
    return new JournaledMemory(this.release());
  }

  /**
   * Makes the image complete, closes both storages and this memory: the image alone has everything.
   * After a rollback as well; after a failure it closes them as they are, and the next opening puts
   * them in order. Two syncs. Throws `REENTERED`, `HANDLE_CLOSED`, `IO_FAILED`.
   */
  close(): void {
    this.#assertNotClosed();
    this.#assertNotInside();
    this.#state = 'closed';
    this.#committed.close();
  }

  /** As {@link close}, for `using`; nothing where it is closed already. */
  [DISPOSE](): void {
    if (this.#state !== 'closed') this.close();
  }

  /** Gives image and journal to another handle, and refuses everything from now on. */
  protected release(): CommittedImage {
    this.#assertNotClosed();
    this.#assertNotInside();
    const committed = this.#committed.reopened();
    this.#state = 'closed';
    return committed;
  }

  get #length(): number {
    return this.#overlay?.imageLength ?? this.#committed.length;
  }

  /** False where the journal has no room: then the memory has its old size. */
  #commitGrowth(imageLength: number): boolean {
    try {
      this.#committed.commit({ imageLength, ranges: [] });
      return true;
    } catch (error) {
      this.#committed.shorten();
      if (error instanceof StorageError && error.code === 'GROW_FAILED') return false;
      throw error;
    }
  }

  #commitOverlay(overlay: Overlay): void {
    this.#committed.commit({ imageLength: overlay.imageLength, ranges: overlay.ranges() });
  }

  #rollBack(): void {
    this.#state = 'rolledBack';
    this.#committed.shorten();
  }

  /** What an async function does after its first `await` must be refused as well. */
  #refusedPromise(): TypeError {
    this.#state = 'rolledBack';
    return new TypeError(
      'change: expected a function that ends when it returns, got one that gives a promise. ' +
        'Wait for what is needed first, then write it in a transaction.',
    );
  }

  #assertOutside(): void {
    this.#assertUsable();
    this.#assertNotInside();
  }

  #assertUsable(): void {
    this.#assertNotClosed();
    this.#committed.assertUsable();
    if (this.#state === 'rolledBack') throw rolledBack();
  }

  #assertNotInside(): void {
    if (this.#overlay !== undefined) throw reentered();
  }

  #assertNotClosed(): void {
    if (this.#state === 'closed') throw closed();
  }
}

/** Opens an image with its journal. For {@link JournaledMemory.open} and subclasses. */
export function recover(
  image: Storage,
  journal: Storage,
  { checkpointBytes = CHECKPOINT_BYTES }: JournaledMemoryOptions,
): CommittedImage {
  assertSize('checkpointBytes', checkpointBytes);
  return CommittedImage.recover(image, journal, checkpointBytes);
}

function isPromise(value: unknown): boolean {
  return typeof (value as Partial<PromiseLike<unknown>> | undefined | null)?.then === 'function';
}

function rolledBack(): StorageError {
  return new StorageError(
    'ROLLED_BACK',
    'a transaction was undone, and what is open on this memory may not know it. ' +
      'Open the structures again on the memory that reopen() gives.',
  );
}

function reentered(): StorageError {
  return new StorageError(
    'REENTERED',
    'this was called within a transaction of the same memory. Call it after that has ended.',
  );
}

function closed(): StorageError {
  return new StorageError(
    'HANDLE_CLOSED',
    'this memory was closed, or reopen() has given another one in its place. Use that one.',
  );
}
