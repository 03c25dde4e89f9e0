/**
 * The log against an array. It grows by single entries and by batches, loses its oldest ones and is
 * emptied; afterwards both ends, a range and every size must be what the array says.
 *
 * Source: house style rule 24.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { text } from '../../src/lib/codecs/index.js';
import { Log } from '../../src/lib/log.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { checkModel, type ModelRun, type Operation } from '../support/model.js';

type Kind = 'append' | 'appendMany' | 'get' | 'values' | 'truncateFront' | 'clear' | 'reopen';

interface LogOperation extends Operation<Kind> {
  /** One letter: few bytes for the generator, and as long as `size` says in the log. */
  readonly letter: string;
  readonly size: number;
  /** Where in the log, as a share of its length. */
  readonly share: number;
}

const WEIGHTS: Record<Kind, number> = {
  append: 200,
  appendMany: 50,
  get: 60,
  values: 10,
  truncateFront: 10,
  reopen: 20,
  clear: 1,
};

class Run implements ModelRun<LogOperation> {
  #log: Log<string>;
  #model: string[] = [];

  constructor() {
    const manager = MemoryManager.init(new VectorMemory(), { bucketSizeInPages: 1 });
    this.#log = Log.init(manager.get(0), manager.get(1), text);
  }

  apply(operation: LogOperation): void {
    const { kind, letter, size, share } = operation;
    const number = Math.floor(share * (this.#model.length + 1));
    switch (kind) {
      case 'append':
        expect(this.#log.append(letter.repeat(size))).toBe(this.#model.length);
        this.#model.push(letter.repeat(size));
        return;
      case 'appendMany': {
        const entries = Array.from({ length: size % 9 }, (_, step) => letter.repeat(step * 7));
        expect(this.#log.appendMany(entries)).toBe(this.#model.length);
        this.#model.push(...entries);
        return;
      }
      case 'get':
        expect(this.#log.get(number)).toBe(this.#model[number]);
        return;
      case 'values':
        this.#walk(number, size);
        return;
      case 'truncateFront':
        this.#log.truncateFront(number);
        this.#model = this.#model.slice(number);
        return;
      case 'clear':
        this.#log.clear();
        this.#model = [];
        return;
      case 'reopen':
        this.#log = Log.load(...this.#log.intoMemories(), text);
    }
  }

  compare(): void {
    expect(this.#log.checkInvariants()).toBeUndefined();
    expect([...this.#log]).toEqual(this.#model);
    expect(this.#log.length).toBe(this.#model.length);
    expect(this.#log.isEmpty).toBe(this.#model.length === 0);
    expect([this.#log.first(), this.#log.last()]).toEqual([this.#model[0], this.#model.at(-1)]);
    const size = this.#model.reduce((total, entry) => total + entry.length, 0);
    expect(this.#log.logSizeInBytes).toBe(size);
    expect(this.#log.dataSizeInBytes).toBe(32 + size);
    expect(this.#log.indexSizeInBytes).toBe(40 + 8 * this.#model.length);
  }

  finish(): void {
    this.#log.truncateFront(this.#model.length);
    this.#model = [];
    this.compare();
  }

  #walk(from: number, size: number): void {
    const range = this.#model.slice(from, from + size);
    expect([...this.#log.values({ from, to: from + size })]).toEqual(range);
    expect([...this.#log.values({ from, to: from + size, reverse: true })]).toEqual(
      range.reverse(),
    );
  }
}

const someSize = fc.oneof(
  { weight: 30, arbitrary: fc.nat(200) },
  { weight: 1, arbitrary: fc.integer({ min: 16_000, max: 40_000 }) },
);

test('a log is its model after every operation', () => {
  checkModel<Kind, LogOperation>(
    WEIGHTS,
    (kind) =>
      fc.record({
        kind,
        letter: fc.constantFrom('a', 'b', 'z'),
        size: someSize,
        share: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      }),
    () => new Run(),
  );
});
