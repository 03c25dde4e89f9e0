/** The part `files` of the benchmark: all work is done, and nothing is left behind. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { BATCH_SIZES, measureCommits } from '../../../scripts/bench/files/commits.js';
import { measureLargeMap } from '../../../scripts/bench/files/large-map.js';

const MEBIBYTE = 2 ** 20;
const BUCKET_SIZE = 8 * MEBIBYTE;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-files-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

test('a map in a file has its entries, in one bucket of a manager', () => {
  const { entries, fileSize, ...figures } = measureLargeMap(folder, 1, 200);
  expect(entries).toBe(200);
  expect(Math.floor(fileSize / BUCKET_SIZE)).toBe(1);
  expect(Object.values(figures).every((figure) => figure > 0)).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});

test('every size of batch is committed, and its entries are there', () => {
  const figures = measureCommits(folder, 1, 3);
  expect(figures.map(({ batchSize }) => batchSize)).toEqual(BATCH_SIZES);
  expect(figures.map(({ commits }) => commits)).toEqual([3, 3, 3]);
  for (const { batchSize, commitsPerSecond, entriesPerSecond } of figures) {
    expect(entriesPerSecond / commitsPerSecond).toBeCloseTo(batchSize);
  }
  expect(readdirSync(folder)).toEqual([]);
});
