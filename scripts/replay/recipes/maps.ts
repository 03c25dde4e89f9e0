/**
 * The recipes of maps. Between them they cover splits, merges, rotations, and overflow pages that
 * come and go.
 */
import { BTreeMap } from '../../../src/lib/btree-map.js';
import type { Codec, KeyCodec } from '../../../src/lib/codec.js';
import { blob, bytes, text, u32, u64 } from '../../../src/lib/codecs/index.js';
import type { Memory } from '../../../src/lib/memory.js';
import { VectorMemory } from '../../../src/lib/vector-memory.js';
import { RustGenerator } from './rust-generator.js';
import { begin, stage, type Stage } from './stage.js';

function beginMap<K, V>(keys: KeyCodec<K>, values: Codec<V>) {
  const { structure, stage } = begin((memory) => BTreeMap.init(memory, keys, values));
  return { map: structure, stage };
}

/** u64 to u64, grown, shrunk, emptied and cleared. */
export function* s1(): Generator<Stage> {
  const g = new RustGenerator(1);
  const { map, stage } = beginMap(u64, u64);
  yield stage('s1_new');
  for (let turn = 0; turn < 2000; turn++) {
    const key = BigInt(g.below(1500));
    map.insert(key, BigInt(g.next()));
  }
  yield stage('s1_a');
  for (let turn = 0; turn < 1500; turn++) {
    const operation = g.below(4);
    if (operation < 2) map.remove(BigInt(g.below(1500)));
    else if (operation === 2) map.popFirst();
    else map.popLast();
  }
  yield stage('s1_b');
  while (map.popFirst() !== undefined);
  yield stage('s1_c');
  map.insert(5n, 6n);
  map.clear();
  yield stage('s1_d');
}

/** Text to text, with values over overflow pages. */
export function* s2(): Generator<Stage> {
  const g = new RustGenerator(2);
  const { map, stage } = beginMap(text, text);
  const keys: string[] = [];
  for (let turn = 0; turn < 600; turn++) {
    const [number, tail, length] = [g.below(400), g.below(60), g.below(3000)];
    const key = `k${String(number).padStart(5, '0')}${'x'.repeat(tail)}`;
    keys.push(key);
    map.insert(key, 'v'.repeat(length));
  }
  yield stage('s2_a');
  for (let turn = 0; turn < 300; turn++) map.remove(keys[g.below(600)]!);
  yield stage('s2_b');
}

/** Bounded keys and values of any length. */
export function* s3(): Generator<Stage> {
  const g = new RustGenerator(3);
  const { map, stage } = beginMap(blob(32), blob(128));
  const keys: Uint8Array[] = [];
  for (let turn = 0; turn < 1000; turn++) {
    const key = g.bytes(g.below(33));
    keys.push(key);
    map.insert(key, g.bytes(g.below(129)));
  }
  yield stage('s3_a');
  for (let turn = 0; turn < 600; turn++) map.remove(keys[g.below(1000)]!);
  yield stage('s3_b');
}

/** u64 to long values. */
export function* s4(): Generator<Stage> {
  const g = new RustGenerator(4);
  const { map, stage } = beginMap(u64, bytes);
  for (let turn = 0; turn < 800; turn++) {
    const key = BigInt(g.below(300));
    map.insert(key, g.bytes(g.below(5000)));
  }
  yield stage('s4_a');
  for (let turn = 0; turn < 200; turn++) map.remove(BigInt(g.below(300)));
  yield stage('s4_b');
}

/** A map of layout V1, which gets nodes of V2 once it was opened again. */
export function* s5(): Generator<Stage> {
  const g = new RustGenerator(5);
  const memory = new VectorMemory();
  const open = (from: Memory) => BTreeMap.init(from, blob(8), blob(8));
  let map = BTreeMap.createV1(memory, blob(8), blob(8));
  const keys: Uint8Array[] = [];
  const insertMore = () => {
    for (let turn = 0; turn < 200; turn++) {
      const key = g.bytes(g.below(9));
      const value = g.bytes(g.below(9));
      keys.push(key);
      map.insert(key, value);
    }
  };
  insertMore();
  yield stage(['s5_a'], [memory], map, open);
  map = open(map.intoMemory());
  insertMore();
  yield stage(['s5_b'], [memory], map, open);
  for (let turn = 0; turn < 250; turn++) map.remove(keys[g.below(400)]!);
  yield stage(['s5_c'], [memory], map, open);
}

/** Small entries, thirty thousand operations. */
export function* s12(): Generator<Stage> {
  const g = new RustGenerator(12);
  const { map, stage } = beginMap(u32, blob(3));
  for (let turn = 0; turn < 30_000; turn++) {
    const operation = g.below(10);
    if (operation < 5) {
      const key = g.below(5000);
      map.insert(key, g.bytes(g.below(4)));
    } else if (operation < 8) map.remove(g.below(5000));
    else if (operation === 8) map.popFirst();
    else map.popLast();
  }
  yield stage('s12_a');
  for (let key = 0; key < 5000; key++) map.remove(key);
  yield stage('s12_b');
}

/** Keys and values that are both longer than a page. */
export function* s13(): Generator<Stage> {
  const g = new RustGenerator(13);
  const { map, stage } = beginMap(bytes, bytes);
  const keys: Uint8Array[] = [];
  for (let turn = 0; turn < 4000; turn++) {
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
  yield stage('s13_a');
  for (const key of keys) map.remove(key);
  yield stage('s13_b');
}
