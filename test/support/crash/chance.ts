/** Chance that a seed repeats. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    // Seeds next to each other must not begin alike, and zero is the one state to avoid.
    this.#state = Math.imul(seed + 1, 0x9e37_79b1) | 1;
  }

  /** A whole number from 0 to `count - 1` (xorshift of 32 bits). */
  below(count: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % count;
  }

  /** One of these. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}
