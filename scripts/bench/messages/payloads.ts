/** Payloads that know which one they are: the number is in the first four bytes. */
import { readU32, writeU32 } from '../../../src/lib/bytes.js';

/** The payload with its number. */
export function numbered<T extends Uint8Array>(payload: T, number: number): T {
  writeU32(payload, 0, number);
  return payload;
}

/** Throws unless it is this payload and no other: one that was lost, or that came twice. */
export function assertNumber(payload: Uint8Array, expected: number): void {
  const found = readU32(payload, 0);
  if (found !== expected) throw new Error(`expected message ${expected}, found ${found}`);
}
