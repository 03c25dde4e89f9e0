/**
 * What the maps of the benchmark hold, and in which orders they are asked for it. Everything is
 * made before the clock starts.
 */
import { bytes, text, u64 } from '../../src/lib/codecs/index.js';
import type { Codec, KeyCodec } from '../../src/lib/codec.js';
import { distinctNumbers, shuffled } from './random.js';

const VALUE_SIZE_IN_BYTES = 100;

/** The entries in a range that is measured, where the map has as many. */
export const RANGE_LENGTH = 100;
const RANGE_COUNT_MAX = 1_000;

/** The types of a map's entries, and how an entry is made of a number. */
export interface EntryType<K, V> {
  readonly name: string;
  readonly keys: KeyCodec<K>;
  readonly values: Codec<V>;
  keyOf(number: bigint): K;
  valueOf(number: bigint): V;
}

/** One map's worth of entries. */
export interface Workload<K, V> {
  readonly entries: readonly (readonly [K, V])[];
  /** Every key once, in an order that has nothing to do with that of the entries. */
  readonly lookups: readonly K[];
  /** The same, in a third order. */
  readonly removals: readonly K[];
  /** The first keys of ranges that lie wholly within the map. */
  readonly rangeStarts: readonly K[];
}

export const U64_TO_U64: EntryType<bigint, bigint> = {
  name: 'u64 to u64',
  keys: u64,
  values: u64,
  keyOf: (number) => number,
  valueOf: (number) => number ^ 1n,
};

export const TEXT_TO_BYTES: EntryType<string, Uint8Array> = {
  name: `text of 21 characters to ${VALUE_SIZE_IN_BYTES} bytes`,
  keys: text,
  values: bytes,
  keyOf: (number) => `user/${number.toString(16).padStart(16, '0')}`,
  valueOf: (number) => new Uint8Array(VALUE_SIZE_IN_BYTES).fill(Number(number & 0xffn)),
};

/** `count` entries of a type. Every random choice follows from the seed. */
export function workloadOf<K, V>(
  type: EntryType<K, V>,
  count: number,
  seed: number,
): Workload<K, V> {
  const numbers = distinctNumbers(seed, count);
  const entries = numbers.map((number) => [type.keyOf(number), type.valueOf(number)] as const);
  const keys = entries.map(([key]) => key);
  const starts = keys
    .toSorted((a, b) => (a < b ? -1 : 1))
    .slice(0, count - rangeLengthOf(count) + 1);
  return {
    entries,
    lookups: shuffled(seed + 1, keys),
    removals: shuffled(seed + 2, keys),
    rangeStarts: shuffled(seed + 3, starts).slice(0, RANGE_COUNT_MAX),
  };
}

/** The length of ranges in a map of `count` entries. */
export function rangeLengthOf(count: number): number {
  return Math.min(RANGE_LENGTH, count);
}
