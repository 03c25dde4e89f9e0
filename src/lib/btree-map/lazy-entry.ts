/**
 * An entry of which nothing is decoded until it is asked for: for large values that only some
 * readers want. It is what iterators of the crate yield.
 *
 * Source: `specs/ic-stable-structures.md` section 3.11 (`LazyEntry`).
 */
import type { Codec } from '../codec.js';
import type { Lease } from '../lease.js';
import type { NodeView } from './node-view.js';

/** What all entries of one iteration have in common. */
export interface EntrySource<K, V> {
  readonly keyCodec: Codec<K>;
  readonly valueCodec: Codec<V>;
  readonly lease: Lease;
  readonly revision: number;
}

/**
 * A key and a value that are decoded each time they are asked for. Once the map has changed they
 * throw `CHANGED_WHILE_ITERATING`.
 */
export class LazyEntry<K, V> {
  readonly #source: EntrySource<K, V>;
  readonly #node: NodeView;
  readonly #index: number;

  /** Made by `BTreeMap.lazyEntries`. The node must be nobody else's to read another one into. */
  constructor(source: EntrySource<K, V>, node: NodeView, index: number) {
    this.#source = source;
    this.#node = node;
    this.#index = index;
  }

  get key(): K {
    const { lease, revision, keyCodec } = this.#source;
    lease.assertUnchanged(revision);
    return this.#node.decodeKey(keyCodec, this.#index);
  }

  get value(): V {
    const { lease, revision, valueCodec } = this.#source;
    lease.assertUnchanged(revision);
    return this.#node.decodeValue(valueCodec, this.#index);
  }
}
