/** The tables of the canister `heap`: its blocks, and its structures beside the original's. */
import { SIZE_MAX, SIZE_MIN } from '../../bench/heap/live-heap.js';
import { linesOf, ratio, whole, type Row } from '../../bench/table.js';
import type { BlockWork } from '../canisters/heap/block-plan.js';
import type { Order, Plan } from '../canisters/heap/plan.js';
import { costOf, type Figure } from '../figures.js';
import { blockWorkName } from './measure-blocks.js';
import { structureWorkName } from './measure-structures.js';
import { publishedCostOf } from './published.js';

const MISSING = '—';

const ORDER_WORDS: Readonly<Record<Order, string>> = {
  ascending: 'keys 0, 1, 2, ..., as the original has them',
  random: 'keys in random order',
};

/** Everything that was measured of the subject `heap`. */
export function heapLines(
  figures: readonly Figure[],
  blockCounts: readonly number[],
  plans: readonly Plan[],
): string[] {
  return [
    ...blockLines(figures, blockCounts),
    ...plans.flatMap((plan) => plan.orders.flatMap((order) => planLines(figures, plan, order))),
  ];
}

function blockLines(figures: readonly Figure[], counts: readonly number[]): string[] {
  const rowOf = (name: string, work: BlockWork, divisorOf: (count: number) => number): Row => [
    name,
    ...counts.map((count) => {
      const cost = costOf(figures, blockWorkName(work, count), 'heap');
      return cell(cost && cost / divisorOf(count));
    }),
  ];
  const [once, doublings] = [() => 1, Math.log2];
  return [
    '',
    `allocator, blocks of ${SIZE_MIN} to ${SIZE_MAX} bytes, one free block to two live ones`,
    ...linesOf([
      ['instructions an operation, by live blocks', ...counts.map(whole)],
      rowOf('allocate, a random size', 'allocate', once),
      rowOf('  / log2 n', 'allocate', doublings),
      rowOf('free, a random block', 'free', once),
      rowOf('  / log2 n', 'free', doublings),
      rowOf('open the heap', 'open', once),
      rowOf('walk over all tags instead', 'walk', once),
    ]),
  ];
}

function planLines(figures: readonly Figure[], plan: Plan, order: Order): string[] {
  const { structure, entries, works } = plan;
  const rows = works.map((work): Row => {
    const cost = costOf(figures, structureWorkName(plan, order, work), 'heap');
    const published = publishedCostOf(structure, work);
    const compared =
      cost === undefined || published === undefined ? MISSING : ratio(cost, published);
    return [work, cell(cost), cell(published), compared];
  });
  const head = ['instructions an operation', 'ours', 'original', 'ours / original'];
  const title = `${structure} of u64, ${whole(entries)} entries, ${ORDER_WORDS[order]}`;
  return ['', title, ...linesOf([head, ...rows])];
}

function cell(cost: number | undefined): string {
  return cost === undefined ? MISSING : whole(cost);
}
