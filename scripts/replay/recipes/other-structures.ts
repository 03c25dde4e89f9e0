/** The recipes of all structures that are no maps, each in memories of its own. */
import { BTreeSet } from '../../../src/lib/btree-set.js';
import { Cell } from '../../../src/lib/cell.js';
import type { Codec } from '../../../src/lib/codec.js';
import { blob, principal, text, u64 } from '../../../src/lib/codecs/index.js';
import { Log } from '../../../src/lib/log.js';
import { MinHeap } from '../../../src/lib/min-heap.js';
import { Principal } from '../../../src/lib/principal.js';
import { Vec } from '../../../src/lib/vec.js';
import { RustGenerator } from './rust-generator.js';
import { begin, type Stage } from './stage.js';

/** A set of numbers, and one of principals. */
export function* s6(): Generator<Stage> {
  const g = new RustGenerator(6);
  const numbers = begin((memory) => BTreeSet.init(memory, u64));
  for (let turn = 0; turn < 500; turn++) numbers.structure.insert(BigInt(g.below(1000)));
  yield numbers.stage('s6_a');
  const { structure: set, stage } = begin((memory) => BTreeSet.init(memory, principal));
  const keys: Principal[] = [];
  for (let turn = 0; turn < 300; turn++) {
    const key = Principal.fromUint8Array(g.bytes(g.below(30)));
    keys.push(key);
    set.insert(key);
  }
  yield stage('s6_b');
  for (let turn = 0; turn < 100; turn++) set.remove(keys[g.below(300)]!);
  yield stage('s6_c');
}

/** Vectors whose elements have a size, a short length, a long one, and the longest. */
export function* s7(): Generator<Stage> {
  const g = new RustGenerator(7);
  const beginVec = <T>(codec: Codec<T>) => {
    const { structure, stage } = begin((memory) => Vec.init(memory, codec));
    return { vec: structure, stage };
  };
  const numbers = beginVec(u64);
  for (let turn = 0; turn < 100; turn++) numbers.vec.push(BigInt(g.next()));
  for (let turn = 0; turn < 10; turn++) numbers.vec.pop();
  for (let turn = 0; turn < 5; turn++) {
    const index = g.below(90);
    numbers.vec.set(index, BigInt(g.next()));
  }
  yield numbers.stage('s7_u64');
  const short = beginVec(blob(10));
  for (let turn = 0; turn < 100; turn++) short.vec.push(g.bytes(g.below(11)));
  for (let turn = 0; turn < 10; turn++) short.vec.pop();
  for (let turn = 0; turn < 50; turn++) {
    const index = g.below(90);
    short.vec.set(index, g.bytes(g.below(11)));
  }
  yield short.stage('s7_b10');
  const long = beginVec(blob(300));
  for (let turn = 0; turn < 300; turn++) long.vec.push(g.bytes(g.below(301)));
  yield long.stage('s7_b300');
  const longest = beginVec(blob(70_000));
  for (let turn = 0; turn < 3; turn++) longest.vec.push(g.bytes(g.below(70_001)));
  yield longest.stage('s7_b70000');
}

/** Heaps of numbers and of bytes. */
export function* s8(): Generator<Stage> {
  const g = new RustGenerator(8);
  const numbers = begin((memory) => MinHeap.init(memory, u64));
  for (let turn = 0; turn < 500; turn++) {
    if (g.below(3) === 0) numbers.structure.pop();
    else numbers.structure.push(BigInt(g.below(100)));
  }
  yield numbers.stage('s8_u64');
  const { structure: heap, stage } = begin((memory) => MinHeap.init(memory, blob(6)));
  for (let turn = 0; turn < 500; turn++) {
    if (g.below(3) === 0) heap.pop();
    else heap.push(g.bytes(g.below(7)));
  }
  yield stage('s8_b6');
}

/** A log of texts, cleared at the end. */
export function* s9(): Generator<Stage> {
  const g = new RustGenerator(9);
  const { structure: log, stage } = begin((index, data) => Log.init(index, data, text));
  for (let turn = 0; turn < 300; turn++) log.append('a'.repeat(g.below(1000)));
  yield stage('s9_idx', 's9_dat');
  log.clear();
  log.append('zz');
  yield stage('s9_idx2', 's9_dat2');
}

/** A cell whose value fills its page, then takes another one. */
export function* s10(): Generator<Stage> {
  const { structure: cell, stage } = begin((memory) => Cell.init(memory, text, 'hello'));
  yield stage('s10_a');
  cell.set('x'.repeat(65_528));
  yield stage('s10_b');
  cell.set('y'.repeat(65_529));
  yield stage('s10_c');
  cell.set('');
  yield stage('s10_d');
}
