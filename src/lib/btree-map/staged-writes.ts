/**
 * The writes of one operation, held back until all of them are known. Only then is it certain how
 * much room the operation needs: the memory grows first, and where it refuses, not a byte has
 * changed. The writes then go out in the order in which they were staged, so that the memory ends
 * up exactly as if each had been made at once.
 *
 * Source: house style rule 11 (reserve first, write next); section 8.1 no. 15 of
 * `specs/ic-stable-structures.md`.
 */
import { reserve, type Memory } from '../memory.js';

interface StagedWrite {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export class StagedWrites {
  #writes: StagedWrite[] = [];

  get isEmpty(): boolean {
    return this.#writes.length === 0;
  }

  /** The bytes must not change afterwards. */
  add(address: number, bytes: Uint8Array): void {
    this.#writes.push({ address, bytes });
  }

  /** Grows the memory so that every staged write fits. Throws `GROW_FAILED`, nothing changed. */
  reserve(memory: Memory): void {
    let end = 0;
    for (const { address, bytes } of this.#writes) end = Math.max(end, address + bytes.length);
    reserve(memory, end);
  }

  /** Writes everything. PRECONDITION: {@link reserve} has succeeded. */
  flush(memory: Memory): void {
    for (const { address, bytes } of this.#writes) memory.write(address, bytes);
    this.#writes = [];
  }

  discard(): void {
    this.#writes = [];
  }
}
