/**
 * The five types of key that a map of the data canister can have, and how each becomes bytes.
 *
 * A key travels as a Candid variant, `variant { text = "Bern" }`, so that one method serves maps
 * of all types and a key of the wrong type is seen at once.
 */
import { labelId } from '../lib/candid/label.js';
import { bytes, i64, principal, text, u64, type KeyCodec, type Principal } from '../lib/index.js';
import { RefusalError } from './refusal.js';

/** A key as it travels: exactly one of the fields. */
export type Key =
  | { text: string }
  | { nat64: bigint }
  | { int64: bigint }
  | { principal: Principal }
  | { blob: Uint8Array };

/** In the order of the numbers by which the catalogue stores them: append only. */
export const KEY_TYPES = ['text', 'nat64', 'int64', 'principal', 'blob'] as const;

export type KeyType = (typeof KEY_TYPES)[number];

type KeyValue = string | bigint | Principal | Uint8Array;

const CODECS: Record<KeyType, KeyCodec<never>> = {
  text: text as KeyCodec<never>,
  nat64: u64 as KeyCodec<never>,
  int64: i64 as KeyCodec<never>,
  principal: principal as KeyCodec<never>,
  blob: bytes as KeyCodec<never>,
};

/** A message has the cases of a variant in the order of their numbers. */
const CASES = [...KEY_TYPES].sort((a, b) => labelId(a) - labelId(b));

/** The index of a key type among the cases of `Key`. */
export function caseOf(type: KeyType): number {
  return CASES.indexOf(type);
}

/** The codec of a key type, for keys in their Candid form. */
export function keyCodec(type: KeyType): KeyCodec<Key> {
  const inner = CODECS[type] as KeyCodec<unknown> as KeyCodec<KeyValue>;
  return {
    name: inner.name,
    bound: inner.bound,
    order: inner.order,
    encode: (key) => inner.encode(keyValue(type, key)),
    decode: (encoded) => ({ [type]: inner.decode(encoded) }) as Key,
  };
}

/** As {@link keyCodec}, for certified maps: their keys are in the order of their bytes. */
export function certifiedKeyCodec(type: KeyType): KeyCodec<Key> {
  return { ...keyCodec(type), order: bytes.order };
}

/** The type that a variant names, of a key or of a key type. */
export function typeOfKeyVariant(variant: object): KeyType {
  return Object.keys(variant)[0] as KeyType;
}

/** A key is a variant: where it has this field, it has no other. */
function keyValue(expected: KeyType, key: Key): KeyValue {
  const value = (key as unknown as Partial<Record<KeyType, KeyValue>>)[expected];
  if (value !== undefined) return value;
  throw new RefusalError({
    WrongKeyType: { expected: { [expected]: null }, found: { [typeOfKeyVariant(key)]: null } },
  });
}

/**
 * The first bytes that come behind everything with this prefix; `undefined` where nothing does,
 * because the prefix is all 0xFF. O(length).
 */
export function prefixEnd(prefix: Uint8Array): Uint8Array | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length -= 1;
  if (length === 0) return undefined;
  const end = prefix.slice(0, length);
  end[length - 1]! += 1;
  return end;
}
