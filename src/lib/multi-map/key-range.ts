/**
 * Ranges of pairs that are given by ranges of their keys alone. A pair of the largest key below,
 * or of the smallest value, cannot be named: not every type has such a value. So a range of keys is
 * asked for as the *beginning* of pairs, and the codec answers for each stored pair on which side
 * of the range its key lies. A seek takes one descent, whether or not the key exists.
 *
 * Source: `src/lib/codec.ts`, `KeyCodec.beginningWith`.
 */
import type { Range } from '../btree-map.js';
import type { Codec, EncodedEdge, EncodedRange, KeyCodec, KeyProbe, Prefix } from '../codec.js';
import { isKeyCodec, wrongType } from '../codecs/refusals.js';
import { tuple } from '../codecs/tuple.js';

/** A key and one of its values. */
export type Pair<K, V> = readonly [K, V];

/** Which keys to visit, and in which direction; see {@link Range}. */
export type KeyRange<K> = Omit<Range<K>, 'prefix'>;

/** Where a range of pairs ends: at a key, whose own pairs belong to it or not. */
interface Edge {
  readonly probe: KeyProbe;
  readonly isInclusive: boolean;
}

/**
 * The codec of pairs, whose beginnings are ranges of keys. Throws `TypeError` where keys or values
 * have no order.
 */
export function pairCodec<K, V>(keys: KeyCodec<K>, values: KeyCodec<V>): KeyCodec<Pair<K, V>> {
  const pairs = tuple(keys, values) as Codec<readonly unknown[]>;
  if (!isKeyCodec(pairs)) throw wrongType('MultiMap', 'codecs with an order', values);
  const codec: KeyCodec<readonly unknown[]> = {
    ...pairs,
    beginningWith: (range) => probeOf(pairs, range as unknown as KeyRange<unknown>),
  };
  return codec as KeyCodec<Pair<K, V>>;
}

/** The pairs whose keys lie in a range. PRECONDITION: their codec is one of {@link pairCodec}. */
export function pairsWithin<K, V>({ reverse, ...range }: KeyRange<K>): Range<Pair<K, V>> {
  return { prefix: range as unknown as Prefix<Pair<K, V>>, reverse };
}

/** The pairs of one key. */
export function pairsOf<K, V>(key: K, reverse = false): Range<Pair<K, V>> {
  return pairsWithin({ gte: key, lte: key, reverse });
}

function probeOf(pairs: KeyCodec<readonly unknown[]>, range: KeyRange<unknown>): KeyProbe {
  const edgesAt = (key: unknown, isInclusive: boolean): Edge[] =>
    key === undefined ? [] : [{ probe: pairs.beginningWith!([key] as never), isInclusive }];
  const lower = [...edgesAt(range.gte, true), ...edgesAt(range.gt, false)];
  const upper = [...edgesAt(range.lte, true), ...edgesAt(range.lt, false)];
  const place: KeyProbe = (bytes, start, end) => {
    for (const { probe, isInclusive } of lower) {
      const sign = probe(bytes, start, end);
      if (sign < 0 || (sign === 0 && !isInclusive)) return -1;
    }
    for (const { probe, isInclusive } of upper) {
      const sign = probe(bytes, start, end);
      if (sign > 0 || (sign === 0 && !isInclusive)) return 1;
    }
    return 0;
  };
  return Object.assign(place, { range: encodedRangeOf(lower, upper) });
}

/**
 * The range of encoded pairs; `undefined` where it takes two edges on a side, or is known by the
 * probes alone. What lies behind a key begins where its own pairs end.
 */
function encodedRangeOf(lower: readonly Edge[], upper: readonly Edge[]): EncodedRange | undefined {
  if (lower.length > 1 || upper.length > 1) return undefined;
  const [from] = lower.map(({ probe, isInclusive }) =>
    isInclusive ? probe.range?.lower : turnedOver(probe.range?.upper),
  );
  const [to] = upper.map(({ probe, isInclusive }) =>
    isInclusive ? probe.range?.upper : turnedOver(probe.range?.lower),
  );
  if (from === undefined && lower.length > 0) return undefined;
  if (to === undefined && upper.length > 0) return undefined;
  return { lower: from, upper: to };
}

/** The same edge, seen from its other side. */
function turnedOver(edge: EncodedEdge | undefined): EncodedEdge | undefined {
  return edge && { ...edge, isInclusive: !edge.isInclusive };
}
