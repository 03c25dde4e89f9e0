/**
 * The orders of types, each written as plainly as can be: what the orders of codecs are compared
 * with.
 */
import type { Principal } from '../../src/lib/principal.js';

type Compare<T> = (left: T, right: T) => number;

export function compareNumbers(left: number | bigint, right: number | bigint): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** From minus infinity up, -0 before 0 and NaN last. */
export function compareFloats(left: number, right: number): number {
  const zeroOf = (value: number): number => (Object.is(value, -0) ? -1 : 0);
  if (Number.isNaN(left) || Number.isNaN(right)) {
    return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  }
  return compareNumbers(left, right) || zeroOf(left) - zeroOf(right);
}

export function compareLists<T>(compare: Compare<T>): Compare<ArrayLike<T>> {
  return (left, right) => {
    const common = Math.min(left.length, right.length);
    for (let index = 0; index < common; index++) {
      const sign = compare(left[index]!, right[index]!);
      if (sign !== 0) return sign;
    }
    return left.length - right.length;
  };
}

export const compareArrays: Compare<Uint8Array> = compareLists<number>(compareNumbers);

/** By code points, which is the order of UTF-8. */
export function compareTexts(left: string, right: string): number {
  const codePoints = (text: string): number[] => Array.from(text, (c) => c.codePointAt(0)!);
  return compareLists<number>(compareNumbers)(codePoints(left), codePoints(right));
}

/** As Rust derives it from (length, bytes). */
export function comparePrincipals(left: Principal, right: Principal): number {
  const l = left.toUint8Array();
  const r = right.toUint8Array();
  return l.length - r.length || compareArrays(l, r);
}

export function comparePairs<A, B>(
  first: Compare<A>,
  second: Compare<B>,
): Compare<readonly [A, B]> {
  return (left, right) => first(left[0], right[0]) || second(left[1], right[1]);
}

export function compareTriples<A, B, C>(
  first: Compare<A>,
  second: Compare<B>,
  third: Compare<C>,
): Compare<readonly [A, B, C]> {
  return (left, right) =>
    first(left[0], right[0]) || second(left[1], right[1]) || third(left[2], right[2]);
}

/** Element by element, each by its own order. */
export function compareAll<T extends unknown[]>(
  ...compares: { [Index in keyof T]: Compare<T[Index]> }
): Compare<Readonly<T>> {
  return (left, right) => {
    for (const [index, compare] of compares.entries()) {
      const sign = (compare as Compare<unknown>)(left[index], right[index]);
      if (sign !== 0) return sign;
    }
    return 0;
  };
}
