/**
 * A disk in RAM that writes down all that is done to it: every write, every change of a length and
 * every sync of every file, in order. `crash-states.ts` makes of the record what a crash could have
 * left. It can also fail at a step that is told in advance, as a full or broken disk does.
 *
 * Source: `specs/bstack.md` sections 4.3, 4.4 and 6.6.
 */
import { StorageError } from '../../../src/lib/errors.js';
import { HeapStorage } from '../../../src/lib/heap-storage.js';
import { ATOMIC_BLOCK_SIZE, type Storage } from '../../../src/lib/storage.js';

/** One thing that was done to a file. */
export type DiskEvent =
  | { readonly kind: 'write'; readonly file: string; offset: number; bytes: Uint8Array }
  | { readonly kind: 'setLength'; readonly file: string; length: number }
  | { readonly kind: 'sync'; readonly file: string };

/** What lies on a disk: the bytes of each file by its name. */
export type DiskImage = ReadonlyMap<string, Uint8Array>;

/** A disk that records. */
export class RecordingDisk {
  readonly events: DiskEvent[] = [];
  readonly #files = new Map<string, HeapStorage>();
  #stepsLeft = Infinity;

  /** A disk with these files; empty unless told. */
  constructor(image: DiskImage = new Map()) {
    for (const [name, bytes] of image) this.#files.set(name, new HeapStorage(bytes));
  }

  /** The file with this name, which is made where it is missing. Handles share what they see. */
  open(name = 'file'): Storage {
    let file = this.#files.get(name);
    if (file === undefined) this.#files.set(name, (file = new HeapStorage()));
    return new RecordedFile(this, name, file);
  }

  /** A copy of what lies on the disk now. */
  image(): DiskImage {
    return new Map([...this.#files].map(([name, file]) => [name, file.toBytes()]));
  }

  /** How often anything was synced. */
  get syncs(): number {
    return this.events.filter(({ kind }) => kind === 'sync').length;
  }

  /**
   * The next `count` steps succeed, all later ones throw `IO_FAILED`. A failed write is half done,
   * up to the last edge between blocks in that half.
   */
  failAfter(count: number): void {
    this.#stepsLeft = count;
  }

  /** From now on everything succeeds. */
  relent(): void {
    this.#stepsLeft = Infinity;
  }

  /** Counts a step, and says whether it is to fail. */
  takeStep(): boolean {
    return this.#stepsLeft-- <= 0;
  }
}

class RecordedFile implements Storage {
  readonly isAtomic = false;
  #isOpen = true;

  constructor(
    readonly disk: RecordingDisk,
    readonly name: string,
    readonly file: HeapStorage,
  ) {}

  length(): number {
    this.#assertOpen();
    return this.file.length();
  }

  read(offset: number, target: Uint8Array): void {
    this.#assertOpen();
    this.file.read(offset, target);
  }

  write(offset: number, source: Uint8Array): void {
    this.#assertOpen();
    const fails = this.disk.takeStep();
    const bytes = fails ? wholeBlocksOfHalf(offset, source) : source.slice();
    this.file.write(offset, bytes);
    this.disk.events.push({ kind: 'write', file: this.name, offset, bytes });
    if (fails) throw brokenDisk();
  }

  setLength(length: number): void {
    this.#assertOpen();
    if (this.disk.takeStep()) throw brokenDisk();
    this.file.setLength(length);
    this.disk.events.push({ kind: 'setLength', file: this.name, length });
  }

  sync(): void {
    this.#assertOpen();
    if (this.disk.takeStep()) throw brokenDisk();
    this.disk.events.push({ kind: 'sync', file: this.name });
  }

  close(): void {
    this.#assertOpen();
    this.#isOpen = false;
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new StorageError('HANDLE_CLOSED', 'the recorded file was closed.');
  }
}

/** What a write has done when it fails: a disk writes blocks as a whole. */
function wholeBlocksOfHalf(offset: number, source: Uint8Array): Uint8Array {
  const half = offset + (source.length >> 1);
  return source.slice(0, Math.max(0, half - (half % ATOMIC_BLOCK_SIZE) - offset));
}

function brokenDisk(): StorageError {
  return new StorageError('IO_FAILED', 'the disk is broken, as the test has told it.');
}
