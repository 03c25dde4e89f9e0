/**
 * A map's line to the kernel for many entries at once, see `batch.ts`.
 *
 * Source: `src/kernel/assembly/scan/operations.ts` is the other side, and has the table.
 */
import { ARGUMENT_LIMIT, type Kernel } from '../kernel-client.js';
import type { BatchSource } from './batch.js';

const FILL_BATCH = 32 * ARGUMENT_LIMIT;
const COUNT_BATCH = 33 * ARGUMENT_LIMIT;
const TAKE_RANGES = 34 * ARGUMENT_LIMIT;
const INSERT_MANY = 35 * ARGUMENT_LIMIT;
const ELEMENTS = 36 * ARGUMENT_LIMIT;

export class KernelBatches implements BatchSource {
  readonly #kernel: Kernel;
  readonly #handle: number;

  /** `handle` is that of the map, where it stands in an argument. */
  constructor(kernel: Kernel, handle: number) {
    this.#kernel = kernel;
    this.#handle = handle;
  }

  fillBatch(batch: Uint8Array): number {
    return this.#kernel.askWithBytes(FILL_BATCH + this.#handle, batch);
  }

  countBatch(batch: Uint8Array): number {
    return this.#kernel.askWithBytes(COUNT_BATCH + this.#handle, batch);
  }

  encodeBatch(target: Uint8Array, elements: number): number {
    return this.#kernel.askWithBytes(ELEMENTS + elements, target);
  }

  /**
   * Inserts the entries that lie in these ranges of `bytes`, all or none, each range a place to
   * begin and one to end: see `entry-table.ts`. Returns how many keys were new; or a negative
   * number as every change of a map does, see `kernel-tree.ts`. PRECONDITION: sizes are checked.
   */
  insertMany(bytes: Uint8Array, ranges: Uint8Array): number {
    this.#kernel.askWithBytes(TAKE_RANGES + this.#handle, ranges);
    return this.#kernel.askWithBytes(INSERT_MANY + this.#handle, bytes);
  }
}
