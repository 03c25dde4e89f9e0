/**
 * Keys as strings of bits, so that a binary tree can branch on them. Each byte has nine: a 1 that
 * says "there is a byte", then its eight bits from the highest down; behind the last byte comes a 0
 * that says "the key ends here".
 *
 *     position   0    1 ... 8   9   10 ... 17   18   ...
 *     "ab"       1    61        1   62          0
 *     "a"        1    61        0
 *
 * So the order of the bits is the order of the bytes, a key that is the beginning of another comes
 * before it, and two keys always differ at some position, where both have a bit.
 *
 * Source: D. J. Bernstein, "Crit-bit trees"; D. R. Morrison, PATRICIA (1968).
 */

/** The side of a fork: left for a bit of 0, right for a 1. */
export type Side = 0 | 1;

export const LEFT: Side = 0;
export const RIGHT: Side = 1;

const BITS_OF_BYTE = 9;

/** The bit of a key at a position; 0 behind its end. O(1). */
export function bitOf(key: Uint8Array, position: number): Side {
  const index = Math.floor(position / BITS_OF_BYTE);
  const bit = position - index * BITS_OF_BYTE;
  if (index >= key.length) return LEFT;
  if (bit === 0) return RIGHT;
  return ((key[index]! >>> (BITS_OF_BYTE - 1 - bit)) & 1) as Side;
}

/** The first position where two keys differ, or -1 where they are the same. O(length). */
export function firstDifference(left: Uint8Array, right: Uint8Array): number {
  const common = Math.min(left.length, right.length);
  for (let index = 0; index < common; index++) {
    const difference = left[index]! ^ right[index]!;
    // Of 32 bits the upper 24 are 0, and the first of the nine is the same in both.
    if (difference !== 0) return index * BITS_OF_BYTE + Math.clz32(difference) - 24 + 1;
  }
  return left.length === right.length ? -1 : common * BITS_OF_BYTE;
}

export function otherSide(side: Side): Side {
  return side === LEFT ? RIGHT : LEFT;
}
