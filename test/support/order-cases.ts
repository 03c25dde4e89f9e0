/**
 * Types of keys, one for each order and for each way in which parts of tuples lie in their bytes;
 * and keys of them, of which many share their first parts.
 */
import * as fc from 'fast-check';
import type { KeyCodec } from '../../src/lib/codec.js';
import type { Principal } from '../../src/lib/principal.js';
import {
  blob,
  descending,
  f32,
  f64,
  i32,
  optional,
  principal,
  text,
  tuple,
  u16,
  u64,
  u8,
} from '../../src/lib/codecs/index.js';
import { anyBytes, anyPrincipal, anyText } from './arbitraries.js';

export interface OrderCase {
  readonly keys: KeyCodec<unknown>;
  readonly key: fc.Arbitrary<unknown>;
  /** Some first parts of keys, where keys have parts. */
  readonly prefix: fc.Arbitrary<unknown> | undefined;
}

const few = fc.bigInt(0n, 3n);
const word = fc.oneof(fc.constantFrom('', 'a', 'b', 'x'.repeat(254), 'x'.repeat(300)), anyText(3));
const someone = anyPrincipal();
const narrow = fc.float().filter((value) => !Object.is(value, Number.NaN));
const wide = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity));
const shortBytes = anyBytes(5);

function orderCase<K>(
  keys: KeyCodec<K>,
  key: fc.Arbitrary<K>,
  prefix?: fc.Arbitrary<unknown>,
): OrderCase {
  return { keys, key, prefix } as unknown as OrderCase;
}

export const ORDER_CASES: readonly [string, OrderCase][] = [
  ['descending numbers', orderCase(descending(u64), fc.bigInt(0n, 200n))],
  ['descending texts', orderCase(descending(text), word, fc.constantFrom('', 'a', 'x'))],
  ['floats', orderCase(f64, wide)],
  ['floats of 4 bytes', orderCase(f32, narrow)],
  [
    'optional principals',
    orderCase(
      optional(principal),
      fc.option(someone, { nil: undefined }) as fc.Arbitrary<Principal | undefined>,
    ),
  ],
  ['pairs, padded', orderCase(tuple(principal, u64), fc.tuple(someone, few), fc.tuple(someone))],
  [
    'pairs, padded, of two sizes',
    orderCase(tuple(blob(5), blob(300)), fc.tuple(shortBytes, shortBytes), fc.tuple(shortBytes)),
  ],
  [
    'pairs by their bytes',
    orderCase(tuple(u16, u64), fc.tuple(fc.nat(9), few), fc.tuple(fc.nat(9))),
  ],
  ['pairs, open', orderCase(tuple(text, u64), fc.tuple(word, few), fc.tuple(word))],
  [
    'pairs, open, fixed and descending',
    orderCase(tuple(descending(u8), text), fc.tuple(fc.nat(9), word), fc.tuple(fc.nat(9))),
  ],
  [
    'triples with sizes',
    orderCase(
      tuple(text, descending(blob(300)), i32),
      fc.tuple(word, shortBytes, fc.integer()),
      fc.oneof(fc.tuple(word), fc.tuple(word, shortBytes)),
    ),
  ],
  [
    'triples without',
    orderCase(
      tuple(u8, f64, principal),
      fc.tuple(fc.nat(3), wide, someone),
      fc.oneof(fc.tuple(fc.nat(3)), fc.tuple(fc.nat(3), wide)),
    ),
  ],
  [
    'tuples of four',
    orderCase(
      tuple(u8, text, principal, text),
      fc.tuple(fc.nat(1), word, someone, word),
      fc.oneof(fc.tuple(fc.nat(1)), fc.tuple(fc.nat(1), word), fc.tuple(fc.nat(1), word, someone)),
    ),
  ],
  [
    'tuples of tuples, descending',
    orderCase(
      descending(tuple(tuple(text, u8), u16)),
      fc.tuple(fc.tuple(word, fc.nat(2)), fc.nat(3)),
      fc.tuple(fc.tuple(word, fc.nat(2))),
    ),
  ],
];
