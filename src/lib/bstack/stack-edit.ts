/**
 * Many writes to the middle of a stack as one change. The caller's function reads and writes as it
 * likes; nothing reaches the file before it has returned, and then all of it does, or nothing.
 *
 * Source: `specs/bstack.md` sections 1.8 (there `inplace_gen`) and 6.5.
 */
import { copyRange } from '../bytes.js';
import { StorageError } from '../errors.js';
import { assertBytes } from '../guards.js';
import { GatheredWrites } from './gathered-writes.js';
import { writeRuns } from './journal.js';
import type { StackFile } from './stack-file.js';

/** What `BStack.edit` gives to its callback. The length of the stack stays as it is. */
export interface StackEdit {
  /** Bytes of the stack. */
  readonly length: number;

  /** A copy of the bytes from `start` up to `end`, with what was set so far. */
  get(start: number, end: number): Uint8Array;

  /** Fills `target` from `offset` on, with what was set so far. */
  getInto(offset: number, target: Uint8Array): void;

  /** Overwrites bytes; they are copied. Throws `OUT_OF_BOUNDS`, `READ_ONLY`. */
  set(offset: number, bytes: Uint8Array): void;

  /** Overwrites `count` bytes with zeros. Throws `OUT_OF_BOUNDS`, `READ_ONLY`. */
  zero(offset: number, count: number): void;
}

/** A stack, or an edit of one: what can be read. */
export type StackReader = Pick<StackEdit, 'length' | 'getInto'>;

/** A stack, or an edit of one: what can be read and changed in place. */
export type StackWriter = Pick<StackEdit, 'length' | 'getInto' | 'set'>;

/** Runs an edit and commits it. */
export function runEdit<R>(file: StackFile, change: (edit: StackEdit) => R): R {
  const edit = new PendingEdit(file);
  try {
    const result = file.callBack(() => change(edit));
    writeRuns(file, edit.writes.runs());
    return result;
  } finally {
    edit.isOver = true;
  }
}

class PendingEdit implements StackEdit {
  readonly writes = new GatheredWrites();
  isOver = false;

  constructor(readonly file: StackFile) {}

  get length(): number {
    return this.file.length;
  }

  get(start: number, end: number): Uint8Array {
    this.#assertLive();
    const bytes = new Uint8Array(this.file.assertSpan(start, end));
    this.getInto(start, bytes);
    return bytes;
  }

  getInto(offset: number, target: Uint8Array): void {
    this.#assertLive();
    this.file.assertRange(offset, assertBytes('target', target).length);
    this.file.read(offset, target);
    this.writes.overlay(offset, target);
  }

  set(offset: number, bytes: Uint8Array): void {
    this.#assertLive();
    this.file.assertWritable(offset, assertBytes('bytes', bytes).length);
    this.writes.add(offset, copyRange(bytes, 0, bytes.length));
  }

  zero(offset: number, count: number): void {
    this.#assertLive();
    this.file.assertWritable(offset, count);
    this.writes.add(offset, new Uint8Array(count));
  }

  #assertLive(): void {
    if (!this.isOver) return;
    throw new StorageError('HANDLE_CLOSED', 'this edit has ended. Begin another one.');
  }
}
