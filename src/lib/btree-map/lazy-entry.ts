/**
 * An entry of which nothing is decoded until it is asked for: for large values that only some
 * readers want. It is what iterators of the crate yield.
 *
 * Source: `specs/ic-stable-structures.md` section 3.11 (`LazyEntry`).
 */
import type { Codec } from '../codec.js';
import type { Tenure } from '../lease.js';

/** Where an entry lies: a node, or a batch. It decodes keys and values where they are. */
export interface EntryPlace {
  decodeKey<T>(codec: Codec<T>, index: number): T;
  decodeValue<T>(codec: Codec<T>, index: number): T;
}

/** What all entries of one iteration have in common. */
export interface EntrySource<K, V> {
  readonly keyCodec: Codec<K>;
  readonly valueCodec: Codec<V>;
  readonly tenure: Tenure;
  readonly revision: number;
}

/**
 * A key and a value that are decoded each time they are asked for. Once the map has changed they
 * throw `CHANGED_WHILE_ITERATING`.
 */
export class LazyEntry<K, V> {
  readonly #source: EntrySource<K, V>;
  readonly #place: EntryPlace;
  readonly #index: number;

  /** Made by `BTreeMap.lazyEntries`. Nothing else may be read into the place. */
  constructor(source: EntrySource<K, V>, place: EntryPlace, index: number) {
    this.#source = source;
    this.#place = place;
    this.#index = index;
  }

  get key(): K {
    const { tenure, revision, keyCodec } = this.#source;
    tenure.assertUnchanged(revision);
    return this.#place.decodeKey(keyCodec, this.#index);
  }

  get value(): V {
    const { tenure, revision, valueCodec } = this.#source;
    tenure.assertUnchanged(revision);
    return this.#place.decodeValue(valueCodec, this.#index);
  }
}
