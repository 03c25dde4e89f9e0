/**
 * What the iterators of a map make of an entry: the pair, its key, its value, or an entry that is
 * decoded later. Each says it twice, for a node of the tree and for a batch from the kernel.
 *
 * Source: `specs/ic-stable-structures.md` section 3.11.
 */
import type { Codec, KeyCodec } from '../codec.js';
import type { Tenure } from '../lease.js';
import type { Batch } from './batch.js';
import type { ReadElement } from './batch-columns.js';
import { LazyEntry, type EntryPlace } from './lazy-entry.js';

/** How an entry becomes an element of an iteration. */
export interface Reading<K, V, T> {
  readonly withValues: boolean;
  /** Whether what is read keeps the node or the batch, which then serves nobody else. */
  readonly keepsPlace: boolean;
  fromNode(node: EntryPlace, index: number): T;
  fromBatch(batch: Batch<K, V>): ReadElement<T>;
}

/** The readings of a map with these codecs. */
export class Readings<K, V> {
  readonly entries: Reading<K, V, [K, V]>;
  readonly keys: Reading<K, V, K>;
  readonly values: Reading<K, V, V>;

  readonly #keyCodec: KeyCodec<K>;
  readonly #valueCodec: Codec<V>;

  constructor(keyCodec: KeyCodec<K>, valueCodec: Codec<V>) {
    this.#keyCodec = keyCodec;
    this.#valueCodec = valueCodec;
    this.entries = {
      withValues: true,
      keepsPlace: false,
      fromNode: (node, index) => [
        node.decodeKey(keyCodec, index),
        node.decodeValue(valueCodec, index),
      ],
      fromBatch: (batch) => batch.readEntry,
    };
    this.keys = {
      withValues: false,
      keepsPlace: false,
      fromNode: (node, index) => node.decodeKey(keyCodec, index),
      fromBatch: (batch) => batch.readKey,
    };
    this.values = {
      withValues: true,
      keepsPlace: false,
      fromNode: (node, index) => node.decodeValue(valueCodec, index),
      fromBatch: (batch) => batch.readValue,
    };
  }

  /** Of entries that are decoded later, as long as the map has not changed. */
  lazyEntries(tenure: Tenure): Reading<K, V, LazyEntry<K, V>> {
    const { revision } = tenure;
    const source = { keyCodec: this.#keyCodec, valueCodec: this.#valueCodec, tenure, revision };
    return {
      withValues: true,
      keepsPlace: true,
      fromNode: (node, index) => new LazyEntry(source, node, index),
      fromBatch: (batch) => (index) => new LazyEntry(source, batch, index),
    };
  }
}
