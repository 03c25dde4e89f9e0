/** Random transactions against a plain array of bytes, with restarts that find only the files. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { HeapStorage } from '../../src/lib/heap-storage.js';
import { JournaledMemory } from '../../src/lib/journaled-memory.js';
import { WASM_PAGE_SIZE } from '../../src/lib/memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { imageOf } from '../support/memories.js';
import { checkModel, type ModelRun, type Operation } from '../support/model.js';

const WEIGHTS = {
  transaction: 6,
  write: 3,
  grow: 1,
  undone: 2,
  checkpoint: 1,
  restart: 1,
  copy: 1,
};
const PAGES_MAX = 3;

interface Write {
  /** A share of the memory. */
  readonly at: number;
  readonly length: number;
}

interface Step extends Operation<keyof typeof WEIGHTS> {
  readonly writes: readonly Write[];
}

const stepOf = (kind: fc.Arbitrary<keyof typeof WEIGHTS>): fc.Arbitrary<Step> => {
  const write = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.oneof(fc.nat(100), fc.nat(10_000)),
  });
  return fc.record({ kind, writes: fc.array(write, { minLength: 1, maxLength: 5 }) });
};

class Run implements ModelRun<Step> {
  readonly #image = new HeapStorage();
  readonly #journal = new HeapStorage();
  #memory = this.#open();
  #model = new VectorMemory();
  #count = 0;

  apply({ kind, writes }: Step): void {
    const memory = this.#memory;
    if (kind === 'write') this.#write(memory, this.#model, writes[0]!);
    else if (kind === 'grow') this.#grow(memory, this.#model);
    else if (kind === 'checkpoint') memory.checkpoint();
    else if (kind === 'restart') this.#memory = this.#open();
    else if (kind === 'copy') this.#openCopy();
    else if (kind === 'transaction') memory.transaction(() => this.#change(this.#model, writes));
    else this.#undo(writes);
  }

  compare(): void {
    expect(Buffer.compare(imageOf(this.#memory), this.#model.toBytes())).toBe(0);
  }

  #open(): JournaledMemory {
    return JournaledMemory.open(this.#image, this.#journal, { checkpointBytes: 30_000 });
  }

  /** A copy of both files, put in order: then the image alone is the memory. */
  #openCopy(): void {
    const image = new HeapStorage(this.#image.toBytes());
    const journal = new HeapStorage(this.#journal.toBytes());
    JournaledMemory.open(image, journal).checkpoint();
    expect(Buffer.compare(image.toBytes(), this.#model.toBytes())).toBe(0);
  }

  #undo(writes: readonly Write[]): void {
    const memory = this.#memory;
    const forgotten = VectorMemory.from(this.#model.toBytes());
    const undone = (): void =>
      memory.transaction(() => {
        this.#change(forgotten, writes);
        throw new RangeError('undone');
      });
    expect(undone).toThrow(RangeError);
    this.#memory = memory.reopen();
  }

  #change(model: VectorMemory, writes: readonly Write[]): void {
    for (const write of writes) {
      if (write.length % 8 === 7) this.#grow(this.#memory, model);
      this.#write(this.#memory, model, write);
    }
    expect(Buffer.compare(imageOf(this.#memory), model.toBytes())).toBe(0);
  }

  #grow(memory: JournaledMemory, model: VectorMemory): void {
    if (model.size() < PAGES_MAX) expect(memory.grow(1)).toBe(model.grow(1));
  }

  #write(memory: JournaledMemory, model: VectorMemory, { at, length }: Write): void {
    if (model.size() === 0) this.#grow(memory, model);
    const offset = Math.floor(at * (model.size() * WASM_PAGE_SIZE - length));
    const bytes = new Uint8Array(length).fill((this.#count += 1));
    memory.write(offset, bytes);
    model.write(offset, bytes);
  }
}

test('a journaled memory does what an array of bytes does', () => {
  checkModel(WEIGHTS, stepOf, () => new Run());
});
