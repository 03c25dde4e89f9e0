/**
 * A storage in RAM: one growable array of bytes. A crash loses it, so it is for tests, for what is
 * thrown away, and for looking into the bytes of a file without touching the file.
 *
 * The array doubles when it is full: appending byte by byte costs amortised O(1) a byte.
 *
 * Source: `specs/bstack.md` section 6.1.
 */
import { assertBytes, assertSize } from './guards.js';
import { assertStored, storageClosed, type Storage } from './storage.js';

/**
 * A storage in RAM. Reading and writing cost O(bytes).
 *
 * @example
 * const stack = BStack.open(new HeapStorage());
 * stack.push(Uint8Array.of(1, 2, 3));
 */
export class HeapStorage implements Storage {
  readonly isAtomic = false;
  #bytes: Uint8Array;
  #length: number;
  #isOpen = true;

  /** A storage with a copy of these bytes, such as a file's; empty unless told. O(bytes). */
  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.#bytes = assertBytes('bytes', bytes).slice();
    this.#length = bytes.length;
  }

  length(): number {
    this.#assertOpen();
    return this.#length;
  }

  read(offset: number, target: Uint8Array): void {
    this.#assertOpen();
    assertStored(offset, assertBytes('target', target).length, this.#length);
    target.set(this.#bytes.subarray(offset, offset + target.length));
  }

  write(offset: number, source: Uint8Array): void {
    this.#assertOpen();
    assertStored(offset, 0, this.#length);
    const end = offset + assertBytes('source', source).length;
    if (end > this.#length) this.setLength(end);
    this.#bytes.set(source, offset);
  }

  setLength(length: number): void {
    this.#assertOpen();
    assertSize('length', length);
    if (length > this.#bytes.length) this.#enlarge(length);
    // What is cut off must read as zeros should the storage grow again.
    if (length < this.#length) this.#bytes.fill(0, length, this.#length);
    this.#length = length;
  }

  sync(): void {
    this.#assertOpen();
  }

  close(): void {
    this.#assertOpen();
    this.#isOpen = false;
  }

  /** A copy of all bytes: what the file would hold. O(bytes). */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #enlarge(length: number): void {
    const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw storageClosed('HeapStorage');
  }
}
