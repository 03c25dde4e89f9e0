/**
 * A file in a memory against an array of bytes. Lengths go up and down across several pages, so
 * that what was cut off lies about everywhere.
 *
 * Source: house style rule 24.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { MemoryStorage } from '../../src/lib/memory-storage.js';
import type { Memory } from '../../src/lib/memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { restarted } from '../support/memories.js';
import { checkModel, type ModelRun, type Operation } from '../support/model.js';

const WEIGHTS = { write: 40, append: 30, setLength: 25, read: 20, reopen: 5, upgrade: 3 };

type Kind = keyof typeof WEIGHTS;

interface FileOperation extends Operation<Kind> {
  /** From 0 to 1: where in the file. */
  readonly at: number;
  readonly count: number;
  readonly byte: number;
}

const LENGTH_MAX = 300_000;

class Run implements ModelRun<FileOperation> {
  readonly #memory: Memory;
  #storage: MemoryStorage;
  #model = new Uint8Array(0);

  constructor() {
    const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 });
    manager.get(1).grow(1);
    this.#memory = manager.get(0);
    this.#storage = MemoryStorage.init(this.#memory);
  }

  apply({ kind, at, count, byte }: FileOperation): void {
    const { length } = this.#model;
    const offset = Math.floor(at * length);
    if (kind === 'write') this.#write(offset, new Uint8Array(count).fill(byte));
    else if (kind === 'append') this.#write(length, new Uint8Array(count).fill(byte));
    else if (kind === 'read') this.#read(offset, Math.min(count, length - offset));
    else if (kind === 'setLength') this.#setLength(Math.floor(at * LENGTH_MAX));
    else if (kind === 'reopen') this.#storage = MemoryStorage.load(this.#storage.intoMemory());
    else this.#storage = MemoryStorage.load(restarted(this.#memory));
  }

  compare(): void {
    expect(this.#storage.checkInvariants()).toBeUndefined();
    expect(this.#storage.length()).toBe(this.#model.length);
    this.#read(0, this.#model.length);
  }

  #write(offset: number, bytes: Uint8Array): void {
    if (offset + bytes.length > LENGTH_MAX) return;
    this.#storage.write(offset, bytes);
    this.#resize(Math.max(this.#model.length, offset + bytes.length));
    this.#model.set(bytes, offset);
  }

  #setLength(length: number): void {
    this.#storage.setLength(length);
    this.#resize(length);
  }

  #read(offset: number, count: number): void {
    const bytes = new Uint8Array(count);
    this.#storage.read(offset, bytes);
    expect(Buffer.compare(bytes, this.#model.subarray(offset, offset + count))).toBe(0);
  }

  #resize(length: number): void {
    const resized = new Uint8Array(length);
    resized.set(this.#model.subarray(0, length));
    this.#model = resized;
  }
}

test('a file in a memory is its model after every operation', () => {
  checkModel<Kind, FileOperation>(
    WEIGHTS,
    (kind) =>
      fc.record({
        kind,
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        count: fc.nat(2_000),
        byte: fc.integer({ min: 1, max: 255 }),
      }),
    () => new Run(),
  );
});
