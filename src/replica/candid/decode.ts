/**
 * Decoding Candid that comes from outside. The decoder of the library trusts its input: told that a
 * vector has 2^40 nulls it makes them, a view into a larger buffer it reads from the start of that
 * buffer. So a message is copied first and checked whole, see {@link ValueWalk}; what passes is
 * safe to decode, and whatever is wrong is a value.
 *
 * Source: Candid specification, "Binary format".
 */
import { IDL } from '@dfinity/candid';

import { WasmReader } from '../../wasm/leb128.js';
import { Effort } from './effort.js';
import { readTypes } from './type-table.js';
import { ValueWalk } from './values.js';

export type Decoded = { readonly values: readonly unknown[] } | { readonly invalid: string };

const MAGIC_SIZE = 4;

export function decodeCandid(types: readonly IDL.Type[], bytes: Uint8Array): Decoded {
  const message = new Uint8Array(bytes);
  try {
    checkMessage(message);
    return { values: IDL.decode([...types], message) };
  } catch (thrown) {
    return { invalid: (thrown as Error).message };
  }
}

/** The magic is left to the decoder, which looks at it before anything else. */
function checkMessage(message: Uint8Array): void {
  if (message.length <= MAGIC_SIZE) return;
  const reader = new WasmReader(message);
  reader.skip(MAGIC_SIZE);
  const effort = new Effort();
  const { table, values } = readTypes(reader, effort);
  const walk = new ValueWalk(reader, table, effort);
  for (const type of values) walk.pass(type);
}
