/**
 * Text as UTF-8.
 *
 * NOTE: text is ordered by its UTF-8 bytes, which is the order of Unicode code points. That is not
 * JavaScript's `<`: an emoji (above U+FFFF) comes after U+FFFD here and before it there.
 *
 * Source: `specs/ic-stable-structures.md` sections 5.1 and 5.3.
 */
import { beginningWithBytes, compareBytes } from '../bytes.js';
import type { KeyCodec } from '../codec.js';
import { NOT_UNICODE } from '../kernel-client.js';
import { decodeUtf8, decodeUtf8Range, encodeUtf8, encodeUtf8Into, isWellFormed } from '../utf8.js';
import { invalidValue, wrongType } from './refusals.js';

/**
 * Rust's `String`: any text, in UTF-8, ordered by its code points. O(length).
 *
 * Throws `TypeError` for what is no string, `INVALID_VALUE` for half a surrogate pair, which
 * UTF-8 cannot hold and which would come back as another character, `CORRUPTED` for stored bytes
 * that are not UTF-8.
 *
 * @example
 * const users = BTreeMap.init(memory.get(0), principal, text);
 */
export const text: KeyCodec<string> = {
  name: 'text',
  bound: 'unbounded',
  order: compareBytes,
  beginningWith: (prefix) => beginningWithBytes(text.encode(prefix)),
  encode(value) {
    if (typeof value !== 'string' || !isWellFormed(value)) throw refusal(value);
    return encodeUtf8(value);
  },
  encodeInto(value, target, offset) {
    if (typeof value !== 'string') throw refusal(value);
    const end = encodeUtf8Into(value, target, offset);
    if (end === NOT_UNICODE) throw refusal(value);
    return end;
  },
  decode: decodeUtf8,
  decodeAt: decodeUtf8Range,
};

function refusal(value: unknown): Error {
  if (typeof value !== 'string') return wrongType('text', 'a string', value);
  return invalidValue('text', 'Unicode text', 'half a surrogate pair');
}
