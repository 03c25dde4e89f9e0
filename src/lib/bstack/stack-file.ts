/**
 * The file of an open stack: who may use it, which ranges are good, and the physical steps that
 * all changes are made of. A change has two parts:
 *
 *     stage    writes behind the payload, where nothing counts: where it fails, that is cut off
 *              again, and nothing has changed
 *     commit   writes what counts: where it fails, nobody knows how far it got. The handle refuses
 *              everything from then on; opening the file again repairs it
 *
 * INVARIANT: `length` is what the header says; at rest the file ends where the payload does, or
 * what lies behind it is of no meaning; the file is held by one stack.
 *
 * Source: `specs/bstack.md` sections 1.4 and 1.8; house style rule 11.
 */
import { StorageError } from '../errors.js';
import { assertSize, isPromise, kind } from '../guards.js';
import type { Storage } from '../storage.js';
import {
  AT_REST,
  freshHeader,
  isUnborn,
  PAYLOAD_OFFSET,
  readHeader,
  writeJournal,
  writeLength,
  writeLengthAtRest,
} from './header.js';
import { recover } from './recovery.js';

/** Storages that an open stack holds. Weak, so that one that nobody uses takes no room. */
const held = new WeakSet<Storage>();

/** The file of one open stack. */
export class StackFile {
  readonly storage: Storage;
  #length: number;
  #state: 'open' | 'failed' | 'closed' = 'open';
  /** Whether a callback runs in the middle of an operation. */
  #isBusy = false;
  /** Whether the file was cut since the last sync: a disk may then still have the old tail. */
  #hasPendingCut = false;
  /** How many bytes from the start on may not be changed through this handle. */
  #lockedLength = 0;

  private constructor(storage: Storage, length: number) {
    this.storage = storage;
    this.#length = length;
  }

  /**
   * Opens the file, creates it where it holds nothing yet, and repairs what a crash has left. The
   * first step is a sync: a process that was killed may have left steps that every reader sees and
   * no disk has.
   */
  static open(storage: Storage): StackFile {
    if (held.has(storage)) throw inUse();
    if (isUnborn(storage)) storage.write(0, freshHeader());
    const header = readHeader(storage);
    if (!storage.isAtomic) storage.sync();
    const length = recover(storage, header);
    held.add(storage);
    return new StackFile(storage, length);
  }

  /** Bytes of the payload that count. */
  get length(): number {
    return this.#length;
  }

  /** Throws after the stack was closed, and after a write that failed. O(1). */
  assertOpen(): void {
    if (this.#state === 'open') return;
    throw this.#state === 'closed' ? closed() : failedBefore();
  }

  /** As {@link assertOpen}; throws also out of a callback. */
  assertUsable(): void {
    this.assertOpen();
    if (this.#isBusy) throw reentered();
  }

  /** Throws unless these bytes lie within the payload. */
  assertRange(offset: number, count: number): void {
    this.assertWithin(offset, count, this.#length);
  }

  /** Throws unless these bytes lie within the first `length`. */
  assertWithin(offset: number, count: number, length: number): void {
    assertSize('offset', offset);
    assertSize('count', count);
    if (offset + count > length) throw outsidePayload(offset, offset + count, length);
  }

  /** As {@link assertRange}, of a range that is given by both of its ends. Gives its length. */
  assertSpan(start: number, end: number): number {
    assertSize('start', start, assertSize('end', end));
    this.assertRange(start, end - start);
    return end - start;
  }

  /** As {@link assertRange}; throws also where one of them is locked. */
  assertWritable(offset: number, count: number): void {
    this.assertRange(offset, count);
    if (count > 0 && offset < this.#lockedLength) throw lockedUpTo(this.#lockedLength);
  }

  /** Throws unless so many bytes can be taken from the end. */
  assertRemovable(count: number): void {
    assertSize('count', count);
    const length = this.#length - count;
    if (length < 0) throw outsidePayload(length, this.#length, this.#length);
    if (count > 0 && length < this.#lockedLength) throw lockedUpTo(this.#lockedLength);
  }

  /** Throws unless so many bytes more can be numbered. */
  assertAddable(count: number): void {
    assertSize('count', count, Number.MAX_SAFE_INTEGER - PAYLOAD_OFFSET - this.#length);
  }

  /** Locks the bytes before `length`; those that are locked stay so. */
  lockUpTo(length: number): void {
    this.assertRange(0, length);
    this.#lockedLength = Math.max(this.#lockedLength, length);
  }

  /** Runs a caller's function, which must not come back to the stack, nor answer later. */
  callBack<R>(call: () => R): R {
    this.#isBusy = true;
    try {
      const result = call();
      if (isPromise(result)) {
        throw new TypeError(`callback: expected an answer at once, got ${kind(result)}`);
      }
      return result;
    } finally {
      this.#isBusy = false;
    }
  }

  /** Runs the first part of a change. */
  stage(steps: () => void): void {
    try {
      steps();
    } catch (error) {
      this.#cutAfterFailure();
      throw error;
    }
  }

  /** Runs the second part of a change. */
  commit(steps: () => void): void {
    this.#state = 'failed';
    steps();
    this.#state = 'open';
  }

  /** Copies bytes out of the payload. PRECONDITION: they lie within it. */
  read(offset: number, target: Uint8Array): void {
    if (target.length > 0) this.storage.read(PAYLOAD_OFFSET + offset, target);
  }

  /** As {@link read}, into a new array. */
  get(offset: number, count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    this.read(offset, bytes);
    return bytes;
  }

  /** Writes bytes at an offset of the payload, or behind it. */
  write(offset: number, bytes: Uint8Array): void {
    this.storage.write(PAYLOAD_OFFSET + offset, bytes);
  }

  /** Sets where the file ends, as a length of the payload. The length that counts stays. */
  setEnd(length: number): void {
    this.storage.setLength(PAYLOAD_OFFSET + length);
  }

  /** Cuts off what lies behind the payload. Nothing waits for it: the next sync is its own. */
  cut(): void {
    this.setEnd(this.#length);
    this.#hasPendingCut = true;
  }

  /** Makes all that was done durable. Where a message is undone as a whole, there is no need. */
  sync(): void {
    if (!this.storage.isAtomic) this.storage.sync();
    this.#hasPendingCut = false;
  }

  /**
   * Makes a cut durable, if one is not: what is added by setting the end is zero only on a disk
   * that has no old tail there.
   */
  syncPendingCut(): void {
    if (this.#hasPendingCut) this.sync();
  }

  /** Makes another length count. */
  setLength(length: number): void {
    writeLength(this.storage, length);
    this.sync();
    this.#length = length;
  }

  /** Makes another length count, and puts the journal to rest in the same write. */
  setLengthAtRest(length: number): void {
    writeLengthAtRest(this.storage, length);
    this.sync();
    this.#length = length;
  }

  /** Arms or disarms the journal. `target` is an offset in the file. */
  setJournal(target: number, mode: bigint): void {
    writeJournal(this.storage, target, mode);
  }

  /** The first rule of the format that the file breaks, in words, or `undefined`. O(1). */
  violation(): string | undefined {
    const { length, target, mode } = readHeader(this.storage);
    if (length !== this.#length) return `the header tells of ${length} bytes`;
    if (target !== 0 || mode !== AT_REST) return 'the journal is armed';
    const end = this.storage.length() - PAYLOAD_OFFSET;
    if (end !== length) return `the file ends after ${end} bytes of ${length}`;
    return undefined;
  }

  /** Gives the storage up, also after a failure. */
  end(): Storage {
    if (this.#state !== 'failed') this.assertUsable();
    this.#state = 'closed';
    held.delete(this.storage);
    return this.storage;
  }

  /** Cuts off what a failed stage has left. Where that fails, too, only opening again helps. */
  #cutAfterFailure(): void {
    try {
      if (this.storage.length() !== PAYLOAD_OFFSET + this.#length) this.cut();
    } catch {
      this.#state = 'failed';
    }
  }
}

function outsidePayload(start: number, end: number, length: number): StorageError {
  return new StorageError(
    'OUT_OF_BOUNDS',
    `bytes ${start} to ${end} are not within the ${length} bytes of the stack. ` +
      'Check against its length first.',
    { start, end, length },
  );
}

function lockedUpTo(length: number): StorageError {
  return new StorageError(
    'READ_ONLY',
    `the first ${length} bytes of the stack are locked. Open it again to change them.`,
    { length },
  );
}

function inUse(): StorageError {
  return new StorageError(
    'FILE_IN_USE',
    'an open stack holds this storage. Use that one, or take the storage back with intoStorage().',
  );
}

function closed(): StorageError {
  return new StorageError('HANDLE_CLOSED', 'this stack was closed. Open its storage again.');
}

function failedBefore(): StorageError {
  return new StorageError(
    'PREVIOUS_FAILURE',
    'an earlier change of this stack failed half-way. Close it and open it again: that finishes ' +
      'the change or undoes it.',
  );
}

function reentered(): StorageError {
  return new StorageError(
    'REENTERED',
    'a callback came back to the stack that had called it. Nothing has changed; use what the ' +
      'callback was given instead.',
  );
}
