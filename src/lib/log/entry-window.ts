/**
 * Reads the entries of a log. Neighbours lie side by side, so a walk reads them together: one
 * entry at first, then twice as many each time. So one entry costs no more than it must, and a long
 * walk seldom asks the memory, which in a canister costs more than the bytes do.
 */
import { decodeRange, type Codec } from '../codec.js';
import type { LogData } from './log-data.js';
import type { LogIndex } from './log-index.js';

/** Most entries of a read, and most bytes, where it is more than one entry. */
const COUNT_MAX = 128;
const SIZE_MAX = 16_384;

/** The entries that were read last. Good for as long as the log does not change. */
export class EntryWindow<T> {
  #first = 0;
  /** Of the entries from `first` on: one more than there are entries. */
  #bounds: readonly number[] = [0];
  #bytes = new Uint8Array(0);
  #nextCount = 1;

  /** `step` is the direction of the walk: 1 towards newer entries, -1 towards older ones. */
  constructor(
    readonly index: LogIndex,
    readonly data: LogData,
    readonly codec: Codec<T>,
    readonly step: 1 | -1 = 1,
  ) {}

  /** The entry with this number. Throws `CORRUPTED`. PRECONDITION: there is one. */
  entry(number: number): T {
    const isInWindow = number >= this.#first && number < this.#first + this.#bounds.length - 1;
    if (!isInWindow) this.#move(number);
    const base = this.#bounds[0]!;
    const start = this.#bounds[number - this.#first]!;
    const end = this.#bounds[number - this.#first + 1]!;
    return decodeRange(this.codec, this.#bytes, start - base, end - base);
  }

  #move(number: number): void {
    const count = this.#nextCount;
    this.#nextCount = Math.min(count * 2, COUNT_MAX);
    if (this.step > 0) {
      const bounds = this.index.bounds(number, Math.min(number + count, this.index.length));
      while (isTooLarge(bounds)) bounds.pop();
      this.#load(number, bounds);
    } else {
      const bounds = this.index.bounds(Math.max(number + 1 - count, 0), number + 1);
      while (isTooLarge(bounds)) bounds.shift();
      this.#load(number + 2 - bounds.length, bounds);
    }
  }

  #load(first: number, bounds: readonly number[]): void {
    this.#bytes = new Uint8Array(bounds.at(-1)! - bounds[0]!);
    this.data.read(bounds[0]!, this.#bytes);
    this.#first = first;
    this.#bounds = bounds;
  }
}

function isTooLarge(bounds: readonly number[]): boolean {
  return bounds.length > 2 && bounds.at(-1)! - bounds[0]! > SIZE_MAX;
}
