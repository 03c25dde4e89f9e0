/**
 * What is measured: our map, and beside it the ordered map that JavaScript programs use where they
 * need one. A plain `Map` would be no rival, since it knows no order and no ranges.
 *
 * NOTE: the rival keeps JavaScript values on the heap. It encodes nothing, and after an upgrade of
 * a canister it is empty.
 */
import sortedBTree from 'sorted-btree';
import { BTreeMap } from '../../src/lib/btree-map.js';
import { MemoryManager } from '../../src/lib/memory-manager.js';
import { VectorMemory } from '../../src/lib/vector-memory.js';
import type { EntryType } from './workload.js';

/** A map under measurement. */
export interface Subject<K, V> {
  insert(key: K, value: V): void;
  get(key: K): V | undefined;
  remove(key: K): void;

  /** Visits the entries from a key on, at most `limit` of them, and returns how many there were. */
  visitFrom(key: K, limit: number): number;

  /** Visits all entries, decodes none, and returns how many there were. */
  walk(): number;

  /** Visits all entries and returns how many there were. */
  visitAll(): number;

  length(): number;
}

/** Our map, through a manager with buckets of the default size, in a memory on the heap. */
export class Ours<K, V> implements Subject<K, V> {
  readonly #map: BTreeMap<K, V>;

  constructor({ keys, values }: EntryType<K, V>) {
    this.#map = BTreeMap.create(MemoryManager.create(new VectorMemory()).get(0), keys, values);
  }

  insert(key: K, value: V): void {
    this.#map.insert(key, value);
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  remove(key: K): void {
    this.#map.remove(key);
  }

  visitFrom(key: K, limit: number): number {
    let count = 0;
    for (const [, value] of this.#map.entries({ gte: key })) {
      if (value !== undefined) count += 1;
      if (count === limit) break;
    }
    return count;
  }

  walk(): number {
    let count = 0;
    for (const entry of this.#map.lazyEntries()) if (entry !== undefined) count += 1;
    return count;
  }

  visitAll(): number {
    let count = 0;
    for (const [, value] of this.#map) if (value !== undefined) count += 1;
    return count;
  }

  length(): number {
    return this.#map.length;
  }
}

/** The B+ tree of the package `sorted-btree`, with the fastest comparison for keys of one type. */
export class Rival<K, V> implements Subject<K, V> {
  readonly #tree = new sortedBTree.default<K, V>(undefined, compare);

  insert(key: K, value: V): void {
    this.#tree.set(key, value);
  }

  get(key: K): V | undefined {
    return this.#tree.get(key);
  }

  remove(key: K): void {
    this.#tree.delete(key);
  }

  visitFrom(key: K, limit: number): number {
    let count = 0;
    for (const [, value] of this.#tree.entries(key)) {
      if (value !== undefined) count += 1;
      if (count === limit) break;
    }
    return count;
  }

  walk(): number {
    let count = 0;
    for (const key of this.#tree.keys()) if (key !== undefined) count += 1;
    return count;
  }

  visitAll(): number {
    let count = 0;
    for (const [, value] of this.#tree.entries()) if (value !== undefined) count += 1;
    return count;
  }

  length(): number {
    return this.#tree.size;
  }
}

function compare<K>(left: K, right: K): number {
  if (left < right) return -1;
  return left > right ? 1 : 0;
}
