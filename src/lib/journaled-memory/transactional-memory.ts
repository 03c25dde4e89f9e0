/**
 * Transactions over an image that has a journal: a memory whose writes go to pages in RAM until the
 * transaction ends. `JournaledMemory` and `JournaledFileMemory` are such memories; they differ in
 * what they are opened from.
 *
 *     open ──► rolled back     by a transaction that was undone after it had written
 *       │          │
 *       └──────────┴─► closed  by close, or by reopen, which gives another in its place
 *
 * INVARIANT: within a transaction there is an overlay, else there is none; only what a transaction
 * has committed is in the image.
 *
 * Source: house style rules 9, 11 and 14.
 */
import { StorageError } from '../errors.js';
import { assertBytes, assertSize, isPromise } from '../guards.js';
import type { Lease, RevocableMemory } from '../lease.js';
import { assertWithin, WASM_PAGE_SIZE } from '../memory.js';
import { DISPOSE } from '../dispose.js';
import type { CommittedImage } from './committed-image.js';
import { Overlay } from './overlay.js';

/** A memory with transactions. */
export abstract class TransactionalMemory implements RevocableMemory {
  /** What is open on it, and is refused after a rollback. */
  readonly leases = new Set<Lease>();
  readonly #committed: CommittedImage;
  #overlay: Overlay | undefined;
  #state: 'open' | 'rolledBack' | 'closed' = 'open';

  protected constructor(committed: CommittedImage) {
    this.#committed = committed;
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
   * RAM what is no longer true, so they and the memory refuse everything from then on: see
   * {@link reopen}. Where nothing was written nothing is refused.
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
   * a failure it puts the image in order first, as opening does. This one refuses everything from
   * then on. Throws `REENTERED`, `HANDLE_CLOSED`, `IO_FAILED`.
   */
  abstract reopen(): TransactionalMemory;

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
    this.#refuseAll();
    this.#committed.shorten();
  }

  #refuseAll(): void {
    this.#state = 'rolledBack';
    for (const lease of this.leases) lease.revoke();
  }

  /** What an async function does after its first `await` must be refused as well. */
  #refusedPromise(): TypeError {
    this.#refuseAll();
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
