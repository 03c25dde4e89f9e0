/**
 * The shared memory of a store, as all its parts touch it: words of 64 bits, each read and changed
 * as a whole, and ranges of bytes. Whoever watches these calls sees everything that one thread does
 * to another; the tests try every order of them.
 *
 * A word is two halves of 32 bits. `Atomics` knows the byte order of the machine and no other, and
 * so do the words; the memory is never stored or sent elsewhere.
 *
 * PRECONDITION: a word's address is a multiple of 8. Ranges of bytes are read and written by one
 * thread alone, or read by many: who may, the words say.
 *
 * Source: ECMAScript's `Atomics`, whose operations all threads see in one order.
 */

/** Bytes of a word. */
export const WORD_SIZE = 8;

const WORD_SHIFT = 3;

/** One word, seen as a whole and as its halves. INVARIANT: written and read within one call. */
const whole = new BigUint64Array(1);
const halves = new Uint32Array(whole.buffer);

/** Which half is which: such arrays have the byte order of the machine. */
const LOW_HALF = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH_HALF = 1 - LOW_HALF;

/** A word of two halves, each below 2^32. */
export function wordOf(high: number, low: number): bigint {
  halves[HIGH_HALF] = high;
  halves[LOW_HALF] = low;
  return whole[0]!;
}

export function highOf(word: bigint): number {
  whole[0] = word;
  return halves[HIGH_HALF]!;
}

export function lowOf(word: bigint): number {
  whole[0] = word;
  return halves[LOW_HALF]!;
}

export class AtomicMemory {
  readonly #words: BigUint64Array;
  /** All of it, to be looked at. */
  readonly bytes: Uint8Array;

  constructor(readonly buffer: SharedArrayBuffer) {
    this.#words = new BigUint64Array(buffer);
    this.bytes = new Uint8Array(buffer);
  }

  load(address: number): bigint {
    return Atomics.load(this.#words, address >>> WORD_SHIFT);
  }

  store(address: number, word: bigint): void {
    Atomics.store(this.#words, address >>> WORD_SHIFT, word);
  }

  /** Changes a word that is as expected. Returns whether it was. */
  exchange(address: number, expected: bigint, replacement: bigint): boolean {
    const index = address >>> WORD_SHIFT;
    return Atomics.compareExchange(this.#words, index, expected, replacement) === expected;
  }

  write(address: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, address);
  }

  clear(address: number, size: number): void {
    this.bytes.fill(0, address, address + size);
  }

  /** A copy that no other thread sees. */
  copy(address: number, size: number): Uint8Array {
    return this.bytes.slice(address, address + size);
  }
}
