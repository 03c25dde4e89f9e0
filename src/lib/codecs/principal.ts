/**
 * Principals by their bytes, 0 to 29 of them.
 *
 * NOTE: their order is not that of their bytes. Rust derives it from the pair (length, bytes): a
 * shorter principal comes first, and only then do bytes count. A canister's principal (10 bytes)
 * therefore comes before a user's (29).
 *
 * Source: `specs/ic-stable-structures.md` sections 5.1 and 5.3.
 */
import { compareShorterFirst, copyRange } from '../bytes.js';
import { putBytes, type KeyCodec } from '../codec.js';
import { corrupted } from '../errors.js';
import { PRINCIPAL_SIZE_MAX, principalWith, type Principal } from '../principal.js';
import { invalidValue, wrongType } from './refusals.js';

/** All that encoding needs of a principal. */
interface HasBytes {
  toUint8Array(): Uint8Array;
}

/**
 * A codec like {@link principal} that decodes to a class of the user's. O(length).
 *
 * `principalOf` throws `TypeError` for a class without a static `fromUint8Array`; the codec throws
 * what {@link principal} throws.
 *
 * @param type The class. Its static `fromUint8Array` must keep no view of the bytes it is given,
 * or be given its own: it is.
 *
 * @example
 * import { Principal } from '@dfinity/principal';
 * const owners = BTreeMap.init(memory.get(0), u64, principalOf(Principal));
 */
export function principalOf<P extends HasBytes>(type: {
  fromUint8Array(bytes: Uint8Array): P;
}): KeyCodec<P> {
  if (typeof type?.fromUint8Array !== 'function') {
    throw wrongType('principalOf', 'a class with a static fromUint8Array', type);
  }
  return {
    name: 'principal',
    bound: { maxSize: PRINCIPAL_SIZE_MAX, fixedSize: false },
    order: compareShorterFirst,
    encode: (value) => new Uint8Array(bytesOf(value)),
    encodeInto: (value, target, offset) => putBytes(bytesOf(value), target, offset),
    decode: (bytes) => decodeAt(bytes, 0, bytes.length),
    decodeAt,
  };

  function decodeAt(bytes: Uint8Array, start: number, end: number): P {
    const length = end - start;
    if (length > PRINCIPAL_SIZE_MAX) {
      throw corrupted('principal', `at most ${PRINCIPAL_SIZE_MAX} bytes`, length);
    }
    return type.fromUint8Array(copyRange(bytes, start, end));
  }
}

/**
 * Rust's `Principal`: 0 to 29 bytes, shorter ones first. O(length).
 *
 * Encodes anything with `toUint8Array()`, such as a principal of `@dfinity/principal`; decodes to
 * this library's. Use {@link principalOf} to get your own class back.
 *
 * Throws `TypeError` for what is no principal, `INVALID_VALUE` for one of more than 29 bytes,
 * `CORRUPTED` for more than 29 stored bytes.
 *
 * @example
 * const users = BTreeMap.init(memory.get(0), principal, text);
 * users.insert(msgCaller(), 'Ada');
 */
export const principal: KeyCodec<Principal> = principalOf({ fromUint8Array: principalWith });

/** The principal's own bytes: to be copied. */
function bytesOf(value: HasBytes): Uint8Array {
  if (typeof value?.toUint8Array !== 'function') {
    throw wrongType('principal', 'a Principal', value);
  }
  const bytes = value.toUint8Array();
  if (!(bytes instanceof Uint8Array)) throw wrongType('principal', 'its bytes', bytes);
  if (bytes.length > PRINCIPAL_SIZE_MAX) {
    throw invalidValue('principal', `at most ${PRINCIPAL_SIZE_MAX} bytes`, String(bytes.length));
  }
  return bytes;
}
