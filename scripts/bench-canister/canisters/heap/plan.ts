/**
 * What is measured of structures in a heap, by names, for the canister and the script: which, of
 * how many entries, in which order of keys, and which works one after the other. A structure begins
 * empty; what one work leaves, the next finds.
 *
 * The original's benchmark goes through the keys 0, 1, 2, ... So does ours, for the comparison; and
 * again through random ones, which say more.
 */
import { numberAt } from '../../../bench/random.js';

/** The numbers of a work: 0, 1, 2, ..., or those of a seed. Each is a key and its value. */
export type Order = 'ascending' | 'random';

/** A batch is of so many entries. */
export const BATCH_LENGTH = 10;
/** A page is of so many. */
export const PAGE_LENGTH = 100;

const SEED = 1;
const PAGES = 5;

/** The works on a structure in an order. */
export interface Plan {
  readonly structure: StructureName;
  readonly entries: number;
  readonly orders: readonly Order[];
  readonly works: readonly string[];
}

/** One work, as the canister is asked for it. */
export interface StructureRequest {
  readonly structure: string;
  readonly work: string;
  readonly entries: number;
  readonly order: string;
}

export type StructureName =
  | 'SVec'
  | 'SLog'
  | 'SHashMap'
  | 'SHashSet'
  | 'SBTreeMap'
  | 'SBTreeSet'
  | 'SCertifiedBTreeMap'
  | 'BTreeMap';

const LIST_WORKS = ['push', 'get', 'pop'];
const HASH_MAP_WORKS = ['insert', 'get', 'remove'];
const SET_WORKS = ['insert', 'contains', 'remove'];
const ORDERED_MAP_WORKS = ['insert', 'get', 'page of 100', 'remove'];
const CERTIFIED_MAP_WORKS = [
  'insert',
  'get',
  'witness',
  'witness in CBOR',
  'remove',
  'insert in tens',
  'remove in tens',
  'insertMany of tens',
  'removeMany of tens',
];

const BOTH: readonly Order[] = ['ascending', 'random'];
const RANDOM: readonly Order[] = ['random'];

export const PLANS: readonly Plan[] = [
  { structure: 'SVec', entries: 100_000, orders: RANDOM, works: LIST_WORKS },
  { structure: 'SLog', entries: 100_000, orders: RANDOM, works: LIST_WORKS },
  { structure: 'SHashMap', entries: 1_000, orders: RANDOM, works: HASH_MAP_WORKS },
  { structure: 'SHashMap', entries: 100_000, orders: RANDOM, works: HASH_MAP_WORKS },
  { structure: 'SHashSet', entries: 10_000, orders: RANDOM, works: SET_WORKS },
  { structure: 'BTreeMap', entries: 10_000, orders: RANDOM, works: ORDERED_MAP_WORKS },
  { structure: 'SBTreeMap', entries: 10_000, orders: BOTH, works: ORDERED_MAP_WORKS },
  { structure: 'SBTreeSet', entries: 10_000, orders: RANDOM, works: SET_WORKS },
  { structure: 'SCertifiedBTreeMap', entries: 5_000, orders: BOTH, works: CERTIFIED_MAP_WORKS },
];

/** All plans, with no more entries than these. */
export function plansWithin(entriesMax: number): Plan[] {
  const cut = PLANS.map((plan) => ({ ...plan, entries: Math.min(plan.entries, entriesMax) }));
  return cut.filter((plan, index) => cut.findIndex((other) => isSameWork(plan, other)) === index);
}

function isSameWork(plan: Plan, other: Plan): boolean {
  const [orders, others] = [plan.orders.join(), other.orders.join()];
  return plan.structure === other.structure && plan.entries === other.entries && orders === others;
}

/** The keys of a structure, in the order in which every work goes through them. */
export function keysOf(order: Order, entries: number): bigint[] {
  return Array.from({ length: entries }, (_, index) =>
    order === 'ascending' ? BigInt(index) : numberAt(SEED, index),
  );
}

/** The operations of a work: entries, also where they go in batches; but pages. */
export function operationsOf(work: string, entries: number): number {
  return work === 'page of 100' ? PAGES : entries;
}

/** Where pages begin: spread over the first half of the keys, so that each is a whole page. */
export function pageStartsOf(keys: readonly bigint[]): bigint[] {
  const sorted = keys.toSorted((one, other) => (one < other ? -1 : 1));
  const stride = Math.floor(sorted.length / 2 / PAGES);
  return Array.from({ length: PAGES }, (_, page) => sorted[page * stride]!);
}
