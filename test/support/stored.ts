/**
 * Bytes of a memory as tests write them down and spoil them.
 */
import type { Memory } from '../../src/lib/memory.js';
import { fromHex, toHex } from './hex.js';
import { imageOf } from './memories.js';

/** The bytes up to the last one that is not zero, as hexadecimal text. */
export function headOf(memory: Memory): string {
  return toHex(imageOf(memory)).replace(/(00)+$/, '');
}

/** Overwrites bytes, given as hexadecimal text. */
export function spoil(memory: Memory, offset: number, hex: string): void {
  memory.write(offset, fromHex(hex));
}

/** Hexadecimal text without the spaces that are for the reader. */
export function hex(text: string): string {
  return toHex(fromHex(text));
}
