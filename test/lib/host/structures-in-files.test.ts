/**
 * Everything in the library runs on a file: the same program, once on the heap and once on a file,
 * leaves the same bytes, and another program finds there what it has left.
 */
import fs from 'node:fs';
import { expect, test } from '@jest/globals';
import { FileMemory } from '../../../src/lib/host/file-memory.js';
import { JournaledFileMemory } from '../../../src/lib/host/journaled-file-memory.js';
import * as lib from '../../../src/lib/index.js';
import { HASH_KEY } from '../../support/hash-key.js';
import { imageOf } from '../../support/memories.js';
import { scratchFolder } from '../../support/scratch.js';

const { bytes, text, u32, u64 } = lib;
const path = scratchFolder();

/** Some numbers, in no order, some of them twice. */
const NUMBERS = Array.from({ length: 40 }, (_, index) => (index * 7_919) % 31);

const wordOf = (number: number): string => `number ${number} `.repeat(1 + (number % 40));

/** Opens one structure, changes it where it is the first to do so, and gives all that it holds. */
type Program = (memories: readonly lib.Memory[], isFirst: boolean) => unknown;

const PROGRAMS: Readonly<Record<string, Program>> = {
  BTreeMap([memory], isFirst) {
    const map = lib.BTreeMap.init(memory!, u32, text);
    if (isFirst) for (const number of NUMBERS) map.insert(number, wordOf(number));
    if (isFirst) for (const number of NUMBERS.slice(0, 20)) map.remove(number);
    return [map.checkInvariants(), ...map];
  },
  BTreeSet([memory], isFirst) {
    const set = lib.BTreeSet.init(memory!, text);
    if (isFirst) for (const number of NUMBERS) set.insert(wordOf(number));
    return [...set];
  },
  MultiMap([memory], isFirst) {
    const map = lib.MultiMap.init(memory!, u32, text);
    if (isFirst) for (const number of NUMBERS) map.insert(number % 9, wordOf(number));
    return [...map.entries()];
  },
  Vec([memory], isFirst) {
    const vec = lib.Vec.init(memory!, u64);
    if (isFirst) for (const number of NUMBERS) vec.push(BigInt(number));
    if (isFirst) vec.insert(3, 5n);
    return [...vec.values()];
  },
  Deque([memory], isFirst) {
    const deque = lib.Deque.init(memory!, u64);
    if (isFirst) for (const number of NUMBERS) deque.pushFront(BigInt(number));
    if (isFirst) for (let count = 0; count < 20; count++) deque.popBack();
    return [...deque.values()];
  },
  MinHeap([memory], isFirst) {
    const heap = lib.MinHeap.init(memory!, u64);
    if (isFirst) for (const number of NUMBERS) heap.push(BigInt(number));
    return [heap.length, heap.peek()];
  },
  Cell([memory], isFirst) {
    const cell = lib.Cell.init(memory!, text, 'first');
    if (isFirst) cell.set(wordOf(39).repeat(200));
    return cell.get();
  },
  Log([index, data], isFirst) {
    const log = lib.Log.init(index!, data!, text);
    if (isFirst) for (const number of NUMBERS) log.append(wordOf(number));
    return [...log.values()];
  },
  UnboundedVec([index, data], isFirst) {
    const vec = lib.UnboundedVec.init(index!, data!, text);
    if (isFirst) for (const number of NUMBERS) vec.push(wordOf(number));
    if (isFirst) for (const number of NUMBERS) vec.set(number, wordOf(number + 1));
    return [...vec.values()];
  },
  StableMemoryAllocator([memory], isFirst) {
    return heapProgram(memory!, isFirst);
  },
};

/** The structures that live in a heap, all in one. */
function heapProgram(memory: lib.Memory, isFirst: boolean): unknown {
  const heap = lib.StableMemoryAllocator.init(memory, { hashKey: HASH_KEY });
  const box = heap.root('box', lib.SBox.of(text), 'a word');
  const map = heap.root('map', lib.SBTreeMap.of(u32, lib.SVec.of(text)));
  const set = heap.root('set', lib.SBTreeSet.of(text));
  const hashMap = heap.root('hash map', lib.SHashMap.of(u32, bytes));
  const hashSet = heap.root('hash set', lib.SHashSet.of(u32));
  const log = heap.root('log', lib.SLog.of(text));
  const certified = heap.root('certified', lib.SCertifiedBTreeMap.of(text, text));
  if (isFirst) {
    box.set(wordOf(30));
    for (const number of NUMBERS) {
      map.insert(number, [wordOf(number), 'and', wordOf(number + 1)]);
      set.insert(wordOf(number));
      hashMap.insert(number, new Uint8Array(number).fill(number));
      hashSet.insert(number);
      log.push(wordOf(number));
      certified.insert(wordOf(number), 'value');
    }
    for (const number of NUMBERS.slice(10, 30)) map.remove(number);
    certified.commit();
  }
  return [
    heap.checkInvariants(),
    box.get(),
    Array.from(map, ([key, words]) => [key, ...words]),
    [...set],
    [...hashMap.entries()],
    [...hashSet.values()],
    [...log],
    [...certified],
  ];
}

/** Takes the same memories from one manager, so that all structures share a file. */
function runAll(memory: lib.Memory, isFirst: boolean): unknown[] {
  const manager = lib.MemoryManager.init(memory, { bucketSizeInPages: 1 });
  return Object.values(PROGRAMS).map((program, index) =>
    program([manager.get(2 * index), manager.get(2 * index + 1)], isFirst),
  );
}

test.each(Object.entries(PROGRAMS))('a %s is the same in files as on the heap', (_, program) => {
  const heap = [new lib.VectorMemory(), new lib.VectorMemory()];
  const files = [path(), path()];
  const memories = files.map((file) => FileMemory.open(file));
  const held = program(heap, true);
  expect(program(memories, true)).toEqual(held);
  for (const memory of memories) memory.close();
  files.forEach((file, index) => {
    expect(Buffer.compare(fs.readFileSync(file), imageOf(heap[index]!))).toBe(0);
  });
  const reopened = files.map((file) => FileMemory.open(file, { mode: 'open' }));
  expect(program(reopened, false)).toEqual(held);
});

test('all of them live in one file, behind a MemoryManager', () => {
  const file = path();
  const heap = new lib.VectorMemory();
  const memory = FileMemory.open(file);
  const held = runAll(heap, true);
  expect(runAll(memory, true)).toEqual(held);
  memory.close();
  expect(Buffer.compare(fs.readFileSync(file), imageOf(heap))).toBe(0);
  expect(runAll(FileMemory.open(file, { mode: 'open' }), false)).toEqual(held);
});

test('all of them are changed in one transaction of a journaled file', () => {
  const file = path();
  const heap = new lib.VectorMemory();
  const memory = JournaledFileMemory.open(file);
  const held = runAll(heap, true);
  expect(memory.transaction(() => runAll(memory, true))).toEqual(held);
  memory.close();
  expect(Buffer.compare(fs.readFileSync(file), imageOf(heap))).toBe(0);
  const again = JournaledFileMemory.open(file);
  expect(runAll(again, false)).toEqual(held);
  again.close();
});

test('what only reads a structure runs on a file that is only read', () => {
  const file = path();
  const memory = FileMemory.open(file);
  const map = lib.BTreeMap.init(memory, u32, text);
  map.insert(1, 'one');
  memory.close();
  const reader = FileMemory.open(file, { readOnly: true });
  const readMap = lib.BTreeMap.load(reader, u32, text);
  expect(readMap.get(1)).toBe('one');
  expect(() => readMap.insert(2, 'two')).toThrow(expect.objectContaining({ code: 'READ_ONLY' }));
});
