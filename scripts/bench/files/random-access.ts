/**
 * Reads and writes of 4 KiB at random places of a file, through `FileMemory` and through the calls
 * of `fs` that it is made of. Nothing is synced, and the file fits the system's cache, so that what
 * is measured is the way there and not the disk.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FileMemory } from '../../../src/lib/host/index.js';
import { WASM_PAGE_SIZE } from '../../../src/lib/memory.js';
import { wallTimeOf } from '../measure.js';
import { distinctNumbers } from '../random.js';
import { mediansOf, type Figure } from '../steps.js';

export const PIECE_SIZE = 4_096;
export const FILE_SIZE = 256 * 2 ** 20;
export const ACCESS_COUNT = 20_000;
export const ROUNDS = 7;

/** Who reads and writes. */
interface Accessor {
  read(offset: number, target: Uint8Array): void;
  write(offset: number, source: Uint8Array): void;
}

/** The figures of `FileMemory` and of `fs`, which take turns. */
export function measureRandomAccess(folder: string, seed: number): [Figure[], Figure[]] {
  const path = join(folder, 'random-access');
  const memory = FileMemory.open(path, { mode: 'create' });
  memory.grow(FILE_SIZE / WASM_PAGE_SIZE);
  fill(memory);
  const plain = openSync(path, 'r+');
  try {
    const ours: Figure[][] = [];
    const rivals: Figure[][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const places = placesOf(seed + round);
      ours.push(measureRound(memory, places));
      rivals.push(measureRound(plainFile(plain), places));
    }
    return [mediansOf(ours), mediansOf(rivals)];
  } finally {
    closeSync(plain);
    memory.close();
  }
}

function plainFile(file: number): Accessor {
  return {
    read: (offset, target) => void readSync(file, target, 0, target.length, offset),
    write: (offset, source) => void writeSync(file, source, 0, source.length, offset),
  };
}

/** Every page is written to once: a hole would be read without a file behind it. */
function fill(memory: FileMemory): void {
  const page = new Uint8Array(WASM_PAGE_SIZE).fill(1);
  for (let offset = 0; offset < FILE_SIZE; offset += page.length) memory.write(offset, page);
}

function placesOf(seed: number): number[] {
  const pieces = BigInt(FILE_SIZE / PIECE_SIZE);
  return distinctNumbers(seed, ACCESS_COUNT).map((number) => Number(number % pieces) * PIECE_SIZE);
}

function measureRound(accessor: Accessor, places: readonly number[]): Figure[] {
  const piece = new Uint8Array(PIECE_SIZE).fill(2);
  const read = wallTimeOf(places.length, () => {
    for (const place of places) accessor.read(place, piece);
  });
  const write = wallTimeOf(places.length, () => {
    for (const place of places) accessor.write(place, piece);
  });
  return [
    { operation: 'read', time: read },
    { operation: 'write', time: write },
  ];
}
