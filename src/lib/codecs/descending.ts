/**
 * The same values in the same bytes, ordered the other way round, as Rust's `Reverse`. A range of a
 * map then starts with the largest key: the newest event, the highest score. As a part of a tuple
 * it turns that part alone.
 *
 * Source: `specs/ic-stable-structures.md` sections 5.1 and 5.3.
 */
import { decodeRange, type EncodedEdge, type KeyCodec, type KeyProbe } from '../codec.js';
import { describeDescending } from '../order-program.js';
import { assertCodec, isKeyCodec, wrongType } from './refusals.js';

/**
 * Rust's `Reverse<T>`: what `codec` stores, in descending order. Costs what `codec` costs.
 *
 * Throws what `codec` throws; `descending` itself throws `TypeError` for what is no codec of keys.
 *
 * @example
 * const ranking = BTreeMap.init(memory.get(0), tuple(descending(u64), principal), unit);
 */
export function descending<T>(codec: KeyCodec<T>): KeyCodec<T> {
  assertCodec('descending', codec);
  if (!isKeyCodec(codec)) throw wrongType('descending', 'a codec of keys', codec);
  const { beginningWith } = codec;
  const reversed: KeyCodec<T> = {
    name: `descending(${codec.name})`,
    bound: codec.bound,
    order: (left, leftStart, leftEnd, right, rightStart, rightEnd) =>
      codec.order(right, rightStart, rightEnd, left, leftStart, leftEnd),
    encode: (value) => codec.encode(value),
    decode: (bytes) => codec.decode(bytes),
    decodeAt: (bytes, start, end) => decodeRange(codec, bytes, start, end),
  };
  describeDescending(reversed.order, codec.order);
  if (codec.encodeInto !== undefined) {
    reversed.encodeInto = (value, target, offset) => codec.encodeInto!(value, target, offset);
  }
  if (beginningWith === undefined) return reversed;
  return { ...reversed, beginningWith: (prefix) => turned(beginningWith.call(codec, prefix)) };
}

/** Keys of one beginning lie together, whichever way they are ordered. */
function turned(probe: KeyProbe): KeyProbe {
  const { range } = probe;
  if (range === undefined) return opposite(probe);
  const ends = { lower: turnedEdge(range.upper), upper: turnedEdge(range.lower) };
  return Object.assign(opposite(probe), { range: ends });
}

function opposite(probe: KeyProbe): KeyProbe {
  return (bytes, start, end) => 0 - probe(bytes, start, end);
}

function turnedEdge(edge: EncodedEdge | undefined): EncodedEdge | undefined {
  if (edge?.leading === undefined) return edge;
  const { count, compare } = edge.leading;
  return { ...edge, leading: { count, compare: opposite(compare) } };
}
