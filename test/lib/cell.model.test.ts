/**
 * The cell against a plain variable. Values of a few sizes around the edges of pages, so that the
 * memory grows and stale bytes stay; after each operation the whole memory is what it must be.
 *
 * Source: house style rule 24.
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Cell } from '../../src/lib/cell.js';
import { bytes } from '../../src/lib/codecs/index.js';
import { WASM_PAGE_SIZE } from '../../src/lib/memory.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { imageOf } from '../support/memories.js';
import { checkModel, type ModelRun, type Operation } from '../support/model.js';

type Kind = 'set' | 'spoil' | 'reopen';

interface CellOperation extends Operation<Kind> {
  readonly size: number;
  readonly fill: number;
}

const WEIGHTS: Record<Kind, number> = { set: 6, spoil: 2, reopen: 1 };
const HEADER_SIZE = 8;

/** Mostly short; now and then a value that just fits its pages, or just does not. */
const someSize = fc.oneof(
  { weight: 20, arbitrary: fc.nat(40) },
  { weight: 1, arbitrary: fc.constantFrom(65_527, 65_528, 65_529, 131_064, 131_065) },
);

class Run implements ModelRun<CellOperation> {
  readonly #memory = new VectorMemory();
  #cell = Cell.init(this.#memory, bytes, new Uint8Array(0));
  #value = new Uint8Array(0);
  /** The largest value so far decides the size of the memory. */
  #sizeMax = 0;

  apply({ kind, size, fill }: CellOperation): void {
    if (kind === 'reopen') this.#cell = Cell.load(this.#cell.intoMemory(), bytes);
    else if (kind === 'spoil') this.#cell.get().fill(fill);
    else this.#set(new Uint8Array(size).fill(fill));
  }

  compare(): void {
    expect(Buffer.compare(this.#cell.get(), this.#value)).toBe(0);
    expect(this.#cell.checkInvariants()).toBeUndefined();
    const pages = Math.max(1, Math.ceil((HEADER_SIZE + this.#sizeMax) / WASM_PAGE_SIZE));
    expect(this.#memory.size()).toBe(pages);
    const stored = imageOf(this.#memory).subarray(HEADER_SIZE, HEADER_SIZE + this.#value.length);
    expect(Buffer.compare(stored, this.#value)).toBe(0);
  }

  #set(value: Uint8Array): void {
    expect(Buffer.compare(this.#cell.set(value), this.#value)).toBe(0);
    this.#value = new Uint8Array(value);
    value.fill(0xee);
    this.#sizeMax = Math.max(this.#sizeMax, value.length);
  }
}

test('a cell is its model after every operation', () => {
  checkModel<Kind, CellOperation>(
    WEIGHTS,
    (kind) => fc.record({ kind, size: someSize, fill: fc.nat(255) }),
    () => new Run(),
  );
});
