/**
 * A map's line to the kernel for many entries at once, see `batch.ts`.
 *
 * Source: `src/kernel/assembly/scan/operations.ts` is the other side, and has the table.
 */
import { ARGUMENT_LIMIT, type Kernel } from '../kernel-client.js';
import type { BatchSource } from './batch.js';

const FILL_BATCH = 32 * ARGUMENT_LIMIT;
const COUNT_BATCH = 33 * ARGUMENT_LIMIT;

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
}
