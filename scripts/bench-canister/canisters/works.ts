/** The works on maps, by their names, and how many operations of each are measured. */
import type { KindName } from './kinds.js';

export const SCAN_LENGTH = 100;

/** In the order in which they have to be asked for: what one changes the next expects. */
export const MAP_WORKS = [
  'get',
  'get absent',
  'scan 100',
  'iterate',
  'overwrite',
  'remove',
  'insert',
  'pop first',
] as const;

export type MapWork = (typeof MAP_WORKS)[number];

/** A work, on a map that was filled with so many entries. */
export interface MapRequest {
  readonly kind: KindName;
  readonly work: MapWork;
  readonly entries: number;
  readonly operations: number;
}

/** Operations that are measured: a tenth of the entries, but no more than this. */
const SAMPLE_MAX = 500;
const SCANS = 5;
/** An iteration of more entries ends here: each costs the same, and with JSON up to 10 million. */
const VISITS_MAX = 1_000;

export function operationsOf(work: MapWork, entries: number): number {
  if (work === 'scan 100') return SCANS;
  if (work === 'iterate') return Math.min(entries, VISITS_MAX);
  return Math.min(Math.ceil(entries / 10), SAMPLE_MAX);
}
