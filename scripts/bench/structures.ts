/**
 * The other structures, each with what it is there for, u64 keys or elements. One figure an
 * operation; there is no rival here.
 */
import { BTreeSet } from '../../src/lib/btree-set.js';
import { u64 } from '../../src/lib/codecs/index.js';
import { Log } from '../../src/lib/log.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import type { Memory } from '../../src/lib/memory.js';
import { MinHeap } from '../../src/lib/min-heap.js';
import { Vec } from '../../src/lib/vec.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import { measureSteps, type Figure, type Stepper } from './steps.js';

/** The steps of each structure, in the order in which they are done to one that starts empty. */
const STRUCTURES: readonly Stepper[] = [
  (numbers, others) => {
    const set = BTreeSet.create(freshMemory(), u64);
    return [
      ['BTreeSet.insert', () => numbers.forEach((number) => set.insert(number))],
      ['BTreeSet.has', () => others.forEach((number) => set.has(number))],
      ['BTreeSet.remove', () => others.forEach((number) => set.remove(number))],
    ];
  },
  (numbers) => {
    const vec = Vec.create(freshMemory(), u64);
    return [
      ['Vec.push', () => numbers.forEach((number) => vec.push(number))],
      ['Vec.get', () => numbers.forEach((_, index) => vec.get(index))],
      ['Vec.pop', () => numbers.forEach(() => vec.pop())],
    ];
  },
  (numbers) => {
    const heap = MinHeap.create(freshMemory(), u64);
    return [
      ['MinHeap.push', () => numbers.forEach((number) => heap.push(number))],
      ['MinHeap.pop', () => numbers.forEach(() => heap.pop())],
    ];
  },
  (numbers) => {
    const log = Log.create(freshMemory(), freshMemory(), u64);
    return [
      ['Log.append', () => numbers.forEach((number) => log.append(number))],
      ['Log.get', () => numbers.forEach((_, index) => log.get(index))],
    ];
  },
];

/** The median of all rounds for each operation of each structure. */
export function measureStructures(count: number, seed: number, rounds: number): Figure[] {
  return STRUCTURES.flatMap((stepsOf) => measureSteps(stepsOf, count, seed, rounds));
}

function freshMemory(): Memory {
  return MemoryManager.create(new VectorMemory()).get(0);
}
