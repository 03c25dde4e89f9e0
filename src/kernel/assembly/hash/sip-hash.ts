/**
 * SipHash-1-3, under the key of a heap's maps: the low 32 bits of it.
 *
 * Source: `src/lib/sip-hash.ts`, which says what it is and why.
 */
const WORD: usize = 8;

/** "somepseudorandomlygeneratedbytes" */
const START_0: u64 = 0x736f6d6570736575;
const START_1: u64 = 0x646f72616e646f6d;
const START_2: u64 = 0x6c7967656e657261;
const START_3: u64 = 0x7465646279746573;

const END_MARK: u64 = 0xff;

let v0: u64 = 0;
let v1: u64 = 0;
let v2: u64 = 0;
let v3: u64 = 0;

/** The low 32 bits of the hash of some bytes, under the key of 16 bytes that lies at `key`. */
export function sipHash32(key: usize, bytes: usize, length: usize): u32 {
  const key0 = load<u64>(key);
  const key1 = load<u64>(key, WORD);
  v0 = key0 ^ START_0;
  v1 = key1 ^ START_1;
  v2 = key0 ^ START_2;
  v3 = key1 ^ START_3;
  const end = bytes + length;
  let at = bytes;
  for (; end - at >= WORD; at += WORD) mixIn(load<u64>(at));
  let last = (<u64>length) << 56;
  for (let index: u64 = 0; at < end; at++, index += 8) last |= (<u64>load<u8>(at)) << index;
  mixIn(last);
  v2 ^= END_MARK;
  round();
  round();
  round();
  return <u32>(v0 ^ v1 ^ v2 ^ v3);
}

function mixIn(word: u64): void {
  v3 ^= word;
  round();
  v0 ^= word;
}

function round(): void {
  v0 += v1;
  v1 = rotl<u64>(v1, 13) ^ v0;
  v0 = rotl<u64>(v0, 32);
  v2 += v3;
  v3 = rotl<u64>(v3, 16) ^ v2;
  v0 += v3;
  v3 = rotl<u64>(v3, 21) ^ v0;
  v2 += v1;
  v1 = rotl<u64>(v1, 17) ^ v2;
  v2 = rotl<u64>(v2, 32);
}
