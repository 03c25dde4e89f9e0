/**
 * The inner loop of SHA-256: one block of 64 bytes stirs the state. It takes some 5,000
 * instructions, so it decides what a change of a certified map costs.
 *
 * The state is eight local variables that change their roles from round to round, so nothing is
 * moved. The schedule is sixteen more, each of which becomes the word that is due sixteen rounds
 * later. Sixteen rounds are written out, and gone through four times.
 *
 * Source: FIPS 180-4, section 6.2.2; `src/lib/sha256.ts` says it in a loop.
 */
import { keep } from '../workspace';

/** Four bytes for each of 64 rounds, and for each of the sixteen that are written out. */
const CONSTANTS_SIZE: usize = 256;
const CONSTANTS_OF_TURN: usize = 64;

/** Where the constants of the rounds lie; 0 while they do not. */
let constants: usize = 0;

/** Makes ready. False where the heap has no room for the constants. */
export function prepareRounds(): bool {
  if (constants != 0) return true;
  const at = keep(CONSTANTS_SIZE);
  if (at == 0) return false;
  storeConstants(at);
  constants = at;
  return true;
}

/** Stirs eight words of state by a block. PRECONDITION: {@link prepareRounds} was true. */
export function stir(state: usize, block: usize): void {
  let w0 = bigEndian(block, 0);
  let w1 = bigEndian(block, 4);
  let w2 = bigEndian(block, 8);
  let w3 = bigEndian(block, 12);
  let w4 = bigEndian(block, 16);
  let w5 = bigEndian(block, 20);
  let w6 = bigEndian(block, 24);
  let w7 = bigEndian(block, 28);
  let w8 = bigEndian(block, 32);
  let w9 = bigEndian(block, 36);
  let w10 = bigEndian(block, 40);
  let w11 = bigEndian(block, 44);
  let w12 = bigEndian(block, 48);
  let w13 = bigEndian(block, 52);
  let w14 = bigEndian(block, 56);
  let w15 = bigEndian(block, 60);
  let a = load<u32>(state);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  let f = load<u32>(state, 20);
  let g = load<u32>(state, 24);
  let h = load<u32>(state, 28);
  let k = constants;
  const last = k + CONSTANTS_SIZE - CONSTANTS_OF_TURN;
  while (true) {
    h += bigSigma1(e) + choose(e, f, g) + load<u32>(k) + w0;
    d += h;
    h += bigSigma0(a) + majority(a, b, c);
    g += bigSigma1(d) + choose(d, e, f) + load<u32>(k, 4) + w1;
    c += g;
    g += bigSigma0(h) + majority(h, a, b);
    f += bigSigma1(c) + choose(c, d, e) + load<u32>(k, 8) + w2;
    b += f;
    f += bigSigma0(g) + majority(g, h, a);
    e += bigSigma1(b) + choose(b, c, d) + load<u32>(k, 12) + w3;
    a += e;
    e += bigSigma0(f) + majority(f, g, h);
    d += bigSigma1(a) + choose(a, b, c) + load<u32>(k, 16) + w4;
    h += d;
    d += bigSigma0(e) + majority(e, f, g);
    c += bigSigma1(h) + choose(h, a, b) + load<u32>(k, 20) + w5;
    g += c;
    c += bigSigma0(d) + majority(d, e, f);
    b += bigSigma1(g) + choose(g, h, a) + load<u32>(k, 24) + w6;
    f += b;
    b += bigSigma0(c) + majority(c, d, e);
    a += bigSigma1(f) + choose(f, g, h) + load<u32>(k, 28) + w7;
    e += a;
    a += bigSigma0(b) + majority(b, c, d);
    h += bigSigma1(e) + choose(e, f, g) + load<u32>(k, 32) + w8;
    d += h;
    h += bigSigma0(a) + majority(a, b, c);
    g += bigSigma1(d) + choose(d, e, f) + load<u32>(k, 36) + w9;
    c += g;
    g += bigSigma0(h) + majority(h, a, b);
    f += bigSigma1(c) + choose(c, d, e) + load<u32>(k, 40) + w10;
    b += f;
    f += bigSigma0(g) + majority(g, h, a);
    e += bigSigma1(b) + choose(b, c, d) + load<u32>(k, 44) + w11;
    a += e;
    e += bigSigma0(f) + majority(f, g, h);
    d += bigSigma1(a) + choose(a, b, c) + load<u32>(k, 48) + w12;
    h += d;
    d += bigSigma0(e) + majority(e, f, g);
    c += bigSigma1(h) + choose(h, a, b) + load<u32>(k, 52) + w13;
    g += c;
    c += bigSigma0(d) + majority(d, e, f);
    b += bigSigma1(g) + choose(g, h, a) + load<u32>(k, 56) + w14;
    f += b;
    b += bigSigma0(c) + majority(c, d, e);
    a += bigSigma1(f) + choose(f, g, h) + load<u32>(k, 60) + w15;
    e += a;
    a += bigSigma0(b) + majority(b, c, d);
    if (k == last) break;
    k += CONSTANTS_OF_TURN;
    w0 += smallSigma0(w1) + w9 + smallSigma1(w14);
    w1 += smallSigma0(w2) + w10 + smallSigma1(w15);
    w2 += smallSigma0(w3) + w11 + smallSigma1(w0);
    w3 += smallSigma0(w4) + w12 + smallSigma1(w1);
    w4 += smallSigma0(w5) + w13 + smallSigma1(w2);
    w5 += smallSigma0(w6) + w14 + smallSigma1(w3);
    w6 += smallSigma0(w7) + w15 + smallSigma1(w4);
    w7 += smallSigma0(w8) + w0 + smallSigma1(w5);
    w8 += smallSigma0(w9) + w1 + smallSigma1(w6);
    w9 += smallSigma0(w10) + w2 + smallSigma1(w7);
    w10 += smallSigma0(w11) + w3 + smallSigma1(w8);
    w11 += smallSigma0(w12) + w4 + smallSigma1(w9);
    w12 += smallSigma0(w13) + w5 + smallSigma1(w10);
    w13 += smallSigma0(w14) + w6 + smallSigma1(w11);
    w14 += smallSigma0(w15) + w7 + smallSigma1(w12);
    w15 += smallSigma0(w0) + w8 + smallSigma1(w13);
  }
  store<u32>(state, load<u32>(state) + a);
  store<u32>(state, load<u32>(state, 4) + b, 4);
  store<u32>(state, load<u32>(state, 8) + c, 8);
  store<u32>(state, load<u32>(state, 12) + d, 12);
  store<u32>(state, load<u32>(state, 16) + e, 16);
  store<u32>(state, load<u32>(state, 20) + f, 20);
  store<u32>(state, load<u32>(state, 24) + g, 24);
  store<u32>(state, load<u32>(state, 28) + h, 28);
}

function bigEndian(block: usize, offset: usize): u32 {
  return bswap<u32>(load<u32>(block + offset));
}

function choose(x: u32, y: u32, z: u32): u32 {
  return ((y ^ z) & x) ^ z;
}

function majority(x: u32, y: u32, z: u32): u32 {
  return (x & y) | ((x | y) & z);
}

function bigSigma0(x: u32): u32 {
  return rotr<u32>(x, 2) ^ rotr<u32>(x, 13) ^ rotr<u32>(x, 22);
}

function bigSigma1(x: u32): u32 {
  return rotr<u32>(x, 6) ^ rotr<u32>(x, 11) ^ rotr<u32>(x, 25);
}

function smallSigma0(x: u32): u32 {
  return rotr<u32>(x, 7) ^ rotr<u32>(x, 18) ^ (x >>> 3);
}

function smallSigma1(x: u32): u32 {
  return rotr<u32>(x, 17) ^ rotr<u32>(x, 19) ^ (x >>> 10);
}

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
function storeConstants(at: usize): void {
  store<u64>(at, 0x71374491_428a2f98);
  store<u64>(at, 0xe9b5dba5_b5c0fbcf, 8);
  store<u64>(at, 0x59f111f1_3956c25b, 16);
  store<u64>(at, 0xab1c5ed5_923f82a4, 24);
  store<u64>(at, 0x12835b01_d807aa98, 32);
  store<u64>(at, 0x550c7dc3_243185be, 40);
  store<u64>(at, 0x80deb1fe_72be5d74, 48);
  store<u64>(at, 0xc19bf174_9bdc06a7, 56);
  store<u64>(at, 0xefbe4786_e49b69c1, 64);
  store<u64>(at, 0x240ca1cc_0fc19dc6, 72);
  store<u64>(at, 0x4a7484aa_2de92c6f, 80);
  store<u64>(at, 0x76f988da_5cb0a9dc, 88);
  store<u64>(at, 0xa831c66d_983e5152, 96);
  store<u64>(at, 0xbf597fc7_b00327c8, 104);
  store<u64>(at, 0xd5a79147_c6e00bf3, 112);
  store<u64>(at, 0x14292967_06ca6351, 120);
  store<u64>(at, 0x2e1b2138_27b70a85, 128);
  store<u64>(at, 0x53380d13_4d2c6dfc, 136);
  store<u64>(at, 0x766a0abb_650a7354, 144);
  store<u64>(at, 0x92722c85_81c2c92e, 152);
  store<u64>(at, 0xa81a664b_a2bfe8a1, 160);
  store<u64>(at, 0xc76c51a3_c24b8b70, 168);
  store<u64>(at, 0xd6990624_d192e819, 176);
  store<u64>(at, 0x106aa070_f40e3585, 184);
  store<u64>(at, 0x1e376c08_19a4c116, 192);
  store<u64>(at, 0x34b0bcb5_2748774c, 200);
  store<u64>(at, 0x4ed8aa4a_391c0cb3, 208);
  store<u64>(at, 0x682e6ff3_5b9cca4f, 216);
  store<u64>(at, 0x78a5636f_748f82ee, 224);
  store<u64>(at, 0x8cc70208_84c87814, 232);
  store<u64>(at, 0xa4506ceb_90befffa, 240);
  store<u64>(at, 0xc67178f2_bef9a3f7, 248);
}
