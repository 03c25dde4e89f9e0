/** The types of a hash map under test, and where its keys and plain values come from. */
import * as fc from 'fast-check';
import type { Codec } from '../../src/lib/codec.js';
import { principal, text, tuple, u64 } from '../../src/lib/codecs/index.js';
import type { Stable, StableType } from '../../src/lib/ownership/stable-type.js';
import { SHashMap } from '../../src/lib/s-hash-map.js';
import { SHashSet } from '../../src/lib/s-hash-set.js';
import { anyPrincipal } from './arbitraries.js';

export interface HashCase<K, V> {
  readonly keys: Codec<K>;
  readonly values: Stable<V, unknown>;
  readonly key: fc.Arbitrary<K>;
  readonly value: fc.Arbitrary<V>;
}

/** A map of any of the cases; its values are seen as they are read. */
export type AnyHashMap = SHashMap<unknown, unknown>;

function hashCase<K, V, H>(
  keys: Codec<K>,
  key: fc.Arbitrary<K>,
  values: Stable<V, H>,
  value: fc.Arbitrary<V>,
): HashCase<unknown, unknown> {
  return { keys, values, key, value } as unknown as HashCase<unknown, unknown>;
}

const someNumber = fc.bigInt(0n, 40n);
const someText = fc.nat(40).map((length) => String(length).padStart(length, '-'));
const somePart = fc.tuple(fc.constantFrom('', 'ada', 'charles'), fc.bigInt(0n, 9n));
const someMap = fc.uniqueArray(fc.tuple(someNumber, someText), {
  selector: ([key]) => key,
  maxLength: 3,
});
const someSet = fc.uniqueArray(someText, { maxLength: 3 });

const mapOfTexts = SHashMap.of(u64, text);

export const HASH_CASES: readonly [string, HashCase<unknown, unknown>][] = [
  ['u64 to u64', hashCase(u64, someNumber, u64, fc.bigInt(0n, 2n ** 64n - 1n))],
  ['text to text', hashCase(text, someText, text, someText)],
  [
    'principal to maps',
    hashCase(
      principal,
      anyPrincipal(),
      mapOfTexts,
      someMap.map((pairs) => new Map(pairs)),
    ),
  ],
  [
    'tuple(text, u64) to sets',
    hashCase(
      tuple(text, u64),
      somePart,
      SHashSet.of(text),
      someSet.map((elements) => new Set(elements)),
    ),
  ],
];

/** The type of the maps of a case. */
export function hashMapType({
  keys,
  values,
}: HashCase<unknown, unknown>): StableType<ReadonlyMap<unknown, unknown>, AnyHashMap> {
  return SHashMap.of(keys, values) as unknown as StableType<
    ReadonlyMap<unknown, unknown>,
    AnyHashMap
  >;
}

/** The plain value of what was read: that of a handle is a copy of its structure. */
export function plainOf(value: unknown): unknown {
  if (value instanceof SHashMap) {
    return new Map(Array.from(value as AnyHashMap, ([key, each]) => [key, plainOf(each)]));
  }
  return value instanceof SHashSet ? new Set(value) : value;
}
