/**
 * The part `heap` of the benchmark: the allocator by the number of live blocks, and the structures
 * that stand on it beside what else one would use.
 */
import { roundsFor } from '../measure.js';
import { measureBeside } from '../steps.js';
import { duration, printTable, whole, type Row } from '../table.js';
import { measureBlocks, type BlockFigures } from './measure-blocks.js';
import { SIZE_MAX, SIZE_MIN } from './live-heap.js';
import {
  CERTIFIED_MAPS,
  LISTS,
  ORDERED_MAPS,
  UNORDERED_MAPS,
  type Comparison,
} from './subjects.js';

const BLOCK_COUNTS = [1_000, 100_000, 1_000_000];
const BLOCK_WARM_UP_COUNT = 5_000;

const USUAL_COUNT = 100_000;
/** That of the original's own benchmark. Each change is some dozen hashes. */
const CERTIFIED_COUNT = 5_000;
const CERTIFIED_ROUNDS = 3;
const WARM_UP_COUNT = 2_000;

/** Prints all tables of the part; of one size only where that is told. */
export function printHeap(entries: number | undefined, seed: number): void {
  measureBlocks(BLOCK_WARM_UP_COUNT, seed, 1);
  printBlocks(entries === undefined ? BLOCK_COUNTS : [entries], seed);
  for (const comparison of [UNORDERED_MAPS, ORDERED_MAPS, LISTS]) {
    const count = entries ?? USUAL_COUNT;
    printComparison(comparison, count, roundsFor(count), seed);
  }
  const count = Math.min(entries ?? CERTIFIED_COUNT, CERTIFIED_COUNT);
  printComparison(CERTIFIED_MAPS, count, CERTIFIED_ROUNDS, seed);
}

/** Each structure is warmed up with a round that does not count. */
function printComparison(
  { title, subjects }: Comparison,
  count: number,
  rounds: number,
  seed: number,
): void {
  const steppers = Object.values(subjects);
  measureBeside(steppers, Math.min(count, WARM_UP_COUNT), seed, 1);
  const figures = measureBeside(steppers, count, seed, rounds);
  printTable(`${title}, u64, ${whole(count)} entries, ${rounds} rounds`, [
    ['', ...Object.keys(subjects)],
    ...figures[0]!.map(({ operation }, step): Row => {
      return [operation, ...figures.map((each) => duration(each[step]!.time))];
    }),
  ]);
}

function printBlocks(counts: readonly number[], seed: number): void {
  const measured = counts.map((count) => ({ count, ...measureBlocks(count, seed) }));
  console.log(`
A heap with so many live blocks of ${SIZE_MIN} to ${SIZE_MAX} bytes: twice as many were allocated,
and a random half of them was freed. Then a tenth of the live ones is freed, in random order, and as
many of random sizes are allocated. Below each figure is its share of log2 n, the number of
doublings of the live blocks from 1 on. Opening finds the tree of free blocks in the memory. The
walk over all tags, with the free blocks sorted, is what a list in RAM would be rebuilt by.`);
  printTable('allocator, by the number of live blocks', [
    ['', ...counts.map(whole)],
    ['free blocks', ...measured.map(({ freeCount }) => whole(freeCount))],
    ...['allocate', 'free'].flatMap((operation) => [
      rowOf(operation, measured, operation, () => 1),
      rowOf('  / log2 n', measured, operation, Math.log2),
    ]),
    rowOf('open the heap', measured, 'open', () => 1),
    rowOf('walk over all tags instead', measured, 'walk', () => 1),
  ]);
}

function rowOf(
  name: string,
  measured: readonly (BlockFigures & { readonly count: number })[],
  operation: string,
  divisorOf: (count: number) => number,
): Row {
  const cells = measured.map(({ count, figures }) => {
    const { time } = figures.find((figure) => figure.operation === operation)!;
    return duration(time / divisorOf(count));
  });
  return [name, ...cells];
}
