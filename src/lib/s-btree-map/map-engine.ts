/**
 * What a handle of a map asks of the engine behind it. There are two: one for plain values, which
 * lie in the nodes as they do in a `BTreeMap` (`plain-map.ts`), and one for values that own
 * something, of which a node has the slots (`owning-map.ts`).
 *
 * Source: `specs/ic-stable-memory.md` sections 4.6 and 5.4.
 */
import type { StablePtr } from '../allocator/free-block.js';
import type { MapQueries } from '../btree-map/map-queries.js';

/** `P` is what goes in and comes out when it is removed, `H` what reading gives. */
export interface MapEngine<K, P, H> extends MapQueries<K, H> {
  insert(key: K, value: P): P | undefined;
  insertMany(entries: Iterable<readonly [K, P]>): number;
  update(key: K, next: (old: P | undefined) => P): P;
  getOrInsert(key: K, make: () => P): H;
  remove(key: K): P | undefined;
  removeMany(keys: Iterable<K>): number;
  delete(key: K): boolean;
  popFirst(): [K, P] | undefined;
  popLast(): [K, P] | undefined;
  retain(keep: (key: K, value: H) => boolean): number;
  clear(): void;
  detach(key: K): H | undefined;
  attach(key: K, handle: H): void;

  /** All entries, copied. */
  toPlain(): Map<K, P>;

  /** Frees all nodes, and what the values own. The map is of no use then. */
  release(): void;

  /** Names the blocks of all nodes, and those that the values own. */
  trace(visit: (ptr: StablePtr) => void): void;
}
