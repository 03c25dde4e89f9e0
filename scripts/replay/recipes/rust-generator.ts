/**
 * The generator of numbers behind the reference images: scripts of operations are written in its
 * terms, so that every implementation can replay them and must arrive at the same bytes.
 *
 *     state = (state * 6364136223846793005 + 1442695040888963407) mod 2^64
 *     next  = state >> 33
 *
 * The recipes ask for millions of numbers, so the state is two halves of 32 bits: ten times faster
 * than a bigint.
 *
 * Source: `specs/ic-stable-structures.md` appendix A.
 */
const { floor, imul } = Math;

const TWO_TO_THE_16 = 0x1_0000;
const TWO_TO_THE_32 = 0x1_0000_0000;

/** 6364136223846793005 and 1442695040888963407, by halves. */
const FACTOR_HIGH = 0x5851_f42d;
const FACTOR_LOW = 0x4c95_7f2d;
const SUMMAND_HIGH = 0x1405_7b7e;
const SUMMAND_LOW = 0xf767_814f;

export class RustGenerator {
  #high = 0;
  #low: number;

  constructor(scenario: number) {
    this.#low = scenario;
  }

  /** The next number, of 31 bits. */
  next(): number {
    const [high, low] = [this.#high, this.#low];
    // Two products of 48 bits, which a number holds exactly, where one of 64 would not fit.
    const product = low * (FACTOR_LOW % TWO_TO_THE_16);
    const shiftedProduct = low * floor(FACTOR_LOW / TWO_TO_THE_16);
    const sum = product + (shiftedProduct % TWO_TO_THE_16) * TWO_TO_THE_16 + SUMMAND_LOW;
    const carry = floor(sum / TWO_TO_THE_32) + floor(shiftedProduct / TWO_TO_THE_16);
    this.#low = sum % TWO_TO_THE_32;
    this.#high = (imul(high, FACTOR_LOW) + imul(low, FACTOR_HIGH) + SUMMAND_HIGH + carry) >>> 0;
    return this.#high >>> 1;
  }

  below(limit: number): number {
    return this.next() % limit;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index++) bytes[index] = this.next();
    return bytes;
  }
}
