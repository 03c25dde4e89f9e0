/**
 * What the generated functions of the kernel's Candid cannot do with numbers alone: values that are
 * arrays of bytes, and integers that do not fit the tape's 64 bits.
 *
 * Source: class `VecClass` of `@dfinity/candid`; the Candid specification, "Binary format".
 */
import { Message } from './message.js';
import { putLargeSigned, putLargeUnsigned } from './numbers.js';

/**
 * The typed arrays that the values of a packed vec are, by the kind of its elements. Their bytes
 * are those of the message, since Candid is little-endian as Wasm is.
 */
export const TYPED_ARRAYS = {
  nat8: Uint8Array,
  int8: Int8Array,
  nat16: Uint16Array,
  int16: Int16Array,
  nat32: Uint32Array,
  int32: Int32Array,
  nat64: BigUint64Array,
  int64: BigInt64Array,
} as const;

/** The number whose LEB128 these bytes are. O(length). */
export function longInteger(bytes: Uint8Array, isSigned: boolean): bigint {
  const message = new Message(bytes);
  return isSigned ? message.int() : message.nat();
}

/** The LEB128 of a number. O(length). */
export function longBytes(value: bigint, isSigned: boolean): Uint8Array {
  const put = isSigned ? putLargeSigned : putLargeUnsigned;
  // A digit has four bits, and a byte takes seven of them at most, and a sign.
  const bytes = new Uint8Array(value.toString(16).length + 1);
  return bytes.slice(0, put(bytes, 0, value));
}
