/**
 * The numbers of labels. A message names the fields of a record and the cases of a variant by
 * numbers of 32 bits: the hash of a name, or, for a field that has none, the number itself, which
 * in JavaScript is written `_7_`.
 *
 * Source: the Candid specification, "Shorthand: Symbolic Field Ids"; how numbers are written in
 * JavaScript is a convention of `@dfinity/candid`.
 */
import { encodeUtf8 } from '../utf8.js';

const NUMBERED = /^_(\d+|0x[0-9a-fA-F]+)_$/;
const LABEL_LIMIT = 2 ** 32;
const HASH_FACTOR = 223;

/** The number of a label. O(length). */
export function labelId(label: string): number {
  const numbered = NUMBERED.exec(label);
  if (numbered !== null) {
    const id = Number(numbered[1]);
    if (id < LABEL_LIMIT) return id;
  }
  return hashOf(label);
}

function hashOf(label: string): number {
  let hash = 0;
  for (const byte of encodeUtf8(label)) hash = (Math.imul(hash, HASH_FACTOR) + byte) >>> 0;
  return hash;
}
