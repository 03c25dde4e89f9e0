/**
 * Scripts of operations that the Rust crate was run with, replayed: the whole memory must have the
 * SHA-256 that Rust's had. Between them they cover splits, merges, rotations, overflow pages that
 * come and go, clearing, and a manager under structures.
 *
 * Source: `specs/ic-stable-structures.md` appendix A, the scenarios of maps in layout V2 and sets.
 */
import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { BTreeMap } from '../../src/lib/btree-map.js';
import type { Codec, KeyCodec } from '../../src/lib/codec.js';
import { blob, bytes, principal, text, u32, u64, unit } from '../../src/lib/codecs/index.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { safeWrite, type Memory } from '../../src/lib/memory.js';
import { Principal } from '../../src/lib/principal.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { imageOf } from '../support/memories.js';
import { RustGenerator } from '../support/rust-generator.js';

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A map on a memory of its own, with the hash of that memory. */
function fresh<K, V>(keys: KeyCodec<K>, values: Codec<V>) {
  const memory: Memory = new VectorMemory();
  return { map: BTreeMap.init(memory, keys, values), hash: () => sha256(imageOf(memory)) };
}

test('s1: u64 to u64, grown, shrunk, emptied and cleared', () => {
  const g = new RustGenerator(1);
  const { map, hash } = fresh(u64, u64);
  expect(hash()).toBe('1a5d4c7b92c70463acaaf176cd0f04efa454489fc698d5970ba3b297bd785874');
  for (let index = 0; index < 2000; index++) {
    const key = BigInt(g.below(1500));
    map.insert(key, BigInt(g.next()));
  }
  expect(hash()).toBe('b30999c0860acb8c68730f0b78cad302017922677cf2c0f863179332268dcae2');
  for (let index = 0; index < 1500; index++) {
    const operation = g.below(4);
    if (operation < 2) map.remove(BigInt(g.below(1500)));
    else if (operation === 2) map.popFirst();
    else map.popLast();
  }
  expect(map.length).toBe(58);
  expect(hash()).toBe('9c56f2817e062fc5c9e7329a26ef35370746d46e34c7c238bed372ecd9a63e08');
  while (map.popFirst() !== undefined);
  expect(hash()).toBe('23317a9dbbab5cafdfba065e78a3b32ff227a9fa5843288db373e1676eb1734b');
  map.insert(5n, 6n);
  map.clear();
  expect(hash()).toBe('d4670a45f0317ae55607fd79c6ce096958ca54f8d4949389660f47ce70f55493');
});

test('s2: text to text, with values over overflow pages', () => {
  const g = new RustGenerator(2);
  const { map, hash } = fresh(text, text);
  const keys: string[] = [];
  for (let index = 0; index < 600; index++) {
    const [number, tail, length] = [g.below(400), g.below(60), g.below(3000)];
    const key = `k${String(number).padStart(5, '0')}${'x'.repeat(tail)}`;
    keys.push(key);
    map.insert(key, 'v'.repeat(length));
  }
  expect(hash()).toBe('a48e1af5834b21c9c4a156c15194ac1a827e8704123383a932973b57158a4b36');
  for (let index = 0; index < 300; index++) map.remove(keys[g.below(600)]!);
  expect(map.length).toBe(365);
  expect(hash()).toBe('46162c36251352e1e8a00b6be0cca06bdf96911e57a18878d6390d5190d73c68');
});

test('s3: bounded keys and values of any length', () => {
  const g = new RustGenerator(3);
  const { map, hash } = fresh(blob(32), blob(128));
  const keys: Uint8Array[] = [];
  for (let index = 0; index < 1000; index++) {
    const key = g.bytes(g.below(33));
    keys.push(key);
    map.insert(key, g.bytes(g.below(129)));
  }
  expect(hash()).toBe('08a5b6e05b932cfd29ed91b22b07efd172c000cad7e4fb560e544c55c3ae6771');
  for (let index = 0; index < 600; index++) map.remove(keys[g.below(1000)]!);
  expect(map.length).toBe(536);
  expect(hash()).toBe('6e22223cb5cf9ca153a0db461c15a645aa407486f079562ac11d767348f246fe');
});

test('s4: u64 to long values', () => {
  const g = new RustGenerator(4);
  const { map, hash } = fresh(u64, bytes);
  for (let index = 0; index < 800; index++) {
    const key = BigInt(g.below(300));
    map.insert(key, g.bytes(g.below(5000)));
  }
  expect(hash()).toBe('5ec9ba2154a3869bb2912aa3be367d528bfd154d0e1a757532f66c631260a8c4');
  for (let index = 0; index < 200; index++) map.remove(BigInt(g.below(300)));
  expect(map.length).toBe(137);
  expect(hash()).toBe('f0575b819dd2a65233d69bd5ef15b66800b3551bdd329095207f0314c64a2045');
});

test('s6: a set of numbers and a set of principals, which are maps to units', () => {
  const g = new RustGenerator(6);
  const numbers = fresh(u64, unit);
  for (let index = 0; index < 500; index++) numbers.map.insert(BigInt(g.below(1000)), undefined);
  expect(numbers.hash()).toBe('a05da14492dc12e1eaff470403e6f68ed33898ec41c9a91df9e61d7c29d49fcc');
  const { map, hash } = fresh(principal, unit);
  const keys: Principal[] = [];
  for (let index = 0; index < 300; index++) {
    const key = Principal.fromUint8Array(g.bytes(g.below(30)));
    keys.push(key);
    map.insert(key, undefined);
  }
  expect(hash()).toBe('5b95a741d99d8074b040d6ba67dc22c9949e73d150423f8ebbb361a5da53de1e');
  for (let index = 0; index < 100; index++) map.remove(keys[g.below(300)]!);
  expect(map.length).toBe(210);
  expect(hash()).toBe('2c74e3fbea4078a7a5e91bb404068d546e7e682f0ef0fb3b694ebfbe0cbfd8bd');
});

test('s12: small entries, thirty thousand operations', () => {
  const g = new RustGenerator(12);
  const { map, hash } = fresh(u32, blob(3));
  for (let index = 0; index < 30_000; index++) {
    const operation = g.below(10);
    if (operation < 5) {
      const key = g.below(5000);
      map.insert(key, g.bytes(g.below(4)));
    } else if (operation < 8) map.remove(g.below(5000));
    else if (operation === 8) map.popFirst();
    else map.popLast();
  }
  expect(map.length).toBe(1899);
  expect(hash()).toBe('06d256101cd3ca330aa8caa004dce5e941f8a58caa19276ba662d2585b55f2e7');
  for (let key = 0; key < 5000; key++) map.remove(key);
  expect(map.length).toBe(0);
  expect(hash()).toBe('a429213e4aedf87c61fad464c65b2d56048d198d895b11562d61511e913a6b18');
});

test('s13: keys and values that are both longer than a page', () => {
  const g = new RustGenerator(13);
  const { map, hash } = fresh(bytes, bytes);
  const keys: Uint8Array[] = [];
  for (let index = 0; index < 4000; index++) {
    const operation = g.below(5);
    if (operation < 3 || keys.length === 0) {
      const key = g.bytes(g.below(600));
      const value = g.bytes(g.below(1500));
      keys.push(key);
      map.insert(key, value);
      continue;
    }
    const key = keys[g.below(keys.length)]!;
    if (operation === 3) map.remove(key);
    else map.insert(key, g.bytes(g.below(9000)));
  }
  expect(map.length).toBe(1960);
  expect(hash()).toBe('5d95e1f1eda9d34d0c78ab47c615384ebf85979c320ee437108a895139bf11d5');
  for (const key of keys) map.remove(key);
  expect(map.length).toBe(0);
  expect(hash()).toBe('62e3171a1ad6ea994ef4af40b4501175e9977cbba3e3e062901d413729885a3f');
});

test('the golden files of the memory manager', () => {
  const memory = new VectorMemory();
  const manager = MemoryManager.init(memory, { bucketSizeInPages: 1 });
  const data = Uint8Array.from({ length: 2 * 65_536 + 901 }, (_, index) => index & 0xff);
  let turn = 0;
  const nextMemory = (): Memory => manager.get([1, 2, 0][turn++ % 3]!);
  for (let round = 0; round < 15; round++) {
    for (const offset of [0, 32_768, 65_535, 65_537, 163_840])
      safeWrite(nextMemory(), offset, data);
  }
  expect(sha256(imageOf(memory))).toBe(
    '6148266c2faaa5ba6b6b583dd9465a4e28d67aa2da68454557e196337cf32755',
  );
  const read = new Uint8Array(262_144);
  for (let round = 0; round < 12; round++) {
    nextMemory().read(0, read.subarray(0, 32_768));
    nextMemory().read(32_768 - 150, read.subarray(32_768, 65_536));
    nextMemory().read(65_536 - 473, read.subarray(65_536, 131_072));
    nextMemory().read(131_072, read.subarray(131_072));
  }
  expect(sha256(read)).toBe('d68b2a7f47a035bf038ef2772b9159a013d81253572075ee2aead48652462958');
});
