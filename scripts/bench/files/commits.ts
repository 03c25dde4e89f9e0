/**
 * Entries that are inserted into a map on a `JournaledFileMemory`, in transactions of several
 * sizes: what a commit costs, and how batches share that cost. Each commit waits for the disk.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { JournaledFileMemory } from '../../../src/lib/host/index.js';
import { BTreeMap, u64 } from '../../../src/lib/index.js';
import { wallTimeOf } from '../measure.js';
import { distinctNumbers } from '../random.js';

export const BATCH_SIZES = [1, 10, 1_000];
const COMMITS_MAX = 1_000;
const ENTRIES_MAX = 100_000;

/** What transactions of one size cost. */
export interface CommitFigure {
  readonly batchSize: number;
  readonly commits: number;
  readonly commitsPerSecond: number;
  readonly entriesPerSecond: number;
}

/** One map for each size of batch, each in a file of its own, of at most so many commits. */
export function measureCommits(
  folder: string,
  seed: number,
  commitsMax = COMMITS_MAX,
): CommitFigure[] {
  return BATCH_SIZES.map((batchSize) => {
    const commits = Math.min(commitsMax, Math.ceil(ENTRIES_MAX / batchSize));
    return measureBatches(folder, seed, batchSize, commits);
  });
}

function measureBatches(
  folder: string,
  seed: number,
  batchSize: number,
  commits: number,
): CommitFigure {
  const path = join(folder, `commits-${batchSize}`);
  const numbers = distinctNumbers(seed, commits * batchSize);
  const memory = JournaledFileMemory.open(path);
  const map = BTreeMap.init(memory, u64, u64);
  const time = wallTimeOf(commits, () => {
    for (let commit = 0; commit < commits; commit++) {
      const batch = numbers.slice(commit * batchSize, (commit + 1) * batchSize);
      memory.transaction(() => {
        for (const number of batch) map.insert(number, number);
      });
    }
  });
  if (map.length !== numbers.length) throw new Error('the map has lost entries');
  memory.close();
  for (const file of [path, `${path}.journal`]) rmSync(file, { force: true });
  const commitsPerSecond = 1e9 / time;
  return { batchSize, commits, commitsPerSecond, entriesPerSecond: batchSize * commitsPerSecond };
}
