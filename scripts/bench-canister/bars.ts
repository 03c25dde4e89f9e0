/**
 * What was aimed at, in instructions, and whether it is reached. A bar is a limit of its own, or a
 * share of what another work or subject costs.
 */
import { linesOf, whole, type Row } from '../bench/table.js';
import { costOf, type Figure, type Subject } from './figures.js';

interface Bar {
  readonly work: string;
  /** At most so many instructions, of these figures; undefined where they do not tell. */
  limit(figures: readonly Figure[]): number | undefined;
  readonly words: string;
}

export const BARS: readonly Bar[] = [
  atMost('get u64->u64 10000', 35_000),
  atMost('insert u64->u64 10000', 65_000),
  atMost('remove u64->u64 10000', 90_000),
  atMost('scan 100 u64->u64 10000', 1_000_000),
  shareOf('get text->record 10000', 1 / 10, "a tenth of Azle's default", 'azle-json'),
  shareOf('insert text->record 10000', 1 / 10, "a tenth of Azle's default", 'azle-json'),
  atMost('echo text', 200_000),
  atMost('get record', 350_000),
  atMost('insert 1000 records', 150_000_000),
  shareOf('get u64->u64 100000', 2, 'twice that at 1,000', 'ours', 'get u64->u64 1000'),
];

/** A table of the bars; those that these figures do not tell are left out. */
export function barLines(figures: readonly Figure[]): string[] {
  const rows = BARS.flatMap((bar) => rowOf(figures, bar));
  const head: Row = ['ours', 'bar', 'at most', 'reached', ''];
  return ['', 'what was aimed at', ...linesOf([head, ...rows])];
}

function rowOf(figures: readonly Figure[], { work, words, limit }: Bar): Row[] {
  const [reached, most] = [costOf(figures, work, 'ours'), limit(figures)];
  if (reached === undefined || most === undefined) return [];
  return [[work, words, whole(most), whole(reached), reached <= most ? 'met' : 'NOT MET']];
}

function atMost(work: string, most: number): Bar {
  return { work, words: '', limit: () => most };
}

function shareOf(work: string, share: number, words: string, subject: Subject, of = work): Bar {
  return {
    work,
    words,
    limit(figures) {
      const cost = costOf(figures, of, subject);
      return cost && cost * share;
    },
  };
}
