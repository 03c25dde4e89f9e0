/**
 * What every codec promises, as properties. A codec's test describes its values and, for keys,
 * their order; the laws do the rest.
 *
 * Source: `src/lib/codec.ts`; house style rules 10 and 24.
 */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  decodeRange,
  encodeChecked,
  encodeCheckedInto,
  type Codec,
  type KeyCodec,
} from '../../src/lib/codec.js';
import { StorageError } from '../../src/lib/errors.js';
import { isKeyCodec } from '../../src/lib/codecs/refusals.js';
import { checkProperty } from './property.js';
import type { WrongInput } from './wrong-inputs.js';

/** The values of a codec, right and wrong. */
export interface CodecLaws<T> {
  readonly codec: Codec<T>;

  /** All values, the borderline ones often. */
  readonly values: fc.Arbitrary<T>;

  /** The order of the type, written as plainly as can be. Every key codec needs it. */
  readonly compare?: (left: T, right: T) => number;

  /** Values of another JavaScript type. */
  readonly wrongTypes: readonly WrongInput[];

  /** Values of the right JavaScript type that the codec has no bytes for. */
  readonly wrongValues?: readonly WrongInput[];
}

/** Declares the tests of a codec. */
export function describeCodecLaws<T>(laws: CodecLaws<T>): void {
  const { codec, values } = laws;
  describe(`the codec ${codec.name}`, () => {
    test('gives back what it was given, within its bound', () => {
      checkProperty(
        fc.property(values, (value) => {
          expect(codec.decode(encodeChecked(codec, value))).toEqual(value);
        }),
      );
    });

    test('reads a value where it lies among other bytes', () => {
      checkProperty(
        fc.property(values, fc.nat({ max: 9 }), (value, before) => {
          const encoded = codec.encode(value);
          const end = before + encoded.length;
          const node = new Uint8Array(end + 9).fill(0xa5);
          node.set(encoded, before);
          expect(decodeRange(codec, node, before, end)).toEqual(value);
        }),
      );
    });

    test('writes the same bytes among others', () => {
      const room = fc.nat({ max: 9 });
      checkProperty(
        fc.property(values, room, room, (value, before, after) => {
          const encoded = encodeChecked(codec, value);
          const end = before + encoded.length;
          const target = new Uint8Array(end + after).fill(0xa5);
          const expected = new Uint8Array(target);
          expected.set(encoded, before);
          expect(encodeCheckedInto(codec, value, target, before)).toBe(end);
          expect(Buffer.compare(target.subarray(0, end), expected.subarray(0, end))).toBe(0);
        }),
      );
    });

    test('writes nothing before its place or behind its target where there is no room', () => {
      checkProperty(
        fc.property(values, fc.nat({ max: 9 }), fc.nat(), (value, before, position) => {
          const needed = before + encodeChecked(codec, value).length;
          if (needed === 0) return;
          const size = position % needed;
          const node = new Uint8Array(needed).fill(0xa5);
          expect(encodeCheckedInto(codec, value, node.subarray(0, size), before)).toBe(-1);
          const untouched = [...node.subarray(0, before), ...node.subarray(size)];
          expect(untouched.every((byte) => byte === 0xa5)).toBe(true);
        }),
      );
    });

    test('shares no bytes with its values', () => {
      checkProperty(fc.property(values, (value) => assertNothingShared(codec, value)));
    });

    test('reads damaged bytes as another value or refuses them with a StorageError', () => {
      const damaged = fc.oneof(fc.uint8Array({ maxLength: 64 }), damagedEncodings(laws));
      const property = fc.property(damaged, (bytes) => assertNoCrash(codec, bytes));
      checkProperty(property, { numRuns: 500 });
    });

    for (const [label, value] of laws.wrongTypes) {
      test(`refuses ${label}`, () => {
        expect(() => codec.encode(value as T)).toThrow(TypeError);
        assertSameRefusal(codec, value as T);
      });
    }

    for (const [label, value] of laws.wrongValues ?? []) {
      test(`refuses ${label}`, () => {
        const refusal = expect.objectContaining({ code: 'INVALID_VALUE' });
        expect(() => codec.encode(value as T)).toThrow(refusal as unknown as Error);
        assertSameRefusal(codec, value as T);
      });
    }

    if (isKeyCodec(codec)) describeOrder(codec, laws);
  });
}

function describeOrder<T>(codec: KeyCodec<T>, { values, compare }: CodecLaws<T>): void {
  if (compare === undefined) throw new Error(`${codec.name}: its laws lack the order of its type`);

  test('orders keys as its type is ordered', () => {
    const property = fc.property(values, values, (left, right) => {
      const sign = Math.sign(orderWithin(codec, left, right));
      expect(sign).toBe(Math.sign(compare(left, right)));
      expect(Math.sign(orderWithin(codec, right, left))).toBe(0 - sign);
    });
    checkProperty(property, { numRuns: 500 });
  });

  test('finds a key equal to itself', () => {
    checkProperty(fc.property(values, (value) => expect(orderWithin(codec, value, value)).toBe(0)));
  });
}

/** Compares keys where they lie among other bytes, as in a node. */
function orderWithin<T>(codec: KeyCodec<T>, left: T, right: T): number {
  const l = codec.encode(left);
  const r = codec.encode(right);
  const node = new Uint8Array(l.length + r.length + 9).fill(0xa5);
  const rightStart = l.length + 6;
  node.set(l, 3);
  node.set(r, rightStart);
  return codec.order(node, 3, 3 + l.length, node, rightStart, rightStart + r.length);
}

function assertNothingShared<T>(codec: Codec<T>, value: T): void {
  const encoded = codec.encode(value);
  const copy = new Uint8Array(encoded);
  encoded.fill(0xee);
  expect(codec.encode(value)).toEqual(copy);
  const stored = new Uint8Array(copy);
  const decoded = codec.decode(stored);
  const decodedInPlace = decodeRange(codec, stored, 0, stored.length);
  stored.fill(0xee);
  expect(decoded).toEqual(value);
  expect(decodedInPlace).toEqual(value);
}

/** A value is refused in the same words wherever it was to go. */
function assertSameRefusal<T>(codec: Codec<T>, value: T): void {
  const refusal = errorOf(() => codec.encode(value));
  const found = errorOf(() => encodeCheckedInto(codec, value, new Uint8Array(64), 0));
  expect(found.message).toBe(refusal.message);
  expect(found.constructor).toBe(refusal.constructor);
}

function errorOf(use: () => unknown): Error {
  try {
    use();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

function assertNoCrash<T>(codec: Codec<T>, bytes: Uint8Array): void {
  const readInPlace = (): T => decodeRange(codec, bytes, 0, bytes.length);
  let value: T;
  try {
    value = codec.decode(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(StorageError);
    const { code } = error as StorageError;
    expect(readInPlace).toThrow(expect.objectContaining({ code }) as unknown as Error);
    return;
  }
  expect(codec.decode(encodeChecked(codec, value))).toEqual(value);
  expect(readInPlace()).toEqual(value);
}

/** Encodings that were cut, lengthened, or changed in one byte. */
function damagedEncodings<T>({ codec, values }: CodecLaws<T>): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(values, fc.nat(), fc.integer({ min: 0, max: 255 }))
    .chain(([value, position, byte]) => {
      const bytes = codec.encode(value);
      const index = position % (bytes.length + 1);
      const changed = new Uint8Array(bytes);
      changed[index] = byte;
      const longer = new Uint8Array(bytes.length + 1);
      longer.set(bytes);
      longer[bytes.length] = byte;
      return fc.constantFrom(bytes.slice(0, index), changed, longer);
    });
}
