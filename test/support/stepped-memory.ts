/**
 * An atomic memory each call of which is a step, as `every-order.ts` runs them.
 */
import { AtomicMemory } from '../../src/lib/messages/concurrent/atomic-memory.js';
import type { Steps } from './every-order.js';

export class SteppedMemory extends AtomicMemory {
  constructor(
    buffer: SharedArrayBuffer,
    readonly steps: Steps,
  ) {
    super(buffer);
  }

  override load(address: number): bigint {
    return this.steps.step(() => super.load(address));
  }

  override store(address: number, word: bigint): void {
    this.#do(() => super.store(address, word));
  }

  override exchange(address: number, expected: bigint, replacement: bigint): boolean {
    return this.steps.step(() => super.exchange(address, expected, replacement));
  }

  /** In two steps, so that others may come in between. */
  override write(address: number, bytes: Uint8Array): void {
    const half = bytes.length >> 1;
    this.#do(() => super.write(address, bytes.subarray(0, half)));
    this.#do(() => super.write(address + half, bytes.subarray(half)));
  }

  override clear(address: number, size: number): void {
    this.#do(() => super.clear(address, size));
  }

  override copy(address: number, size: number): Uint8Array {
    const copied = this.steps.step(() => String.fromCharCode(...super.copy(address, size)));
    return Uint8Array.from(copied, (letter) => letter.charCodeAt(0));
  }

  #do(action: () => void): void {
    this.steps.step(() => {
      action();
      return true;
    });
  }
}
