/**
 * How time is taken: as processor time of this process, user and system, garbage collection and
 * compilation included. Neighbours on shared cores hardly move it, unlike the time on the wall.
 * Small sizes are measured in many rounds, of which the median counts.
 *
 * NOTE: garbage is left to fall due. Collecting it by force also throws compiled code away, and
 * then the next round measures the compiler.
 */
import { rangeLengthOf, type Workload } from './workload.js';
import type { Subject } from './subjects.js';

/** Nanoseconds an operation; of `walk` and `iterate`, an entry. */
export interface Times {
  readonly insert: number;
  readonly get: number;
  /** All entries, of which nothing is decoded: what an iterator of the crate does. */
  readonly walk: number;
  /** All entries, key and value decoded. */
  readonly iterate: number;
  readonly range: number;
  readonly remove: number;
}

export type OperationName = keyof Times;

const OPERATIONS: readonly OperationName[] = [
  'insert',
  'get',
  'walk',
  'iterate',
  'range',
  'remove',
];

/** Rounds go on until about so many entries have been through them. */
const ENTRIES_PER_MEASUREMENT = 300_000;
const ROUNDS_MAX = 101;

/** How often a map of this size is filled and emptied: an odd number, so that one is the median. */
export function roundsFor(entryCount: number): number {
  const rounds = Math.min(ROUNDS_MAX, Math.ceil(ENTRIES_PER_MEASUREMENT / entryCount));
  return rounds | 1;
}

/** The medians of all rounds, for each subject. The subjects take turns. */
export function measureAll<K, V>(
  starts: readonly (() => Subject<K, V>)[],
  workload: Workload<K, V>,
  rounds: number,
): Times[] {
  const measured = starts.map((): Times[] => []);
  for (let round = 0; round < rounds; round++) {
    starts.forEach((start, index) => measured[index]!.push(measureRound(start(), workload)));
  }
  return measured.map(mediansOf);
}

/** Processor time of `work` in nanoseconds, for each of `count` operations. */
export function timeOf(count: number, work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1_000) / count;
}

/**
 * Time on the wall of `work` in nanoseconds, for each of `count` operations: for what waits for a
 * disk, which takes no processor time.
 */
export function wallTimeOf(count: number, work: () => void): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / count;
}

/** The middle one of an odd number of figures. */
export function medianOf(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1]!;
}

/** Fills an empty map and empties it again. What it answers is checked as far as that is free. */
function measureRound<K, V>(subject: Subject<K, V>, workload: Workload<K, V>): Times {
  const { entries, lookups, removals, rangeStarts } = workload;
  const count = entries.length;
  const rangeLength = rangeLengthOf(count);
  const insert = timeOf(count, () => {
    for (const [key, value] of entries) subject.insert(key, value);
  });
  assertCount('length', count, subject.length());
  const get = timeOf(count, () => {
    for (const key of lookups) if (subject.get(key) === undefined) throw new Error('lost a key');
  });
  const walk = timeOf(count, () => assertCount('entries', count, subject.walk()));
  const iterate = timeOf(count, () => assertCount('entries', count, subject.visitAll()));
  const range = timeOf(rangeStarts.length, () => {
    for (const key of rangeStarts) {
      assertCount('entries of a range', rangeLength, subject.visitFrom(key, rangeLength));
    }
  });
  const remove = timeOf(count, () => {
    for (const key of removals) subject.remove(key);
  });
  assertCount('length', 0, subject.length());
  return { insert, get, walk, iterate, range, remove };
}

function mediansOf(times: readonly Times[]): Times {
  const medians = OPERATIONS.map((name) => [name, medianOf(times.map((each) => each[name]))]);
  return Object.fromEntries(medians) as Times;
}

function assertCount(what: string, expected: number, found: number): void {
  if (found !== expected) throw new Error(`${what}: expected ${expected}, found ${found}`);
}
