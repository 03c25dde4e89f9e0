/**
 * The type names in the headers of reference sequences, such as `(blob<=12,u64)`, as codecs.
 *
 * Source: the README beside the reference sequences.
 */
import { compareBytes } from '../../src/lib/bytes.js';
import type { KeyCodec } from '../../src/lib/codec.js';
import {
  blob,
  bool,
  bytes,
  principal,
  text,
  tuple,
  u128,
  u16,
  u32,
  u64,
  u8,
  unit,
} from '../../src/lib/codecs/index.js';
import type { Principal } from '../../src/lib/principal.js';

/**
 * The generator of the sequences compared principals by their bytes. The crate itself derives their
 * order from (length, bytes), in every release of `ic_principal`, and so do the images that were
 * made with it (see `test/lib/reference-images.test.ts`). The library follows the crate; sequences
 * are replayed in the order in which they were made.
 */
const principalByBytes: KeyCodec<Principal> = { ...principal, order: compareBytes };

const CODECS: ReadonlyMap<string, KeyCodec<unknown>> = new Map<string, KeyCodec<unknown>>(
  [u8, u16, u32, u64, u128, bool, unit, text, bytes, principalByBytes].map((codec) => [
    codec.name,
    codec,
  ]),
);

/** Opening bracket, parts that hold no bracket, closing bracket. */
const TUPLE = /^\(([^()]*)\)$/;
const BLOB = /^blob<=(\d+)$/;

/** The codec of a type name. Throws for a name that the sequences did not have so far. */
export function codecNamed(type: string): KeyCodec<unknown> {
  const size = BLOB.exec(type)?.[1];
  if (size !== undefined) return blob(Number(size)) as KeyCodec<unknown>;
  const parts = TUPLE.exec(type)?.[1]?.split(',').map(codecNamed);
  if (parts?.length === 2) return tuple(parts[0]!, parts[1]!) as KeyCodec<unknown>;
  if (parts?.length === 3) return tuple(parts[0]!, parts[1]!, parts[2]!) as KeyCodec<unknown>;
  const codec = CODECS.get(type);
  if (codec === undefined) throw new Error(`no codec for the type ${type}`);
  return codec;
}
