/** What is measured of a map, in the words of no subject: each has an adapter to it. */
import type { KindName } from './kinds.js';

/** A place in a map, in both ways to name it: ours goes by the key, Azle's by the position. */
export interface Place<K> {
  readonly key: K;
  readonly position: number;
}

/** The methods that our map and Azle's have in common, so they are called without an adapter. */
export interface PlainMap<K, V> {
  get(key: K): V | undefined;
  /** Returns the old value. */
  insert(key: K, value: V): V | undefined;
  /** Returns the value that was there. */
  remove(key: K): V | undefined;
}

export interface OrderedMap<K, V> {
  readonly map: PlainMap<K, V>;

  length(): number;

  /** Removes the first entry and returns its value. */
  popFirst(): V | undefined;

  /** Inserts many entries, as the subject does that best. */
  insertMany(entries: readonly [K, V][]): void;

  /** Returns `limit` entries from a place on. */
  scan(from: Place<K>, limit: number): [K, V][];

  keyAt(position: number): K;

  /** Visits the first `limit` entries as JavaScript values, and returns how many there were. */
  visit(limit: number): number;
}

/** A map of every kind. */
export type OrderedMaps = Readonly<Record<KindName, OrderedMap<unknown, unknown>>>;
