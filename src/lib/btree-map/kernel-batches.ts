/**
 * A map's line to the kernel for many entries at once, see `batch.ts`.
 *
 * Source: `src/kernel/assembly/scan/operations.ts` is the other side, and has the table.
 */
import { ARGUMENT_LIMIT, type Kernel } from '../kernel-client.js';
import type { BatchSource } from './batch.js';
import type { EntryTable } from './entry-table.js';

const FILL_BATCH = 32 * ARGUMENT_LIMIT;
const COUNT_BATCH = 33 * ARGUMENT_LIMIT;
const TAKE_RANGES = 34 * ARGUMENT_LIMIT;
const ELEMENTS = 36 * ARGUMENT_LIMIT;
const GET_MANY = 37 * ARGUMENT_LIMIT;
/** Changes of many entries, for {@link KernelBatches.changeMany}. */
export const INSERT_MANY = 35 * ARGUMENT_LIMIT;
export const REMOVE_MANY = 38 * ARGUMENT_LIMIT;

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

  /** Looks up the keys of a table: see `lookup.ts`. */
  getMany(table: Uint8Array): number {
    return this.#kernel.askWithBytes(GET_MANY + this.#handle, table);
  }

  /**
   * Inserts or removes the entries of a table, all or none. Returns how many keys were new or were
   * there; or a negative number as every change of a map does, see `kernel-tree.ts`.
   * PRECONDITION: sizes are checked; there are no values where it removes.
   */
  changeMany(change: number, { bytes, ranges }: EntryTable): number {
    this.#kernel.askWithBytes(TAKE_RANGES + this.#handle, ranges);
    return this.#kernel.askWithBytes(change + this.#handle, bytes);
  }
}
