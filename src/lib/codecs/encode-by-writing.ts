/**
 * How a codec that knows how to write its values where it is told makes an array of one: it writes
 * into a spare array and copies what it wrote. So the bytes are put together in one place only, and
 * no part of a value needs an array of its own.
 *
 * Source: `src/lib/codec.ts`, `encodeInto`.
 */
import type { Codec } from '../codec.js';

const SPARE_SIZE = 4096;

/**
 * An array that is kept for the next value; absent while somebody writes, because the codec of a
 * part may be a stranger's that comes back here.
 */
let spare: Uint8Array | undefined;

/** The bytes of a value in an array of their own. O(length). Throws what `encodeInto` throws. */
export function encodeByWriting<T>(
  encodeInto: NonNullable<Codec<T>['encodeInto']>,
  value: T,
): Uint8Array {
  let target = spare ?? new Uint8Array(SPARE_SIZE);
  spare = undefined;
  try {
    let end = encodeInto(value, target, 0);
    while (end < 0) {
      target = new Uint8Array(2 * target.length);
      end = encodeInto(value, target, 0);
    }
    return target.slice(0, end);
  } finally {
    if (target.length === SPARE_SIZE) spare = target;
  }
}
