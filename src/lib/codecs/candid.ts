/**
 * Values of a Candid type, in the bytes of a Candid message with one argument. For those who have
 * the types of their interface at hand and want to store the same values.
 *
 * Each value has a description of its type with it: some ten bytes for each field of a record. In
 * return it changes as Candid interfaces do: an `opt` field may be added, and a field may be taken
 * out. A `record` of this library is smaller and far cheaper in a canister.
 *
 * The library needs no Candid for it, and so has none: give it the `IDL` that you use yourself.
 *
 * NOTE: the bytes are read by that `IDL`. Damaged ones are refused as well as it refuses them; it
 * has no limit for lists of elements without bytes, such as `vec null`.
 *
 * Source: the Candid specification, section "Binary format".
 */
import type { Codec } from '../codec.js';
import { corrupted } from '../errors.js';
import { invalidValue, wrongType } from './refusals.js';

/** A Candid type, as far as it says which values it has. */
export interface CandidType<T> {
  readonly name: string;
  decodeValue(pipe: never, type: never): T;
}

/** What is needed of an `IDL`, be it Azle's, an agent's or `@dfinity/candid`'s. */
export interface CandidIdl {
  encode(types: CandidType<unknown>[], values: unknown[]): Uint8Array;
  decode(types: CandidType<unknown>[], bytes: Uint8Array): unknown[];
}

/**
 * A codec for the values of a Candid type, for values only. O(length of the message).
 *
 * It throws `INVALID_VALUE` for what the type does not have, `CORRUPTED` for stored bytes that the
 * type cannot read; `candid` itself throws `TypeError` for what is no `IDL` or no type.
 *
 * @param idl The `IDL` object of the package that the type is from.
 * @param type The type, such as `IDL.Text`. A record has no property types of its own in
 * TypeScript; say them: `candid<User>(IDL, type)`.
 *
 * @example
 * import { IDL } from 'azle';
 *
 * const User = IDL.Record({ name: IDL.Text, bio: IDL.Opt(IDL.Text) });
 * const users = BTreeMap.init(memory.get(0), principal, candid(IDL, User));
 * users.insert(caller, { name: 'Ada', bio: [] });
 */
export function candid<T>(idl: CandidIdl, type: CandidType<T>): Codec<T>;
export function candid<T>(idl: CandidIdl, type: CandidType<unknown>): Codec<T>;
export function candid<T>(idl: CandidIdl, type: CandidType<unknown>): Codec<T> {
  if (typeof idl?.encode !== 'function' || typeof idl.decode !== 'function') {
    throw wrongType('candid', 'an IDL', idl);
  }
  if (typeof type?.decodeValue !== 'function') throw wrongType('candid', 'an IDL type', type);
  const name = `candid(${type.name})`;
  return {
    name,
    bound: 'unbounded',
    encode(value) {
      try {
        return new Uint8Array(idl.encode([type], [value]));
      } catch (error) {
        throw invalidValue(name, 'a value of its type', messageOf(error));
      }
    },
    decode(bytes) {
      // A copy, since some readers look at the whole buffer behind a view.
      const copy = new Uint8Array(bytes);
      try {
        return idl.decode([type], copy)[0] as T;
      } catch (error) {
        throw corrupted(name, 'a value of its type', messageOf(error));
      }
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
