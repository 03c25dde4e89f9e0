/**
 * How codecs refuse, in the same words everywhere: `TypeError` for a value of another JavaScript
 * type, `INVALID_VALUE` for one of the right type that the codec does not have.
 *
 * Source: house style rules 14 and 17.
 */
import type { Codec, KeyCodec } from '../codec.js';
import { StorageError } from '../errors.js';
import { kind } from '../guards.js';

/** A value of the wrong JavaScript type. `expected` reads on from "expected". */
export function wrongType(codec: string, expected: string, value: unknown): TypeError {
  return new TypeError(`${codec}: expected ${expected}, got ${kind(value)}`);
}

/** A value of the right JavaScript type that the codec has no bytes for. */
export function invalidValue(codec: string, expected: string, found: string): StorageError {
  return new StorageError(
    'INVALID_VALUE',
    `${codec}: expected ${expected}, got ${found}. Nothing was written; correct the value or ` +
      'declare a type that has it.',
    { codec, expected, found },
  );
}

/** Throws `TypeError` unless `value` can encode and decode. */
export function assertCodec(label: string, value: unknown): void {
  const { encode, decode } = (value ?? {}) as Partial<Codec<unknown>>;
  if (typeof encode === 'function' && typeof decode === 'function') return;
  throw wrongType(label, 'a codec such as u64 or text', value);
}

/** Whether a codec also knows an order, so that its values can be keys. */
export function isKeyCodec<T>(codec: Codec<T>): codec is KeyCodec<T> {
  return 'order' in codec;
}
