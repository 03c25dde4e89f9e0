/**
 * SHA-256: the one hash function that a format of ours needs, since the Internet Computer certifies
 * trees of it. In a canister the kernel computes it, a block for some 5,000 instructions; what
 * stands here does so everywhere else, and is what the kernel is checked against.
 *
 * The message is cut into blocks of 64 bytes, after an end has been put to it: a bit of 1, zeros,
 * and its length in bits as a big-endian number of 64. Each block stirs eight words of state in 64
 * rounds, one for each word of its *schedule*: sixteen are the block, the others follow from them.
 *
 * Limits: no secret is safe from those who can measure time here; what is hashed is public.
 *
 * Source: FIPS 180-4, sections 4 to 6; the names of sums and words are those of the standard.
 */
import { concatBytes, readU32BigEndian, writeU32BigEndian } from './bytes.js';
import { kernel } from './kernel-client.js';

/** Bytes of a hash. */
export const HASH_SIZE = 32;

const BLOCK_SIZE = 64;
const LENGTH_SIZE = 8;
const END_MARK = 0x80;
const ROUNDS = 64;
const WORDS_OF_BLOCK = 16;
const TWO_TO_THE_32 = 0x1_0000_0000;

/** The first 32 bits of the fractional parts of the square roots of the first 8 primes. */
const FIRST_STATE = Int32Array.of(
  ...[0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a],
  ...[0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19],
);

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const K = Int32Array.of(
  ...[0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4],
  ...[0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe],
  ...[0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f],
  ...[0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7],
  ...[0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc],
  ...[0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b],
  ...[0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116],
  ...[0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3],
  ...[0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7],
  0xc67178f2,
);

/**
 * The SHA-256 of the parts, one after another: 32 bytes, in an array of their own. O(length).
 *
 * @example
 * sha256(encodeUtf8('abc')); // ba7816bf 8f01cfea 414140de ...
 */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const message = parts.length === 1 ? parts[0]! : concatBytes(...parts);
  return kernel()?.sha256(message) ?? hashOf(message);
}

function hashOf(message: Uint8Array): Uint8Array {
  const state = FIRST_STATE.slice();
  const schedule = new Int32Array(ROUNDS);
  const whole = message.length - (message.length % BLOCK_SIZE);
  for (let at = 0; at < whole; at += BLOCK_SIZE) stir(state, schedule, message, at);
  const end = endOf(message, whole);
  for (let at = 0; at < end.length; at += BLOCK_SIZE) stir(state, schedule, end, at);
  const hash = new Uint8Array(HASH_SIZE);
  state.forEach((word, index) => writeU32BigEndian(hash, 4 * index, word));
  return hash;
}

/** What is left of the message from `start` on, with its end: one block or two. */
function endOf(message: Uint8Array, start: number): Uint8Array {
  const rest = message.length - start;
  const end = new Uint8Array(rest + 1 + LENGTH_SIZE > BLOCK_SIZE ? 2 * BLOCK_SIZE : BLOCK_SIZE);
  end.set(message.subarray(start));
  end[rest] = END_MARK;
  const bits = 8 * message.length;
  writeU32BigEndian(end, end.length - LENGTH_SIZE, Math.floor(bits / TWO_TO_THE_32));
  writeU32BigEndian(end, end.length - 4, bits);
  return end;
}

/** Stirs the state by one block. */
function stir(state: Int32Array, w: Int32Array, bytes: Uint8Array, start: number): void {
  for (let t = 0; t < WORDS_OF_BLOCK; t++) w[t] = readU32BigEndian(bytes, start + 4 * t);
  for (let t = WORDS_OF_BLOCK; t < ROUNDS; t++) {
    w[t] = smallSigma1(w[t - 2]!) + w[t - 7]! + smallSigma0(w[t - 15]!) + w[t - 16]!;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as Words;
  for (let t = 0; t < ROUNDS; t++) {
    const sum1 = (h + bigSigma1(e) + choose(e, f, g) + K[t]! + w[t]!) | 0;
    const sum2 = bigSigma0(a) + majority(a, b, c);
    h = g;
    g = f;
    f = e;
    e = (d + sum1) | 0;
    d = c;
    c = b;
    b = a;
    a = (sum1 + sum2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => (state[index]! += word));
}

type Words = [number, number, number, number, number, number, number, number];

/** Takes each bit of `y` where `x` has a 1, and of `z` where it has a 0. */
function choose(x: number, y: number, z: number): number {
  return (x & y) ^ (~x & z);
}

/** Each bit as two of the three have it at least. */
function majority(x: number, y: number, z: number): number {
  return (x & y) ^ (x & z) ^ (y & z);
}

function bigSigma0(x: number): number {
  return rotateRight(x, 2) ^ rotateRight(x, 13) ^ rotateRight(x, 22);
}

function bigSigma1(x: number): number {
  return rotateRight(x, 6) ^ rotateRight(x, 11) ^ rotateRight(x, 25);
}

function smallSigma0(x: number): number {
  return rotateRight(x, 7) ^ rotateRight(x, 18) ^ (x >>> 3);
}

function smallSigma1(x: number): number {
  return rotateRight(x, 17) ^ rotateRight(x, 19) ^ (x >>> 10);
}

function rotateRight(x: number, bits: number): number {
  return (x >>> bits) | (x << (32 - bits));
}
