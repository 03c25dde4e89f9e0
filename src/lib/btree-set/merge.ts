/**
 * Two ascending sequences of keys, walked side by side: what all the algebra of sets is made of. A
 * key lies in the left sequence only, in both, or in the right one only, and an operation is known
 * by which of the three it wants:
 *
 *                           LEFT  BOTH  RIGHT
 *     union                  x     x      x
 *     intersection                 x
 *     difference             x
 *     symmetric difference   x            x
 *
 * It looks one key ahead in each sequence, never further, and stops where no wanted key can follow.
 * Each key is encoded once, for the comparison: O(n + m) for sequences of n and m keys.
 *
 * Source: `specs/ic-stable-structures.md` section 4.1.
 */
import { compareWhole, type KeyCodec } from '../codec.js';

/** Which keys an operation wants: those of the left sequence only, of both, of the right only. */
export interface Wanted {
  readonly left: boolean;
  readonly both: boolean;
  readonly right: boolean;
}

export const UNION: Wanted = { left: true, both: true, right: true };
export const INTERSECTION: Wanted = { left: false, both: true, right: false };
export const DIFFERENCE: Wanted = { left: true, both: false, right: false };
export const SYMMETRIC_DIFFERENCE: Wanted = { left: true, both: false, right: true };

/**
 * The wanted keys of two sequences, lazily, by ascending key, each once. PRECONDITION: both
 * ascend in the codec's order, and neither has a key twice.
 */
export function* merge<K>(
  codec: KeyCodec<K>,
  leftKeys: Iterator<K>,
  rightKeys: Iterator<K>,
  wanted: Wanted,
): Generator<K, void> {
  const left = new Head(codec, leftKeys);
  const right = new Head(codec, rightKeys);
  while (!left.hasEnded && !right.hasEnded) {
    const sign = compareWhole(codec.order, left.encoded, right.encoded);
    if (sign < 0) {
      if (wanted.left) yield left.key;
      left.advance();
    } else if (sign > 0) {
      if (wanted.right) yield right.key;
      right.advance();
    } else {
      if (wanted.both) yield left.key;
      left.advance();
      right.advance();
    }
  }
  if (wanted.left) yield* restOf(left);
  if (wanted.right) yield* restOf(right);
}

/** A sequence and the key that comes next in it. */
class Head<K> {
  hasEnded = false;
  /** PRECONDITION of both: the sequence has not ended. */
  key!: K;
  encoded!: Uint8Array;

  constructor(
    readonly codec: KeyCodec<K>,
    readonly keys: Iterator<K>,
  ) {
    this.advance();
  }

  advance(): void {
    const { done, value } = this.keys.next();
    this.hasEnded = done === true;
    if (this.hasEnded) return;
    this.key = value;
    this.encoded = this.codec.encode(value);
  }
}

function* restOf<K>(head: Head<K>): Generator<K, void> {
  for (; !head.hasEnded; head.advance()) yield head.key;
}
