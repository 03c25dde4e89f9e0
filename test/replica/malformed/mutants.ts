/** Damaged bytes: near enough to good ones to be taken for them at first. */
import * as fc from 'fast-check';

/** Bytes that are not the given ones, but have much in common with them. */
export function mutantsOf(good: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat({ max: good.length - 1 });
  const piece = fc.uint8Array({ minLength: 1, maxLength: 8 });
  return fc
    .oneof(
      fc.tuple(at, piece).map(([offset, bytes]) => replaced(good, offset, bytes.length, bytes)),
      fc.tuple(at, fc.nat({ max: 7 })).map(([offset, bit]) => flipped(good, offset, bit)),
      fc.tuple(at, piece).map(([offset, bytes]) => replaced(good, offset, 0, bytes)),
      fc
        .tuple(at, fc.integer({ min: 1, max: 8 }))
        .map(([offset, count]) => cut(good, offset, count)),
      at.map((length) => good.slice(0, length)),
      piece.map((bytes) => replaced(good, good.length, 0, bytes)),
      fc.uint8Array({ maxLength: 64 }),
    )
    .filter((bytes) => Buffer.compare(bytes, good) !== 0);
}

/** The bytes with `count` of them from `offset` replaced by others. */
function replaced(bytes: Uint8Array, offset: number, count: number, by: Uint8Array): Uint8Array {
  return Uint8Array.of(...bytes.subarray(0, offset), ...by, ...bytes.subarray(offset + count));
}

function flipped(bytes: Uint8Array, offset: number, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[offset]! ^= 1 << bit;
  return copy;
}

function cut(bytes: Uint8Array, offset: number, count: number): Uint8Array {
  return replaced(bytes, offset, count, new Uint8Array(0));
}
