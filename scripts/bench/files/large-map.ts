/**
 * A map that lies in a file: how fast it fills, how large the file gets, and how long it takes to
 * open the file and find one entry, which must not depend on how many there are.
 */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FileMemory } from '../../../src/lib/host/index.js';
import { BTreeMap, MemoryManager, u64 } from '../../../src/lib/index.js';
import { medianOf, wallTimeOf } from '../measure.js';
import { distinctNumbers } from '../random.js';

const OPENINGS = 101;

/** The figures of one map. */
export interface LargeMapFigure {
  readonly entries: number;
  readonly insertsPerSecond: number;
  readonly getsPerSecond: number;
  readonly fileSize: number;
  /** Nanoseconds to open the file, the manager and the map, to get an entry, and to close. */
  readonly reopen: number;
}

/** Fills a map with random keys in a file of its own, and syncs it once at the end. */
export function measureLargeMap(folder: string, seed: number, entries: number): LargeMapFigure {
  const path = join(folder, `map-${entries}`);
  const numbers = distinctNumbers(seed, entries);
  const memory = FileMemory.open(path, { mode: 'create' });
  const map = openMap(memory);
  const insert = wallTimeOf(entries, () => {
    for (const number of numbers) map.insert(number, number);
    memory.sync();
  });
  const get = wallTimeOf(entries, () => {
    for (const number of numbers) if (map.get(number) !== number) throw new Error('lost a key');
  });
  memory.close();
  const reopen = medianOf(Array.from({ length: OPENINGS }, () => timeToOpen(path, numbers[0]!)));
  const fileSize = statSync(path).size;
  rmSync(path);
  return { entries, insertsPerSecond: 1e9 / insert, getsPerSecond: 1e9 / get, fileSize, reopen };
}

function timeToOpen(path: string, key: bigint): number {
  return wallTimeOf(1, () => {
    const memory = FileMemory.open(path);
    if (openMap(memory).get(key) !== key) throw new Error('lost a key');
    memory.close();
  });
}

function openMap(memory: FileMemory): BTreeMap<bigint, bigint> {
  return BTreeMap.init(MemoryManager.init(memory).get(0), u64, u64);
}
