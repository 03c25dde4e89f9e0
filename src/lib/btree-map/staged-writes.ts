/**
 * The writes of one operation, held back until all of them are known. Only then is it certain how
 * much room the operation needs: the memory grows first, and where it refuses, not a byte has
 * changed.
 *
 * What is staged are whole units (headers, pages), so writes to different addresses never overlap.
 * Two writes to one address become one: the later bytes, and behind them what the earlier ones had
 * more. So the memory ends up exactly as if each write had been made at once.
 *
 * Source: house style rule 11 (reserve first, write next); section 8.1 no. 15 of
 * `specs/ic-stable-structures.md`.
 */
import { reserve, type Memory } from '../memory.js';
import { AddressMap } from './address-map.js';

export class StagedWrites {
  readonly #writes = new AddressMap<Uint8Array>();

  get isEmpty(): boolean {
    return this.#writes.size === 0;
  }

  /** The bytes must not change afterwards. */
  add(address: number, bytes: Uint8Array): void {
    const earlier = this.#writes.get(address);
    this.#writes.set(address, earlier === undefined ? bytes : overlay(earlier, bytes));
  }

  /** Grows the memory so that every staged write fits. Throws `GROW_FAILED`, nothing changed. */
  reserve(memory: Memory): void {
    let end = 0;
    this.#writes.forEach((bytes, address) => {
      end = Math.max(end, address + bytes.length);
    });
    reserve(memory, end);
  }

  /** Writes everything. PRECONDITION: {@link reserve} has succeeded. */
  flush(memory: Memory): void {
    this.#writes.forEach((bytes, address) => memory.write(address, bytes));
    this.#writes.clear();
  }

  discard(): void {
    this.#writes.clear();
  }
}

function overlay(earlier: Uint8Array, later: Uint8Array): Uint8Array {
  if (earlier.length <= later.length) return later;
  const merged = earlier.slice();
  merged.set(later);
  return merged;
}
