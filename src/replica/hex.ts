/** Bytes as hexadecimal text: how the replica names hashes and messages. */

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
