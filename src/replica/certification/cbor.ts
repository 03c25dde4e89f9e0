/**
 * CBOR as the Internet Computer speaks it: self-described (tag 55799), maps with texts for keys,
 * and none of the parts that have two meanings (floats, `undefined`, other tags).
 *
 * What comes in is not believed: its depth and the number of its items are bounded while it is
 * read, keys may not repeat, and nothing may follow it. Maps become `Map`, so that no key can be
 * mistaken for a property of an object.
 *
 * Source: RFC 8949; IC interface specification, "CBOR encoding of requests and responses".
 */
import { decode, encode, Tokenizer, Type, type DecodeOptions, type Token } from 'cborg';

import { concatBytes } from '../bytes.js';

/** D9 D9F7, the encoding of tag 55799. */
const SELF_DESCRIBED = Uint8Array.of(0xd9, 0xd9, 0xf7);
const SELF_DESCRIBED_TAG = 55_799;

/** No request or certificate nests deeper: a hash tree forks once per bit of its size. */
const DEPTH_MAX = 200;
/** A `read_state` request may have 1,000 paths of 127 labels. */
const ITEMS_MAX = 200_000;

export class CborError extends Error {
  override readonly name = 'CborError';
}

export function encodeCbor(value: unknown): Uint8Array {
  return concatBytes(SELF_DESCRIBED, encodePlainCbor(value));
}

/** Without the tag. */
export function encodePlainCbor(value: unknown): Uint8Array {
  return encode(value);
}

/** Throws a {@link CborError}; the tag may be missing. */
export function decodeCbor(bytes: Uint8Array): unknown {
  const options: DecodeOptions = {
    useMaps: true,
    rejectDuplicateMapKeys: true,
    allowIndefinite: true,
    allowUndefined: false,
    allowBigInt: true,
    tags: { [SELF_DESCRIBED_TAG]: (content) => content() },
  };
  try {
    return decode(bytes, { ...options, tokenizer: new BoundedTokenizer(bytes, options) });
  } catch (thrown) {
    throw new CborError(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** Counts what the decoder opens, before the decoder opens it. */
class BoundedTokenizer extends Tokenizer {
  /** For each open array, map and tag, how many items are to come. */
  readonly #open: number[] = [];
  #count = 0;

  override next(): Token {
    const token = super.next();
    if (++this.#count > ITEMS_MAX) throw new CborError(`more than ${ITEMS_MAX} items`);
    if (token.type === Type.float) throw new CborError('a float where none belongs');
    const contents = contentsOf(token);
    if (contents > 0) this.#open.push(contents);
    else this.#complete(token);
    if (this.#open.length > DEPTH_MAX) throw new CborError(`nested deeper than ${DEPTH_MAX}`);
    if (token.type === Type.tag && this.#count > 1) throw new CborError('a tag where none belongs');
    return token;
  }

  /** An item without contents, or a break, may end those around it. */
  #complete(token: Token): void {
    if (token.type === Type.break) this.#open.pop();
    for (let rest = this.#open.pop(); rest !== undefined; rest = this.#open.pop()) {
      if (rest === 1) continue;
      this.#open.push(rest - 1);
      return;
    }
  }
}

/** How many items belong to a token. */
function contentsOf({ type, value }: Token): number {
  if (type === Type.array) return value as number;
  if (type === Type.map) return 2 * (value as number);
  return type === Type.tag ? 1 : 0;
}
