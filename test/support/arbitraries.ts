/**
 * Random values of the types that several codecs share, the borderline ones often.
 */
import * as fc from 'fast-check';
import { Principal } from '../../src/lib/principal.js';

/** Text with characters on both sides of the surrogates, where UTF-16 and UTF-8 disagree. */
export function anyText(maxLength = 12): fc.Arbitrary<string> {
  const tricky = fc.constantFrom('\0', 'a', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '😀');
  return fc.oneof(
    fc.string({ unit: 'binary', maxLength }),
    fc.array(tricky, { maxLength }).map((characters) => characters.join('')),
  );
}

/** Bytes, among them such as differ only in trailing zeros. */
export function anyBytes(maxLength = 12): fc.Arbitrary<Uint8Array> {
  const byte = fc.constantFrom(0, 1, 0x7f, 0x80, 0xff);
  return fc.oneof(
    fc.uint8Array({ maxLength }),
    fc.array(byte, { maxLength }).map((bytes) => Uint8Array.from(bytes)),
  );
}

export function anyPrincipal(): fc.Arbitrary<Principal> {
  return anyBytes(29).map((bytes) => Principal.fromUint8Array(bytes));
}

/** Bigints from `min` to `max`, of every magnitude. */
export function anyBigint(min: bigint, max: bigint): fc.Arbitrary<bigint> {
  const small = fc.bigInt({ min: min > -300n ? min : -300n, max: max < 300n ? max : 300n });
  return fc.oneof(small, fc.bigInt({ min, max }), fc.constantFrom(min, max));
}

export function anyU64(): fc.Arbitrary<bigint> {
  return anyBigint(0n, 2n ** 64n - 1n);
}
