/**
 * Which slots are free, so that the lowest is found at once: a bit for each slot, and above 32 bits
 * one that says whether any of them is set, and so on up to a single word.
 *
 *     level 2   [1]                       some slot below is free
 *     level 1   [0 1 0 ...]               in the second word
 *     level 0   [0 ... 0] [0 0 1 0 ...]   slot 34
 *
 * The original's static and heap managers take the lowest free slot as well, by looking at each.
 *
 * Source: `specs/limen.md` sections 3.1 and 3.2.
 */
const WORD_SHIFT = 5;
const BITS_IN_WORD = 1 << WORD_SHIFT;
const BIT_MASK = BITS_IN_WORD - 1;

/** The free ones of so many slots; all of them at first. */
export class LowestFree {
  /** From the slots' own bits up to a level of one word. */
  readonly #levels: Uint32Array[] = [];

  constructor(capacity: number) {
    let bits = capacity;
    do {
      const level = fullLevel(bits);
      this.#levels.push(level);
      bits = level.length;
    } while (bits > 1);
  }

  /** Takes the lowest free slot; -1 where none is free. O(log capacity). */
  take(): number {
    let index = 0;
    for (let depth = this.#levels.length - 1; depth >= 0; depth--) {
      const word = this.#levels[depth]![index] ?? 0;
      if (word === 0) return -1;
      index = index * BITS_IN_WORD + lowestBit(word);
    }
    this.#clear(index);
    return index;
  }

  /** Gives a slot back. PRECONDITION: it was taken. O(log capacity). */
  give(slot: number): void {
    let index = slot;
    for (const level of this.#levels) {
      const word = index >>> WORD_SHIFT;
      level[word]! |= 1 << (index & BIT_MASK);
      index = word;
    }
  }

  /** Clears a bit, and the one above where that was the last of its word. */
  #clear(slot: number): void {
    let index = slot;
    for (const level of this.#levels) {
      const word = index >>> WORD_SHIFT;
      level[word]! &= ~(1 << (index & BIT_MASK));
      if (level[word] !== 0) return;
      index = word;
    }
  }
}

/** Words in which `bits` bits are set. */
function fullLevel(bits: number): Uint32Array {
  const words = new Uint32Array(Math.ceil(bits / BITS_IN_WORD)).fill(0xffff_ffff);
  const rest = bits & BIT_MASK;
  if (rest !== 0) words[words.length - 1] = 2 ** rest - 1;
  return words;
}

/** Number of the lowest bit that is set. PRECONDITION: one is. */
function lowestBit(word: number): number {
  return BIT_MASK - Math.clz32(word & -word);
}
