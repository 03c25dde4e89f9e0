/**
 * The part `files` of the benchmark: memories and stacks in files. Times are on the wall, since the
 * work is to wait for a disk; what a sync costs is printed first, as most figures follow from it.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { medianOf, wallTimeOf } from '../measure.js';
import { duration, printTable, ratio, whole, type Row } from '../table.js';
import { measureCommits } from './commits.js';
import { measureLargeMap } from './large-map.js';
import { printAllocators } from './print-allocators.js';
import {
  ACCESS_COUNT,
  FILE_SIZE,
  measureRandomAccess,
  PIECE_SIZE,
  ROUNDS,
} from './random-access.js';

const MAP_SIZES = [1_000, 100_000, 1_000_000];
const SYNCS = 101;
const MEBIBYTE = 2 ** 20;

/** Prints all tables of the part; one size of map only where that is told. */
export function printFiles(entries: number | undefined, seed: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'stable-structures-bench-'));
  try {
    console.log(`
Files lie in the folder for temporary files. Time is time on the wall. A write of one byte and a
sync of it take ${duration(timeOfSync(folder))} here (the median of ${SYNCS}).`);
    printRandomAccess(folder, seed);
    printCommits(folder, seed);
    printLargeMaps(folder, seed, entries === undefined ? MAP_SIZES : [entries]);
    printAllocators(seed);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function timeOfSync(folder: string): number {
  const file = openSync(join(folder, 'sync'), 'w');
  const times = Array.from({ length: SYNCS }, (_, place) =>
    wallTimeOf(1, () => {
      writeSync(file, Uint8Array.of(place), 0, 1, place);
      fdatasyncSync(file);
    }),
  );
  closeSync(file);
  return medianOf(times);
}

function printRandomAccess(folder: string, seed: number): void {
  const [ours, plain] = measureRandomAccess(folder, seed);
  printTable(
    `${whole(ACCESS_COUNT)} accesses of ${whole(PIECE_SIZE)} bytes at random places of a file of ` +
      `${whole(FILE_SIZE / MEBIBYTE)} MiB, nothing synced, ${ROUNDS} rounds`,
    [
      ['', 'FileMemory', 'plain fs', 'ratio'],
      ...ours.map(({ operation, time }, step): Row => {
        const rival = plain[step]!.time;
        return [operation, duration(time), duration(rival), ratio(time, rival)];
      }),
    ],
  );
}

function printCommits(folder: string, seed: number): void {
  printTable('JournaledFileMemory: a map of u64 that is filled in transactions', [
    ['entries in a transaction', 'transactions', 'commits a second', 'entries a second'],
    ...measureCommits(folder, seed).map(
      ({ batchSize, commits, commitsPerSecond, entriesPerSecond }): Row => [
        whole(batchSize),
        whole(commits),
        whole(commitsPerSecond),
        whole(entriesPerSecond),
      ],
    ),
  ]);
}

function printLargeMaps(folder: string, seed: number, sizes: readonly number[]): void {
  printTable('FileMemory: a map of u64 in virtual memory 0, filled in random order, synced once', [
    ['entries', 'inserts a second', 'gets a second', 'file', 'open, get one, close'],
    ...sizes.map((size): Row => {
      const figure = measureLargeMap(folder, seed, size);
      return [
        whole(figure.entries),
        whole(figure.insertsPerSecond),
        whole(figure.getsPerSecond),
        `${(figure.fileSize / MEBIBYTE).toFixed(1)} MiB`,
        duration(figure.reopen),
      ];
    }),
  ]);
}
