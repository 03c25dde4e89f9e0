/**
 * Bytes as hexadecimal text and back. Spaces in the text are for the reader.
 */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function fromHex(text: string): Uint8Array {
  const digits = text.replaceAll(' ', '');
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new RangeError(`no hexadecimal text: ${text}`);
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
