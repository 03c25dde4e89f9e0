/**
 * Several values in one, compared element by element: the first decides, then the next.
 *
 * Pairs of bounded parts and all triples have Rust's bytes (`tuple-padded.ts`, `tuple-sized.ts`).
 * What Rust cannot store has ours: pairs with an unbounded part (`tuple-open.ts`), and tuples of
 * one part or of four and more (`tuple-long.ts`).
 *
 * NOTE: the order is not that of the bytes, since sizes may lie in between. It is where all parts
 * but the last are fixed in size and each part is ordered by its bytes: then the whole is compared
 * in one go.
 *
 * Source: `specs/ic-stable-structures.md` sections 5.2 and 5.3.
 */
import { beginningWithBytes, compareBytes } from '../bytes.js';
import {
  decodeRange,
  encodeChecked,
  type Bound,
  type ByteOrder,
  type Codec,
  type EncodedRange,
  type KeyCodec,
  type KeyProbe,
  type ValueOf,
} from '../codec.js';
import { describeTuples } from '../order-program.js';
import { encodeByWriting } from './encode-by-writing.js';
import { assertCodec, invalidValue, isKeyCodec, wrongType } from './refusals.js';
import { isFixed, joinParts, type TupleLayout } from './tuple-layout.js';
import { longLayout } from './tuple-long.js';
import { openLayout } from './tuple-open.js';
import { paddedLayout } from './tuple-padded.js';
import { sizedLayout } from './tuple-sized.js';

/** The values of a tuple whose parts have these codecs: `readonly [bigint, string]`. */
export type TupleOf<Parts extends readonly Codec<unknown>[]> = {
  readonly [Index in keyof Parts]: ValueOf<Parts[Index]>;
};

/**
 * A codec for tuples of one part or more. Where all parts have an order, so has the tuple, and it
 * can be a key. O(total length).
 *
 * Throws `TypeError` for what is no array, `INVALID_VALUE` for an array of another length,
 * `VALUE_TOO_LARGE` for a part above its bound, `CORRUPTED` for stored bytes that are no such
 * tuple, and what its parts throw; `tuple` itself throws `TypeError` for what is no codec,
 * `RangeError` for no parts.
 *
 * @example
 * const byJoined = BTreeMap.init(memory.get(1), tuple(u64, principal), unit);
 * byJoined.insert([joined, caller], undefined);
 */
export function tuple<Parts extends readonly [KeyCodec<unknown>, ...KeyCodec<unknown>[]]>(
  ...parts: Parts
): KeyCodec<TupleOf<Parts>>;
export function tuple<Parts extends readonly [Codec<unknown>, ...Codec<unknown>[]]>(
  ...parts: Parts
): Codec<TupleOf<Parts>>;
export function tuple(...parts: Codec<unknown>[]): Codec<readonly unknown[]> {
  for (const part of parts) assertCodec('tuple part', part);
  const layout = layoutOf(parts.map((part) => part.bound));
  const codec = tupleCodec(parts, layout);
  if (!parts.every(isKeyCodec)) return codec;
  const keyCodec: KeyCodec<readonly unknown[]> = {
    ...codec,
    order: orderOf(parts, layout),
    beginningWith: (prefix: unknown) => beginningOf(keyCodec, parts, layout, prefix),
  };
  return keyCodec;
}

function layoutOf(bounds: readonly Bound[]): TupleLayout {
  if (bounds.length === 0) throw new RangeError('tuple: expected one codec at least, got none');
  const [a, b, c, d] = bounds;
  if (a === undefined || b === undefined || d !== undefined) return longLayout(bounds);
  if (c !== undefined) return sizedLayout(a, b, c);
  return a === 'unbounded' || b === 'unbounded' ? openLayout(a) : paddedLayout(a, b);
}

function tupleCodec(
  parts: readonly Codec<unknown>[],
  layout: TupleLayout,
): Codec<readonly unknown[]> {
  const name = `tuple(${parts.map((part) => part.name).join(', ')})`;
  const { length } = parts;
  const encodeInto = (value: readonly unknown[], target: Uint8Array, offset: number): number => {
    if (!Array.isArray(value)) throw wrongType(name, `an array of ${length}`, value);
    if (value.length !== length) {
      throw invalidValue(name, `an array of ${length}`, `one of ${value.length}`);
    }
    return layout.put(parts, value, target, offset);
  };
  return {
    name,
    bound: layout.bound,
    encode: (value) => encodeByWriting(encodeInto, value),
    encodeInto,
    decode: (bytes) => decodeParts(parts, layout, bytes, 0, bytes.length),
    decodeAt: (bytes, start, end) => decodeParts(parts, layout, bytes, start, end),
  };
}

function decodeParts(
  parts: readonly Codec<unknown>[],
  layout: TupleLayout,
  bytes: Uint8Array,
  start: number,
  end: number,
): unknown[] {
  const edges = layout.locate(bytes, start, end);
  const values: unknown[] = [];
  for (let index = 0, edge = 0; index < parts.length; index++, edge += 2) {
    values.push(decodeRange(parts[index]!, bytes, edges[edge]!, edges[edge + 1]!));
  }
  return values;
}

function orderOf(parts: readonly KeyCodec<unknown>[], layout: TupleLayout): ByteOrder {
  const areAllByBytes = parts.every((part) => part.order === compareBytes);
  const areFirstFixed = parts.slice(0, -1).every((part) => isFixed(part.bound));
  if (areAllByBytes && areFirstFixed) return compareBytes;
  const order: ByteOrder = (left, leftStart, leftEnd, right, rightStart, rightEnd) => {
    const l = layout.locate(left, leftStart, leftEnd);
    const r = layout.locate(right, rightStart, rightEnd);
    for (let edge = 0; edge < l.length; edge += 2) {
      const { order } = parts[edge / 2]!;
      const sign = order(left, l[edge]!, l[edge + 1]!, right, r[edge]!, r[edge + 1]!);
      if (sign !== 0) return sign;
    }
    return 0;
  };
  describeTuples(order, layout.form, parts);
  return order;
}

/** The tuples of which the first elements are those of `prefix`. */
function beginningOf(
  { name, order }: KeyCodec<readonly unknown[]>,
  parts: readonly KeyCodec<unknown>[],
  layout: TupleLayout,
  prefix: unknown,
): KeyProbe {
  if (!Array.isArray(prefix)) throw wrongType(`${name} prefix`, 'an array', prefix);
  if (prefix.length === 0 || prefix.length >= parts.length) {
    const expected = `1 to ${parts.length - 1} elements`;
    throw invalidValue(`${name} prefix`, expected, String(prefix.length));
  }
  const wanted = prefix.map((value, index) => encodeChecked(parts[index]!, value));
  const probe: KeyProbe = (bytes, start, end) => {
    const edges = layout.locate(bytes, start, end);
    for (const [index, part] of wanted.entries()) {
      const [from, to] = [edges[2 * index]!, edges[2 * index + 1]!];
      const sign = parts[index]!.order(bytes, from, to, part, 0, part.length);
      if (sign !== 0) return sign;
    }
    return 0;
  };
  const key = joinParts(
    layout,
    parts.map(({ bound }, index) => wanted[index] ?? leastOf(bound)),
  );
  return Object.assign(probe, { range: order === compareBytes ? byBytes() : byParts() });

  function byBytes(): EncodedRange | undefined {
    const end = layout.locate(key, 0, key.length)[2 * wanted.length - 1];
    return beginningWithBytes(key.slice(0, end)).range;
  }

  function byParts(): EncodedRange {
    const edge = { key, isInclusive: true, leading: { count: wanted.length, compare: probe } };
    return { lower: edge, upper: edge };
  }
}

/** A part that takes up the place of one, and is compared with none. */
function leastOf(bound: Bound): Uint8Array {
  return new Uint8Array(isFixed(bound) ? bound.maxSize : 0);
}
