/** The types of a map under test, and where its keys and values come from. */
import type * as fc from 'fast-check';
import type { Codec, KeyCodec } from '../../src/lib/codec.js';

export interface MapCase<K, V> {
  readonly keys: KeyCodec<K>;
  readonly values: Codec<V>;
  readonly key: fc.Arbitrary<K>;
  readonly value: fc.Arbitrary<V>;
}

/** A case for a table of cases, which differ in their types. */
export function mapCase<K, V>(
  keys: KeyCodec<K>,
  key: fc.Arbitrary<K>,
  values: Codec<V>,
  value: fc.Arbitrary<V>,
): MapCase<unknown, unknown> {
  return { keys, values, key, value } as unknown as MapCase<unknown, unknown>;
}
