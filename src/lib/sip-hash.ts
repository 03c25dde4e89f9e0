/**
 * SipHash, a keyed hash of short inputs: 64 bits of any bytes, under a key of 16. Who does not know
 * the key cannot find inputs that collide; so nobody can fill a hash map with keys that all fall
 * into one place, which would make every look-up a walk over all of them.
 *
 *     key ──► four words of state ──► each 8 bytes: mix in, c rounds ──► the end: d rounds ──► fold
 *
 * Maps use SipHash-1-3 (one round for 8 bytes, three at the end), as Rust's own `HashMap` does:
 * what a table does with a hash shows far too little of it for an attack on the fewer rounds, and
 * SipHash-2-4, which is meant for signatures that everybody sees, costs half as much again.
 *
 * The state is four numbers of 64 bits, kept here as eight halves of 32, since a `bigint` would be
 * made anew by every step. The halves are local variables, and the rounds stand in one place.
 *
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
 */
import { readU32 } from './bytes.js';
import { assertBytes } from './guards.js';

/** Bytes of a key. */
export const SIP_KEY_SIZE = 16;

/** How many rounds there are for each 8 bytes, and how many at the end. */
export interface SipRounds {
  readonly compression: number;
  readonly finalization: number;
}

/** The rounds of hash maps. */
export const SIP_1_3: SipRounds = { compression: 1, finalization: 3 };

/** The rounds of the original proposal. */
export const SIP_2_4: SipRounds = { compression: 2, finalization: 4 };

const WORD_SIZE = 8;
const TWO_TO_THE_32 = 0x1_0000_0000;

/** "somepseudorandomlygeneratedbytes", which the key is mixed with. */
const START_0_HIGH = 0x736f_6d65;
const START_0_LOW = 0x7073_6575;
const START_1_HIGH = 0x646f_7261;
const START_1_LOW = 0x6e64_6f6d;
const START_2_HIGH = 0x6c79_6765;
const START_2_LOW = 0x6e65_7261;
const START_3_HIGH = 0x7465_6462;
const START_3_LOW = 0x7974_6573;

/** What says that the rounds at the end begin. */
const END_MARK = 0xff;

/**
 * SipHash under one key.
 *
 * @example
 * const sip = new SipHash(key);
 * sip.hash32(text.encode('ada')); // a number from 0 to 2^32 - 1
 */
export class SipHash {
  readonly #rounds: SipRounds;
  readonly #key0Low: number;
  readonly #key0High: number;
  readonly #key1Low: number;
  readonly #key1High: number;
  /** The halves of the last hash. */
  #low = 0;
  #high = 0;

  /**
   * Throws `TypeError` for what is no bytes, `RangeError` for a key of another size than 16 bytes.
   */
  constructor(key: Uint8Array, rounds: SipRounds = SIP_1_3) {
    const { length } = assertBytes('key', key);
    if (length !== SIP_KEY_SIZE) {
      throw new RangeError(`key: expected ${SIP_KEY_SIZE} bytes, got ${length}`);
    }
    this.#rounds = rounds;
    this.#key0Low = readU32(key, 0);
    this.#key0High = readU32(key, 4);
    this.#key1Low = readU32(key, 8);
    this.#key1High = readU32(key, 12);
  }

  /** The low 32 bits of the hash of the bytes from `start` up to `end`. O(n). */
  hash32(bytes: Uint8Array, start = 0, end = bytes.length): number {
    this.#run(bytes, start, end);
    return this.#low >>> 0;
  }

  /** All 64 bits of the hash. O(n). */
  hash64(bytes: Uint8Array, start = 0, end = bytes.length): bigint {
    this.#run(bytes, start, end);
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
  }

  /**
   * Each turn of the loop takes a word: those of the input, then one of what is left of it with its
   * length on top, and at last none, for the rounds at the end.
   */
  #run(bytes: Uint8Array, start: number, end: number): void {
    let v0Low = START_0_LOW ^ this.#key0Low;
    let v0High = START_0_HIGH ^ this.#key0High;
    let v1Low = START_1_LOW ^ this.#key1Low;
    let v1High = START_1_HIGH ^ this.#key1High;
    let v2Low = START_2_LOW ^ this.#key0Low;
    let v2High = START_2_HIGH ^ this.#key0High;
    let v3Low = START_3_LOW ^ this.#key1Low;
    let v3High = START_3_HIGH ^ this.#key1High;
    const lastWord = end - ((end - start) % WORD_SIZE);
    for (let at = start; ; at += WORD_SIZE) {
      let rounds = this.#rounds.compression;
      let low = 0;
      let high = 0;
      if (at < lastWord) {
        low = readU32(bytes, at);
        high = readU32(bytes, at + 4);
      } else if (at === lastWord) {
        low = partOfWord(bytes, at, end);
        high = partOfWord(bytes, at + 4, end) | ((end - start) << 24);
      } else {
        rounds = this.#rounds.finalization;
        v2Low ^= END_MARK;
      }
      v3Low ^= low;
      v3High ^= high;
      for (; rounds > 0; rounds--) {
        let sum = (v0Low >>> 0) + (v1Low >>> 0);
        v0High = (v0High + v1High + (sum >= TWO_TO_THE_32 ? 1 : 0)) | 0;
        v0Low = sum | 0;
        let kept = v1Low;
        v1Low = ((v1Low << 13) | (v1High >>> 19)) ^ v0Low;
        v1High = ((v1High << 13) | (kept >>> 19)) ^ v0High;
        sum = (v2Low >>> 0) + (v3Low >>> 0);
        v2High = (v2High + v3High + (sum >= TWO_TO_THE_32 ? 1 : 0)) | 0;
        v2Low = sum | 0;
        kept = v3Low;
        v3Low = ((v3Low << 16) | (v3High >>> 16)) ^ v2Low;
        v3High = ((v3High << 16) | (kept >>> 16)) ^ v2High;
        // The halves of v0 have changed places: a turn by 32 bits.
        sum = (v0High >>> 0) + (v3Low >>> 0);
        v0High = (v0Low + v3High + (sum >= TWO_TO_THE_32 ? 1 : 0)) | 0;
        v0Low = sum | 0;
        kept = v3Low;
        v3Low = ((v3Low << 21) | (v3High >>> 11)) ^ v0Low;
        v3High = ((v3High << 21) | (kept >>> 11)) ^ v0High;
        sum = (v2Low >>> 0) + (v1Low >>> 0);
        kept = (v2High + v1High + (sum >= TWO_TO_THE_32 ? 1 : 0)) | 0;
        v2High = sum | 0;
        v2Low = kept;
        kept = v1Low;
        v1Low = ((v1Low << 17) | (v1High >>> 15)) ^ v2High;
        v1High = ((v1High << 17) | (kept >>> 15)) ^ v2Low;
      }
      if (at > lastWord) break;
      v0Low ^= low;
      v0High ^= high;
    }
    this.#low = v0Low ^ v1Low ^ v2Low ^ v3Low;
    this.#high = v0High ^ v1High ^ v2High ^ v3High;
  }
}

/** Up to 4 bytes, as many as there are before `end`, little-endian. */
function partOfWord(bytes: Uint8Array, at: number, end: number): number {
  let word = 0;
  for (let index = Math.min(end, at + 4) - 1; index >= at; index--) {
    word = (word << 8) | bytes[index]!;
  }
  return word;
}
