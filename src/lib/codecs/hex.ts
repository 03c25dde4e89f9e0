/**
 * Bytes as hexadecimal text and back, in lower case.
 */

const NO_DIGIT = /[^0-9a-f]/;

/** The text of the bytes from `start` up to `end`. O(length). */
export function hexOf(bytes: Uint8Array, start: number, end: number): string {
  let hex = '';
  for (let index = start; index < end; index++) hex += bytes[index]!.toString(16).padStart(2, '0');
  return hex;
}

/** The bytes of a text; `undefined` where it is not that of bytes. O(length). */
export function bytesOfHex(hex: string): Uint8Array | undefined {
  if (hex.length % 2 !== 0 || NO_DIGIT.test(hex)) return undefined;
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16);
  }
  return bytes;
}
