/**
 * A durable stack of bytes in one file: it grows and shrinks at its end, and every call has reached
 * the disk when it returns. A crash at any moment leaves it as it was before a call or as it was
 * after it; opening the file finds out which, and repairs the file.
 *
 *     const stack = BStack.open(new HeapStorage());
 *     const start = stack.push(record);        // offset of the record
 *     stack.set(start, flag);
 *     stack.pop(record.length);
 *
 * There are no frames: who pushes remembers offsets and lengths. Offset 0 is the first byte that
 * was pushed; offsets and lengths are whole numbers of bytes below 2^53.
 *
 *     bstack/header.ts       the file's first 32 bytes: format 0.4 of the Rust crate `bstack`
 *     bstack/tail.ts         what happens at the end
 *     bstack/journal.ts      what happens in the middle
 *     bstack/recovery.ts     what opening does after a crash
 *
 * What costs is the sync. An operation has 1 or 2 at the end of the stack; 1 in the middle within
 * one block of the file, which is 256 bytes from a multiple of 256 on; 4 otherwise, however many
 * writes an {@link BStack.edit} gathers. On a storage that is atomic, such as a canister's memory,
 * there are none, and no journal.
 *
 * Promise: an operation that throws before it has armed the journal or written the header has
 * changed nothing, a full disk above all. After that the handle refuses everything with
 * `PREVIOUS_FAILURE`: open the file again. Nothing that a callback throws changes anything.
 *
 * Limits: one open stack on a storage; no checksums, so that a disk which loses what it has synced
 * is not found out.
 *
 * Source: `specs/bstack.md` sections 1.1 to 1.8.
 */
import {
  extendSparse,
  getBatched,
  setBatched,
  type StackSpan,
  type StackWrite,
} from './bstack/batch.js';
import {
  compareAndSwap,
  ensure,
  exchange,
  process,
  replace,
  resize,
  swap,
  tailOf,
} from './bstack/changes.js';
import { copyBytes, repeatBytes, writeBytes } from './bstack/journal.js';
import { runEdit, type StackEdit } from './bstack/stack-edit.js';
import { BStackReader } from './bstack/reader.js';
import { BStackSlice } from './bstack/slice.js';
import { StackFile } from './bstack/stack-file.js';
import { append, discard, extend, replaceTail } from './bstack/tail.js';
import { firstViolation } from './errors.js';
import { assertBytes, assertSize } from './guards.js';
import type { Storage } from './storage.js';

/**
 * A durable stack of bytes. Every method throws `HANDLE_CLOSED` after {@link BStack.close},
 * `PREVIOUS_FAILURE` after a failed write, `REENTERED` out of a callback of its own, and what the
 * storage throws; those that take a range or a count throw `OUT_OF_BOUNDS` beyond the end, and
 * those that change bytes `READ_ONLY` where they are locked. Reading costs O(bytes), writing
 * O(bytes) and the syncs that are told.
 *
 * @example
 * const stack = BStack.open(new HeapStorage());
 * stack.push(Uint8Array.of(1, 2, 3)); // 0
 * stack.push(Uint8Array.of(4)); // 3
 * stack.get(1, 4); // 2, 3, 4
 */
export class BStack {
  readonly #file: StackFile;

  private constructor(file: StackFile) {
    this.#file = file;
  }

  /**
   * Opens the stack in `storage`, or creates one in an empty storage; a file that was cut off
   * within its first header counts as empty. Finishes or undoes what a crash has interrupted.
   * 1 sync, up to 4 after a crash.
   *
   * Throws `BAD_MAGIC` for other bytes, `UNSUPPORTED_VERSION` for another format (0.1 and 0.2 have
   * to be migrated), `CORRUPTED`, `FILE_IN_USE`; none of these writes anything.
   */
  static open(storage: Storage): BStack {
    return new BStack(StackFile.open(storage));
  }

  /** Bytes of the stack. O(1). */
  get length(): number {
    this.#file.assertOpen();
    return this.#file.length;
  }

  /** Whether there is no byte. O(1). */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** Whether the storage undoes all that a message did when it fails. Then nothing is synced. */
  get isAtomic(): boolean {
    return this.#file.storage.isAtomic;
  }

  /** Adds bytes at the end and returns the old length: their offset. 2 syncs. */
  push(bytes: Uint8Array): number {
    return append(this.#usable(), assertBytes('bytes', bytes));
  }

  /** As {@link BStack.push}, if the stack has this length; says whether it had. */
  tryExtend(length: number, bytes: Uint8Array): boolean {
    const file = this.#usable();
    assertBytes('bytes', bytes);
    if (assertSize('length', length) !== file.length) return false;
    append(file, bytes);
    return true;
  }

  /** Adds `count` zeros and returns the old length. 1 sync, 2 right after a journal was used. */
  extend(count: number): number {
    return extend(this.#usable(), count);
  }

  /**
   * Adds `count` zeros with bytes among them, and returns the old length; the offsets of `writes`
   * count from there. Throws `RangeError` where two of them overlap. 2 syncs.
   */
  extendSparse(count: number, writes: readonly StackWrite[]): number {
    return extendSparse(this.#usable(), count, writes);
  }

  /** Takes the last `count` bytes off and returns them. 1 sync. */
  pop(count: number): Uint8Array {
    const removed = tailOf(this.#usable(), count);
    discard(this.#file, count);
    return removed;
  }

  /** Moves as many bytes as `target` has from the end of the stack into it. 1 sync. */
  popInto(target: Uint8Array): void {
    target.set(this.pop(assertBytes('target', target).length));
  }

  /** Takes the last `count` bytes off. 1 sync. */
  discard(count: number): void {
    discard(this.#usable(), count);
  }

  /** As {@link BStack.discard}, if the stack has this length; says whether it had. */
  tryDiscard(length: number, count: number): boolean {
    const file = this.#usable();
    assertSize('count', count);
    if (assertSize('length', length) !== file.length) return false;
    discard(file, count);
    return true;
  }

  /** Adds zeros or takes bytes off until the stack has this length. 1 sync, as the two have it. */
  resize(length: number): void {
    resize(this.#usable(), length);
  }

  /** Adds zeros if the stack is shorter than `length`; says whether it was. */
  ensure(length: number): boolean {
    return ensure(this.#usable(), length);
  }

  /** As {@link BStack.ensure}; `fill` gets the new bytes, zeros, to write to. 2 syncs. */
  ensureWith(length: number, fill: (bytes: Uint8Array) => void): boolean {
    return ensure(this.#usable(), length, fill);
  }

  /**
   * Puts `bytes` in the place of the last `count` ones, as one change. 4 syncs; as push, discard
   * or set where there is nothing to take off, nothing to add, or as much of both.
   */
  atrunc(count: number, bytes: Uint8Array): void {
    replaceTail(this.#usable(), count, assertBytes('bytes', bytes));
  }

  /** As {@link BStack.atrunc}; returns the bytes that were there. */
  splice(count: number, bytes: Uint8Array): Uint8Array {
    const removed = tailOf(this.#usable(), count);
    replaceTail(this.#file, count, assertBytes('bytes', bytes));
    return removed;
  }

  /** As {@link BStack.splice}, of as many bytes as `removed` has, into it. */
  spliceInto(removed: Uint8Array, bytes: Uint8Array): void {
    removed.set(this.splice(assertBytes('removed', removed).length, bytes));
  }

  /** As {@link BStack.atrunc}, with the bytes that `change` makes of a copy of the old ones. */
  replace(count: number, change: (tail: Uint8Array) => Uint8Array): void {
    replace(this.#usable(), count, change);
  }

  /** A copy of the bytes from `offset` up to the end. */
  peek(offset: number): Uint8Array {
    const file = this.#usable();
    file.assertRange(offset, 0);
    return file.get(offset, file.length - offset);
  }

  /** A copy of the bytes from `start` up to `end`. Throws `RangeError` for `end` before `start`. */
  get(start: number, end: number): Uint8Array {
    const file = this.#usable();
    return file.get(start, file.assertSpan(start, end));
  }

  /** Fills `target` with the bytes from `offset` on. */
  getInto(offset: number, target: Uint8Array): void {
    const file = this.#usable();
    file.assertRange(offset, assertBytes('target', target).length);
    file.read(offset, target);
  }

  /** As {@link BStack.getInto}, by the name that the original has for it, too. */
  peekInto(offset: number, target: Uint8Array): void {
    this.getInto(offset, target);
  }

  /** Copies of several ranges. */
  getBatched(spans: readonly StackSpan[]): Uint8Array[] {
    return getBatched(this.#usable(), spans);
  }

  /** Overwrites the bytes from `offset` on. 1 sync within one block, else 4. */
  set(offset: number, bytes: Uint8Array): void {
    const file = this.#usable();
    file.assertWritable(offset, assertBytes('bytes', bytes).length);
    writeBytes(file, offset, bytes);
  }

  /** Overwrites several ranges as one change. Throws `RangeError` where two of them overlap. */
  setBatched(writes: readonly StackWrite[]): void {
    setBatched(this.#usable(), writes);
  }

  /** Overwrites `count` bytes with zeros. 1 sync within one block, else 4; stages 9 bytes. */
  zero(offset: number, count: number): void {
    this.#usable().assertWritable(offset, count);
    repeatBytes(this.#file, offset, count, Uint8Array.of(0));
  }

  /** Writes `copies` copies of `pattern` from `offset` on; stages only one. Syncs as `set`. */
  repeat(offset: number, copies: number, pattern: Uint8Array): void {
    const file = this.#usable();
    assertBytes('pattern', pattern);
    file.assertWritable(offset, assertSize('copies', copies) * pattern.length);
    repeatBytes(file, offset, copies, pattern);
  }

  /** Copies bytes over others, which may overlap; stages 16 bytes if not. Syncs as `set`. */
  copy(from: number, to: number, count: number): void {
    const file = this.#usable();
    file.assertRange(from, count);
    file.assertWritable(to, count);
    copyBytes(file, from, to, count);
  }

  /** Exchanges two ranges. Throws `RangeError` where they overlap. Syncs as `set`. */
  exchange(left: number, right: number, count: number): void {
    exchange(this.#usable(), left, right, count);
  }

  /** Overwrites bytes and returns the old ones. Syncs as `set`. */
  swap(offset: number, bytes: Uint8Array): Uint8Array {
    return swap(this.#usable(), offset, bytes);
  }

  /** Exchanges bytes of the stack with those in `bytes`. Syncs as `set`. */
  swapInto(offset: number, bytes: Uint8Array): void {
    bytes.set(this.swap(offset, bytes));
  }

  /**
   * Overwrites bytes if they are the expected ones; says whether they were. They are not where
   * `expected` and `bytes` differ in length. Syncs as `set`.
   */
  cas(offset: number, expected: Uint8Array, bytes: Uint8Array): boolean {
    return compareAndSwap(this.#usable(), offset, expected, bytes);
  }

  /** Lets `change` write to a copy of a range, and puts it in place. Syncs as `set`. */
  process(start: number, end: number, change: (bytes: Uint8Array) => void): void {
    process(this.#usable(), start, end, change);
  }

  /**
   * Changes any number of places as one: `change` reads and writes through the edit that it is
   * given, and what it wrote is committed when it returns. Later writes win where they overlap.
   * What it throws passes through, and nothing has changed; so it is for a promise, which throws
   * `TypeError`. Returns what `change` does. No sync where nothing was written, 1 within one block,
   * else 4.
   *
   * @example
   * stack.edit((edit) => {
   *   edit.set(head, edit.get(node, node + 8));
   *   edit.zero(node, 8);
   * });
   */
  edit<R>(change: (edit: StackEdit) => R): R {
    return runEdit(this.#usable(), change);
  }

  /** Reads the stack from `position` on, as a file is read. O(1). */
  reader(position = 0): BStackReader {
    return new BStackReader(this, position);
  }

  /**
   * The bytes from `start` up to `end`, to read and write with offsets of their own. Throws
   * `RangeError` for `end` before `start`. O(1).
   */
  slice(start: number, end: number): BStackSlice {
    return new BStackSlice(this, start, end);
  }

  /** Refuses changes of the first `length` bytes through this stack, until it is opened again. */
  lockUpTo(length: number): void {
    this.#usable().lockUpTo(length);
  }

  /** The first rule of the format that the file breaks, in words, or `undefined`. For tests. */
  checkInvariants(): string | undefined {
    return firstViolation(() => this.#usable().violation());
  }

  /** Closes the stack and its storage; also after a failure. */
  close(): void {
    this.intoStorage().close();
  }

  /** Closes the stack and gives its storage back, open; also after a failure. */
  intoStorage(): Storage {
    return this.#file.end();
  }

  #usable(): StackFile {
    this.#file.assertUsable();
    return this.#file;
  }
}
